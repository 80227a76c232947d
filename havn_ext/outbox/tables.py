"""The outbox's tables, in the user's own MetaData: so their migrations see them like any other table."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import BigInteger, Column, Index, Integer, SmallInteger, String, Table, Text, UniqueConstraint, text

if TYPE_CHECKING:
    from sqlalchemy import MetaData

__all__ = ["DEFAULT_PREFIX", "Tables", "outbox_tables"]

DEFAULT_PREFIX = "havn_"
_BIG = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts up nothing but an INTEGER


class Tables(NamedTuple):
    """The outbox's tables."""

    messages: Table
    pauses: Table


def outbox_tables(metadata: MetaData, prefix: str = DEFAULT_PREFIX) -> Tables:
    """Adds the outbox's tables to a MetaData, or finds them there.

    Moments are integers, microseconds since 1970-01-01 UTC, so that both databases run the same statements:
    `to_timestamp(created_at / 1e6)` shows one in PostgreSQL, `datetime(created_at / 1e6, 'unixepoch')` in SQLite.

    Args:
        metadata: That of your own tables; its `schema`, if it has one, holds for these as well.
        prefix: What the names of the tables begin with.
    """
    name = f"{prefix}outbox"
    key = f"{metadata.schema}.{name}" if metadata.schema else name
    if key in metadata.tables:
        return Tables(metadata.tables[key], metadata.tables[f"{key}_pause"])
    return Tables(_messages(metadata, name), _pauses(metadata, name))


def _messages(metadata: MetaData, name: str) -> Table:
    # each partial, so that a message that is enqueued is written into as few of them as can be
    pending, over = text("state = 'pending'"), text("state <> 'pending'")
    unfinished = text("order_key IS NOT NULL AND state <> 'delivered'")
    return Table(
        name,
        metadata,
        Column("id", _BIG, primary_key=True, autoincrement=True),
        Column("account", String(100), nullable=False),
        Column("kind", String(20), nullable=False),
        Column("dedup_key", Text, nullable=False),
        Column("order_key", Text),
        Column("payload", Text),
        Column("payload_sha256", String(64), nullable=False),
        Column("state", String(10), nullable=False, server_default=text("'pending'")),
        Column("available_at", BigInteger, nullable=False),
        Column("lease_epoch", Integer, nullable=False, server_default=text("0")),
        Column("leased_by", Text),
        Column("claims", Integer, nullable=False, server_default=text("0")),
        Column("attempts", Integer, nullable=False, server_default=text("0")),
        Column("ambiguous_at", BigInteger),
        Column("created_at", BigInteger, nullable=False),
        Column("finished_at", BigInteger),
        Column("last_status", SmallInteger),
        Column("last_error", Text),
        Column("response", Text),
        UniqueConstraint("account", "kind", "dedup_key", name=f"{name}_key"),
        Index(
            f"{name}_due",
            "account",
            "kind",
            "available_at",
            "id",
            postgresql_where=pending,
            sqlite_where=pending,
        ),
        Index(f"{name}_order", "account", "order_key", "id", postgresql_where=unfinished, sqlite_where=unfinished),
        Index(f"{name}_state", "state", "finished_at", postgresql_where=over, sqlite_where=over),
        sqlite_autoincrement=True,  # an id is never given twice, so that ids tell the order
        postgresql_with={
            "fillfactor": "70",
            "autovacuum_vacuum_scale_factor": "0.02",
            "autovacuum_vacuum_threshold": "1000",
        },
    )


def _pauses(metadata: MetaData, name: str) -> Table:
    """The accounts whose messages wait for a person; one that has no row here goes on."""
    return Table(
        f"{name}_pause",
        metadata,
        Column("account", String(100), primary_key=True),
        Column("paused_at", BigInteger, nullable=False),
        Column("reason", Text, nullable=False),
    )
