"""How many calls an operation may make, and the pace that keeps within it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import attrs

from havn_ext.errors import HAVNValidationError
from havn_ext.limits.gcra import MICROSECONDS, Pace

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["HAVNS_LIMITS", "HAVNS_WINDOW", "Limit"]

HAVNS_WINDOW: Final = 60.0
"""Seconds. HAVN's headers do not say how long a window is; the one that its documents name is a minute."""

LONGEST_WINDOW: Final = 86_400.0  # seconds
MOST_CALLS: Final = 1_000_000_000


def _is_number(value: object, *, whole: bool) -> bool:
    return isinstance(value, int if whole else (int, float)) and not isinstance(value, bool)


def _check_calls(_limit: object, attribute: attrs.Attribute[Any], value: Any) -> None:  # noqa: ANN401  anything
    if not _is_number(value, whole=True) or not 1 <= value <= MOST_CALLS:
        raise HAVNValidationError(
            errors={attribute.name: f"must be a whole number from 1 to {MOST_CALLS}, not {value!r}"}
        )


def _check_seconds(_limit: object, attribute: attrs.Attribute[Any], value: Any) -> None:  # noqa: ANN401  anything
    if not _is_number(value, whole=False) or not 0 < value <= LONGEST_WINDOW:
        raise HAVNValidationError(
            errors={attribute.name: f"must be above 0 and at most {LONGEST_WINDOW:.0f} (a day), not {value!r}"}
        )


def _check_burst(_limit: object, attribute: attrs.Attribute[Any], value: Any) -> None:  # noqa: ANN401  anything
    if value is not None and (not _is_number(value, whole=True) or value < 0):
        raise HAVNValidationError(errors={attribute.name: f"must be a whole number, 0 or more, not {value!r}"})


def _check_share(_limit: object, attribute: attrs.Attribute[Any], value: Any) -> None:  # noqa: ANN401  anything
    if not _is_number(value, whole=False) or not 0 < value <= 1:
        raise HAVNValidationError(errors={attribute.name: f"must be above 0 and at most 1, not {value!r}"})


@attrs.frozen
class Limit:
    """So many calls in so many seconds.

    Args:
        calls: HAVN's limit.
        per_seconds: The window that it counts in.
        burst: Calls that may go at once after idleness, beyond the first. When None, half of what `share`
            leaves free, so that every window stays below `calls`; one that is given comes on top.
        share: The part of the limit that is used in the long run. What burst leaves of the rest takes up the
            jitter of machines and network, which bunches calls on their way.

    Raises:
        HAVNValidationError: A value is no number, or out of its bounds.
    """

    calls: int = attrs.field(validator=_check_calls)
    per_seconds: float = attrs.field(default=HAVNS_WINDOW, validator=_check_seconds)
    burst: int | None = attrs.field(default=None, validator=_check_burst)
    share: float = attrs.field(default=0.9, validator=_check_share)

    @property
    def pace(self) -> Pace:
        """No window of `per_seconds` has more slots at this pace than `calls`, and `burst` on top where given."""
        window = self.per_seconds * MICROSECONDS
        interval = math.ceil(window / (self.calls * self.share))
        free = max(0, self.calls - math.ceil(window / interval))
        return Pace(interval, free // 2 if self.burst is None else self.burst)


HAVNS_LIMITS: Final[Mapping[str, Limit]] = {"createLoginLink": Limit(20)}
"""By operation of the contract. HAVN integration flow: twenty logins a minute; others are known by its answers."""
