"""What goes wrong below HTTP, over real sockets of this machine."""

from __future__ import annotations

import asyncio
import pickle
import socket
import threading
import time
import traceback
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from fakes import (
    API_KEY,
    WEBHOOK_SECRET,
    FakeClock,
    FakeHAVN,
    RawServer,
    Reply,
    http,
    make_client,
    outcome,
    read_request,
    reset,
    serve,
    settled,
)

from havn_ext import (
    AsyncHAVNClient,
    HAVNNetworkError,
    HAVNResponseError,
    HAVNTimeoutError,
    HAVNValidationError,
    RetryPolicy,
)

if TYPE_CHECKING:
    from fakes import AnyClient, Kind, Treatment

SALE: dict[str, Any] = {"amount": 1000, "payment_gateway_transaction_id": "pay_1", "customer_id": "c_1"}
SOON = 0.15
"""Seconds; long enough for an answer from this machine, short enough to wait for one that never comes."""


def hang_up(connection: socket.socket) -> None:
    """Ends a connection before the request is read."""
    connection.shutdown(socket.SHUT_RDWR)


def reset_after_reading(connection: socket.socket) -> None:
    """Takes the whole request and crashes."""
    read_request(connection)
    reset(connection)


def hang_up_after_reading(connection: socket.socket) -> None:
    """Takes the whole request and hangs up without a word."""
    read_request(connection)


def talk_garbage(connection: socket.socket) -> None:
    """Answers in no HTTP at all."""
    read_request(connection)
    connection.sendall(b"\x16\x03\x01 this is not HTTP\r\n\r\n")


def cut_off(connection: socket.socket) -> None:
    """Promises a hundred bytes and sends seven."""
    read_request(connection)
    connection.sendall(http(b'{"succe', length=100))


def spoil(connection: socket.socket) -> None:
    """Says that the body is compressed, which it is not."""
    read_request(connection)
    connection.sendall(http().replace(b"\r\n\r\n", b"\r\nContent-Encoding: gzip\r\n\r\n", 1))


def say_nothing(connection: socket.socket) -> None:
    """Takes the request and keeps silent until the other side gives up."""
    read_request(connection)
    connection.recv(1)


def stop_half_way(connection: socket.socket) -> None:
    """Begins an answer and keeps silent from there."""
    read_request(connection)
    connection.sendall(http(b'{"succe', length=100))
    connection.recv(1)


BROKEN: dict[str, Treatment] = {
    "reset before the request": reset,
    "closed before the request": hang_up,
    "reset after the request": reset_after_reading,
    "closed after the request": hang_up_after_reading,
    "garbage": talk_garbage,
    "cut off": cut_off,
    "spoilt": spoil,
}
SILENT: dict[str, Treatment] = {"silent": say_nothing, "silent half-way": stop_half_way}


def send(client: AnyClient) -> Any:
    """Reports a sale."""
    return client.transactions.send(**SALE)


def failure(kind: Kind, url: str, **options: Any) -> HAVNNetworkError:
    """The network error that a sale ends in."""
    client = make_client(kind, base_url=url, **{"max_retries": 0, "timeout": 10, **options})
    with pytest.raises(HAVNNetworkError) as caught:
        settled(client, send)
    return caught.value


def check_evidence(error: HAVNNetworkError) -> None:
    """Asserts that a network error is of use, travels, and gives nothing away."""
    assert error.original_error is not None
    assert isinstance(error.original_error, httpx.RequestError)
    assert "safe to repeat" in error.message
    shown = "".join(traceback.format_exception(error)) + repr(vars(error.original_error.request))
    for private in (API_KEY, WEBHOOK_SECRET, "X-Signature", "pay_1"):
        assert private.lower() not in shown.lower()
    travelled = pickle.loads(pickle.dumps(error))  # noqa: S301  our own bytes
    assert (type(travelled), str(travelled)) == (type(error), str(error))
    assert str(travelled.original_error) == str(error.original_error)


@pytest.mark.parametrize("treatment", BROKEN.values(), ids=BROKEN)
def test_a_broken_exchange_is_a_network_error(kind: Kind, treatment: Treatment) -> None:
    """A connection that breaks, at whatever point, is a `HAVNNetworkError` free of credentials, and it pickles."""
    with RawServer(treatment) as server:
        error = failure(kind, server.url)
    assert type(error) is HAVNNetworkError
    check_evidence(error)


