"""Our own connections under stress: none is lost, none is used by two calls, and nobody waits for ever."""

from __future__ import annotations

import asyncio
import ssl
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import h11
import httpx
import pytest
from fakes import RawServer, http, read_request, serve
from hypothesis import given
from hypothesis import strategies as st

from havn_ext._shards import IDLE_SECONDS, AsyncShardedTransport, ShardedTransport, _Idle, _Stack

if TYPE_CHECKING:
    import socket

    from fakes import Kind

CONTEXT = ssl.create_default_context()


class Gate:
    """Answers a request when it is told to."""

    def __init__(self) -> None:
        self.arrived = threading.Semaphore(0)
        self.opened = threading.Event()

    def __call__(self, connection: socket.socket) -> None:
        """Treats a connection."""
        while read_request(connection):
            self.arrived.release()
            self.opened.wait(10)
            connection.sendall(http())


def get(client: httpx.Client, url: str, pool: float = 5) -> int:
    """The status of an answer."""
    return client.get(url, timeout=httpx.Timeout(10, pool=pool)).status_code


def blocking(most: int) -> httpx.Client:
    """A blocking client with so many connections at the most."""
    return httpx.Client(transport=ShardedTransport(CONTEXT, most_connections=most))


def asynchronous(most: int) -> httpx.AsyncClient:
    """An asynchronous client with so many connections at the most."""
    return httpx.AsyncClient(transport=AsyncShardedTransport(CONTEXT, most_connections=most))


def visit(kind: Kind, urls: list[str]) -> list[int]:
    """The statuses of calls that follow one another, over one client with one connection."""
    if kind == "sync":
        with blocking(1) as client:
            return [get(client, url) for url in urls]

    async def run() -> list[int]:
        async with asynchronous(1) as client:
            return [(await client.get(url, timeout=10)).status_code for url in urls]

    return asyncio.run(run())


# ── the limit ────────────────────────────────────────────────────────────────────────────────────


def test_a_thread_waits_for_a_connection_no_longer_than_allowed() -> None:
    """With every connection in use a call ends with a pool timeout; once one is free it goes through."""
    gate = Gate()
    with RawServer(gate) as server, blocking(1) as client, ThreadPoolExecutor(1) as threads:
        first = threads.submit(get, client, server.url)
        gate.arrived.acquire(timeout=10)
        with pytest.raises(httpx.PoolTimeout):
            get(client, server.url, pool=0.01)
        gate.opened.set()
        assert first.result(10) == 200
        assert get(client, server.url) == 200
        assert server.connections == 1


def test_a_task_waits_for_a_connection_no_longer_than_allowed() -> None:
    """With every connection in use a call ends with a pool timeout; once one is free it goes through."""
    gate = Gate()

    async def run(url: str) -> None:
        async with asynchronous(1) as client:
            first = asyncio.create_task(client.get(url, timeout=10))
            await asyncio.to_thread(gate.arrived.acquire, timeout=10)
            with pytest.raises(httpx.PoolTimeout):
                await client.get(url, timeout=httpx.Timeout(10, pool=0.01))
            gate.opened.set()
            assert (await first).status_code == 200
            assert (await client.get(url, timeout=10)).status_code == 200

    with RawServer(gate) as server:
        asyncio.run(run(server.url))
        assert server.connections == 1


@pytest.mark.parametrize("calls", [1, 8, 40])
def test_no_more_connections_than_calls_at_once(calls: int) -> None:
    """Calls that follow one another share connections; there are never more than the limit."""
    with RawServer(serve) as server, blocking(4) as client, ThreadPoolExecutor(8) as threads:
        assert [*threads.map(lambda _: get(client, server.url), range(calls))] == [200] * calls
        assert 1 <= server.connections <= 4


# ── calls that fail or are given up ──────────────────────────────────────────────────────────────


def hang_up(connection: socket.socket) -> None:
    """Takes the request and answers nothing."""
    read_request(connection)


def cut_short(connection: socket.socket) -> None:
    """Announces more than it sends."""
    read_request(connection)
    connection.sendall(http(b"{", length=20))


@pytest.mark.parametrize("treat", [hang_up, cut_short])
def test_a_failed_call_gives_its_connection_back(treat: Any) -> None:
    """However a call fails, the next one is not kept waiting."""
    with RawServer(treat) as server, blocking(1) as client:
        for _ in range(3):
            with pytest.raises(httpx.RemoteProtocolError):
                get(client, server.url, pool=1)

    async def run(url: str) -> None:
        async with asynchronous(1) as client:
            for _ in range(3):
                with pytest.raises(httpx.RemoteProtocolError):
                    await client.get(url, timeout=httpx.Timeout(10, pool=1))

    with RawServer(treat) as server:
        asyncio.run(run(server.url))


