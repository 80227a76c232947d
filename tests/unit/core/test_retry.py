from __future__ import annotations

import random
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

import pytest

from havn_ext import errors
from havn_ext.retry import RetryPolicy, retry_after

if TYPE_CHECKING:
    from collections.abc import Callable

NOW = datetime(2024, 6, 15, 12, 0, tzinfo=UTC).timestamp()
IN_A_MINUTE = "Sat, 15 Jun 2024 12:01:00 GMT"

RETRYABLE = [
    errors.HAVNNetworkError("lost"),
    errors.HAVNTimeoutError("late"),
    errors.HAVNRateLimitError("slow down", status_code=429),
    errors.HAVNServerError("sorry", status_code=503),
]
FINAL = [
    errors.HAVNError("?"),
    errors.HAVNValidationError("wrong"),
    errors.HAVNAPIError("teapot", status_code=418),
    errors.HAVNBadRequestError("wrong", status_code=400),
    errors.HAVNAuthError("who", status_code=401),
    errors.HAVNNotFoundError("what", status_code=404),
    errors.HAVNConflictError("taken", status_code=409),
    errors.HAVNUnprocessableError("odd", status_code=422),
    errors.HAVNConversionError("a cent off", status_code=200),
    errors.HAVNResponseError("HTML", status_code=200),
]


class HighestThrow(random.Random):
    """Dice that always fall the highest."""

    def uniform(self, a: float, b: float) -> float:
        """The upper bound."""
        return max(a, b)


def wait(policy: RetryPolicy, error: errors.HAVNError, *, retries: int = 0, elapsed: float = 0.0) -> float | None:
    """What a policy says, with dice that always fall the same."""
    return policy.wait_before_retry(error, retries=retries, elapsed=elapsed, rng=random.Random(1))


@pytest.mark.parametrize("error", RETRYABLE, ids=repr)
def test_what_may_pass_is_tried_again(error: errors.HAVNError) -> None:
    """A lost answer, a 429 and a 5xx are worth another try."""
    assert wait(RetryPolicy(), error) is not None


@pytest.mark.parametrize("error", FINAL, ids=repr)
def test_what_will_not_change_is_not_tried_again(error: errors.HAVNError) -> None:
    """Everything that HAVN decided, and every fault of the call, stands."""
    assert wait(RetryPolicy(), error) is None


def test_every_error_is_worth_another_try_or_not() -> None:
    """The two tables above name each error of the tree."""
    assert {type(error) for error in RETRYABLE + FINAL} == {getattr(errors, name) for name in errors.__all__}


@pytest.mark.parametrize(("retries", "again"), [(0, True), (1, True), (2, False), (3, False)])
def test_retries_are_counted(retries: int, again: bool) -> None:
    """After `max_retries` retries the error stands."""
    assert (wait(RetryPolicy(max_retries=2), RETRYABLE[0], retries=retries) is not None) is again


def test_no_retries_is_off() -> None:
    """`max_retries=0` turns retrying off."""
    assert wait(RetryPolicy(max_retries=0), RETRYABLE[0]) is None


@pytest.mark.parametrize(
    ("retries", "bound"), [(0, 0.5), (1, 1.0), (2, 2.0), (3, 4.0), (4, 8.0), (5, 10.0), (64, 10.0), (10_000, 10.0)]
)
def test_the_back_off_doubles_up_to_its_cap(retries: int, bound: float) -> None:
    """Before retry n the highest throw of the dice waits `backoff_factor * 2**n`, or `max_backoff`."""
    policy = RetryPolicy(max_retries=10**6, backoff_factor=0.5, max_backoff=10.0)
    assert policy.backoff(retries, HighestThrow()) == bound


@pytest.mark.parametrize("kind", [errors.HAVNRateLimitError, errors.HAVNServerError])
@pytest.mark.parametrize(("asked", "waited"), [(0.5, 0.5), (30.0, 30.0), (60.0, 60.0), (60.1, None)])
def test_what_havn_asks_for_is_waited_or_raised(
    kind: type[errors.HAVNServerError], asked: float, waited: float | None
) -> None:
    """The wait is exactly what HAVN asks for; above the ceiling the error is raised instead."""
    assert wait(RetryPolicy(max_wait=60), kind("later", retry_after=asked)) == waited


@pytest.mark.parametrize(("elapsed", "waited"), [(0.0, 10.0), (19.9, 10.0), (20.0, None), (1e9, None)])
def test_no_wait_reaches_the_deadline(elapsed: float, waited: float | None) -> None:
    """A wait that would end at the deadline or past it is not begun."""
    policy = RetryPolicy(deadline=30)
    assert wait(policy, errors.HAVNServerError("later", retry_after=10.0), elapsed=elapsed) == waited


