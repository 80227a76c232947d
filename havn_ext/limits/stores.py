"""Where the limit's state lives: what a store has to do, and a blocking one used from asyncio."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from havn_ext.limits.gcra import Pace, Slot, SlowDown

__all__ = ["AsyncStore", "Store", "ThreadedStore"]


class Store(Protocol):
    """Holds a `gcra.State` for each key, and does to it what `gcra` says, atomically and on its own clock.

    What goes wrong between us and it is raised as the store's own library raises it.
    """

    def reserve(self, key: str, pace: Pace, ceiling: int) -> Slot:
        """Does `gcra.reserve`."""
        ...

    def slow_down(self, key: str, advice: SlowDown) -> None:
        """Does `gcra.slow_down`."""
        ...


class AsyncStore(Protocol):
    """A `Store`, awaited."""

    async def reserve(self, key: str, pace: Pace, ceiling: int) -> Slot:
        """Does `gcra.reserve`."""
        ...

    async def slow_down(self, key: str, advice: SlowDown) -> None:
        """Does `gcra.slow_down`."""
        ...


class ThreadedStore:
    """A blocking store for asyncio, each call in a thread: for programs whose engine is a blocking one."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def reserve(self, key: str, pace: Pace, ceiling: int) -> Slot:
        """Does `gcra.reserve`."""
        return await asyncio.to_thread(self._store.reserve, key, pace, ceiling)

    async def slow_down(self, key: str, advice: SlowDown) -> None:
        """Does `gcra.slow_down`."""
        await asyncio.to_thread(self._store.slow_down, key, advice)
