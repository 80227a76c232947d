from __future__ import annotations

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import httpx
import pytest
from sandbox_support import LOGIN, REFERRAL, TRANSACTION, Caller, canonical, hand_signed, sale

from havn_ext.sandbox import SandboxServer

if TYPE_CHECKING:
    from collections.abc import Generator


@pytest.fixture
def server() -> Generator[SandboxServer]:
    """A sandbox that serves on a free port."""
    with SandboxServer() as server:
        yield server


@pytest.fixture
def havn(server: SandboxServer) -> Caller:
    """The backend of its default company."""
    return Caller(base_url=server.url)


def exchange(server: SandboxServer, fault: str, body: object) -> bytes:
    """All bytes that the server sends back to a sale, until the connection ends."""
    content = canonical(body)
    port = int(server.url.rpartition(":")[2])
    head = (
        f"POST {TRANSACTION} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-API-Key: {server.api_key}\r\n"
        f"X-Signature: {hand_signed(content)}\r\nX-Sandbox-Fault: {fault}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\nConnection: close\r\n\r\n"
    )
    received = b""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(head.encode() + content)
        while chunk := connection.recv(65536):
            received += chunk
    return received


def transactions(havn: Caller) -> int:
    """How many transactions the company has: the next one's number, less one."""
    probe = havn.post(TRANSACTION, sale(payment_gateway_transaction_id="probe"), x_test_mode="true")
    number: str = probe.json()["transaction"]["transaction_id"].removeprefix("txn_")
    return int(number) - 1


@pytest.mark.parametrize(("fault", "processed"), [("reset_before", 0), ("reset_after", 1)])
def test_a_reset_is_a_reset(server: SandboxServer, havn: Caller, fault: str, processed: int) -> None:
    """Not a byte comes, the kernel says ECONNRESET, and the server goes on."""
    with pytest.raises(ConnectionResetError):
        exchange(server, fault, sale())
    assert transactions(havn) == processed


def test_an_answer_that_was_lost_is_of_a_sale_that_counts_once(havn: Caller) -> None:
    """Processed and committed exactly once: the retry is a replay with the very answer that was lost."""
    body = sale(referral_code=REFERRAL, promo_code="HAVN-AQNEO-S08-LIMIT5")
    with pytest.raises(httpx.ReadError):
        havn.post(TRANSACTION, body, x_sandbox_fault="reset_after")
    lost = havn.logged()
    assert (lost["status"], lost["verdict"], lost["fault"]) == (201, "fault", "reset_after")
    again = havn.post(TRANSACTION, body)
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (200, "true")
    assert again.text == lost["answer"]["body"]["text"]
    assert transactions(havn) == 1
    voucher = havn.get(params={"search": "HAVN-AQNEO-S08-LIMIT5"}).json()["data"][0]
    assert voucher["current_usage"] == 1


def test_many_lost_answers_at_once_are_one_sale(havn: Caller) -> None:
    """Sixteen callers who all lose their answer have bought once."""

    def buy(_: int) -> type[Exception] | None:
        try:
            havn.post(TRANSACTION, sale(referral_code=REFERRAL), x_sandbox_fault="reset_after")
        except httpx.ReadError as error:
            return type(error)
        return None

    with ThreadPoolExecutor(16) as pool:
        assert set(pool.map(buy, range(16))) == {httpx.ReadError}
    assert havn.post(TRANSACTION, sale(referral_code=REFERRAL)).status_code == 200
    assert transactions(havn) == 1


def test_a_truncated_answer_ends_half_way(server: SandboxServer, havn: Caller) -> None:
    """The head promises more than comes, and the end is an orderly one."""
    head, _, body = exchange(server, "truncated", sale()).partition(b"\r\n\r\n")
    promised = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    assert head.startswith(b"HTTP/1.1 201")
    assert len(body) == promised // 2
    with pytest.raises(httpx.RemoteProtocolError):
        havn.post(TRANSACTION, sale(), x_sandbox_fault="truncated")
    assert transactions(havn) == 1


def test_a_slow_answer_trickles_in(havn: Caller) -> None:
    """The body comes whole, in many pieces, and not before its time."""
    start = time.monotonic()
    content = canonical(sale())
    headers = {
        "X-API-Key": havn.key,
        "X-Signature": hand_signed(content),
        "Content-Type": "application/json",
        "X-Sandbox-Fault": "slow_drip; duration=0.2",
    }
    url = f"{havn.base_url}{TRANSACTION}"
    with httpx.stream("POST", url, content=content, headers=headers) as response:
        pieces = list(response.iter_raw())
    assert len(pieces) > 10
    assert time.monotonic() - start >= 0.2
    assert b"".join(pieces) == havn.post(TRANSACTION, sale()).content


def test_a_delay_holds_up_nobody_else(havn: Caller) -> None:
    """While one call waits, others are answered."""
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(havn.get, x_sandbox_fault="delay=0.5")
        assert havn.get().status_code == 200
        assert not slow.done()
        assert slow.result().status_code == 200


def test_after_a_cut_nothing_is_complained_about(server: SandboxServer, caplog: pytest.LogCaptureFixture) -> None:
    """Cutting a connection is no error of the server's, and leaves no request under way."""
    for fault in ("reset_before", "reset_after"):
        with pytest.raises(ConnectionResetError):
            exchange(server, fault, sale())
    exchange(server, "truncated", sale())
    server.stop()
    assert not caplog.records


def test_waiting_for_a_request_over_http(server: SandboxServer, havn: Caller) -> None:
    """A test waits for what its program does next."""
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(havn.control, "GET", "/requests/wait", operation="createLoginLink", since_id=0)
        havn.get()
        havn.post(LOGIN, {"email": "owner@example.com"})
        assert waiting.result(timeout=5).json()["operation"] == "createLoginLink"
    assert server.url == havn.base_url
