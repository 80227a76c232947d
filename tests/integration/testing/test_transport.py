"""`SandboxTransport`: the sandbox behind an httpx client, without a socket."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import httpx
import pytest

from havn import AsyncHAVNClient, HAVNClient, HAVNConflictError, canonical_json, sign
from havn_ext.sandbox import SandboxConfig
from havn_ext.testing import SandboxTransport, no_waiting, recorded_requests
from havn_ext.testing.waiting import sandbox_now

if TYPE_CHECKING:
    from collections.abc import Iterator

VOUCHER = "HAVN-AQNEO-S08-ABC123"
HEALTH = "http://localhost/_sandbox/health"


@pytest.fixture
def transport() -> Iterator[SandboxTransport]:
    """A sandbox with demo data."""
    with SandboxTransport() as transport:
        yield transport


def sync_client(transport: SandboxTransport, **options: object) -> HAVNClient:
    """A blocking client of the sandbox."""
    http_client = httpx.Client(transport=transport)
    return HAVNClient(transport.api_key, transport.webhook_secret, http_client=http_client, **options)  # type: ignore[arg-type]


def async_client(transport: SandboxTransport) -> AsyncHAVNClient:
    """An async client of the sandbox."""
    http_client = httpx.AsyncClient(transport=transport)
    return AsyncHAVNClient(transport.api_key, transport.webhook_secret, http_client=http_client)


def handled(transport: SandboxTransport, request: httpx.Request, *, asynchronous: bool) -> httpx.Response:
    """The answer to a request, asked for in either way."""
    if asynchronous:
        return asyncio.run(transport.handle_async_request(request))
    return transport.handle_request(request)


def test_both_clients_share_the_sandbox(transport: SandboxTransport) -> None:
    """What one client does, the other one sees."""
    sync_client(transport).transactions.send(100, "pay_1", customer_id="c1")
    again = asyncio.run(async_client(transport).transactions.send(100, "pay_1", customer_id="c1"))
    assert again.replayed
    with pytest.raises(HAVNConflictError):
        sync_client(transport).transactions.send(200, "pay_1", customer_id="c1")


def test_sandboxes_share_nothing(transport: SandboxTransport) -> None:
    """Each transport is a sandbox with data of its own."""
    with SandboxTransport() as other:
        for each in (transport, other):
            assert not sync_client(each).transactions.send(100, "pay_1", customer_id="c1").replayed


def test_blocking_calls_work_inside_a_running_loop(transport: SandboxTransport) -> None:
    """A blocking call in a coroutine answers, as it does over a socket."""

    async def blocking_inside() -> bool:
        return sync_client(transport).vouchers.validate(VOUCHER)

    assert asyncio.run(blocking_inside())


def test_one_client_serves_many_loops(transport: SandboxTransport) -> None:
    """An async client is used from one event loop after the other, and from several at once."""
    client = async_client(transport)

    def in_a_loop_of_its_own(_: int) -> bool:
        return asyncio.run(client.vouchers.validate(VOUCHER))

    assert in_a_loop_of_its_own(0)
    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(in_a_loop_of_its_own, range(8)))


def test_threads_and_tasks_call_at_once(transport: SandboxTransport) -> None:
    """Of calls at the same time none is lost: each payment is recorded once."""
    blocking, client = sync_client(transport), async_client(transport)

    def send(number: int) -> str | None:
        return blocking.transactions.send(100, f"pay_{number}", customer_id="c1").transaction.transaction_id

    async def all_at_once() -> list[str | None]:
        calls = [client.transactions.send(100, f"task_{number}", customer_id="c1") for number in range(20)]
        return [result.transaction.transaction_id for result in await asyncio.gather(*calls)]

    with ThreadPoolExecutor(8) as pool:
        ids = [*pool.map(send, range(20)), *asyncio.run(all_at_once())]
    assert len(set(ids)) == 40


def test_a_voucher_and_its_signature_are_checked(transport: SandboxTransport) -> None:
    """It is the whole sandbox: a wrong signature is a 401."""
    with httpx.Client(transport=transport) as http_client:
        headers = {"X-API-Key": transport.api_key, "X-Signature": "0" * 64}
        answer = http_client.get("https://api.havn.com/api/v1/webhook/vouchers", headers=headers)
    assert answer.status_code == 401


def test_the_configuration_is_the_callers() -> None:
    """Credentials and behaviour follow the configuration."""
    with SandboxTransport(SandboxConfig(api_key="my_key", webhook_secret="my_secret", seed="none")) as transport:
        assert (transport.api_key, transport.webhook_secret) == ("my_key", "my_secret")
        assert sync_client(transport).vouchers.get_all().data == ()


def test_rate_limits_pass_without_waiting() -> None:
    """A sandbox's time goes on with the waits that are skipped, so a retry after a 429 finds a new window."""
    config = SandboxConfig(requests_per_minute={"validateVoucher": 1}, clock=sandbox_now)
    with SandboxTransport(config) as transport, no_waiting() as time:
        client = sync_client(transport)
        assert all(client.vouchers.validate(VOUCHER) for _ in range(4))
    assert len(time.waits) >= 2
    assert all(0 < seconds <= 60 for seconds in time.waits)