def test_a_cancelled_call_gives_its_connection_back() -> None:
    """A call that is cancelled while it waits for its answer frees its place; its connection is not used again."""
    gate = Gate()

    async def run(url: str) -> None:
        async with asynchronous(1) as client:
            for _ in range(5):
                task = asyncio.create_task(client.get(url, timeout=10))
                await asyncio.to_thread(gate.arrived.acquire, timeout=10)
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
            gate.opened.set()
            assert (await client.get(url, timeout=httpx.Timeout(10, pool=1))).status_code == 200

    with RawServer(gate) as server:
        asyncio.run(run(server.url))
        assert server.connections == 6


def test_a_call_that_is_cancelled_while_it_waits_for_a_place_takes_none() -> None:
    """Waiting and giving up leaves as many places as there were."""
    gate = Gate()

    async def run(url: str) -> None:
        async with asynchronous(1) as client:
            first = asyncio.create_task(client.get(url, timeout=10))
            await asyncio.to_thread(gate.arrived.acquire, timeout=10)
            waiting = [asyncio.create_task(client.get(url, timeout=10)) for _ in range(3)]
            await asyncio.sleep(0)
            for task in waiting:
                task.cancel()
            assert all(
                isinstance(each, asyncio.CancelledError)
                for each in await asyncio.gather(*waiting, return_exceptions=True)
            )
            gate.opened.set()
            assert (await first).status_code == 200
            assert (await client.get(url, timeout=httpx.Timeout(10, pool=1))).status_code == 200

    with RawServer(gate) as server:
        asyncio.run(run(server.url))


def test_a_stream_that_is_left_unread_gives_its_connection_back() -> None:
    """A caller that closes an answer without reading it frees its place, once."""
    with RawServer(serve) as server, blocking(1) as client:
        for _ in range(3):
            with client.stream("GET", server.url, timeout=httpx.Timeout(10, pool=1)) as response:
                assert response.status_code == 200
            response.close()


def test_a_server_that_closes_idle_connections_is_asked_again() -> None:
    """A connection that the server closed while it was idle is replaced, and no call fails."""

    def answer_once(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(http())

    with RawServer(answer_once) as server, blocking(4) as client:
        for _ in range(3):
            assert get(client, server.url) == 200
            server.settle()
        assert server.connections == 3


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_a_connection_that_ends_with_its_answer_is_not_used_again(kind: Kind) -> None:
    """After `Connection: close` the next call goes over a new connection, before the server has closed the old."""

    def last_answer(connection: socket.socket) -> None:
        while read_request(connection):
            connection.sendall(http().replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1))

    with RawServer(last_answer) as server:
        assert visit(kind, [server.url] * 3) == [200] * 3
        assert server.connections == 3


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_a_connection_leads_to_one_server(kind: Kind) -> None:
    """A call to another server than the last one is not sent over that one's connection."""
    with RawServer(serve) as one, RawServer(serve) as other:
        assert visit(kind, [one.url, other.url, one.url]) == [200] * 3
        assert (one.connections, other.connections) == (2, 1)


@pytest.mark.parametrize("transport", [httpx.HTTPTransport, httpx.AsyncHTTPTransport])
def test_httpx_keeps_its_pool_where_ours_has_a_connection(transport: Any) -> None:
    """A stock transport has a pool by the name, and with the methods, that one connection stands in for."""
    pool = transport()._pool
    for method in (
        ("handle_request", "close") if transport is httpx.HTTPTransport else ("handle_async_request", "aclose")
    ):
        assert callable(getattr(pool, method))


# ── idle connections ─────────────────────────────────────────────────────────────────────────────


@given(st.lists(st.tuples(st.sampled_from(["lend", "return", "wait"]), st.integers(0, 90)), max_size=60))
def test_what_is_lent_is_lent_once(steps: list[tuple[str, int]]) -> None:
    """Nothing is in two hands; the last one back is the first one out; what is dropped was idle for long."""
    time = 0.0
    stack: _Stack[httpx.BaseTransport] = _Stack(lambda: time)
    lent: list[httpx.BaseTransport] = []
    idle: list[tuple[httpx.BaseTransport, float]] = []
    for step, seconds in steps:
        if step == "wait":
            time += seconds
        elif step == "lend":
            got = stack.pop()
            assert got is (idle.pop()[0] if idle else None)
            lent.append(got or httpx.BaseTransport())
        elif lent:
            shard = lent.pop()
            idle.append((shard, time))
            dropped = stack.push(shard)
            assert dropped is (idle.pop(0)[0] if time - idle[0][1] > IDLE_SECONDS else None)


def test_closing_closes_what_is_idle_and_later_what_was_lent() -> None:
    """After `close` no connection is kept, whenever its call ends."""
    gate = Gate()
    with RawServer(gate) as server, ThreadPoolExecutor(1) as threads:
        transport = ShardedTransport(CONTEXT)
        client = httpx.Client(transport=transport)
        first = threads.submit(get, client, server.url)
        gate.arrived.acquire(timeout=10)
        transport.close()
        gate.opened.set()
        assert first.result(10) == 200
        assert transport._idle.pop() is None
        client.close()


