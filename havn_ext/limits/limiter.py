"""Who may call HAVN when: reserves slots for a fleet, and slows it down by what HAVN's answers tell."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final, Protocol
from urllib.parse import quote

import attrs

from havn_ext.limits import advice
from havn_ext.limits.gcra import MICROSECONDS, Pace
from havn_ext.limits.limit import HAVNS_LIMITS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from havn_ext.limits.gcra import Slot, SlowDown
    from havn_ext.limits.limit import Limit
    from havn_ext.limits.stores import AsyncStore, Store

__all__ = ["AsyncLimiter", "AsyncRateLimiter", "Limiter", "RateLimiter", "Refused"]

_LONGEST_WAIT: Final = 2.0  # seconds; slots held for longer go to waste when their holder dies
_UNLIMITED: Final = Pace()


@attrs.frozen
class Refused:
    """No slot was reserved, for the next one is too far off to be held.

    Attributes:
        ask_again_in: Seconds until it; whoever asks first then, gets it.
    """

    ask_again_in: float


class Limiter(Protocol):
    """Shares HAVN's limits among threads and processes."""

    def reserve(self, account: str, operation: str) -> float | Refused:
        """Takes the next slot. Seconds to wait before calling, or `Refused`: then ask again, and do not call."""
        ...

    def observe(self, account: str, operation: str, status: int, headers: Mapping[str, str]) -> None:
        """Tells what HAVN answered, so that all slow down in time."""
        ...


class AsyncLimiter(Protocol):
    """A `Limiter`, awaited."""

    async def reserve(self, account: str, operation: str) -> float | Refused:
        """Takes the next slot. Seconds to wait before calling, or `Refused`: then ask again, and do not call."""
        ...

    async def observe(self, account: str, operation: str, status: int, headers: Mapping[str, str]) -> None:
        """Tells what HAVN answered, so that all slow down in time."""
        ...


class _Rules:
    """What both limiters know: which limit holds, and what an answer changes."""

    def __init__(self, limits: Mapping[str, Limit], longest_wait: float, clock: Callable[[], float]) -> None:
        self._configured = dict(limits)
        self._learned: dict[tuple[str, str], Limit] = {}
        self._ceiling = int(longest_wait * MICROSECONDS)
        self._clock = clock

    def terms(self, account: str, operation: str) -> tuple[str, Pace, int]:
        """What to ask the store for: key, pace and ceiling."""
        limit = self._learned.get((account, operation)) or self._configured.get(operation)
        return _key(account, operation), limit.pace if limit else _UNLIMITED, self._ceiling

    def learn(
        self, account: str, operation: str, status: int, headers: Mapping[str, str]
    ) -> tuple[str, SlowDown] | None:
        """Remembers the limit that an answer tells; what is to be told to the store, if anything."""
        told = advice.read(status, headers, self._clock())
        limit = told.limit_after(self._configured.get(operation), self._learned.get((account, operation)))
        if limit is not None:
            self._learned[account, operation] = limit
        slower = told.slow_down(limit)
        return (_key(account, operation), slower) if slower else None


class RateLimiter:
    """A `Limiter` over a store. Safe to share between threads.

    Args:
        store: Where the fleet's state lives.
        limits: By operation. Another operation is unlimited until HAVN's answers tell its limit; a limit that
            they tell counts where it is lower than the one given here.
        longest_wait: Seconds; a slot further off is not reserved.
        clock: Seconds since 1970-01-01 UTC, for answers without a date. Slots never depend on it.
    """

    def __init__(
        self,
        store: Store,
        limits: Mapping[str, Limit] = HAVNS_LIMITS,
        *,
        longest_wait: float = _LONGEST_WAIT,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._rules = _Rules(limits, longest_wait, clock)

    def reserve(self, account: str, operation: str) -> float | Refused:
        """Takes the next slot. Seconds to wait before calling, or `Refused`: then ask again, and do not call."""
        return _outcome(self._store.reserve(*self._rules.terms(account, operation)))

    def observe(self, account: str, operation: str, status: int, headers: Mapping[str, str]) -> None:
        """Tells what HAVN answered; touches the store only when the fleet has to slow down."""
        if news := self._rules.learn(account, operation, status, headers):
            self._store.slow_down(*news)


class AsyncRateLimiter:
    """An `AsyncLimiter` over a store. Takes the arguments of `RateLimiter`."""

    def __init__(
        self,
        store: AsyncStore,
        limits: Mapping[str, Limit] = HAVNS_LIMITS,
        *,
        longest_wait: float = _LONGEST_WAIT,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._rules = _Rules(limits, longest_wait, clock)

    async def reserve(self, account: str, operation: str) -> float | Refused:
        """Takes the next slot. Seconds to wait before calling, or `Refused`: then ask again, and do not call."""
        return _outcome(await self._store.reserve(*self._rules.terms(account, operation)))

    async def observe(self, account: str, operation: str, status: int, headers: Mapping[str, str]) -> None:
        """Tells what HAVN answered; touches the store only when the fleet has to slow down."""
        if news := self._rules.learn(account, operation, status, headers):
            await self._store.slow_down(*news)


def _key(account: str, operation: str) -> str:
    return f"{quote(account, safe='')}:{operation}"


def _outcome(slot: Slot) -> float | Refused:
    wait = slot.wait / MICROSECONDS
    return wait if slot.granted else Refused(wait)
