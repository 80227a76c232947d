"""Whose connections carry a call, when they are made, and who closes them."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from fakes import (
    API_KEY,
    WEBHOOK_SECRET,
    FakeHAVN,
    RawServer,
    http,
    make_client,
    outcome,
    read_request,
    serve,
    settled,
)

from havn_ext import AsyncHAVNClient, HAVNClient, HAVNError
from havn_ext._requests import RequestBuilder

if TYPE_CHECKING:
    import socket

    from fakes import AnyClient, Kind

UNCLOSED = pytest.mark.filterwarnings(
    # A connection whose event loop has ended can't be closed, only dropped; Python says so.
    "ignore:unclosed:ResourceWarning",
    "ignore:Exception ignored in.*:pytest.PytestUnraisableExceptionWarning",
)
FORKS = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")  # threads of the test's own server


def validate(client: AnyClient) -> Any:
    """The smallest call."""
    return client.vouchers.validate("HAVN-A")


# ── our own connections ──────────────────────────────────────────────────────────────────────────


def test_a_client_connects_with_its_first_call(kind: Kind) -> None:
    """Building, deriving and printing a client connect nowhere; calls share one connection, kept alive."""
    with RawServer(serve) as server:
        client = make_client(kind, base_url=server.url)
        assert repr(client.with_options(timeout=1))
        assert server.connections == 0
        assert settled(client, validate, validate, validate) == [True, True, True]
        assert server.connections == 1


def test_a_derived_client_uses_its_parents_connections(kind: Kind) -> None:
    """`with_options` opens no connection of its own, whoever calls first."""
    with RawServer(serve) as server:
        client = make_client(kind, base_url=server.url)
        derived = client.with_options(test_mode=True)
        settled(client, lambda _: validate(derived), validate, lambda _: validate(derived.with_options(timeout=1)))
        assert server.connections == 1


def test_a_derived_client_of_a_subclass_is_whole() -> None:
    """`with_options` keeps what a subclass's own `__init__` has set, and makes anew what comes of the options."""

    class OfTenant(HAVNClient):
        def __init__(self, tenant: str, **options: Any) -> None:
            super().__init__(API_KEY, WEBHOOK_SECRET, **options)
            self.tenant = tenant

        @cached_property
        def patience(self) -> float | None:
            """Made of the options."""
            return self._settings.timeout

    parent = OfTenant("shop", timeout=9)
    assert (parent.patience, parent.users is parent.users) == (9, True)
    derived = parent.with_options(timeout=2)
    assert (type(derived), derived.tenant, derived.patience) == (OfTenant, "shop", 2)
    assert derived.users is not parent.users


def test_closing_a_derived_client_leaves_its_parent_open(kind: Kind) -> None:
    """What a derived client did not open it does not close."""
    with RawServer(serve) as server:
        client = make_client(kind, base_url=server.url)
        derived = client.with_options(timeout=1)
        settled(client, validate, lambda _: derived.close(), validate, lambda _: validate(derived))
        assert server.connections == 1


def test_closing_the_first_client_closes_both(kind: Kind) -> None:
    """A closed client and those derived from it refuse to be used, with an error that says so."""
    with RawServer(serve) as server:
        client = make_client(kind, base_url=server.url)
        derived = client.with_options(timeout=1)
        settled(client, validate)
        for closed in (client, derived, client.with_options(timeout=2)):
            with pytest.raises(HAVNError, match="closed"):
                outcome(validate(closed))
        assert server.connections == 1


def test_closing_twice_is_fine(kind: Kind) -> None:
    """`close` may be called at any time and any number of times."""
    with RawServer(serve) as server:
        settled(
            make_client(kind, base_url=server.url), lambda client: client.close(), lambda client: client.close()
        )
        settled(make_client(kind, base_url=server.url), validate, lambda client: client.close())


def test_a_with_block_closes(kind: Kind) -> None:
    """The end of a `with` block closes the connections: the server sees them go."""
    gone = threading.Event()

    def serve_and_tell(connection: socket.socket) -> None:
        serve(connection)
        gone.set()

    with RawServer(serve_and_tell) as server:
        settled(make_client(kind, base_url=server.url), validate)
        assert gone.wait(10)


def test_a_pool_that_is_closed_meanwhile_makes_no_connection() -> None:
    """A call that meets `close` in another thread does not open a connection that nobody would close."""
    pool: Any = HAVNClient(API_KEY, WEBHOOK_SECRET)._pool

    class OvertakenLock:
        def __enter__(self) -> None:
            pool._closed = True

        def __exit__(self, *_error: object) -> None: ...

    pool._lock = OvertakenLock()
    with pytest.raises(HAVNError, match="closed"):
        pool.client()
    assert pool._own is None


