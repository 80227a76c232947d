"""What `users.sync_many` gives: an iterator of results that keeps a report."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator

    from havn_ext._sync_progress import SyncProgress
    from havn_ext.models import SyncReport, UserSyncResult

__all__ = ["AsyncUserSyncStream", "UserSyncStream"]


class _Reporting:
    """Both kinds of stream know where they stand."""

    def __init__(self, progress: SyncProgress) -> None:
        self._progress = progress

    @property
    def report(self) -> SyncReport:
        """How many users were synced and which were not; true at every moment, after an error too."""
        return self._progress.report


class UserSyncStream(_Reporting, Iterator["UserSyncResult"]):
    """Syncs users as it is iterated over; each item is one user that HAVN synced."""

    def __init__(self, results: Generator[UserSyncResult, None, None], progress: SyncProgress) -> None:
        super().__init__(progress)
        self._results = results

    def __next__(self) -> UserSyncResult:
        return next(self._results)

    def close(self) -> None:
        """Stops: nothing more is taken from the users and nothing more is sent."""
        self._results.close()

    def finish(self) -> SyncReport:
        """Syncs all that is left, and gives the report."""
        for _ in self:
            pass
        return self.report


class AsyncUserSyncStream(_Reporting, AsyncIterator["UserSyncResult"]):
    """Syncs users as it is iterated over; each item is one user that HAVN synced."""

    def __init__(self, results: AsyncGenerator[UserSyncResult, None], progress: SyncProgress) -> None:
        super().__init__(progress)
        self._results = results

    async def __anext__(self) -> UserSyncResult:
        return await anext(self._results)

    async def close(self) -> None:
        """Stops: nothing more is taken from the users and nothing more is sent."""
        await self._results.aclose()

    async def finish(self) -> SyncReport:
        """Syncs all that is left, and gives the report."""
        async for _ in self:
            pass
        return self.report
