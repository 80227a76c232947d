"""Where a `sync_many` stands: what was taken, sent and answered, by position in the whole iterable."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

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

_UNSAID: Final = "HAVN's answer does not say what became of this user"


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
        batch, problems = Batch([], []), Problems()
        for item in items:
            position = self._total
            self._total += 1
            user = checked_user(item, problems)
            if user is None:
                batch.refused.append(_refused(position, item, problems))
                problems = Problems()
            else:
                batch.users.append(user)
                batch.positions.append(position)
        self._failures.extend(batch.refused)
        return batch

    def settle(self, batch: Batch, result: BulkSyncResult) -> list[SyncError]:
        """Records what HAVN answered for a batch; those of its users that it did not sync, or does not mention."""
        failures = _failures(batch, result)
        self._batches += 1
        self._succeeded += len(batch.users) - sum(failure.index is not None for failure in failures)
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


class _Unsettled:
    """The users of a batch of whom HAVN's answer has not spoken yet. Each is spoken of once."""

    def __init__(self, batch: Batch) -> None:
        self._batch = batch
        self._left = dict.fromkeys(range(len(batch.users)))
        self._named: dict[str, list[int]] = {}
        for index, user in enumerate(batch.users):
            self._named.setdefault(user.email.lower(), []).append(index)

    def has(self, email: str | None) -> bool:
        """Whether a user of the batch has the address, spoken of or not."""
        return email is not None and email.lower() in self._named

    def take(self, index: int | None, email: str | None) -> int | None:
        """The position in the whole iterable of one that is left: by index, or else the first of that address."""
        if index not in self._left:
            alike = self._named.get(email.lower(), []) if email is not None else []
            index = next((each for each in alike if each in self._left), None)
        if index is None:
            return None
        del self._left[index]
        return self._batch.positions[index]

    def rest(self, nameless: int, reason: str) -> list[SyncError]:
        """Failures of all that are left, unless so many successes without an address are theirs."""
        if nameless >= len(self._left):
            return []
        users, positions = self._batch.users, self._batch.positions
        return [SyncError(index=positions[index], email=users[index].email, error=reason) for index in self._left]


def _failures(batch: Batch, result: BulkSyncResult) -> list[SyncError]:
    """All users but those that succeeded: listed as errors, as results that are no success, or not at all."""
    users = _Unsettled(batch)
    failures = [attrs.evolve(error, index=users.take(error.index, error.email)) for error in result.errors]
    nameless = 0
    for address in (each.user.email if each.user else None for each in result.results if each.success):
        if users.has(address):
            users.take(None, address)
        else:
            nameless += 1
    for error in (_as_error(each) for each in result.results if not each.success):
        position = users.take(None, error.email)
        if position is not None or not users.has(error.email):  # else it is among the errors as well
            failures.append(attrs.evolve(error, index=position))
    said = "" if result.success or not result.message else f"; of the call it says: {result.message}"
    return failures + users.rest(nameless, _UNSAID + said)


def _as_error(result: UserSyncResult) -> SyncError:
    email = result.user.email if result.user else None
    return SyncError(email=email, error=result.message or "HAVN did not sync this user", raw=result.raw)
