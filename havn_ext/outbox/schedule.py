"""When a message is tried again: pure arithmetic, with the dice passed in."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final, TypeGuard

import attrs

from havn_ext.errors import HAVNValidationError

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable

__all__ = ["Schedule"]

MINUTE: Final = 60.0
HOUR: Final = 3600.0
DAY: Final = 24 * HOUR
LADDER: Final = (5.0, 30.0, *(n * MINUTE for n in (2, 10, 30)), *(n * HOUR for n in (1, 2, 4, 8, *[12] * 12)))


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _as_tuple(ladder: Iterable[float]) -> tuple[float, ...]:
    return tuple(ladder)


def _rungs(_schedule: object, attribute: attrs.Attribute[Any], value: tuple[float, ...]) -> None:
    if not all(_is_number(rung) and rung >= 0 for rung in value):
        raise HAVNValidationError(errors={attribute.name: "must be numbers of seconds, each 0 or more"})


def _positive(_schedule: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if not (_is_number(value) and value > 0):
        raise HAVNValidationError(errors={attribute.name: f"must be a number greater than 0, not {value!r}"})


@attrs.frozen(kw_only=True)
class Schedule:
    """How often and how patiently a message is tried.

    Args:
        ladder: Seconds; the wait after the nth failed attempt is drawn evenly from 0 to the nth rung (full
            jitter). After one attempt more than there are rungs the message is dead. The usual ladder has 22
            attempts in up to 6.7 days.
        rate_limited: Seconds to wait after a 429 that does not say how long.
        longest_asked: Seconds; HAVN may ask for longer, and is asked again after this.

    Raises:
        HAVNValidationError: A value is no number, or too small.
    """

    ladder: tuple[float, ...] = attrs.field(default=LADDER, converter=_as_tuple, validator=_rungs)
    rate_limited: float = attrs.field(default=5.0, validator=_positive)
    longest_asked: float = attrs.field(default=DAY, validator=_positive)

    def after_failure(self, attempts: int, asked: float | None, rng: random.Random) -> float | None:
        """Seconds until the next attempt, or None when there is none.

        Args:
            attempts: Those that have failed so far, this one included.
            asked: Seconds that HAVN asks to wait, which beats the ladder.
            rng: The dice for the jitter.
        """
        if attempts > len(self.ladder):
            return None
        if asked is not None:
            return self._as_asked(asked, rng)
        return rng.uniform(0.0, self.ladder[attempts - 1])

    def after_rate_limit(self, asked: float | None, rng: random.Random) -> float:
        """Seconds until a message that met a 429 is tried again; it has not used up an attempt."""
        return self._as_asked(self.rate_limited if asked is None else asked, rng)

    def _as_asked(self, asked: float, rng: random.Random) -> float:
        """Never earlier than asked, and up to a tenth later, so that not all come back in the same moment."""
        wait = min(asked, self.longest_asked)
        return wait + rng.uniform(0.0, wait / 10)
