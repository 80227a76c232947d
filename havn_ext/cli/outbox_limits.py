"""`havn outbox run --limits … --limit …`: the limiter that a worker is to keep to, closed with its loop."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from havn_ext.errors import HAVNValidationError
from havn_ext.limits import (
    HAVNS_LIMITS,
    AsyncMemoryStore,
    AsyncRateLimiter,
    AsyncRedisStore,
    Limit,
    PostgresStore,
    ThreadedStore,
)

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from sqlalchemy import Engine, Table

    from havn_ext.limits import AsyncStore

__all__ = ["limiter_of"]


@asynccontextmanager
async def limiter_of(
    where: str | None, limits: Sequence[tuple[str, int, float]], database: tuple[Engine, Table] | None
) -> AsyncGenerator[AsyncRateLimiter | None]:
    """The limiter; None when none was asked for. Its connections are closed at the end.

    Args:
        where: What `--limits` says.
        limits: What `--limit` says: operation, calls and seconds.
        database: Where `--limits database` counts, if it can.

    Raises:
        HAVNValidationError: There is no such place.
        ModuleNotFoundError: The extra `redis` is not installed.
    """
    if where is None and not limits:
        yield None
        return
    known = {**HAVNS_LIMITS, **{operation: Limit(calls, seconds) for operation, calls, seconds in limits}}
    if where is not None and where.startswith(("redis://", "rediss://", "unix://")):
        store = AsyncRedisStore.from_url(where)
        try:
            yield AsyncRateLimiter(store, known)
        finally:
            await store.close()
        return
    try:
        yield AsyncRateLimiter(_store(where, database), known)
    finally:
        if database is not None:
            database[0].dispose()


def _store(where: str | None, database: tuple[Engine, Table] | None) -> AsyncStore:
    if where in {None, "memory"}:
        return AsyncMemoryStore()
    if where != "database":
        raise HAVNValidationError(errors={"--limits": "must be memory, database or the address of a Redis"})
    if database is None:
        raise HAVNValidationError(
            errors={"--limits": "the outbox's database is no PostgreSQL of SQLAlchemy's: name a Redis, or memory"}
        )
    return ThreadedStore(PostgresStore(*database))
