"""The sandbox's time: a clock's own until it is told otherwise. Everything in a sandbox reads this one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from havn_ext.sandbox.config import Clock

__all__ = ["SandboxClock"]

_FIRST: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LAST: Final = datetime(9000, 1, 1, tzinfo=UTC)


class SandboxClock:
    """A clock that can be stopped, set and moved on.

    Args:
        source: Tells the time as long as nothing was changed, in UTC.
    """

    def __init__(self, source: Clock) -> None:
        self._source = source
        self._ahead = timedelta()
        self._frozen_at: datetime | None = None

    @property
    def frozen(self) -> bool:
        """Whether time stands still."""
        return self._frozen_at is not None

    def __call__(self) -> datetime:
        """The time, in UTC."""
        return self._frozen_at or self._source() + self._ahead

    def freeze(self, moment: datetime) -> None:
        """Let time stand still at a moment; ValueError when that is before 1970 or after 8999."""
        self._frozen_at = _possible(moment.astimezone(UTC))

    def advance(self, seconds: float) -> None:
        """Move on by so many seconds, back if negative, standing or running.

        Raises:
            ValueError: As in `freeze`.
            OverflowError: The moment is none at all.
        """
        step = timedelta(seconds=seconds)
        moment = _possible(self() + step)
        if self._frozen_at is None:
            self._ahead += step
        else:
            self._frozen_at = moment

    def resume(self) -> None:
        """Tell the source's time again."""
        self._ahead = timedelta()
        self._frozen_at = None


def _possible(moment: datetime) -> datetime:
    """The moment, if dates near it can be computed with and its seconds since 1970 are not negative."""
    if not _FIRST <= moment < _LAST:
        raise ValueError("The sandbox's time is between the years 1970 and 8999")
    return moment
