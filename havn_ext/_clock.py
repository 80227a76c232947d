"""Time, as the drivers and the retry loop see it: one seam, which tests replace as a whole."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator
    from threading import Event


class Clock:
    """The machine's clock."""

    def now(self) -> float:
        """Seconds since 1970-01-01 UTC."""
        return time.time()

    def monotonic(self) -> float:
        """Seconds since some moment; never goes back."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Blocks the thread."""
        time.sleep(seconds)

    def sleep_unless(self, event: Event, seconds: float) -> None:
        """Blocks the thread, no longer than until the event is set."""
        event.wait(seconds)

    async def sleep_async(self, seconds: float) -> None:
        """Suspends the task."""
        import asyncio  # noqa: PLC0415  a sync program never loads it

        await asyncio.sleep(seconds)


class ReplaceableClock(Clock):
    """What sessions hold: the machine's clock, until another takes its place in all of them at once."""

    def __init__(self) -> None:
        self._clocks = [Clock()]

    @property
    def current(self) -> Clock:
        """The clock that counts: the one that came last of those in place."""
        return self._clocks[-1]

    @contextmanager
    def replaced_by(self, clock: Clock) -> Generator[None]:
        """Puts a clock in place for as long as the context is open; contexts may end in any order."""
        self._clocks.append(clock)
        try:
            yield
        finally:
            self._clocks.remove(clock)

    def now(self) -> float:
        """Seconds since 1970-01-01 UTC."""
        return self.current.now()

    def monotonic(self) -> float:
        """Seconds since some moment; never goes back while the same clock is in place."""
        return self.current.monotonic()

    def sleep(self, seconds: float) -> None:
        """Blocks the thread for as long as the clock in place makes of it."""
        self.current.sleep(seconds)

    def sleep_unless(self, event: Event, seconds: float) -> None:
        """Blocks the thread for as long as the clock in place makes of it."""
        self.current.sleep_unless(event, seconds)

    async def sleep_async(self, seconds: float) -> None:
        """Suspends the task for as long as the clock in place makes of it."""
        await self.current.sleep_async(seconds)


SYSTEM_CLOCK = ReplaceableClock()
