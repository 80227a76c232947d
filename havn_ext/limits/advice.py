"""What HAVN's rate-limit headers ask of a fleet: pure, the clock passed in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from havn_ext.limits.gcra import MICROSECONDS, MOST_HOLD, SlowDown
from havn_ext.limits.limit import HAVNS_WINDOW, LONGEST_WINDOW, MOST_CALLS, Limit
from havn_ext.retry import retry_after

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Advice", "read"]

_PAUSE: Final = 1.0  # seconds after a 429 that says nothing
_ASK_TO_WAIT: Final = (429, 503)


@attrs.frozen
class Advice:
    """An answer's, in seconds from now.

    Attributes:
        limit: Calls in a window (`X-RateLimit-Limit`), or None.
        remaining: Calls left in this window (`X-RateLimit-Remaining`), or None.
        left: Until the window ends (`X-RateLimit-Reset`), or None.
        hold: That HAVN asks to wait before any other call; 0 is none.
    """

    limit: int | None = None
    remaining: int | None = None
    left: float | None = None
    hold: float = 0.0

    def limit_after(self, configured: Limit | None, learned: Limit | None) -> Limit | None:
        """The limit that holds from here on.

        Args:
            configured: The one that the operation was given; HAVN's counts where it is lower.
            learned: The one that earlier answers told.
        """
        if not self.limit:
            return learned or configured
        if configured is not None:
            return attrs.evolve(configured, calls=min(configured.calls, self.limit))
        # A window that has more than a minute to go is longer than a minute.
        window = max(HAVNS_WINDOW, self.left or 0.0, learned.per_seconds if learned else 0.0)
        return Limit(self.limit, window)

    def slow_down(self, limit: Limit | None) -> SlowDown | None:
        """What the answer asks of all; None when the pace of `limit` is slow enough."""
        hold, interval, left = self.hold, 0.0, self.left or 0.0
        if self.remaining == 0:
            hold = max(hold, left)
        elif self.remaining:
            interval = left / self.remaining
        steady = limit.pace.interval if limit else 0
        stretched = _microseconds(interval) if interval * MICROSECONDS > steady else 0
        if not hold and not stretched:
            return None
        return SlowDown(_microseconds(hold), stretched, _microseconds(left))


def read(status: int, headers: Mapping[str, str], now: float) -> Advice:
    """What an answer says about rates.

    Args:
        status: Of the answer.
        headers: Of the answer, in any case. What is no sensible number counts as absent.
        now: Seconds since 1970-01-01 UTC; used when the answer has no `Date`, as HAVN's own clock counts.
    """
    lower = {name.lower(): value for name, value in headers.items()}
    timing: dict[str, str] = {name: lower[name] for name in ("date", "x-ratelimit-reset") if name in lower}
    left = retry_after(timing, now, rate_limited=True)
    hold = retry_after(lower, now, rate_limited=status == 429) if status in _ASK_TO_WAIT else None
    if hold is None:
        hold = _PAUSE if status == 429 else 0.0
    return Advice(
        limit=_count(lower.get("x-ratelimit-limit")),
        remaining=_count(lower.get("x-ratelimit-remaining")),
        left=left if left is not None and left <= LONGEST_WINDOW else None,
        hold=hold,
    )


def _count(text: str | None) -> int | None:
    text = (text or "").strip()
    return min(int(text), MOST_CALLS) if text.isascii() and text.isdigit() and len(text) < 20 else None


def _microseconds(seconds: float) -> int:
    return int(min(seconds * MICROSECONDS, MOST_HOLD))
