"""Where a `sync_many` stands: what was taken, sent and answered, by position in the whole iterable."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from havn_ext._checks import Problems
from havn_ext._guards import is_mapping
from havn_ext._user import checked_user
from havn_ext.models import SyncError, SyncReport

if TYPE_CHECKING:
    from collections.abc import Iterable

    from havn_api.models import UserSyncRequest
    from havn_ext.models import BulkSyncResult, UserSyncResult

__all__ = ["Batch", "SyncProgress"]


@attrs.frozen
class Batch:
    """Users that go out in one call, with their positions in the whole iterable."""

    users: list[UserSyncRequest]
    positions: list[int]
    refused: list[SyncError] = attrs.field(factory=list[SyncError])
    """Those that were found wrong, and go nowhere."""


class SyncProgress:
    """Counts as it goes; `report` is true at every moment, after an error too."""

    def __init__(self) -> None:
        self._total = 0
        self._succeeded = 0
        self._batches = 0
        self._failures: list[SyncError] = []
        self._finished = False
        self.referral_code: str | None = None

    @property
    def report(self) -> SyncReport:
        """Everything so far."""
        return SyncReport(
            total=self._total,
            succeeded=self._succeeded,
            failures=tuple(self._failures),
            batches=self._batches,
            referral_code=self.referral_code,
            finished=self._finished,
        )

    def restore(self, report: SyncReport) -> None:
        """Goes on where an earlier run came to."""
        self._total = report.total
        self._succeeded = report.succeeded
        self._batches = report.batches
        self._failures = list(report.failures)
        self.referral_code = report.referral_code

    def take(self, items: Iterable[object]) -> Batch:
        """Those of the next users that can be sent; the others are failures, and sent nowhere."""
        batch = Batch([], [])
        for item in items:
            position = self._total
            self._total += 1
            problems = Problems()
            user = checked_user(item, problems)
            if user is None:
                batch.refused.append(_refused(position, item, problems))
            else:
                batch.users.append(user)
                batch.positions.append(position)
        self._failures.extend(batch.refused)
        return batch

    def settle(self, batch: Batch, result: BulkSyncResult) -> list[SyncError]:
        """Records what HAVN answered for a batch; those of its users that HAVN did not sync."""
        failures = _failures(batch, result)
        self._batches += 1
        self._succeeded += sum(each.success for each in result.results)
        self._failures.extend(failures)
        self.referral_code = self.referral_code or result.referral_code
        return failures

    def report_up_to(self, position: int, failures: Iterable[SyncError]) -> SyncReport:
        """Everything before a position, when nothing behind it was settled; of the failures, the ones given."""
        return attrs.evolve(self.report, total=position, failures=tuple(failures))

    def finish(self) -> None:
        """Records that the iterable is exhausted."""
        self._finished = True


def _refused(position: int, item: object, problems: Problems) -> SyncError:
    email = item.get("email") if is_mapping(item) else None
    reasons = "; ".join(f"{field}: {reason}" if field else reason for field, reason in problems.errors.items())
    return SyncError(index=position, email=email if isinstance(email, str) else None, error=reasons)


def _failures(batch: Batch, result: BulkSyncResult) -> list[SyncError]:
    """The users that HAVN lists as errors, and those that it lists as results which are no success."""
    listed = [_placed(error, batch) for error in result.errors]
    places = {error.index for error in listed if error.index is not None}
    others = (_placed(_as_error(each), batch) for each in result.results if not each.success)
    return listed + [error for error in others if error.index not in places]


def _as_error(result: UserSyncResult) -> SyncError:
    email = result.user.email if result.user else None
    return SyncError(email=email, error=result.message or "HAVN did not sync this user", raw=result.raw)


def _placed(error: SyncError, batch: Batch) -> SyncError:
    """HAVN's error with the user's position in the whole iterable, found by index or else by address."""
    index = error.index
    if index is None and error.email is not None:
        emails = [user.email.lower() for user in batch.users]
        address = error.email.lower()
        index = emails.index(address) if address in emails else None
    known = index is not None and 0 <= index < len(batch.positions)
    return attrs.evolve(error, index=batch.positions[index] if known and index is not None else None)