# ── the user's own client ────────────────────────────────────────────────────────────────────────


def test_a_supplied_client_stays_open(kind: Kind) -> None:
    """A supplied client is never closed, neither by `close` nor by a `with` block."""
    client = make_client(kind, FakeHAVN())
    settled(client, validate)
    assert client._pool._supplied.is_closed is False


def test_a_supplied_client_that_is_closed_is_an_error_of_ours(kind: Kind) -> None:
    """A supplied client that its owner has closed is a `HAVNError`, not one of httpx."""
    maker = httpx.Client if kind == "sync" else httpx.AsyncClient
    supplied = maker(transport=httpx.MockTransport(FakeHAVN()))
    outcome(supplied.close() if isinstance(supplied, httpx.Client) else supplied.aclose())
    with pytest.raises(HAVNError, match="closed"):
        outcome(validate(make_client(kind, http_client=supplied)))


def test_a_client_that_is_closed_in_mid_call_is_an_error_of_ours(
    kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client that another thread closes just before it sends is a `HAVNError`, not one of httpx."""
    build = RequestBuilder.build

    def build_and_close(builder: RequestBuilder, client: Any, step: Any) -> httpx.Request:
        request = build(builder, client, step)
        client._state = httpx._client.ClientState.CLOSED
        return request

    monkeypatch.setattr(RequestBuilder, "build", build_and_close)
    with pytest.raises(HAVNError, match="the client is closed"):
        outcome(validate(make_client(kind, FakeHAVN())))


@pytest.mark.parametrize("fault", [RuntimeError("of the transport's own"), NotImplementedError()])
def test_what_else_goes_wrong_in_a_transport_reaches_the_caller(kind: Kind, fault: RuntimeError) -> None:
    """An error of a user's transport that is none of HTTP is raised as it is."""
    with pytest.raises(type(fault)) as caught:
        outcome(validate(make_client(kind, FakeHAVN(fault))))
    assert caught.value is fault


class Stamp(httpx.Auth):
    """An authentication of the user's own."""

    def auth_flow(self, request: httpx.Request) -> Any:
        """Adds a header."""
        request.headers["Authorization"] = "Gateway 7"
        yield request


def test_a_supplied_client_keeps_its_ways(kind: Kind) -> None:
    """A supplied client's base URL, headers, params, timeout, auth and hooks stay honoured; ours come on top."""
    seen: list[str] = []

    def hook(request: httpx.Request) -> None:
        seen.append(request.headers["X-Signature"])

    async def async_hook(request: httpx.Request) -> None:
        hook(request)

    havn = FakeHAVN()
    ways: dict[str, Any] = {
        "transport": httpx.MockTransport(havn),
        "base_url": "https://gateway.example.com/havn/",
        "headers": {"X-Team": "billing", "X-API-Key": "not-this-one"},
        "params": {"region": "eu"},
        "timeout": 3.5,
        "auth": Stamp(),
        "event_hooks": {"request": [hook if kind == "sync" else async_hook]},
    }
    supplied = httpx.Client(**ways) if kind == "sync" else httpx.AsyncClient(**ways)
    client = make_client(kind, http_client=supplied)
    outcome(client.vouchers.get_all(page=2))
    request = havn.request
    assert request.url.copy_with(query=None) == "https://gateway.example.com/havn/api/v1/webhook/vouchers"
    assert dict(request.url.params) == {"region": "eu", "page": "2", "per_page": "10"}
    assert (request.headers["X-Team"], request.headers["X-API-Key"]) == ("billing", API_KEY)
    assert request.headers["Authorization"] == "Gateway 7"
    assert set(request.extensions["timeout"].values()) == {3.5}
    assert seen == [request.headers["X-Signature"]]
    assert "http_client" in repr(client)


def test_an_argument_beats_the_supplied_client(kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    """An argument, and then a variable, comes before what the supplied client brings."""
    havn = FakeHAVN()
    monkeypatch.setenv("HAVN_BASE_URL", "https://b.example.com")
    cases: list[tuple[dict[str, Any], str]] = [
        ({"base_url": "https://a.example.com"}, "a.example.com"),
        ({}, "b.example.com"),
    ]
    for options, host in cases:
        maker = httpx.Client if kind == "sync" else httpx.AsyncClient
        supplied = maker(transport=httpx.MockTransport(havn), base_url="https://c.example.com", timeout=9)
        outcome(validate(make_client(kind, http_client=supplied, timeout=2, **options)))
        assert havn.requests[-1].url.host == host
        assert havn.requests[-1].extensions["timeout"]["read"] == 2


def test_a_supplied_proxy_is_used(kind: Kind) -> None:
    """A supplied client's proxy carries the call."""
    heads: list[bytes] = []

    def proxy(connection: socket.socket) -> None:
        heads.append(read_request(connection).partition(b"\r\n")[0])
        connection.sendall(http())

    with RawServer(proxy) as server:
        supplied: Any = httpx.Client(proxy=server.url) if kind == "sync" else httpx.AsyncClient(proxy=server.url)
        client = make_client(kind, http_client=supplied, base_url="http://havn.example.com")
        close = supplied.close if kind == "sync" else supplied.aclose
        settled(client, validate, lambda _: close())
    assert heads == [b"POST http://havn.example.com/api/v1/webhook/voucher/validate HTTP/1.1"]


# ── threads, loops and processes ─────────────────────────────────────────────────────────────────


def test_threads_share_a_client() -> None:
    """Sixteen threads use one client at once, from its very first call, over no more connections than threads."""
    start = threading.Barrier(16)

    def work(client: HAVNClient) -> list[bool]:
        start.wait(10)
        return [client.vouchers.validate("HAVN-A") for _ in range(5)]

    with (
        RawServer(serve) as server,
        HAVNClient(API_KEY, WEBHOOK_SECRET, server.url, max_retries=0) as client,
        ThreadPoolExecutor(16) as threads,
    ):
        assert [*threads.map(work, [client] * 16)] == [[True] * 5] * 16
        assert server.connections <= 16


def test_tasks_share_a_client() -> None:
    """Sixteen tasks use one client at once."""

    async def work(url: str) -> list[bool]:
        async with AsyncHAVNClient(API_KEY, WEBHOOK_SECRET, url, max_retries=0) as client:
            return await asyncio.gather(*(client.vouchers.validate("HAVN-A") for _ in range(16)))

    with RawServer(serve) as server:
        assert asyncio.run(work(server.url)) == [True] * 16


@UNCLOSED
def test_an_async_client_outlives_its_event_loop() -> None:
    """One async client works in one event loop after the other, and lets go of what belonged to the last."""
    with RawServer(serve) as server:
        client = AsyncHAVNClient(API_KEY, WEBHOOK_SECRET, server.url, max_retries=0)

        async def validate_twice() -> list[bool]:
            return [await client.vouchers.validate("HAVN-A") for _ in range(2)]

        for loops in range(1, 6):
            assert asyncio.run(validate_twice()) == [True, True]
            assert server.connections == loops
        assert len(client._pool._own) == 1
        asyncio.run(client.close())
        assert len(client._pool._own) == 0
        del validate_twice
        gc.collect()


def test_loops_of_several_threads_share_an_async_client() -> None:
    """Event loops that run at the same time each have connections of their own."""
    start = threading.Barrier(4)

    async def work(client: AsyncHAVNClient) -> bool:
        start.wait(10)
        valid = await client.vouchers.validate("HAVN-A")
        await client._pool._own[asyncio.get_running_loop()].aclose()  # what a client of this loop alone would do
        return valid

    with RawServer(serve) as server, ThreadPoolExecutor(4) as threads:
        client = AsyncHAVNClient(API_KEY, WEBHOOK_SECRET, server.url, max_retries=0)
        assert [*threads.map(lambda _: asyncio.run(work(client)), range(4))] == [True] * 4
        assert server.connections == 4


def test_event_loops_of_several_threads_begin_at_any_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread's event loop may begin while another looks for those that have ended."""
    interval = sys.getswitchinterval()
    pool: Any = AsyncHAVNClient(API_KEY, WEBHOOK_SECRET)._pool
    monkeypatch.setattr("havn_ext._own_clients.make_async_client", lambda _transport: object())
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as threads:
            assert all(threads.map(begin_loops, [pool] * 4))
    finally:
        sys.setswitchinterval(interval)


class RunningLoop:
    """All that a pool asks of an event loop."""

    def is_closed(self) -> bool:
        """No."""
        return False


def begin_loops(pool: Any) -> bool:
    """Asks for the client of one event loop after the other, as their first calls do."""
    loops = [RunningLoop() for _ in range(300)]
    return all(pool._made(loop) for loop in loops)


@FORKS
@UNCLOSED
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")
def test_a_forked_child_has_its_own_connections() -> None:
    """A forked child opens its own connection, and the parent's goes on as if nothing had happened."""
    with RawServer(serve) as server, HAVNClient(API_KEY, WEBHOOK_SECRET, server.url, max_retries=0) as client:
        assert client.vouchers.validate("HAVN-A")
        if (child := os.fork()) == 0:
            with suppress(BaseException):
                os._exit(0 if client.vouchers.validate("HAVN-A") else 1)
            os._exit(2)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert server.connections == 2
        assert client.vouchers.validate("HAVN-A")
        assert server.connections == 2
