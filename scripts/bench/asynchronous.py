"""The asyncio contenders, ours and what they are measured against, side by side.

Each is a context manager over the server's URL that gives a turn: a function that makes so many calls, so many
at once, on one event loop that stays.
"""

from __future__ import annotations

import asyncio
import inspect
import sys
from collections import deque
from contextlib import contextmanager, nullcontext
from importlib.util import find_spec
from itertools import repeat
from typing import TYPE_CHECKING, Any, Final, Literal

import httpx
from bench.absence import absent
from bench.blocking import signed
from bench.figures import Unavailable
from bench.payloads import (
    API_KEY,
    BATCH,
    SALE,
    SALE_BODY,
    SHORT,
    TRANSACTION_PATH,
    USERS,
    USERS_BODY,
    USERS_PATH,
    WEBHOOK_SECRET,
)
from contract import ROOT

from havn import AsyncHAVNClient

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from bench.rounds import Turn

Transport = Literal["httpx", "aiohttp"]

CHECKOUT: Final = {str(ROOT), str(ROOT / "generated")}
"""What an editable install adds to `sys.path`, and a program that uses httpx does not have."""


def havn_client(url: str, transport: Transport) -> AsyncHAVNClient:
    """Our client over the named transport.

    Raises:
        Unavailable: There is no such transport here.
    """
    options: dict[str, Any] = {}
    if "transport" in inspect.signature(AsyncHAVNClient.__init__).parameters:
        options["transport"] = transport
    elif transport == "aiohttp":
        raise Unavailable("this SDK has no transport= argument")
    if transport == "aiohttp" and find_spec("httpx_aiohttp") is None:
        raise Unavailable("the extra is missing: pip install 'havn-sdk[aiohttp]'")
    return AsyncHAVNClient(API_KEY, WEBHOOK_SECRET, base_url=url, **options)


# ── ours ─────────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def own_client(url: str, at_once: int = 1, transport: Transport = "httpx") -> Iterator[Turn]:
    """`transactions.send` of a client that makes its own connections."""
    with asyncio.Runner() as runner:
        client = havn_client(url, transport)
        yield _at_once(runner, at_once, lambda: client.transactions.send(**SALE))
        runner.run(client.close())


@contextmanager
def sync_many(url: str, at_once: int = 1, results: int = BATCH) -> Iterator[Turn]:
    """`users.sync_many`, so many requests at once; a call is one request, of fifty users.

    Args:
        url: The server's.
        at_once: Requests at once.
        results: How many of the fifty an answer speaks of; ours tells of each of the others that it does not.
    """
    with asyncio.Runner() as runner:
        client = havn_client(url, "httpx")
        if "concurrency" in inspect.signature(client.users.sync_many).parameters:
            yield lambda calls: runner.run(_streamed(client, calls, results, {"concurrency": at_once}))
        else:  # what it does for each request, by as many hands
            yield _at_once(runner, at_once, lambda: client.users.sync_bulk(USERS))
        runner.run(client.close())


@contextmanager
def sync_many_short(url: str, at_once: int = 1) -> Iterator[Turn]:
    """The same with answers that have no results."""
    with sync_many(url + SHORT, at_once, results=0) as turn:
        yield turn


async def _streamed(client: AsyncHAVNClient, requests: int, results: int, options: dict[str, Any]) -> None:
    users = (user for batch in repeat(USERS, requests) for user in batch)
    report = await client.users.sync_many(users, batch_size=BATCH, **options).finish()
    told = report.total, report.succeeded
    assert told == (requests * BATCH, requests * results)  # noqa: S101  else something else was measured


# ── references ───────────────────────────────────────────────────────────────────────────────────


@contextmanager
def raw_httpx(url: str, at_once: int = 1, *, sniffio: bool = False) -> Iterator[Turn]:
    """`httpx.AsyncClient.post` by hand, as `blocking.raw_httpx` is.

    Args:
        url: The server's.
        at_once: Calls at once.
        sniffio: Whether that package is installed, which `pip install httpx` does not bring. Without it
            httpcore looks for it in vain, many times a call; the SDK depends on it for this reason.
    """
    with _posting(url + TRANSACTION_PATH, SALE_BODY, at_once, sniffio=sniffio) as turn:
        yield turn


@contextmanager
def raw_httpx_each(url: str, at_once: int) -> Iterator[Turn]:
    """The same with a client of its own for each call under way, so that none looks at the others' connections."""
    address = url + TRANSACTION_PATH
    with asyncio.Runner() as runner:
        clients = [httpx.AsyncClient(timeout=120) for _ in range(at_once)]
        free = deque(clients)

        async def call() -> object:
            client = free.pop()
            try:
                content, headers = signed(SALE_BODY)
                return (await client.post(address, content=content, headers=headers)).json()
            finally:
                free.append(client)

        yield _at_once(runner, at_once, call)
        for client in clients:
            runner.run(client.aclose())


@contextmanager
def raw_users(url: str, at_once: int = 1, *, sniffio: bool = False) -> Iterator[Turn]:
    """The same with fifty users a request; the fifty results stay dicts."""
    with _posting(url + USERS_PATH, USERS_BODY, at_once, sniffio=sniffio) as turn:
        yield turn


@contextmanager
def raw_users_short(url: str, at_once: int = 1) -> Iterator[Turn]:
    """The same with answers that have no results."""
    with raw_users(url + SHORT, at_once) as turn:
        yield turn


@contextmanager
def _posting(address: str, body: dict[str, Any], at_once: int, *, sniffio: bool) -> Iterator[Turn]:
    if sniffio and find_spec("sniffio") is None:
        raise Unavailable("sniffio is not installed")
    limits = httpx.Limits(max_connections=max(at_once, 100), max_keepalive_connections=max(at_once, 20))
    searched = [entry for entry in sys.path if entry not in CHECKOUT]
    with asyncio.Runner() as runner:
        client = httpx.AsyncClient(timeout=120, limits=limits)

        async def call() -> object:
            content, headers = signed(body)
            return (await client.post(address, content=content, headers=headers)).json()

        together = _at_once(runner, at_once, call)

        def turn(calls: int) -> None:
            with nullcontext() if sniffio else absent("sniffio", searched):
                together(calls)

        yield turn
        runner.run(client.aclose())


# ── tasks ────────────────────────────────────────────────────────────────────────────────────────


def _at_once(runner: asyncio.Runner, count: int, call: Callable[[], Awaitable[object]]) -> Turn:
    """A turn of so many tasks, each of which calls again as soon as it has its answer."""

    async def repeated(times: int) -> None:
        for _ in range(times):
            await call()

    async def together(calls: int) -> None:
        await asyncio.gather(*(repeated(calls // count) for _ in range(count)))

    return lambda calls: runner.run(together(calls))
