"""What the outbox's tests share: databases, a sender that needs no network, sales to enqueue."""

from __future__ import annotations

import os
import random
import uuid
from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import attrs
import pytest
from fakes import FakeClock
from sqlalchemy import MetaData, create_engine, event, make_url, text
from sqlalchemy.exc import OperationalError

from havn_ext.outbox import SQLAlchemyDatabase, Store, Worker, outbox_tables
from havn_ext.outbox.delivery import Sent
from havn_ext.outbox.faults import NO_FAULTS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Generator, Iterable
    from pathlib import Path

    from sqlalchemy import URL, Engine

    from havn_ext.outbox import StoredMessage
    from havn_ext.outbox.delivery import Answered
    from havn_ext.outbox.messages import Claim
    from havn_ext.outbox.states import Kind

LANES: Final[tuple[tuple[str, Kind], ...]] = (("default", "transaction"), ("default", "user"))
SERVER: Final = "HAVN_TEST_POSTGRES"
REQUIRED: Final = "HAVN_REQUIRE_SERVICES"


def sale(number: int | str = 1, **fields: Any) -> dict[str, Any]:
    """A sale of ten dollars, told from others by its number."""
    return {"amount": 1000, "payment_gateway_transaction_id": f"pay_{number}", "customer_id": "c_1", **fields}


# ── databases ────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def postgres_database() -> Generator[URL]:
    """A database of its own on the server of `HAVN_TEST_POSTGRES`, gone at the end; skips where there is none."""
    server = make_url(os.environ.get(SERVER, "postgresql+psycopg:///test"))
    name = f"havn_test_{uuid.uuid4().hex[:12]}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
    except OperationalError as error:
        reason = f"no PostgreSQL at {server.render_as_string()}: {str(error).partition(chr(10))[0]}"
        if os.environ.get(REQUIRED) == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    try:
        yield server.set(database=name)
    finally:
        with engine.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        engine.dispose()


def sqlite_database(folder: Path) -> URL:
    """A database in a file, which several connections may share."""
    return make_url(f"sqlite:///{folder / 'shop.db'}")


@contextmanager
def engine_of(url: URL) -> Generator[Engine]:
    """An engine, disposed of at the end. In SQLite readers and one writer don't wait for one another."""
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA journal_mode=WAL"))
    try:
        yield engine
    finally:
        engine.dispose()


def make_tables(engine: Engine, prefix: str = "havn_") -> None:
    """The outbox's tables, new and empty."""
    metadata = MetaData()
    outbox_tables(metadata, prefix)
    metadata.drop_all(engine)
    metadata.create_all(engine)


# ── workers without a network ────────────────────────────────────────────────────────────────────


Entry: TypeAlias = "Exception | Callable[[Claim], Exception | None]"


def _as_deque(entries: Iterable[Entry]) -> deque[Entry]:
    return deque(entries)


@attrs.define
class FakeSender:
    """Answers by a script, one entry a message and then yes to all; keeps what it was given."""

    script: deque[Entry] = attrs.field(factory=deque, converter=_as_deque)
    accounts: Collection[str] = ("default",)
    timeout: float = 5.0
    sent: list[Claim] = attrs.field(factory=list)
    closed: int = 0

    async def send(self, claim: Claim, answers: list[Answered]) -> Sent:
        """See `Sender`."""
        del answers
        self.sent.append(claim)
        entry = self.script.popleft() if self.script else None
        error = entry(claim) if entry is not None and not isinstance(entry, Exception) else entry
        if error is not None:
            raise error
        return Sent({"success": True}, 200)

    async def close(self) -> None:
        """See `Sender`."""
        self.closed += 1

    @property
    def keys(self) -> list[str]:
        """The payment ids, in the order of the calls."""
        return [claim.key for claim in self.sent]


class NoJitter(random.Random):
    """Dice that always draw the longest wait."""

    def uniform(self, a: float, b: float) -> float:
        """The upper bound."""
        return max(a, b)


@attrs.frozen
class Place:
    """An outbox in a database, and a clock that SQLite goes by."""

    engine: Engine
    store: Store
    clock: FakeClock

    @property
    def is_sqlite(self) -> bool:
        """Whether the clock is ours to move."""
        return self.store.database.dialect == "sqlite"

    def worker(self, sender: Any, **options: Any) -> Worker:
        """A worker by this clock, without luck."""
        return Worker(self.store, sender, **{"clock": self.clock, "rng": NoJitter(), "poll": 0.01, **options})

    def states(self) -> dict[str, str]:
        """Every message's state by its key."""
        return {message.key: message.state for message in self.store.list(limit=10_000)}

    def message(self, key: str) -> StoredMessage:
        """The message of a key."""
        (message,) = self.store.list(key=key)
        return message

    def pass_by(self, seconds: float) -> None:
        """Lets time pass for the messages: SQLite's clock goes on, PostgreSQL's messages get older."""
        self.clock.pass_by(seconds)
        if not self.is_sqlite:
            moments = ("available_at", "created_at", "finished_at", "ambiguous_at")
            older = ", ".join(f"{moment} = {moment} - {round(seconds * 1_000_000)}" for moment in moments)
            with self.engine.begin() as connection:
                connection.execute(text(f"UPDATE havn_outbox SET {older}"))  # noqa: S608  names of ours


@contextmanager
def place_in(url: URL, **options: Any) -> Generator[Place]:
    """A new and empty outbox in a database."""
    clock = FakeClock()
    with engine_of(url) as engine:
        make_tables(engine)
        yield Place(engine, Store(SQLAlchemyDatabase(engine), clock=clock, faults=NO_FAULTS, **options), clock)


def ids(claims: Iterable[Claim]) -> list[int]:
    """The messages of some claims."""
    return [claim.id for claim in claims]
