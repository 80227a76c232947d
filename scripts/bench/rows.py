"""The table: what is measured, against what, and what it may cost at most."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final, TypeAlias

import attrs
from bench import asynchronous, blocking, layers, memory, startup
from bench.figures import Figure
from bench.rounds import Contest, Cost, Spread, contest, timed

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from bench.rounds import Turn

    Contender: TypeAlias = Callable[[str], AbstractContextManager[Turn]]
    Program: TypeAlias = Callable[[str], Cost]
    Measure: TypeAlias = Callable[[str, int], Figure]

RATIO: Final = "x"
MICROSECONDS: Final = "µs"
MIB: Final = "MiB"

FEW_USERS: Final = 10_000
MANY_USERS: Final = 1_000_000


@attrs.frozen
class Row:
    """One line of the table."""

    name: str
    """What `--only` takes."""
    what: str
    against: str
    measure: Measure
    """Of the server's URL and a number of rounds."""
    bound: float | None = None
    """The most that it may be, in `unit`; None where the row is there to be compared with."""
    stretch: float | None = None
    unit: str = RATIO
    rounds: int = 40


def _ratio(ours: Contender, reference: Contender, *, calls: int) -> Measure:
    """CPU time a call, in terms of the reference's; so many calls in a turn."""

    def measure(url: str, rounds: int) -> Figure:
        return _as_ratio(_calls(ours, reference, calls, url, rounds))

    return measure


def _calls(ours: Contender, reference: Contender, calls: int, url: str, rounds: int) -> Contest:
    with ours(url) as turn, reference(url) as other:
        return contest(timed(turn, calls), timed(other, calls), rounds)


def _programs(ours: Program, reference: Program) -> Measure:
    """The same of fresh interpreters."""

    def measure(url: str, rounds: int) -> Figure:
        return _as_ratio(contest(partial(ours, url), partial(reference, url), rounds))

    return measure


def _as_ratio(outcome: Contest) -> Figure:
    return Figure(outcome.cpu_ratio, outcome.wall_ratio, *_medians(outcome), len(outcome.ours))


def _added(ours: Contender, reference: Contender, *, calls: int) -> Measure:
    """Microseconds of CPU time a call that ours takes longer."""

    def measure(url: str, rounds: int) -> Figure:
        outcome = _calls(ours, reference, calls, url, rounds)
        cpu, wall = outcome.cpu_added.times(1e6), outcome.wall_added.times(1e6)
        return Figure(cpu, wall, *_medians(outcome), rounds)

    return measure


def _medians(outcome: Contest) -> tuple[float, float]:
    ours, reference = ([cost.cpu for cost in costs] for costs in (outcome.ours, outcome.reference))
    return Spread.of(ours).median, Spread.of(reference).median


def _memory(_url: str, rounds: int) -> Figure:
    """MiB by which the peak is higher for many users than for few."""
    pairs = [(memory.peak_of(MANY_USERS), memory.peak_of(FEW_USERS)) for _ in range(rounds)]
    many, few = (Spread.of(peaks).median for peaks in zip(*pairs, strict=True))
    return Figure(Spread.of([more - less for more, less in pairs]), None, many, few, rounds)


_threads = partial(partial, threads=16)
_at_once = partial(partial, at_once=16)
_SEND = "`transactions.send`"
_ASYNC_SEND = "async `transactions.send`"

