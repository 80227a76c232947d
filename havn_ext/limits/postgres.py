"""The limit of all processes that share a PostgreSQL: one UPDATE a slot, on the database's own clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

from havn_ext.limits._extra import extra
from havn_ext.limits.gcra import MOST_HOLD, Slot

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from sqlalchemy import Engine, MetaData, Table, TextClause
    from sqlalchemy.engine import Row
    from sqlalchemy.ext.asyncio import AsyncEngine

    from havn_ext.limits.gcra import Pace, SlowDown

    _Call = tuple[TextClause, Mapping[str, object]]

T = TypeVar("T")

__all__ = ["AsyncPostgresStore", "PostgresStore", "rate_table"]

_TABLE: Final = "havn_rate"

# clock_timestamp() and not now(): whoever waited for the row's lock must see the time at which it got it.
_INTERVAL: Final = """GREATEST(CAST(:interval AS bigint),
    CASE WHEN slow_until > clock_timestamp() THEN slow_interval ELSE 0 END) * interval '1 microsecond'"""

_SLOT: Final = f"""GREATEST(
    LEAST(tat, clock_timestamp() + CAST(:most AS bigint) * interval '1 microsecond' + {_INTERVAL}),
    clock_timestamp() - CAST(:credit AS bigint) * interval '1 microsecond')"""

_RESERVE: Final = f"""UPDATE {{table}} SET tat = {_SLOT} + {_INTERVAL}
    WHERE key = CAST(:key AS text)
    AND {_SLOT} <= clock_timestamp() + CAST(:ceiling AS bigint) * interval '1 microsecond'
    RETURNING CAST(EXTRACT(EPOCH FROM tat - {_INTERVAL} - clock_timestamp()) * 1000000 AS bigint)"""  # noqa: S608  the dialect quotes the table; no value is in it

_REFUSED: Final = f"""SELECT CAST(EXTRACT(EPOCH FROM {_SLOT} - clock_timestamp()) * 1000000 AS bigint)
    FROM {{table}} WHERE key = CAST(:key AS text)"""  # noqa: S608  the dialect quotes the table; no value is in it

_INSERT: Final = """INSERT INTO {table} (key, tat) VALUES (CAST(:key AS text), to_timestamp(0))
    ON CONFLICT (key) DO NOTHING"""

_SLOW_DOWN: Final = """UPDATE {table} SET
    tat = CASE WHEN CAST(:hold AS bigint) > 0
        THEN GREATEST(tat, clock_timestamp() + CAST(:hold AS bigint) * interval '1 microsecond') ELSE tat END,
    slow_interval = CASE WHEN CAST(:interval AS bigint) > 0 THEN CAST(:interval AS bigint) ELSE slow_interval END,
    slow_until = CASE WHEN CAST(:interval AS bigint) > 0
        THEN clock_timestamp() + CAST(:lasting AS bigint) * interval '1 microsecond' ELSE slow_until END
    WHERE key = CAST(:key AS text)"""


def rate_table(metadata: MetaData, prefix: str = "havn_") -> Table:
    """Adds the table `<prefix>rate` to your metadata, so that your migrations see it.

    Its rows mean nothing after an hour of rest, and may be deleted at any time.

    Raises:
        ModuleNotFoundError: The extra `outbox` is not installed.
    """
    with extra("outbox", "sqlalchemy"):
        import sqlalchemy as sa  # noqa: PLC0415  the package is optional
    return sa.Table(
        f"{prefix}rate",
        metadata,
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("tat", sa.DateTime(timezone=True), nullable=False),
        sa.Column("slow_interval", sa.BigInteger),  # microseconds
        sa.Column("slow_until", sa.DateTime(timezone=True)),
    )


class _Statements(NamedTuple):
    """The statements on one table, and what a store does with them: yields each, and is sent its first row."""

    reserve_slot: TextClause
    refused: TextClause
    insert: TextClause
    slow_down_key: TextClause

    @classmethod
    def on(cls, engine: Engine | AsyncEngine, table: Table | str) -> _Statements:
        with extra("outbox", "sqlalchemy"):
            import sqlalchemy as sa  # noqa: PLC0415  the package is optional
        if engine.dialect.name != "postgresql":
            raise ValueError(f"PostgresStore needs PostgreSQL, and the engine is bound to {engine.dialect.name}")
        preparer = engine.dialect.identifier_preparer
        quoted = preparer.quote(table) if isinstance(table, str) else preparer.format_table(table)
        return cls(*(sa.text(each.format(table=quoted)) for each in (_RESERVE, _REFUSED, _INSERT, _SLOW_DOWN)))

    def reserve(self, key: str, pace: Pace, ceiling: int) -> Generator[_Call, Any, Slot]:
        terms = {
            "key": key,
            "interval": pace.interval,
            "credit": pace.credit,
            "ceiling": ceiling,
            "most": MOST_HOLD + ceiling,
        }
        while True:
            row = yield self.reserve_slot, terms
            if row is not None:
                return Slot(granted=True, wait=max(0, int(row[0])))
            row = yield self.refused, {name: terms[name] for name in ("key", "interval", "credit", "most")}
            if row is None:
                yield self.insert, {"key": key}
            elif row[0] > ceiling:  # else the slot came near between the two statements
                return Slot(granted=False, wait=int(row[0]))

    def slow_down(self, key: str, advice: SlowDown) -> Generator[_Call, Any, None]:
        yield self.insert, {"key": key}
        yield (
            self.slow_down_key,
            {"key": key, "hold": advice.hold, "interval": advice.interval, "lasting": advice.lasting},
        )


class PostgresStore:
    """Keeps the state in a PostgreSQL, for threads. Never part of a transaction of yours.

    Args:
        engine: Yours; it stays yours to dispose of.
        table: What `rate_table` made, or its name.

    Raises:
        ValueError: The engine is bound to another kind of database.
    """

    def __init__(self, engine: Engine, table: Table | str = _TABLE) -> None:
        self._statements = _Statements.on(engine, table)
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")

    def reserve(self, key: str, pace: Pace, ceiling: int) -> Slot:
        """Does `gcra.reserve`."""
        return self._run(self._statements.reserve(key, pace, ceiling))

    def slow_down(self, key: str, advice: SlowDown) -> None:
        """Does `gcra.slow_down`."""
        self._run(self._statements.slow_down(key, advice))

    def _run(self, calls: Generator[_Call, Any, T]) -> T:
        row: Row[Any] | None = None
        with self._engine.connect() as connection:
            while True:
                try:
                    statement, values = calls.send(row)
                except StopIteration as end:
                    result: T = end.value
                    return result
                answer = connection.execute(statement, values)
                row = answer.first() if answer.returns_rows else None


class AsyncPostgresStore:
    """Keeps the state in a PostgreSQL, for asyncio. Never part of a transaction of yours.

    Args:
        engine: Yours; it stays yours to dispose of.
        table: What `rate_table` made, or its name.

    Raises:
        ValueError: The engine is bound to another kind of database.
    """

    def __init__(self, engine: AsyncEngine, table: Table | str = _TABLE) -> None:
        self._statements = _Statements.on(engine, table)
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")

    async def reserve(self, key: str, pace: Pace, ceiling: int) -> Slot:
        """Does `gcra.reserve`."""
        return await self._run(self._statements.reserve(key, pace, ceiling))

    async def slow_down(self, key: str, advice: SlowDown) -> None:
        """Does `gcra.slow_down`."""
        await self._run(self._statements.slow_down(key, advice))

    async def _run(self, calls: Generator[_Call, Any, T]) -> T:
        row: Row[Any] | None = None
        async with self._engine.connect() as connection:
            while True:
                try:
                    statement, values = calls.send(row)
                except StopIteration as end:
                    result: T = end.value
                    return result
                answer = await connection.execute(statement, values)
                row = answer.first() if answer.returns_rows else None