def test_a_call_that_got_no_connection_was_not_sent(kind: Kind) -> None:
    """A call that found every connection of its client in use says so, and does not claim that HAVN was silent."""
    havn = FakeHAVN(httpx.PoolTimeout("every connection is in use"))
    client = make_client(kind, havn, max_retries=0)
    with pytest.raises(HAVNTimeoutError, match="was not sent: no connection of this client became free in time"):
        settled(client, send)


@pytest.mark.parametrize("treatment", SILENT.values(), ids=SILENT)
def test_silence_is_a_timeout(kind: Kind, treatment: Treatment) -> None:
    """An answer that does not come in time is a `HAVNTimeoutError`, by the client's or by the call's timeout."""
    with RawServer(treatment) as server:
        error = failure(kind, server.url, timeout=SOON)
    assert type(error) is HAVNTimeoutError
    check_evidence(error)


def test_the_deadline_cuts_a_try_short(kind: Kind) -> None:
    """A try ends when the deadline of the whole call does, long before its own timeout."""
    began = time.monotonic()
    with RawServer(say_nothing) as server:
        error = failure(kind, server.url, timeout=20, max_retries=None, retry=RetryPolicy(deadline=SOON))
    assert isinstance(error, HAVNTimeoutError)
    assert time.monotonic() - began < 10


@pytest.mark.parametrize("without_end", [1e12, float("inf")])
def test_a_call_may_have_all_the_time_in_the_world(kind: Kind, without_end: float) -> None:
    """A deadline or a timeout beyond what a socket can count to is none, whoever's client carries the call."""
    patient = RetryPolicy(deadline=without_end)
    untimed = httpx.Client(timeout=None) if kind == "sync" else httpx.AsyncClient(timeout=None)  # noqa: S113  on purpose
    with RawServer(serve) as server:
        ours = make_client(kind, base_url=server.url, retry=patient, timeout=1e12)
        theirs = make_client(kind, base_url=server.url, retry=patient, http_client=untimed)
        close = untimed.close if isinstance(untimed, httpx.Client) else untimed.aclose
        assert settled(ours, send)[0].success
        assert settled(theirs, send, lambda _: close())[0].success


def test_a_closed_port_is_a_network_error(kind: Kind) -> None:
    """Nobody listening is a `HAVNNetworkError`."""
    with socket.create_server(("127.0.0.1", 0)) as unused:
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
    check_evidence(failure(kind, url))


