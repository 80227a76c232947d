"""Where one part of a very large sync stands, as `users.sync_many` keeps it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from havn_ext._clock import SYSTEM_CLOCK, Clock

if TYPE_CHECKING:
    from havn_ext._checkpoint import SavedSync
    from havn_ext.integrations.celery.jobs import Jobs, Part

__all__ = ["PartCheckpoint", "TimeIsUpError"]


class TimeIsUpError(Exception):
    """A task has worked at a part for long enough; where the part stands is saved."""


class PartCheckpoint:
    """A `SyncCheckpoint` in the database, which also prolongs the lease and watches the time.

    Args:
        jobs: Where the part is.
        part: The part, with what was saved before.
        lease: Seconds for which each save prolongs the lease.
        seconds: For which to work at the part; counted from the first save, so that skipping what an earlier
            task did is no reason to stop.
        clock: For the seconds.
    """

    def __init__(self, jobs: Jobs, part: Part, lease: float, seconds: float, clock: Clock = SYSTEM_CLOCK) -> None:
        self._jobs = jobs
        self._part = part
        self._lease = lease
        self._seconds = seconds
        self._clock = clock
        self._began: float | None = None

    def load(self) -> SavedSync | None:
        """What was saved last."""
        return self._part.saved

    def save(self, saved: SavedSync) -> None:
        """Keeps it in one transaction.

        Raises:
            LeaseLostError: Another worker has the part; nothing was saved.
            TimeIsUpError: It is saved, and enough for now.
        """
        self._jobs.save(self._part, saved, self._lease)
        now = self._clock.monotonic()
        if self._began is None:
            self._began = now
        if not saved.report.finished and now - self._began >= self._seconds:
            raise TimeIsUpError