def test_an_idle_connection_is_closed_before_a_load_balancer_does() -> None:
    """Connections are kept for less than the minute after which load balancers, by default, close them."""
    assert 30 <= IDLE_SECONDS <= 50


def test_what_is_given_back_while_all_is_closed_is_not_kept() -> None:
    """A transport that comes back between the closing and the draining of the others is closed all the same."""
    stack: _Stack[httpx.BaseTransport]
    drained: list[httpx.BaseTransport] = []

    def closed_meanwhile() -> float:
        drained.extend(stack.drain())
        return 0.0

    stack = _Stack(closed_meanwhile)
    shard = httpx.BaseTransport()
    assert stack.push(shard) is shard
    assert (drained, stack.pop()) == ([], None)


class Unclosable(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """A transport that fails, and fails again when it is closed."""

    def __init__(self, *, works: bool = False) -> None:
        self._works = works
        self.closed = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Breaks off, unless it works."""
        if self._works:
            return httpx.Response(200, stream=httpx.ByteStream(b""))
        raise httpx.ReadError("broken", request=request)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The same."""
        return self.handle_request(request)

    def close(self) -> None:
        """Fails."""
        self.closed += 1
        raise OSError("can't be closed")

    async def aclose(self) -> None:
        """The same."""
        self.close()


def called(kind: Kind, transport: Any) -> int:
    """The status of a call over a transport that stays open."""
    request = httpx.Request("GET", "http://havn.example", extensions={"timeout": {"pool": 1}})
    if kind == "sync":
        answer = transport.handle_request(request)
        answer.close()
        return int(answer.status_code)

    async def run() -> int:
        response = await transport.handle_async_request(request)
        await response.aclose()
        return int(response.status_code)

    return asyncio.run(run())


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_a_connection_that_can_not_be_closed_hides_no_error(kind: Kind) -> None:
    """The caller hears what went wrong with the call, and the place is free again."""
    transport: Any = (ShardedTransport if kind == "sync" else AsyncShardedTransport)(CONTEXT, most_connections=1)
    for _ in range(2):
        shard = Unclosable()
        transport._idle.push(shard)
        with pytest.raises(httpx.ReadError):
            called(kind, transport)
        assert shard.closed == 1


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_a_cold_connection_that_can_not_be_closed_costs_no_call(kind: Kind) -> None:
    """An answered call stays answered, whatever becomes of another connection that has been idle for too long."""
    time = 0.0
    transport: Any = (ShardedTransport if kind == "sync" else AsyncShardedTransport)(CONTEXT)
    transport._idle = _Stack(lambda: time)
    cold, warm = Unclosable(works=True), Unclosable(works=True)
    transport._idle.push(cold)
    time = IDLE_SECONDS + 1
    transport._idle._idle.append(_Idle(warm, time))
    assert called(kind, transport) == 200
    assert (cold.closed, warm.closed) == (1, 0)
    if kind == "sync":
        transport.close()
    else:
        asyncio.run(transport.aclose())
    assert warm.closed == 1


@pytest.mark.parametrize("kind", ["sync", "async"])
@pytest.mark.parametrize("at", ["pop", "lend"])
def test_wherever_a_call_is_interrupted_its_place_is_free(
    kind: Kind, at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An interrupt when a call has just got its place, or is about to hand its answer over, takes no place."""
    transport: Any = (ShardedTransport if kind == "sync" else AsyncShardedTransport)(CONTEXT, most_connections=1)
    shard = Unclosable(works=True)

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        if at == "pop":
            patch.setattr(transport._idle, "pop", interrupted)
        else:
            transport._idle.push(shard)
            patch.setattr(f"havn_ext._shards.{'_Lent' if kind == 'sync' else '_AsyncLent'}", interrupted)
        with pytest.raises(KeyboardInterrupt):
            called(kind, transport)
    assert shard.closed == (at == "lend")
    transport._idle.push(Unclosable(works=True))
    assert called(kind, transport) == 200


def test_an_answer_that_nobody_closes_frees_its_place() -> None:
    """An answer that is dropped unclosed, as by httpx when a task's time limit strikes it then, takes no place."""
    transport = ShardedTransport(CONTEXT, most_connections=1)
    shard = Unclosable(works=True)
    transport._idle.push(shard)
    transport.handle_request(httpx.Request("GET", "http://havn.example"))
    assert shard.closed == 1
    transport._idle.push(Unclosable(works=True))
    assert called("sync", transport) == 200


def test_a_connection_that_was_interrupted_between_two_answers_is_not_used_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An interrupt while an answer is closed may leave h11 in no state for another: the next call connects anew."""

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with RawServer(serve) as server, blocking(1) as client:
        with monkeypatch.context() as patch:
            patch.setattr(h11.Connection, "start_next_cycle", interrupted)
            with pytest.raises(KeyboardInterrupt):
                get(client, server.url)
        assert [get(client, server.url, pool=1) for _ in range(2)] == [200, 200]
        assert server.connections == 2
