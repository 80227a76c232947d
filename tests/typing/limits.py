"""Shared rate limits as a type checker sees them. Never run; `tests/guards/test_typing.py` checks it."""

from collections.abc import Mapping
from typing import assert_type

from redis import Redis
from redis.asyncio import Redis as AsyncRedis
from sqlalchemy import Engine, MetaData, Table
from sqlalchemy.ext.asyncio import AsyncEngine

from havn_ext.limits import (
    HAVNS_LIMITS,
    AsyncLimiter,
    AsyncMemoryStore,
    AsyncPostgresStore,
    AsyncRateLimiter,
    AsyncRedisStore,
    AsyncStore,
    Limit,
    Limiter,
    MemoryStore,
    PostgresStore,
    RateLimiter,
    RedisStore,
    Refused,
    Store,
    ThreadedStore,
    rate_table,
)
from havn_ext.limits.gcra import Pace, Slot, SlowDown

# ── limits ───────────────────────────────────────────────────────────────────────────────────────


def limit_calls(limit: Limit, refused: Refused) -> None:
    """How many calls an operation may make."""
    assert_type(HAVNS_LIMITS, Mapping[str, Limit])
    assert_type(Limit(20), Limit)
    assert_type(Limit(calls=600, per_seconds=60, burst=5, share=0.5), Limit)
    assert_type(limit.calls, int)
    assert_type(limit.per_seconds, float)
    assert_type(limit.burst, int | None)
    assert_type(limit.share, float)
    assert_type(limit.pace, Pace)
    assert_type(Refused(2.5), Refused)
    assert_type(refused.ask_again_in, float)


# ── limiters ─────────────────────────────────────────────────────────────────────────────────────


def limit_threads(limiter: RateLimiter, store: Store) -> None:
    """Every call of the blocking limiter."""
    assert_type(RateLimiter(store), RateLimiter)
    assert_type(RateLimiter(store, {"sendTransaction": Limit(600)}, longest_wait=1, clock=lambda: 0.0), RateLimiter)
    slot = limiter.reserve("default", "createLoginLink")
    assert_type(limiter.reserve("default", "createLoginLink"), float | Refused)
    if not isinstance(slot, Refused):
        assert_type(slot + 0.5, float)
    assert_type(limiter.observe("default", "createLoginLink", 429, {"Retry-After": "2"}), None)
    any_limiter: Limiter = limiter
    limit_by_another(any_limiter)


async def limit_tasks(limiter: AsyncRateLimiter, store: AsyncStore) -> None:
    """Every call of the async limiter."""
    assert_type(AsyncRateLimiter(store, HAVNS_LIMITS), AsyncRateLimiter)
    assert_type(await limiter.reserve("default", "createLoginLink"), float | Refused)
    assert_type(await limiter.observe("default", "createLoginLink", 200, {}), None)
    any_limiter: AsyncLimiter = limiter
    await limit_by_another_async(any_limiter)


def limit_by_another(limiter: Limiter) -> None:
    """What a limiter of the user's own must have."""
    assert_type(limiter.reserve("default", "syncUsers"), float | Refused)
    assert_type(limiter.observe("default", "syncUsers", 200, {}), None)


async def limit_by_another_async(limiter: AsyncLimiter) -> None:
    """What an async limiter of the user's own must have."""
    assert_type(await limiter.reserve("default", "syncUsers"), float | Refused)
    assert_type(await limiter.observe("default", "syncUsers", 200, {}), None)


# ── stores ───────────────────────────────────────────────────────────────────────────────────────


def keep(store: Store, pace: Pace, advice: SlowDown) -> None:
    """What a store of the user's own must have."""
    assert_type(store.reserve("default:syncUsers", pace, 2_000_000), Slot)
    assert_type(store.slow_down("default:syncUsers", advice), None)


async def keep_async(store: AsyncStore, pace: Pace, advice: SlowDown) -> None:
    """What an async store of the user's own must have."""
    assert_type(await store.reserve("default:syncUsers", pace, 2_000_000), Slot)
    assert_type(await store.slow_down("default:syncUsers", advice), None)


def keep_in_memory(store: MemoryStore, pace: Pace, advice: SlowDown) -> None:
    """One process."""
    assert_type(MemoryStore(), MemoryStore)
    assert_type(store.reserve("key", pace, 0), Slot)
    assert_type(store.slow_down("key", advice), None)
    keep(store, pace, advice)


async def keep_in_memory_async(store: AsyncMemoryStore, pace: Pace, advice: SlowDown) -> None:
    """One process, under asyncio."""
    assert_type(AsyncMemoryStore(MemoryStore(lambda: 0.0)), AsyncMemoryStore)
    assert_type(await store.reserve("key", pace, 0), Slot)
    assert_type(await store.slow_down("key", advice), None)
    await keep_async(store, pace, advice)


def keep_in_redis(store: RedisStore, client: Redis, pace: Pace, advice: SlowDown) -> None:
    """All processes that share a Redis."""
    assert_type(RedisStore(client, prefix="shop:"), RedisStore)
    assert_type(store.from_url("redis://127.0.0.1:6379/0"), RedisStore)
    assert_type(store.reserve("key", pace, 0), Slot)
    assert_type(store.slow_down("key", advice), None)
    keep(store, pace, advice)


async def keep_in_redis_async(store: AsyncRedisStore, client: AsyncRedis, pace: Pace, advice: SlowDown) -> None:
    """All processes that share a Redis, under asyncio."""
    assert_type(AsyncRedisStore(client), AsyncRedisStore)
    assert_type(store.from_url("redis://127.0.0.1:6379/0", prefix="shop:"), AsyncRedisStore)
    assert_type(await store.reserve("key", pace, 0), Slot)
    assert_type(await store.slow_down("key", advice), None)
    assert_type(await store.close(), None)
    await keep_async(store, pace, advice)


def keep_in_postgres(store: PostgresStore, engine: Engine, pace: Pace, advice: SlowDown) -> None:
    """All processes that share a PostgreSQL."""
    assert_type(rate_table(MetaData(), prefix="shop_"), Table)
    assert_type(PostgresStore(engine, "shop_rate"), PostgresStore)
    assert_type(PostgresStore(engine, rate_table(MetaData())), PostgresStore)
    assert_type(store.reserve("key", pace, 0), Slot)
    assert_type(store.slow_down("key", advice), None)
    keep(store, pace, advice)


async def keep_in_postgres_async(
    store: AsyncPostgresStore, engine: AsyncEngine, pace: Pace, advice: SlowDown
) -> None:
    """All processes that share a PostgreSQL, under asyncio."""
    assert_type(AsyncPostgresStore(engine), AsyncPostgresStore)
    assert_type(await store.reserve("key", pace, 0), Slot)
    assert_type(await store.slow_down("key", advice), None)
    await keep_async(store, pace, advice)


async def keep_in_threads(store: ThreadedStore, pace: Pace, advice: SlowDown) -> None:
    """A blocking store under asyncio."""
    assert_type(ThreadedStore(MemoryStore()), ThreadedStore)
    assert_type(await store.reserve("key", pace, 0), Slot)
    assert_type(await store.slow_down("key", advice), None)
    await keep_async(store, pace, advice)
