"""The limit of one process: its threads and tasks share it, other processes do not."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from havn_ext.limits import gcra

if TYPE_CHECKING:
    from collections.abc import Callable

    from havn_ext.limits.gcra import Pace, Slot, SlowDown, State

__all__ = ["AsyncMemoryStore", "MemoryStore"]


class MemoryStore:
    """Keeps the state in a dictionary. Safe to share between threads.

    Args:
        clock: Seconds since some moment, never going back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._states: dict[str, State] = {}
        self._lock = threading.Lock()

    def reserve(self, key: str, pace: Pace, ceiling: int) -> Slot:
        """Does `gcra.reserve`."""
        with self._lock:
            state = self._states.get(key, gcra.UNUSED)
            self._states[key], slot = gcra.reserve(state, self._now(), pace, ceiling)
        return slot

    def slow_down(self, key: str, advice: SlowDown) -> None:
        """Does `gcra.slow_down`."""
        with self._lock:
            state = self._states.get(key, gcra.UNUSED)
            self._states[key] = gcra.slow_down(state, self._now(), advice)

    def _now(self) -> int:
        return int(self._clock() * gcra.MICROSECONDS)


class AsyncMemoryStore:
    """A `MemoryStore` for asyncio. Given one, it shares it with the threads that use it."""

    def __init__(self, store: MemoryStore | None = None) -> None:
        self._store = store or MemoryStore()

    async def reserve(self, key: str, pace: Pace, ceiling: int) -> Slot:
        """Does `gcra.reserve`; never suspends, for the lock is held for some microseconds only."""
        return self._store.reserve(key, pace, ceiling)

    async def slow_down(self, key: str, advice: SlowDown) -> None:
        """Does `gcra.slow_down`."""
        self._store.slow_down(key, advice)
