"""Where a `sync_many` stands: what was taken, sent and answered, by position in the whole iterable."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from havn_ext._checks import Problems
from havn_ext._guards import is_mapping
from havn_ext._user import checked_user
from havn_ext.models import SyncError, SyncReport

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from havn_api.models import UserSyncRequest
    from havn_ext.models import BulkSyncResult

__all__ = ["Batch", "SyncProgress"]


@attrs.frozen
class Batch:
    """Users that go out in one call, with their positions in the whole iterable."""

    users: list[UserSyncRequest]
    positions: list[int]


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

    def take(self, items: Iterable[object]) -> Batch:
        """Those of the next users that can be sent; the others are failures, and sent nowhere."""
        batch = Batch([], [])
        for item in items:
            position = self._total
            self._total += 1
            problems = Problems()
            user = checked_user(item, problems)
            if user is None:
                self._failures.append(_refused(position, item, problems))
            else:
                batch.users.append(user)
                batch.positions.append(position)
        return batch

    def settle(self, batch: Batch, result: BulkSyncResult) -> None:
        """Records what HAVN answered for a batch."""
        self._batches += 1
        self._succeeded += sum(each.success for each in result.results)
        self._failures.extend(_placed(error, batch) for error in (*result.errors, *_unlisted(result)))
        self.referral_code = self.referral_code or result.referral_code

    def finish(self) -> None:
        """Records that the iterable is exhausted."""
        self._finished = True


def _refused(position: int, item: object, problems: Problems) -> SyncError:
    email = item.get("email") if is_mapping(item) else None
    reasons = "; ".join(f"{field}: {reason}" if field else reason for field, reason in problems.errors.items())
    return SyncError(index=position, email=email if isinstance(email, str) else None, error=reasons)


def _unlisted(result: BulkSyncResult) -> Iterator[SyncError]:
    """What HAVN lists among the results, and there says is no success, without listing it as an error."""
    listed = {error.email for error in result.errors}
    for each in result.results:
        email = each.user.email if each.user else None
        if not each.success and email not in listed:
            yield SyncError(email=email, error=each.message or "HAVN did not sync this user", raw=each.raw)


def _placed(error: SyncError, batch: Batch) -> SyncError:
    """HAVN's error with the user's position in the whole iterable."""
    index = error.index
    if index is None:
        emails = [user.email for user in batch.users]
        index = emails.index(error.email) if error.email in emails else None
    known = index is not None and 0 <= index < len(batch.positions)
    return attrs.evolve(error, index=batch.positions[index] if known and index is not None else None)
