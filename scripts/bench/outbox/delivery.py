"""One worker that empties an outbox, beside the same client without one; and what it asks of its database."""

from __future__ import annotations

import asyncio
import gc
import time
from contextlib import contextmanager
from itertools import count
from typing import TYPE_CHECKING

from bench.outbox.payments import Base
from bench.payloads import API_KEY, SALE, WEBHOOK_SECRET
from bench.rounds import Cost
from sqlalchemy import event, text

from havn_ext.outbox import ClientSender, Outbox, SQLAlchemyDatabase, Store, Worker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Engine

    from havn_ext.outbox import AccountOptions

_numbers = count()


@contextmanager
def worker(engine: Engine, url: str, messages: int) -> Iterator[Callable[[], Cost]]:
    """A turn: so many messages are enqueued, which does not count; then all of them are delivered."""
    Base.metadata.create_all(engine)
    with asyncio.Runner() as runner:
        yield lambda: _emptied(runner, _filled(engine, url, messages), messages)


def _emptied(runner: asyncio.Runner, ours: Worker, messages: int) -> Cost:
    gc.collect()
    cpu, wall = time.process_time(), time.perf_counter()
    tally = runner.run(ours.drain())
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    assert tally.delivered == messages, tally  # noqa: S101  else something else was measured
    return Cost(cpu / messages, wall / messages)


def _filled(engine: Engine, url: str, messages: int) -> Worker:
    outbox = Outbox(engine)
    with engine.begin() as connection:
        for _ in range(messages):
            outbox.transaction(
                connection, **{**SALE, "payment_gateway_transaction_id": f"sent_{next(_numbers):012}"}
            )
    account: AccountOptions = {"api_key": API_KEY, "webhook_secret": WEBHOOK_SECRET, "base_url": url}
    return Worker(Store(SQLAlchemyDatabase(engine)), ClientSender({"default": account}))


def transactions(engine: Engine, url: str, messages: int) -> int:
    """The transactions in which a worker delivers so many messages: PostgreSQL's own count, or those begun."""
    Base.metadata.create_all(engine)
    ours = _filled(engine, url, messages)
    begun: list[object] = []
    note = begun.append  # one object, by which it is found again
    before = _commits(engine)
    event.listen(engine, "begin", note)
    with asyncio.Runner() as runner:
        _emptied(runner, ours, messages)
    event.remove(engine, "begin", note)
    after = _commits(engine)
    return len(begun) if before is None or after is None else after - before


def _commits(engine: Engine) -> int | None:
    """What this database of PostgreSQL has committed; None for SQLite, which does not count."""
    if engine.dialect.name != "postgresql":
        return None
    engine.dispose()  # a session tells what it did when it ends
    with engine.connect() as connection:
        query = "SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()"
        return int(connection.scalar(text(query)) or 0)
