"""Rate limits: so many calls in each minute, for each company and operation.

Windows are the minutes of the clock, the same for everybody, so that only the counts of the current one
need be kept. HAVN integration flow: twenty logins a minute per company, other limits per endpoint.
"""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Final

import attrs

from havn_ext.sandbox.messages import RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from havn_ext.sandbox.config import SandboxConfig

__all__ = ["Allowance", "RateLimiter"]

_WINDOW: Final = 60  # seconds


@attrs.frozen
class Allowance:
    """What a call was granted.

    Args:
        granted: Whether the call may go on.
        limit: Calls in a window.
        remaining: Calls left in this window.
        reset: When the window ends, in seconds since 1970.
        retry_after: Whole seconds until then, at least 1.
    """

    granted: bool
    limit: int
    remaining: int
    reset: int
    retry_after: int

    @property
    def used_up(self) -> Allowance:
        """The same with no call left: what a 429 tells, whatever its reason."""
        return attrs.evolve(self, remaining=0)

    @property
    def headers(self) -> Mapping[str, str]:
        """The rate-limit headers that every answer carries."""
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Reset": str(self.reset),
        }

    def check(self) -> None:
        """Refuse (429) a call that was not granted."""
        if not self.granted:
            raise RefusedError(
                429,
                f"More than {self.limit} calls in a minute; try again in {self.retry_after} s",
                headers={"Retry-After": str(self.retry_after)},
            )


class RateLimiter:
    """Counts calls and grants them."""

    def __init__(self, config: SandboxConfig) -> None:
        self._config = config
        self._window = 0
        self._taken: Counter[tuple[str | None, str]] = Counter()

    def take(self, api_key: str | None, operation_id: str) -> Allowance:
        """Count one call of a company; None stands for everybody without a known key."""
        now = self._config.clock().timestamp()
        self._enter_window_of(now)
        limit = self._limit(operation_id)
        bucket = api_key, operation_id
        enforced = self._config.rate_limits
        granted = not enforced or self._taken[bucket] < limit
        if enforced and granted:
            self._taken[bucket] += 1
        reset = (self._window + 1) * _WINDOW
        return Allowance(
            granted, limit, limit - self._taken[bucket], reset, retry_after=max(1, math.ceil(reset - now))
        )

    def clear(self, api_key: str | None = None) -> None:
        """Forget the calls of a company, or of everybody."""
        for bucket in [bucket for bucket in self._taken if api_key in {None, bucket[0]}]:
            del self._taken[bucket]

    def _enter_window_of(self, now: float) -> None:
        window = int(now // _WINDOW)
        if window != self._window:
            self._window = window
            self._taken.clear()

    def _limit(self, operation_id: str) -> int:
        return self._config.requests_per_minute.get(operation_id, self._config.default_requests_per_minute)