def test_an_unknown_host_is_a_network_error(kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that does not resolve is a `HAVNNetworkError`, which says so."""

    def unknown(*_arguments: object, **_options: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    error = failure(kind, "http://havn.invalid")
    assert "Name or service not known" in error.message
    check_evidence(error)


def test_an_impossible_address_is_not_tried(kind: Kind) -> None:
    """An address that no request can have is the caller's mistake: one `HAVNValidationError`, no waiting."""
    havn, clock = FakeHAVN(), FakeClock()
    maker = httpx.Client if kind == "sync" else httpx.AsyncClient
    supplied = maker(transport=httpx.MockTransport(havn), base_url="http://127.0.0.1:99999")
    with pytest.raises(HAVNValidationError, match="99999"):
        outcome(send(make_client(kind, http_client=supplied, clock=clock)))
    assert (havn.requests, clock.waits) == ([], [])


def test_a_lost_answer_is_fetched_again(kind: Kind) -> None:
    """A connection that breaks is replaced by a new one, and the call goes through."""
    treatments = iter([reset, cut_off, talk_garbage, serve])

    def treat(connection: socket.socket) -> None:
        next(treatments)(connection)

    with RawServer(treat) as server:
        (result,) = settled(make_client(kind, base_url=server.url), send)
        assert result.success
        assert server.connections == 4


def test_a_redirect_with_an_impossible_target_is_a_redirect(kind: Kind) -> None:
    """A redirect is not followed, so where it points to can't break anything."""

    def redirect(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(302, headers={"Location": "https://[nowhere"})

    with pytest.raises(HAVNResponseError, match="redirected"):
        outcome(make_client(kind, redirect).transactions.send(**SALE))


def test_a_hook_of_the_callers_may_raise(kind: Kind) -> None:
    """An error of a supplied client's hook reaches the caller as it is, after one try."""

    class VetoError(Exception):
        """The caller's own."""

    def veto(_request: httpx.Request) -> None:
        raise VetoError

    async def veto_async(_request: httpx.Request) -> None:
        raise VetoError

    havn = FakeHAVN()
    transport = httpx.MockTransport(havn)
    http_client = (
        httpx.Client(transport=transport, event_hooks={"request": [veto]})
        if kind == "sync"
        else httpx.AsyncClient(transport=transport, event_hooks={"request": [veto_async]})
    )
    with pytest.raises(VetoError):
        outcome(make_client(kind, http_client=http_client).transactions.send(**SALE))
    assert havn.requests == []


def test_a_cancelled_call_leaves_the_client_usable() -> None:
    """Cancelling a call in flight raises `CancelledError` in it, and the next call goes through."""
    arrived = threading.Event()

    def keep_waiting_once(connection: socket.socket) -> None:
        if arrived.is_set():
            serve(connection)
            return
        read_request(connection)
        arrived.set()
        connection.recv(1)

    async def cancel_then_call(url: str) -> bool:
        async with AsyncHAVNClient(API_KEY, WEBHOOK_SECRET, url, timeout=10) as client:
            call = asyncio.create_task(client.transactions.send(**SALE))
            await asyncio.to_thread(arrived.wait, 10)
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
            return (await client.transactions.send(**SALE)).success

    with RawServer(keep_waiting_once) as server:
        assert asyncio.run(cancel_then_call(server.url))


def test_a_cancelled_wait_ends_at_once() -> None:
    """A call that waits for its next try is cancelled there; nothing more is sent."""
    asleep = asyncio.Event()

    class Endless(FakeClock):
        async def sleep_async(self, seconds: float) -> None:
            self.waits.append(seconds)
            asleep.set()
            await asyncio.Event().wait()

    havn = FakeHAVN(httpx.ConnectError("refused"))
    client = make_client("async", havn, clock=Endless())

    async def cancel_while_asleep() -> None:
        call: asyncio.Task[Any] = asyncio.ensure_future(client.transactions.send(**SALE))  # type: ignore[arg-type]
        await asleep.wait()
        call.cancel()
        with suppress(asyncio.CancelledError):
            await call
        assert call.cancelled()

    asyncio.run(cancel_while_asleep())
    assert len(havn.requests) == 1


@pytest.mark.parametrize(
    "hopeless", [httpx.UnsupportedProtocol("no"), httpx.LocalProtocolError("Illegal header value b'a\\n'")]
)
def test_what_http_cannot_send_is_not_tried_again(kind: Kind, hopeless: httpx.RequestError) -> None:
    """A request that can't be sent at all is the caller's to mend, and trying again would not."""
    havn = FakeHAVN(hopeless)
    with pytest.raises(HAVNValidationError) as caught:
        outcome(make_client(kind, havn).auth.login("ada@example.com"))
    assert set(caught.value.errors) == {"request"}
    assert len(havn.requests) == 1


@pytest.mark.parametrize(
    "words",
    [
        "can't handle event type Request when role=CLIENT and state=DONE",  # h11
        "Invalid input ConnectionInputs.SEND_HEADERS in state ConnectionState.CLOSED",  # h2
        "Max outbound streams is 100, 100 open",
    ],
)
def test_a_connection_in_the_wrong_state_is_tried_again(kind: Kind, words: str) -> None:
    """A supplied client that comes upon a spoilt connection of its own says nothing against the request."""
    havn = FakeHAVN(httpx.LocalProtocolError(words), Reply())
    assert outcome(make_client(kind, havn).transactions.send(**SALE)).success
    assert len(havn.requests) == 2


def test_an_answer_that_cannot_be_decoded_says_so(kind: Kind) -> None:
    """An answer whose compression is broken is a network error that speaks of the answer."""
    havn = FakeHAVN(httpx.DecodingError("Error -3 while decompressing data"))
    with pytest.raises(HAVNNetworkError, match="could not be decoded"):
        outcome(make_client(kind, havn, max_retries=0).auth.login("ada@example.com"))
