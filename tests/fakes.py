"""Stand-ins for what a call needs from outside: the clock, the dice, HAVN, and a socket that misbehaves."""

from __future__ import annotations

import asyncio
import inspect
import random
import socket
import struct
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import attrs
import httpx

from havn_ext import AsyncHAVNClient, HAVNClient
from havn_ext._clock import Clock

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

Kind = Literal["sync", "async"]
AnyClient = HAVNClient | AsyncHAVNClient
Treatment = Callable[[socket.socket], None]

API_KEY = "havn_test_key"
WEBHOOK_SECRET = "havn_test_secret"
NOON = 1_750_000_000.0
"""The moment at which a `FakeClock` starts, seconds since 1970-01-01 UTC."""


# ── time and dice ────────────────────────────────────────────────────────────────────────────────


class FakeClock(Clock):
    """A clock that goes on when somebody sleeps, and by no other means than `pass_by`.

    Args:
        oversleep: Seconds by which every sleep is too long, as on a busy machine.
    """

    def __init__(self, *, oversleep: float = 0.0) -> None:
        self.waits: list[float] = []
        self._passed = 0.0
        self._oversleep = oversleep

    def pass_by(self, seconds: float) -> None:
        """Lets time go by without a sleep, as while HAVN is thinking."""
        self._passed += seconds

    def now(self) -> float:
        """Seconds since 1970-01-01 UTC."""
        return NOON + self._passed

    def monotonic(self) -> float:
        """Seconds since the clock was made."""
        return self._passed

    def sleep(self, seconds: float) -> None:
        """Records the wait, and is over at once."""
        self.waits.append(seconds)
        self.pass_by(seconds + self._oversleep)

    def sleep_unless(self, event: threading.Event, seconds: float) -> None:
        """Records the wait, and is over at once."""
        del event
        self.sleep(seconds)

    async def sleep_async(self, seconds: float) -> None:
        """Records the wait, and is over at once."""
        self.sleep(seconds)


class HighestDraw(random.Random):
    """Dice that always draw the longest wait."""

    def uniform(self, a: float, b: float) -> float:
        """The upper bound."""
        return max(a, b)


# ── HAVN ─────────────────────────────────────────────────────────────────────────────────────────


class Reply(NamedTuple):
    """One answer of HAVN's. A dict is sent as JSON, bytes as they are."""

    status: int = 200
    body: dict[str, Any] | bytes = b"{}"
    headers: dict[str, str] = {}  # noqa: RUF012  a field of a NamedTuple, never changed

    def response(self) -> httpx.Response:
        """The answer as the HTTP library has it."""
        if isinstance(self.body, bytes):
            return httpx.Response(self.status, content=self.body, headers=self.headers)
        return httpx.Response(self.status, json=self.body, headers=self.headers)


Script = Reply | Exception | Callable[[httpx.Request], Reply]


class FakeHAVN:
    """Answers by a script, one entry a request and the last for all that follow; keeps the requests.

    An exception in the script is raised, a function is asked with the request.
    """

    def __init__(self, *script: Script) -> None:
        self.requests: list[httpx.Request] = []
        self._script = script or (Reply(),)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """The handler of an `httpx.MockTransport`."""
        request.read()
        entry = self._script[min(len(self.requests), len(self._script) - 1)]
        self.requests.append(request)
        if isinstance(entry, Exception):
            raise entry
        return (entry if isinstance(entry, Reply) else entry(request)).response()

    @property
    def request(self) -> httpx.Request:
        """The only request."""
        (request,) = self.requests
        return request


# ── the two clients ──────────────────────────────────────────────────────────────────────────────