ROWS: Final = (
    Row(
        "sync",
        f"{_SEND}, own client",
        "raw `httpx.Client.post`",
        _ratio(blocking.own_client, blocking.raw_httpx, calls=15),
        bound=0.95,
        stretch=0.82,
        rounds=60,
    ),
    Row(
        "supplied",
        f"{_SEND}, the user's `httpx.Client`",
        "raw `httpx.Client.post`",
        _ratio(blocking.supplied_client, blocking.raw_httpx, calls=15),
        bound=1.00,
        stretch=0.92,
        rounds=60,
    ),
    Row(
        "threads",
        f"{_SEND}, 16 threads, one client",
        "raw `httpx.Client.post`, 16 threads",
        _ratio(_threads(blocking.own_client), _threads(blocking.raw_httpx), calls=96),
        bound=0.85,
        stretch=0.75,
    ),
    Row(
        "requests",
        f"{_SEND}, 16 threads, one client",
        "a typed client on requests, 16 threads",
        _ratio(_threads(blocking.own_client), _threads(blocking.typed_requests), calls=96),
        bound=0.60,
        stretch=0.52,
    ),
    Row(
        "requests-one",
        f"{_SEND}, own client",
        "a typed client on requests",
        _ratio(blocking.own_client, blocking.typed_requests, calls=15),
    ),
    Row(
        "async",
        f"{_ASYNC_SEND}, one at a time",
        "raw `httpx.AsyncClient.post`",
        _ratio(asynchronous.own_client, asynchronous.raw_httpx, calls=10),
        bound=0.75,
        stretch=0.65,
        rounds=60,
    ),
    Row(
        "async-sniffio",
        f"{_ASYNC_SEND}, one at a time",
        "raw `httpx.AsyncClient.post`, sniffio installed",
        _ratio(asynchronous.own_client, partial(asynchronous.raw_httpx, sniffio=True), calls=10),
        rounds=60,
    ),
    Row(
        "async-16",
        f"{_ASYNC_SEND}, 16 at once",
        "raw `httpx.AsyncClient.post`, 16 at once",
        _ratio(_at_once(asynchronous.own_client), _at_once(asynchronous.raw_httpx), calls=64),
        bound=0.35,
        stretch=0.28,
    ),
    Row(
        "async-16-sniffio",
        f"{_ASYNC_SEND}, 16 at once",
        "raw `httpx.AsyncClient.post`, 16 at once, sniffio installed",
        _ratio(
            _at_once(asynchronous.own_client), partial(asynchronous.raw_httpx, at_once=16, sniffio=True), calls=64
        ),
    ),
    Row(
        "aiohttp-16",
        f"{_ASYNC_SEND}, 16 at once, `[aiohttp]`",
        "raw `httpx.AsyncClient.post`, 16 at once",
        _ratio(
            partial(asynchronous.own_client, at_once=16, transport="aiohttp"),
            _at_once(asynchronous.raw_httpx),
            calls=64,
        ),
        bound=0.20,
        stretch=0.14,
    ),
    Row(
        "flat",
        f"{_ASYNC_SEND}, a call at 64 at once",
        "a call at 16 at once, of ours",
        _ratio(partial(asynchronous.own_client, at_once=64), _at_once(asynchronous.own_client), calls=128),
        bound=1.15,
        stretch=1.05,
        rounds=30,
    ),
    Row(
        "sync-many",
        "async `users.sync_many`, 50 a request, 16 at once",
        "raw `httpx.AsyncClient.post`, 16 at once",
        _ratio(_at_once(asynchronous.sync_many), _at_once(asynchronous.raw_users), calls=64),
        bound=0.45,
        stretch=0.30,
        rounds=30,
    ),
    Row(
        "sync-many-short",
        "async `users.sync_many`, 50 a request, 16 at once, answers of 560 bytes without results",
        "raw `httpx.AsyncClient.post`, 16 at once",
        _ratio(_at_once(asynchronous.sync_many_short), _at_once(asynchronous.raw_users_short), calls=64),
        bound=0.45,
        stretch=0.30,
        rounds=30,
    ),
    Row(
        "sync-many-sniffio",
        "async `users.sync_many`, 50 a request, 16 at once",
        "raw `httpx.AsyncClient.post`, 16 at once, sniffio installed",
        _ratio(
            _at_once(asynchronous.sync_many), partial(asynchronous.raw_users, at_once=16, sniffio=True), calls=64
        ),
        rounds=30,
    ),
    Row(
        "layers",
        "typed layer and retry layer of `transactions.send`, added",
        "JSON, HMAC and parsing by hand",
        _added(layers.typed_and_retried, layers.by_hand, calls=200),
        bound=30,
        stretch=20,
        unit=MICROSECONDS,
    ),
    Row(
        "layers-in-call",
        "the same and building the request, within a call",
        "`httpx.Client.send` of the finished request",
        _added(layers.typed_call, layers.bare_send, calls=200),
        unit=MICROSECONDS,
    ),
    Row(
        "import",
        "`import havn`",
        "`import json, hmac, hashlib`",
        _programs(startup.import_havn, startup.import_standard_library),
        bound=1.5,
        stretch=1.2,
        rounds=21,
    ),
    Row(
        "build",
        "`import havn` and building a client",
        "`import httpx; httpx.Client()`",
        _programs(startup.build_ours, startup.build_httpx),
        bound=0.10,
        stretch=0.05,
        rounds=21,
    ),
    Row(
        "second",
        "building a second client, and its first call",
        "the same of the process's first client",
        _programs(startup.second_client, startup.first_client),
        bound=0.05,
        stretch=0.01,
        rounds=21,
    ),
    Row(
        "memory",
        "peak memory of `users.sync_many`, a million users",
        "ten thousand users",
        _memory,
        bound=5,
        stretch=1,
        unit=MIB,
        rounds=1,
    ),
)
