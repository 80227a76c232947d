"""`Limit`: what may be asked for, and the pace that it comes to."""

from __future__ import annotations

import math
from typing import Any

import pytest

from havn_ext.errors import HAVNValidationError
from havn_ext.limits import HAVNS_LIMITS, Limit
from havn_ext.limits.gcra import Pace


@pytest.mark.parametrize(
    ("limit", "pace"),
    [
        (Limit(100, 1), Pace(11_112, 5)),
        (Limit(20), Pace(3_333_334, 1)),
        (Limit(1), Pace(66_666_667, 0)),
        (Limit(100, 1, burst=3), Pace(11_112, 3)),
        (Limit(100, 1, share=1.0), Pace(10_000, 0)),
        (Limit(100, 1, burst=0, share=0.5), Pace(20_000, 0)),
    ],
)
def test_a_limit_has_a_pace(limit: Limit, pace: Pace) -> None:
    """The pace is the share of the limit in microseconds, with the burst that keeps every window within it."""
    assert limit.pace == pace


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("calls", value) for value in (0, -1, 1.5, True, "20", None, 10**10)),
        *(("per_seconds", value) for value in (0, -1.0, math.inf, math.nan, "60", None, 86_401)),
        *(("burst", value) for value in (-1, 0.5, True, "1")),
        *(("share", value) for value in (0, 1.1, math.nan, "0.9", None)),
    ],
)
def test_a_wrong_limit_is_refused(field: str, value: Any) -> None:
    """A value that is no number, or out of its bounds, is an error under its name."""
    given: dict[str, Any] = {"calls": 20, field: value}
    with pytest.raises(HAVNValidationError) as caught:
        Limit(**given)
    assert list(caught.value.errors) == [field]


def test_havns_own_limit_is_known() -> None:
    """HAVN's documents name one limit, twenty logins a minute; the others are learned."""
    assert dict(HAVNS_LIMITS) == {"createLoginLink": Limit(20, 60)}