@pytest.mark.parametrize(
    ("headers", "rate_limited", "asked"),
    [
        ({"retry-after": "30"}, False, 30.0),
        ({"retry-after": " 30 "}, True, 30.0),
        ({"retry-after": "1.5"}, False, 1.5),
        ({"retry-after": IN_A_MINUTE}, False, 60.0),
        ({"retry-after": "Sat, 15 Jun 2024 19:01:00 +0700"}, False, 60.0),
        ({"retry-after": "Sat, 15 Jun 2024 12:01:00 -0000"}, False, 60.0),
        ({"retry-after": "Saturday, 15-Jun-24 12:01:00 GMT"}, False, 60.0),
        ({"x-ratelimit-reset": str(NOW + 45)}, True, 45.0),
        ({"x-ratelimit-reset": str(NOW + 45)}, False, None),
        ({"retry-after": "5", "x-ratelimit-reset": str(NOW + 45)}, True, 5.0),
        ({"retry-after": "soon", "x-ratelimit-reset": str(NOW + 45)}, True, 45.0),
        ({"retry-after": "0"}, True, None),
        ({"retry-after": "-5"}, True, None),
        ({"retry-after": "Sat, 15 Jun 2024 11:59:00 GMT"}, True, None),
        ({"x-ratelimit-reset": str(NOW)}, True, None),
        ({"x-ratelimit-reset": "60"}, True, None),
        ({"retry-after": "nan"}, True, None),
        ({"retry-after": "inf"}, True, None),
        ({"retry-after": "1e400"}, True, None),
        ({"retry-after": ""}, True, None),
        ({"retry-after": "Sat, 32 Jun 2024 12:01:00 GMT"}, True, None),
        ({"retry-after": "Sat, 15 Jun 99999 12:01:00 GMT"}, True, None),
        ({"retry-after": "9" * 5000}, True, None),
        ({"date": IN_A_MINUTE}, True, None),
        ({}, True, None),
    ],
)
def test_what_headers_ask_for(headers: dict[str, str], rate_limited: bool, asked: float | None) -> None:
    """`Retry-After` counts first, in seconds or as a date, then the reset of a 429; nothing else asks."""
    assert retry_after(headers, NOW, rate_limited=rate_limited) == asked


@pytest.mark.parametrize("skew", [-1e6, -3600.0, 0.0, 3600.0, 1e6])
def test_a_skewed_clock_does_no_harm(skew: float) -> None:
    """Moments count from HAVN's own `Date`, whatever the clock here says."""
    date = format_datetime(datetime.fromtimestamp(NOW, UTC), usegmt=True)
    assert retry_after({"retry-after": IN_A_MINUTE, "date": date}, NOW + skew, rate_limited=False) == 60.0
    reset = {"x-ratelimit-reset": str(NOW + 60), "date": date}
    assert retry_after(reset, NOW + skew, rate_limited=True) == 60.0


@pytest.mark.parametrize("hours_east", [7, -5])
def test_the_machines_zone_does_not_matter(machine_in: Callable[[int], None], hours_east: int) -> None:
    """A date that names no zone (RFC 9110 wants GMT) is one of UTC, wherever the machine is."""
    machine_in(hours_east)
    assert retry_after({"retry-after": "Sat, 15 Jun 2024 12:01:00 -0000"}, NOW, rate_limited=False) == 60.0


def test_a_date_that_is_junk_is_not_a_clock() -> None:
    """Without a readable `Date` the clock here counts."""
    assert retry_after({"retry-after": IN_A_MINUTE, "date": "noon"}, NOW, rate_limited=False) == 60.0


@pytest.mark.parametrize("field", ["max_retries", "backoff_factor", "max_backoff", "max_wait", "deadline"])
@pytest.mark.parametrize("value", [-1, -0.001, float("nan"), "3", True, None])
def test_a_policy_of_nonsense_is_refused_by_field(field: str, value: Any) -> None:
    """A policy names the field that is no number or is negative."""
    with pytest.raises(errors.HAVNValidationError) as caught:
        RetryPolicy(**{field: value})
    assert set(caught.value.errors) == {field}


def test_retries_are_a_whole_number() -> None:
    """Half a retry is refused by the name of the field."""
    with pytest.raises(errors.HAVNValidationError) as caught:
        RetryPolicy(max_retries=1.5)  # type: ignore[arg-type]
    assert caught.value.errors == {"max_retries": "must be a whole number, not 1.5"}


def test_a_policy_needs_time() -> None:
    """A deadline of nothing would end every call before its first try."""
    with pytest.raises(errors.HAVNValidationError) as caught:
        RetryPolicy(deadline=0)
    assert caught.value.errors == {"deadline": "must be greater than 0"}
