"""Connections for many calls at once: a transport of httpx's for each, lent to one call at a time.

httpx's own pool looks at all of its connections when a request begins and again when it ends, which is what
most of the time of many concurrent calls goes into (docs/en/benchmarks.md). Here whoever calls takes the
transport that was given back last, so that those at the bottom fall idle and are closed. Each has one
connection in place of a pool; what happens on it stays httpcore's.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Final, Generic, NamedTuple, TypeVar, cast

import httpcore
import httpx

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Callable, Iterator

__all__ = ["AsyncShardedTransport", "ShardedTransport"]

Shard = TypeVar("Shard", httpx.BaseTransport, httpx.AsyncBaseTransport)

MOST_CONNECTIONS: Final = 100
IDLE_SECONDS: Final = 45.0
"""How long an idle connection is kept. Longer than the 5 of httpx, since nobody has to look at it; shorter than the
60 after which load balancers, by default, close theirs, so that no call goes out on one that is just being closed.
"""


class _Idle(NamedTuple, Generic[Shard]):
    shard: Shard
    since: float


class _Stack(Generic[Shard]):
    """The transports that nobody uses, the warmest on top. Threads may use it at the same time."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._idle: deque[_Idle[Shard]] = deque()
        self._now = now
        self.closed = False

    def pop(self) -> Shard | None:
        """The one that was given back last."""
        try:
            return self._idle.pop().shard
        except IndexError:
            return None

    def push(self, shard: Shard) -> Shard | None:
        """Takes one back; gives another that has been idle for too long and is to be closed."""
        now = self._now()
        self._idle.append(_Idle(shard, now))
        if self.closed:  # asked last: another thread may have drained all others meanwhile, and not this one
            return self.pop()
        try:
            coldest = self._idle[0]
            return self._idle.popleft().shard if now - coldest.since > IDLE_SECONDS else None
        except IndexError:  # taken meanwhile, by other threads
            return None

    def drain(self) -> Iterator[Shard]:
        """All of them, one by one; from now on none is kept."""
        self.closed = True
        while (shard := self.pop()) is not None:
            yield shard


class _Connection:
    """What a blocking transport needs of a pool, with one connection in it: made anew once it is of no use."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        self._connection: httpcore.HTTPConnection | None = None

    def handle_request(self, request: httpcore.Request) -> httpcore.Response:
        """Sends over the connection, which may end with the answer."""
        connection = self._connection
        if connection is None or not _is_of_use(connection, request):
            self.close()
            self._connection = connection = httpcore.HTTPConnection(
                request.url.origin, ssl_context=self._context, keepalive_expiry=IDLE_SECONDS
            )
        return connection.handle_request(request)

    def close(self) -> None:
        """Closes the connection, if there is one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


class _AsyncConnection:
    """The same for an asynchronous transport."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        self._connection: httpcore.AsyncHTTPConnection | None = None

    async def handle_async_request(self, request: httpcore.Request) -> httpcore.Response:
        """Sends over the connection, which may end with the answer."""
        connection = self._connection
        if connection is None or not _is_of_use(connection, request):
            await self.aclose()
            self._connection = connection = httpcore.AsyncHTTPConnection(
                request.url.origin, ssl_context=self._context, keepalive_expiry=IDLE_SECONDS
            )
        return await connection.handle_async_request(request)

    async def aclose(self) -> None:
        """Closes the connection, if there is one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.aclose()


def _is_of_use(
    connection: httpcore.HTTPConnection | httpcore.AsyncHTTPConnection, request: httpcore.Request
) -> bool:
    """Whether a connection leads to where the request goes, and the server has not closed it meanwhile."""
    return (
        connection.is_available()
        and not connection.has_expired()
        and connection.can_handle_request(request.url.origin)
    )


class _Shard(httpx.HTTPTransport):
    """httpx's transport over one connection. Whatever intercepts httpx's transports intercepts this one."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._pool = cast("httpcore.ConnectionPool", _Connection(context))  # private; a test holds httpx to it


class _AsyncShard(httpx.AsyncHTTPTransport):
    """The same for asyncio."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._pool = cast("httpcore.AsyncConnectionPool", _AsyncConnection(context))  # as above


def _pool_timeout(request: httpx.Request) -> float | None:
    """Seconds that a call may wait for a connection; None for ever."""
    return cast("float | None", request.extensions.get("timeout", {}).get("pool"))


