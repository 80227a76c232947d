"""One rate limit for all workers: slots handed out in turn, on one clock, wherever the workers run.

    from havn_ext.limits import AsyncRateLimiter, AsyncRedisStore, Refused

    store = AsyncRedisStore.from_url("redis://127.0.0.1:6379/0")  # await store.close() when the process ends
    limiter = AsyncRateLimiter(store)
    slot = await limiter.reserve("default", "createLoginLink")
    if isinstance(slot, Refused):
        ...  # no slot is held: ask again after slot.ask_again_in seconds
    else:
        await asyncio.sleep(slot)
        ...  # call HAVN, then tell what it said
        await limiter.observe("default", "createLoginLink", answer.status, answer.headers)

Make one limiter for each process and keep it: it remembers the limits that HAVN's answers tell. Redis and
PostgreSQL come with the extras `redis` and `outbox`; nothing here needs them until a store of theirs is made.
"""

from __future__ import annotations

from havn_ext.limits.limit import HAVNS_LIMITS, Limit
from havn_ext.limits.limiter import AsyncLimiter, AsyncRateLimiter, Limiter, RateLimiter, Refused
from havn_ext.limits.memory import AsyncMemoryStore, MemoryStore
from havn_ext.limits.postgres import AsyncPostgresStore, PostgresStore, rate_table
from havn_ext.limits.redis import AsyncRedisStore, RedisStore
from havn_ext.limits.stores import AsyncStore, Store, ThreadedStore

__all__ = [
    "HAVNS_LIMITS",
    "AsyncLimiter",
    "AsyncMemoryStore",
    "AsyncPostgresStore",
    "AsyncRateLimiter",
    "AsyncRedisStore",
    "AsyncStore",
    "Limit",
    "Limiter",
    "MemoryStore",
    "PostgresStore",
    "RateLimiter",
    "RedisStore",
    "Refused",
    "Store",
    "ThreadedStore",
    "rate_table",
]
