from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import httpx
import pytest
from sandbox_support import (
    KEY,
    LIMITED_VOUCHER,
    LOGIN,
    REFERRAL,
    SECRET,
    TRANSACTION,
    USER_SYNC,
    VALIDATE,
    Caller,
    canonical,
    sale,
)

from havn_ext.sandbox import SandboxConfig, SandboxServer
from havn_ext.sandbox.store import StoreError

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@pytest.fixture
def server() -> Generator[SandboxServer]:
    """A sandbox that serves on a free port."""
    with SandboxServer() as server:
        yield server


@pytest.fixture
def havn(server: SandboxServer) -> Caller:
    """The backend of its default company."""
    return Caller(key=server.api_key, secret=server.webhook_secret, base_url=server.url)


def test_the_whole_flow_over_http(server: SandboxServer, havn: Caller) -> None:
    """A project joins, its voucher is checked and used, the chain earns, and the owner logs in."""
    synced = havn.post(USER_SYNC, {"email": "o@example.com", "name": "Olga", "upline_code": REFERRAL}).json()
    assert havn.post(VALIDATE, {"voucher_code": LIMITED_VOUCHER}).status_code == 200
    body = sale(referral_code=synced["referral_code"], promo_code=LIMITED_VOUCHER)
    assert [each["amount"] for each in havn.post(TRANSACTION, body).json()["commissions"]] == [
        500,
        300,
        200,
        100,
        100,
    ]
    link = havn.post(LOGIN, {"email": "o@example.com"}).json()["data"]["redirect_url"]
    assert link.startswith(f"{server.url}/login?token=")


def test_the_published_clients_spelling_is_accepted(havn: Caller) -> None:
    """Spaces and unsorted keys on the wire, the signature over the canonical form."""
    body = sale(referral_code=REFERRAL, custom_fields={"z": "ü", "a": 1})
    response = havn.send("POST", TRANSACTION, json.dumps(body).encode(), signed=canonical(body))
    assert response.status_code == 201


def test_a_voucher_is_never_used_beyond_its_limit_by_many_at_once(havn: Caller) -> None:
    """Of 32 sales at the same time with a voucher that is good five times, five are accepted."""
    barrier = threading.Barrier(32)

    def buy(number: int) -> int:
        body = sale(promo_code=LIMITED_VOUCHER, payment_gateway_transaction_id=f"pay_{number}")
        barrier.wait()
        return havn.post(TRANSACTION, body).status_code

    with ThreadPoolExecutor(32) as pool:
        statuses = sorted(pool.map(buy, range(32)))
    assert statuses == [201] * 5 + [400] * 27
    voucher = havn.get(params={"search": LIMITED_VOUCHER}).json()["data"][0]
    assert (voucher["current_usage"], voucher["remaining_usage"]) == (5, 0)


def test_one_payment_sent_by_many_at_once_is_one_transaction(havn: Caller) -> None:
    """Of 16 identical sales at the same time one is new and the others are replays of it."""
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: havn.post(TRANSACTION, sale(referral_code=REFERRAL)), range(16)))
    assert sorted(answer.status_code for answer in answers) == [200] * 15 + [201]
    assert len({answer.text for answer in answers}) == 1


def test_a_large_upload_hears_its_refusal(havn: Caller) -> None:
    """A body of several mebibytes is read to its end, so that the client gets the 400 and no broken pipe."""
    assert havn.send("POST", LOGIN, b" " * (4 * 1024 * 1024)).status_code == 400


def test_starting_and_stopping() -> None:
    """A server starts once, stops once, joins its thread, frees its port, and may start again."""
    before = threading.active_count()
    server = SandboxServer()
    server.start()
    server.start()
    url = server.url
    assert httpx.get(f"{url}/_sandbox/health").status_code == 200
    server.stop()
    server.stop()
    assert threading.active_count() == before
    with pytest.raises(httpx.ConnectError):
        httpx.get(url)
    with server:
        assert httpx.get(f"{server.url}/_sandbox/health").status_code == 200


def test_credentials_of_a_server() -> None:
    """They are those of its default company."""
    server = SandboxServer(SandboxConfig(api_key="k", webhook_secret="s"), host="::1", port=1234)
    assert (server.api_key, server.webhook_secret, server.url) == ("k", "s", "http://[::1]:1234")
    assert (SandboxServer().api_key, SandboxServer().webhook_secret) == (KEY, SECRET)


@pytest.mark.parametrize(("host", "reached"), [("0.0.0.0", "http://127.0.0.1:1"), ("::", "http://[::1]:1")])  # noqa: S104  the rule is about them
def test_every_address_is_reached_by_this_machines_own(host: str, reached: str) -> None:
    """A server that listens everywhere names an address that a client can use."""
    assert SandboxServer(host=host, port=1).url == reached


def test_a_taken_port_is_an_os_error(server: SandboxServer) -> None:
    """The caller hears it, and no thread is left behind."""
    port = int(server.url.rpartition(":")[2])
    before = threading.active_count()
    with pytest.raises(OSError, match="in use"):
        SandboxServer(port=port).start()
    assert threading.active_count() == before


def test_a_bad_database_frees_the_port(tmp_path: Path) -> None:
    """A server that cannot open its data does not keep the address."""
    path = tmp_path / "box.db"
    path.write_bytes(b"nothing" * 200)
    with SandboxServer() as first:
        port = int(first.url.rpartition(":")[2])
    with pytest.raises(StoreError):
        SandboxServer(SandboxConfig(database=path), port=port).start()
    with SandboxServer(port=port) as second:
        assert second.url == first.url or second.url.endswith(str(port))