class ShardedTransport(httpx.BaseTransport):
    """Blocking, for any number of threads.

    Args:
        context: Of TLS, shared by all connections.
        most_connections: More calls than this wait, for as long as their pool timeout allows.
    """

    def __init__(self, context: ssl.SSLContext, *, most_connections: int = MOST_CONNECTIONS) -> None:
        self._context = context
        self._idle: _Stack[httpx.BaseTransport] = _Stack()
        self._permits: SimpleQueue[None] = SimpleQueue()  # a semaphore, without the costs of Python's own
        for _ in range(most_connections):
            self._permits.put(None)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Sends a request over a connection of its own."""
        shard = None
        try:
            self._permits.get(timeout=_pool_timeout(request))
        except Empty:
            raise httpx.PoolTimeout("every connection is in use", request=request) from None
        try:
            shard = self._idle.pop()
            if shard is None:
                shard = _Shard(self._context)
            response = shard.handle_request(request)
            response.stream = _Lent(cast("httpx.SyncByteStream", response.stream), shard, self)
        except BaseException:
            self.give_up(shard)
            raise
        return response

    def give_up(self, shard: httpx.BaseTransport | None) -> None:
        """Frees the place of a call whose connection nobody can trust any more."""
        self._permits.put(None)
        if shard is not None:
            _close(shard)

    def take_back(self, shard: httpx.BaseTransport) -> None:
        """Keeps a transport for the next call."""
        superfluous = self._idle.push(shard)
        self._permits.put(None)
        if superfluous is not None:
            _close(superfluous)

    def close(self) -> None:
        """Closes the idle connections; those in use are closed when their calls end."""
        for shard in self._idle.drain():
            _close(shard)


def _close(shard: httpx.BaseTransport) -> None:
    """Lets go of a connection. That it can't be closed tidily is no fault of the call that comes across it."""
    with suppress(Exception):
        shard.close()


class _Lent(httpx.SyncByteStream):
    """The body of an answer, with the transport that goes back when it is closed."""

    def __init__(self, stream: httpx.SyncByteStream, shard: httpx.BaseTransport, owner: ShardedTransport) -> None:
        self._stream = stream
        self._shard: httpx.BaseTransport | None = shard
        self._owner = owner

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._stream)

    def close(self) -> None:
        try:
            self._stream.close()
        except BaseException:  # an interrupt may have left the connection between two answers
            self._give_up()
            raise
        shard, self._shard = self._shard, None
        if shard is not None:
            self._owner.take_back(shard)

    def _give_up(self) -> None:
        shard, self._shard = self._shard, None
        if shard is not None:
            self._owner.give_up(shard)

    __del__ = _give_up  # what httpx was interrupted with before it could close it


class AsyncShardedTransport(httpx.AsyncBaseTransport):
    """For the tasks of one event loop of asyncio.

    Args:
        context: Of TLS, shared by all connections.
        most_connections: More calls than this wait, for as long as their pool timeout allows.
    """

    def __init__(self, context: ssl.SSLContext, *, most_connections: int = MOST_CONNECTIONS) -> None:
        self._context = context
        self._idle: _Stack[httpx.AsyncBaseTransport] = _Stack()
        self._permits = asyncio.Semaphore(most_connections)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Sends a request over a connection of its own."""
        shard = None
        await self._permit(request)
        try:
            shard = self._idle.pop()
            if shard is None:
                shard = _AsyncShard(self._context)
            response = await shard.handle_async_request(request)
            response.stream = _AsyncLent(cast("httpx.AsyncByteStream", response.stream), shard, self)
        except BaseException:
            self._permits.release()
            if shard is not None:
                await _aclose(shard)
            raise
        return response

    async def _permit(self, request: httpx.Request) -> None:
        if not self._permits.locked():
            await self._permits.acquire()  # at once, without the cost of a timeout
            return
        try:
            async with asyncio.timeout(_pool_timeout(request)):
                await self._permits.acquire()
        except TimeoutError:
            raise httpx.PoolTimeout("every connection is in use", request=request) from None

    async def take_back(self, shard: httpx.AsyncBaseTransport) -> None:
        """Keeps a transport for the next call."""
        superfluous = self._idle.push(shard)
        self._permits.release()
        if superfluous is not None:
            await _aclose(superfluous)

    async def aclose(self) -> None:
        """Closes the idle connections; those in use are closed when their calls end."""
        for shard in self._idle.drain():
            await _aclose(shard)


async def _aclose(shard: httpx.AsyncBaseTransport) -> None:
    """The same for asyncio; a cancellation goes through."""
    with suppress(Exception):
        await shard.aclose()


class _AsyncLent(httpx.AsyncByteStream):
    """The body of an answer, with the transport that goes back when it is closed."""

    def __init__(
        self, stream: httpx.AsyncByteStream, shard: httpx.AsyncBaseTransport, owner: AsyncShardedTransport
    ) -> None:
        self._stream = stream
        self._shard: httpx.AsyncBaseTransport | None = shard
        self._owner = owner

    def __aiter__(self) -> AsyncIterator[bytes]:
        return aiter(self._stream)

    async def aclose(self) -> None:
        shard, self._shard = self._shard, None
        try:
            await self._stream.aclose()
        finally:
            if shard is not None:
                await self._owner.take_back(shard)