def test_a_lost_answer_is_a_lost_answer() -> None:
    """A connection that the sandbox cuts on purpose looks to the client as over a socket, and it tries again."""
    with SandboxTransport() as transport, no_waiting(), recorded_requests() as records:
        http_client = httpx.Client(transport=transport, headers={"X-Sandbox-Fault": "reset_after"})
        client = HAVNClient(transport.api_key, transport.webhook_secret, max_retries=1, http_client=http_client)
        with pytest.raises(Exception, match="did not answer"):
            client.transactions.send(100, "pay_1", customer_id="c1")
        assert sync_client(transport).transactions.send(100, "pay_1", customer_id="c1").replayed
    assert [each.status for each in records] == [None, None, 200]


@pytest.mark.parametrize("asynchronous", [False, True])
def test_the_read_timeout_holds(transport: SandboxTransport, asynchronous: bool) -> None:
    """An answer that takes longer than the request allows is a timeout, as over a socket."""
    request = httpx.Request(
        "POST",
        "http://localhost/api/v1/webhook/login",
        headers={"X-Sandbox-Fault": "delay; delay=30"},
        extensions={"timeout": {"read": 0.01}},
    )
    with pytest.raises(httpx.ReadTimeout, match="did not answer in time"):
        handled(transport, request, asynchronous=asynchronous)


def test_a_closed_transport_says_so() -> None:
    """After its end a transport refuses; closing it again does no harm, in whichever way."""
    transport = SandboxTransport()
    httpx.Client(transport=transport).close()
    transport.close()
    asyncio.run(transport.aclose())
    with pytest.raises(RuntimeError, match="closed"):
        transport.handle_request(httpx.Request("GET", HEALTH))


def test_a_program_that_forgets_it_ends() -> None:
    """A transport that nobody closed does not keep the process, such as that of a test suite, from its end."""
    program = """
import httpx
from havn_ext.testing import SandboxTransport
http_client = httpx.Client(transport=SandboxTransport())
print(http_client.get("http://localhost/_sandbox/health").status_code)
"""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)  # noqa: S603  ours
    assert (ran.stdout, ran.stderr) == ("200\n", "")


def test_an_async_client_closes_it() -> None:
    """An async client that is left closes its transport and leaves no thread behind."""

    async def use() -> None:
        async with httpx.AsyncClient(transport=SandboxTransport()) as http_client:
            assert (await http_client.get(HEALTH)).json() == {"status": "ok"}

    before = set(threading.enumerate())
    asyncio.run(use())
    assert set(threading.enumerate()) <= before


def test_bodies_may_be_streams(transport: SandboxTransport) -> None:
    """A body that the caller streams arrives whole: its signature holds."""
    body = canonical_json({"email": "nobody@example.com"})
    headers = {
        "X-API-Key": transport.api_key,
        "X-Signature": sign(body, transport.webhook_secret),
        "Content-Type": "application/json",
    }
    with httpx.Client(transport=transport, headers=headers) as http_client:
        answer = http_client.post("http://localhost/api/v1/webhook/login", content=iter([body[:5], body[5:]]))
    assert answer.status_code == 404
