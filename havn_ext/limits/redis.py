"""The limit of all processes that share a Redis: two short scripts, on Redis's own clock."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from havn_ext.limits._extra import extra
from havn_ext.limits.gcra import MOST_HOLD, Slot

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

    from redis import Redis
    from redis.asyncio import Redis as AsyncRedis
    from redis.commands.core import AsyncScript

    from havn_ext.limits.gcra import Pace, SlowDown

__all__ = ["AsyncRedisStore", "RedisStore"]

_NOW: Final = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local state = redis.call('HMGET', KEYS[1], 'tat', 'slow_interval', 'slow_until')
local tat, slow_interval, slow_until = tonumber(state[1]) or 0, tonumber(state[2]) or 0, tonumber(state[3]) or 0
local function save(credit)
  local gone = math.max(tat + credit, slow_until) - now
  redis.call('HSET', KEYS[1], 'tat', string.format('%.0f', tat),
    'slow_interval', string.format('%.0f', slow_interval), 'slow_until', string.format('%.0f', slow_until))
  redis.call('PEXPIRE', KEYS[1], math.max(1, math.ceil(gone / 1000)))
end
"""
"""Doubles hold microseconds since 1970 exactly until the year 2255. A key goes when it means nothing any more."""

RESERVE: Final = (
    _NOW
    + """
local interval, credit, ceiling, most_hold =
  tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
if slow_until > now then interval = math.max(interval, slow_interval) end
tat = math.min(tat, now + most_hold + ceiling + interval)
local slot = math.max(tat, now - credit)
local wait = math.max(0, slot - now)
if wait > ceiling then save(credit) return {0, wait} end
tat = slot + interval
save(credit)
return {1, wait}
"""
)

SLOW_DOWN: Final = (
    _NOW
    + """
local hold, interval, lasting = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
if hold > 0 then tat = math.max(tat, now + hold) end
if interval > 0 then slow_interval = interval slow_until = now + lasting end
save(0)
"""
)

_PREFIX: Final = "havn:rate:"


class RedisStore:
    """Keeps the state in a Redis, for threads.

    Args:
        client: Yours; it stays yours to close.
        prefix: Of the keys. All workers of a fleet use the same.
    """

    def __init__(self, client: Redis, *, prefix: str = _PREFIX) -> None:
        self._prefix = prefix
        self._reserve = client.register_script(RESERVE)
        self._slow_down = client.register_script(SLOW_DOWN)

    @classmethod
    def from_url(cls, url: str, *, prefix: str = _PREFIX) -> Self:
        """A store with a client of its own, such as `redis://127.0.0.1:6379/0`.

        Raises:
            ModuleNotFoundError: The extra `redis` is not installed.
        """
        with extra("redis", "redis"):
            from redis import Redis  # noqa: PLC0415  the package is optional
        client = Redis.from_url(url)  # pyright: ignore[reportUnknownMemberType]  its keywords are untyped
        return cls(client, prefix=prefix)

    def reserve(self, key: str, pace: Pace, ceiling: int) -> Slot:
        """Does `gcra.reserve`."""
        return _slot(self._reserve(keys=[self._prefix + key], args=_terms(pace, ceiling)))

    def slow_down(self, key: str, advice: SlowDown) -> None:
        """Does `gcra.slow_down`."""
        self._slow_down(keys=[self._prefix + key], args=_advised(advice))


class _AsyncScripts(NamedTuple):
    """The scripts over one client."""

    client: AsyncRedis
    reserve: AsyncScript
    slow_down: AsyncScript

    @classmethod
    def of(cls, client: AsyncRedis) -> _AsyncScripts:
        return cls(client, client.register_script(RESERVE), client.register_script(SLOW_DOWN))


class AsyncRedisStore:
    """Keeps the state in a Redis, for asyncio.

    Args:
        client: Yours, of `redis.asyncio` and of one event loop; it stays yours to close.
        prefix: Of the keys. All workers of a fleet use the same.
    """

    def __init__(self, client: AsyncRedis, *, prefix: str = _PREFIX) -> None:
        self._prefix = prefix
        self._given = _AsyncScripts.of(client)
        self._connected: Callable[[], AsyncRedis] | None = None
        self._owned: dict[asyncio.AbstractEventLoop, _AsyncScripts] = {}

    @classmethod
    def from_url(cls, url: str, *, prefix: str = _PREFIX) -> Self:
        """A store with clients of its own, such as `redis://127.0.0.1:6379/0`: one for each event loop.

        Raises:
            ModuleNotFoundError: The extra `redis` is not installed.
        """
        with extra("redis", "redis"):
            from redis.asyncio import Redis  # noqa: PLC0415  the package is optional

        def connected() -> AsyncRedis:
            return Redis.from_url(url)  # pyright: ignore[reportUnknownMemberType]  its keywords are untyped

        store = cls(connected(), prefix=prefix)  # which connects to nothing; a wrong address is told now
        store._connected = connected
        return store

    async def close(self) -> None:
        """Closes the connections of this event loop, if `from_url` made the store."""
        owned = self._owned.pop(asyncio.get_running_loop(), None)
        if owned is not None:
            await owned.client.aclose()

    async def reserve(self, key: str, pace: Pace, ceiling: int) -> Slot:
        """Does `gcra.reserve`."""
        return _slot(await self._scripts().reserve(keys=[self._prefix + key], args=_terms(pace, ceiling)))

    async def slow_down(self, key: str, advice: SlowDown) -> None:
        """Does `gcra.slow_down`."""
        await self._scripts().slow_down(keys=[self._prefix + key], args=_advised(advice))

    def _scripts(self) -> _AsyncScripts:
        """Those whose connections the running event loop may use, as each of Celery's drains has one of its own."""
        if self._connected is None:
            return self._given
        loop = asyncio.get_running_loop()
        if loop not in self._owned:
            for ended in [each for each in list(self._owned) if each.is_closed()]:
                self._owned.pop(ended, None)  # its connections can no longer be closed
            self._owned[loop] = _AsyncScripts.of(self._connected())
        return self._owned[loop]


def _terms(pace: Pace, ceiling: int) -> list[int]:
    return [pace.interval, pace.credit, ceiling, MOST_HOLD]


def _advised(advice: SlowDown) -> list[int]:
    return [advice.hold, advice.interval, advice.lasting]


def _slot(answer: Any) -> Slot:  # noqa: ANN401  the script's own shape
    granted, wait = answer
    return Slot(granted=bool(granted), wait=int(wait))
