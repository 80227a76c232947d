"""The table: what is measured, against what, and what it may be at most."""

from __future__ import annotations

import random
from functools import partial
from typing import TYPE_CHECKING, Final

from bench import asynchronous
from bench.figures import Figure
from bench.outbox import claims, delivery, payments, resent
from bench.outbox.databases import default_sqlite, postgresql, slow_postgresql, sqlite
from bench.rounds import Contest, Spread, contest, timed
from bench.rows import Row

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.outbox.databases import Place
    from bench.rounds import Turn
    from bench.rows import Contender, Measure
    from sqlalchemy import Engine

RATIO: Final = "x"
TRANSACTIONS: Final = "a message"
USERS: Final = "users"

PAYMENTS: Final = 100
"""In a turn: of few, most would be caches that the collection of garbage before it has emptied."""
MESSAGES: Final = 1500
"""In a turn of a worker: the last flush waits for 50 ms, which is to be lost in the rest."""
SHORT_QUEUE: Final = 5_000
LONG_QUEUE: Final = 1_000_000
SEED: Final = 4


def _enqueue(place: Place, ours: Callable[[Engine], Turn], reference: Callable[[Engine], Turn]) -> Measure:
    def measure(_url: str, rounds: int) -> Figure:
        with place() as engine:
            payments.Base.metadata.create_all(engine)
            return _elapsed(contest(timed(ours(engine), PAYMENTS), timed(reference(engine), PAYMENTS), rounds))

    return measure


def _deliver(place: Place, reference: Contender) -> Measure:
    def measure(url: str, rounds: int) -> Figure:
        with place() as engine, delivery.worker(engine, url, MESSAGES) as ours, reference(url) as other:
            return _elapsed(contest(ours, timed(other, MESSAGES), rounds))

    return measure


def _transactions(place: Place) -> Measure:
    def measure(url: str, rounds: int) -> Figure:
        with place() as engine:
            counts = [delivery.transactions(engine, url, MESSAGES) for _ in range(rounds)]
        each = Spread.of([count / MESSAGES for count in counts])
        return Figure(each, None, sum(counts), MESSAGES * rounds, rounds)

    return measure


def _claim(place: Place) -> Measure:
    def measure(_url: str, rounds: int) -> Figure:
        with place() as engine:
            short = claims.filled(engine, "short_", pending=SHORT_QUEUE, delivered=0)
            long = claims.filled(engine, "long_", pending=LONG_QUEUE, delivered=LONG_QUEUE)
            return _elapsed(contest(claims.claiming(long), claims.claiming(short), rounds))

    return measure


def _resent(_url: str, kills: int) -> Figure:
    """The most after one kill."""
    again = resent.after_kills(kills, random.Random(SEED))  # noqa: S311  when to kill is no secret
    return Figure(Spread(max(again), min(again), max(again)), None, sum(again), kills, kills)


def _elapsed(outcome: Contest) -> Figure:
    """Elapsed time, since much of it passes in the database and in nginx, which our CPU time leaves out."""
    ours, reference = ([cost.wall for cost in costs] for costs in (outcome.ours, outcome.reference))
    medians = Spread.of(ours).median, Spread.of(reference).median
    return Figure(outcome.wall_ratio, outcome.cpu_ratio, *medians, len(outcome.ours))


_CORE = "a transaction {INSERT, enqueue}"
_ORM = "a session's transaction {add, enqueue}"
_WORKER = "a message, by one worker"
_RAW = "`httpx.AsyncClient.post` by hand, 16 at once, a client for each"
_TYPED = "`transactions.send` of our own client, 16 at once"

ROWS: Final = (
    Row(
        "enqueue-postgresql",
        f"{_CORE}, PostgreSQL, Core",
        "{INSERT}",
        _enqueue(postgresql, payments.core_and_enqueue, payments.core_alone),
        bound=1.5,
        rounds=60,
    ),
    Row(
        "enqueue-postgresql-orm",
        f"{_ORM}, PostgreSQL",
        "{add}",
        _enqueue(postgresql, payments.orm_and_enqueue, payments.orm_alone),
        bound=1.4,
        rounds=60,
    ),
    Row(
        "enqueue-sqlite",
        f"{_CORE}, SQLite, Core",
        "{INSERT}",
        _enqueue(sqlite, payments.core_and_enqueue, payments.core_alone),
        bound=1.7,
        rounds=60,
    ),
    Row(
        "enqueue-sqlite-orm",
        f"{_ORM}, SQLite",
        "{add}",
        _enqueue(sqlite, payments.orm_and_enqueue, payments.orm_alone),
        bound=1.7,
        rounds=60,
    ),
    Row(
        "enqueue-postgresql-slow",
        f"{_CORE}, PostgreSQL, Core, slow commits",
        "{INSERT}",
        _enqueue(slow_postgresql, payments.core_and_enqueue, payments.core_alone),
        bound=1.5,
        rounds=30,
    ),
    Row(
        "enqueue-postgresql-orm-slow",
        f"{_ORM}, PostgreSQL, slow commits",
        "{add}",
        _enqueue(slow_postgresql, payments.orm_and_enqueue, payments.orm_alone),
        bound=1.4,
        rounds=30,
    ),
    Row(
        "enqueue-sqlite-default",
        f"{_CORE}, SQLite, Core, as SQLite comes",
        "{INSERT}",
        _enqueue(default_sqlite, payments.core_and_enqueue, payments.core_alone),
        bound=1.7,
        rounds=30,
    ),
    *(
        Row(
            f"enqueue-{name}-bare",
            f"a transaction {{INSERT, INSERT by the driver alone}}, {title}",
            "{INSERT}",
            _enqueue(place, payments.core_and_bare_insert, payments.core_alone),
            rounds=60,
        )
        for name, title, place in (("postgresql", "PostgreSQL", postgresql), ("sqlite", "SQLite", sqlite))
    ),
    *(
        Row(
            f"deliver-{name}",
            f"{_WORKER}, {title}",
            _RAW,
            _deliver(place, partial(asynchronous.raw_httpx_each, at_once=16)),
            bound=1 / 0.9,
            rounds=8,
        )
        for name, title, place in (("postgresql", "PostgreSQL", postgresql), ("sqlite", "SQLite", sqlite))
    ),
    *(
        Row(
            f"deliver-{name}-typed",
            f"{_WORKER}, {title}",
            _TYPED,
            _deliver(place, partial(asynchronous.own_client, at_once=16)),
            rounds=8,
        )
        for name, title, place in (("postgresql", "PostgreSQL", postgresql), ("sqlite", "SQLite", sqlite))
    ),
    *(
        Row(
            f"transactions-{name}",
            f"transactions of the worker, {title}",
            "messages",
            _transactions(place),
            bound=0.1,
            unit=TRANSACTIONS,
            rounds=3,
        )
        for name, title, place in (("postgresql", "PostgreSQL", postgresql), ("sqlite", "SQLite", sqlite))
    ),
    *(
        Row(
            f"claim-{name}",
            f"a claim of 64, a million pending and a million delivered, {title}",
            "five thousand pending",
            _claim(place),
            bound=1.5,
            rounds=60,
        )
        for name, title, place in (("postgresql", "PostgreSQL", postgresql), ("sqlite", "SQLite", sqlite))
    ),
    Row(
        "bulk-resent",
        "most users that `sync_many` sends again after a kill, 16 requests of 50 at once",
        "kills",
        _resent,
        bound=3000,
        unit=USERS,
        rounds=8,
    ),
)
