"""When to try a call again, and how long to wait first: pure arithmetic, with the clock and the dice passed in.

Every operation of HAVN is safe to repeat (a transaction by its payment id, a sync is an upsert), so a lost
answer, a 429 and a 5xx are tried again. What HAVN asks for wins over the back-off, within bounds: a wait
above the ceiling or past the deadline is not slept, the error goes to the caller with `.retry_after`.
"""

from __future__ import annotations

import math
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import attrs

from havn_ext.config import DEFAULT_BACKOFF_FACTOR, DEFAULT_MAX_RETRIES
from havn_ext.errors import HAVNNetworkError, HAVNRateLimitError, HAVNServerError, HAVNValidationError

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping

    from havn_ext.errors import HAVNError

__all__ = ["RetryPolicy", "retry_after"]


def _not_negative(_instance: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not value >= 0:
        raise HAVNValidationError(errors={attribute.name: f"must be a number, 0 or more, not {value!r}"})


def _whole(instance: object, attribute: attrs.Attribute[Any], value: float) -> None:
    _not_negative(instance, attribute, value)
    if not isinstance(value, int):
        raise HAVNValidationError(errors={attribute.name: f"must be a whole number, not {value!r}"})


def _positive(instance: object, attribute: attrs.Attribute[Any], value: float) -> None:
    _not_negative(instance, attribute, value)
    if value == 0:
        raise HAVNValidationError(errors={attribute.name: "must be greater than 0"})


@attrs.frozen(kw_only=True)
class RetryPolicy:
    """How often and how patiently to try again.

    Args:
        max_retries: Tries after the first one; 0 turns retrying off.
        backoff_factor: Seconds; before retry n (from 0) the wait is drawn evenly from 0 to
            `backoff_factor * 2**n` (full jitter).
        max_backoff: Seconds; no drawn wait is longer.
        max_wait: Seconds; the longest wait that HAVN may ask for. Above it the error is raised at once.
        deadline: Seconds that a call may take over all its tries and waits. No try begins after it and no
            phase of one outlasts it; a server that sends byte by byte can.

    Raises:
        HAVNValidationError: A value is no number, or too small.
    """

    max_retries: int = attrs.field(default=DEFAULT_MAX_RETRIES, validator=_whole)
    backoff_factor: float = attrs.field(default=DEFAULT_BACKOFF_FACTOR, validator=_not_negative)
    max_backoff: float = attrs.field(default=8.0, validator=_not_negative)
    max_wait: float = attrs.field(default=60.0, validator=_not_negative)
    deadline: float = attrs.field(default=120.0, validator=_positive)

    def wait_before_retry(
        self, error: HAVNError, *, retries: int, elapsed: float, rng: random.Random
    ) -> float | None:
        """Seconds to wait before trying again, or None to give up and raise `error`.

        Args:
            error: What the last try ended with.
            retries: Retries made so far.
            elapsed: Seconds since the first try began.
            rng: The dice for the jitter.
        """
        if retries >= self.max_retries or not _worth_another_try(error):
            return None
        asked = error.retry_after if isinstance(error, (HAVNRateLimitError, HAVNServerError)) else None
        wait = self.backoff(retries, rng) if asked is None else asked
        if wait > self.max_wait or elapsed + wait >= self.deadline:
            return None
        return wait

    def backoff(self, retries: int, rng: random.Random) -> float:
        """Full jitter: seconds drawn evenly from 0 to the exponential bound, which `max_backoff` caps.

        Args:
            retries: Retries made so far, from 0.
            rng: The dice.
        """
        exponent = min(retries, 64)  # far beyond any cap, and far below float overflow
        return rng.uniform(0.0, min(self.max_backoff, self.backoff_factor * 2.0**exponent))


def _worth_another_try(error: HAVNError) -> bool:
    return isinstance(error, (HAVNNetworkError, HAVNRateLimitError, HAVNServerError))


def retry_after(headers: Mapping[str, str], now: float, *, rate_limited: bool) -> float | None:
    """Seconds that HAVN asks to wait: `Retry-After` (RFC 9110 10.2.3), else `X-RateLimit-Reset` on a 429.

    Moments are read against HAVN's own clock (the `Date` header) where it sent one, so that a skewed clock
    here does no harm. None when HAVN asks for nothing, nothing sensible, or a moment that has passed.

    Args:
        headers: Of the answer, looked up in lower case.
        now: Seconds since 1970-01-01 UTC, used when the answer carries no date.
        rate_limited: Whether the answer is a 429; only then does the reset count.
    """
    server_now = _http_date(headers.get("date"))
    now = now if server_now is None else server_now
    value = headers.get("retry-after")
    asked = _number(value)
    if asked is None:
        moment = _http_date(value)
        asked = None if moment is None else moment - now
    if asked is None and rate_limited:
        reset = _number(headers.get("x-ratelimit-reset"))
        asked = None if reset is None else reset - now
    return asked if asked is not None and asked > 0 else None


def _number(text: str | None) -> float | None:
    """A finite number, or None; a header may hold anything."""
    try:
        number = float(text) if text else math.nan
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _http_date(text: str | None) -> float | None:
    """An HTTP date as seconds since 1970-01-01 UTC, or None."""
    try:
        moment = parsedate_to_datetime(text or "")
    except (ValueError, TypeError, OverflowError):
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