def make_client(
    kind: Kind,
    havn: Callable[[httpx.Request], httpx.Response] | None = None,
    *,
    clock: Clock | None = None,
    rng: random.Random | None = None,
    **options: Any,
) -> AnyClient:
    """A client of either kind.

    Args:
        kind: Which of the two.
        havn: Answers in HAVN's place; None for the network.
        clock: In place of the machine's.
        rng: In place of real dice.
        **options: Of the client; the credentials are those of this module unless given.
    """
    options = {"api_key": API_KEY, "webhook_secret": WEBHOOK_SECRET, **options}
    if havn is not None:
        transport = httpx.MockTransport(havn)
        options["http_client"] = (
            httpx.Client(transport=transport) if kind == "sync" else httpx.AsyncClient(transport=transport)
        )
    client = HAVNClient(**options) if kind == "sync" else AsyncHAVNClient(**options)
    return timed(client, clock or FakeClock(), rng or HighestDraw())


def timed(client: AnyClient, clock: Clock, rng: random.Random | None = None) -> AnyClient:
    """The same client under another clock and other dice; to be called before its first call."""
    client._session = attrs.evolve(client._session, clock=clock, rng=rng or HighestDraw())
    return client


def outcome(given: Any) -> Any:
    """What a call of either client comes to: its result, or the list of what it iterates over."""
    if inspect.isawaitable(given) or isinstance(given, AsyncIterator):
        return asyncio.run(_awaited(given))
    return list(given) if isinstance(given, Iterator) else given


async def _awaited(given: Any) -> Any:
    if isinstance(given, AsyncIterator):
        return [item async for item in given]
    return await given if inspect.isawaitable(given) else given


def take(items: Any, count: int, runner: asyncio.Runner) -> list[Any]:
    """The next items of an iterator of either kind, which is then left where it stands.

    An async iterator ends with its event loop, so steps that belong together share a runner.
    """

    async def taken() -> list[Any]:
        return [await anext(items) for _ in range(count)]

    return [next(items) for _ in range(count)] if isinstance(items, Iterator) else runner.run(taken())


def settled(client: AnyClient, *calls: Callable[[AnyClient], Any]) -> list[Any]:
    """What several calls of a client come to, which is closed afterwards: the async one in one event loop."""
    if isinstance(client, HAVNClient):
        with client:
            return [outcome(call(client)) for call in calls]
    return asyncio.run(_settled(client, calls))


async def _settled(client: AsyncHAVNClient, calls: tuple[Callable[[AnyClient], Any], ...]) -> list[Any]:
    async with client:
        return [await _awaited(call(client)) for call in calls]


# ── sockets ──────────────────────────────────────────────────────────────────────────────────────


class RawServer:
    """A listener on 127.0.0.1 that treats every connection as told; gone with its `with` block.

    Args:
        treat: Called with each connection, in a thread of its own; the connection is closed afterwards.
    """

    def __init__(self, treat: Treatment) -> None:
        self.connections = 0
        self._treat = treat
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []

    @property
    def url(self) -> str:
        """The `base_url` for a client."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._start(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes accept()
        self._listener.close()
        with self._lock:
            left = list(self._open)
        for connection in left:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)

    def settle(self) -> None:
        """Waits until every connection that was opened has been treated and closed."""
        for thread in self._threads[1:]:
            thread.join(10)

    def _start(self, target: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.connections += 1
                with self._lock:
                    self._open.add(connection)
                self._start(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError):
            self._treat(connection)
        with self._lock:
            self._open.discard(connection)
        connection.close()


def read_request(connection: socket.socket) -> bytes:
    """One whole request, head and body; empty when the other side has hung up."""
    received = b""
    while b"\r\n\r\n" not in received:
        if not (chunk := connection.recv(65536)):
            return b""
        received += chunk
    head, _, body = received.partition(b"\r\n\r\n")
    length = next(
        (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
    )
    while len(body) < length and (chunk := connection.recv(65536)):
        body += chunk
    return head + b"\r\n\r\n" + body


def http(body: bytes = b"{}", status: bytes = b"200 OK", *, length: int | None = None) -> bytes:
    """An HTTP/1.1 answer, to the letter."""
    announced = len(body) if length is None else length
    return b"HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (
        status,
        announced,
        body,
    )


def serve(connection: socket.socket) -> None:
    """Answers an empty JSON object to every request, on one connection kept alive."""
    while read_request(connection):
        connection.sendall(http())


def reset(connection: socket.socket) -> None:
    """Ends a connection with RST, as a crashed peer does."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
