"""The tables of very large syncs, in the user's own MetaData: so their migrations see them like any other table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, String, Table, Text, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from havn_ext.outbox.tables import DEFAULT_PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterator

    from havn_ext.outbox.protocol import Dialect

__all__ = ["SyncTables", "sync_tables", "table_definitions"]

_BIG = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts up nothing but an INTEGER


class SyncTables(NamedTuple):
    """The tables of very large syncs."""

    jobs: Table
    parts: Table
    failures: Table


def sync_tables(metadata: MetaData, prefix: str = DEFAULT_PREFIX) -> SyncTables:
    """Adds the tables to a MetaData, or finds them there. Moments are microseconds since 1970-01-01 UTC.

    Args:
        metadata: That of your own tables; its `schema`, if it has one, holds for these as well.
        prefix: What the names of the tables begin with.
    """
    name = f"{prefix}sync"
    key = f"{metadata.schema}.{name}" if metadata.schema else name
    if f"{key}_job" in metadata.tables:
        return SyncTables(*(metadata.tables[f"{key}_{each}"] for each in ("job", "part", "failure")))
    return SyncTables(_jobs(metadata, f"{name}_job"), _parts(metadata, f"{name}_part"), _failures(metadata, name))


def table_definitions(dialect: Dialect, prefix: str, schema: str | None) -> Iterator[str]:
    """The statements that create the tables where they are missing."""
    language: Any = postgresql if dialect == "postgresql" else sqlite
    for table in sync_tables(MetaData(schema=schema), prefix):
        yield str(CreateTable(table, if_not_exists=True).compile(dialect=language.dialect()))
        for index in table.indexes:
            yield str(CreateIndex(index, if_not_exists=True).compile(dialect=language.dialect()))


def _jobs(metadata: MetaData, name: str) -> Table:
    unfinished = text("state <> 'done'")
    return Table(
        name,
        metadata,
        Column("job", String(200), primary_key=True),
        Column("spec", Text, nullable=False),
        Column("state", String(10), nullable=False),
        Column("available_at", BigInteger, nullable=False),
        Column("attempts", Integer, nullable=False, server_default=text("0")),
        Column("error", Text),
        Column("created_at", BigInteger, nullable=False),
        Index(f"{name}_due", "available_at", postgresql_where=unfinished, sqlite_where=unfinished),
    )


def _parts(metadata: MetaData, name: str) -> Table:
    is_open = text("state = 'open'")
    return Table(
        name,
        metadata,
        Column("job", String(200), primary_key=True),
        Column("number", Integer, primary_key=True, autoincrement=False),
        Column("part", Text, nullable=False),
        Column("state", String(10), nullable=False, server_default=text("'open'")),
        Column("available_at", BigInteger, nullable=False),
        Column("epoch", Integer, nullable=False, server_default=text("0")),
        Column("claims", Integer, nullable=False, server_default=text("0")),
        Column("attempts", Integer, nullable=False, server_default=text("0")),
        Column("saved", Text),
        Column("error", Text),
        Index(f"{name}_due", "available_at", "job", "number", postgresql_where=is_open, sqlite_where=is_open),
    )


def _failures(metadata: MetaData, name: str) -> Table:
    return Table(
        f"{name}_failure",
        metadata,
        Column("id", _BIG, primary_key=True, autoincrement=True),
        Column("job", String(200), nullable=False),
        Column("number", Integer, nullable=False),
        Column("failure", Text, nullable=False),
        Index(f"{name}_failure_part", "job", "number", "id"),
    )
