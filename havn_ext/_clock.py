"""Time, as the drivers and the retry loop see it: one seam, which tests replace as a whole."""

from __future__ import annotations

import time


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

    async def sleep_async(self, seconds: float) -> None:
        """Suspends the task."""
        import asyncio  # noqa: PLC0415  a sync program never loads it

        await asyncio.sleep(seconds)


SYSTEM_CLOCK = Clock()
