from __future__ import annotations

import math
import random
from datetime import datetime
from email.utils import format_datetime

from hypothesis import given
from hypothesis import strategies as st
from strategies import moments

from havn_ext.errors import HAVNNetworkError, HAVNRateLimitError, HAVNServerError
from havn_ext.retry import RetryPolicy, retry_after

seconds = st.floats(0, 1e6)
policies = st.builds(
    RetryPolicy,
    max_retries=st.integers(0, 200),
    backoff_factor=seconds,
    max_backoff=seconds,
    max_wait=seconds,
    deadline=st.floats(0, 1e6, exclude_min=True),
)
dice = st.integers(0, 2**32).map(random.Random)
retries_made = st.integers(0, 10_000)

date_parts = st.sampled_from(
    [
        "Mon,",
        "Sat, ",
        "15 ",
        "Jun ",
        "2024 ",
        "99999 ",
        "0 ",
        "12:00:00",
        "25:61:61",
        ":",
        " GMT",
        " +2500",
        "-0000",
        "\t",
    ]
)
header_texts = st.text(st.characters()) | st.lists(date_parts, max_size=8).map("".join) | st.floats().map(str)


@given(policy=policies, retries=retries_made, rng=dice)
def test_a_drawn_wait_stays_below_its_bounds(policy: RetryPolicy, retries: int, rng: random.Random) -> None:
    """The back-off is never negative, never above its cap, and never above its exponential bound."""
    wait = policy.backoff(retries, rng)
    assert 0 <= wait <= policy.max_backoff
    assert wait <= math.ldexp(policy.backoff_factor, min(retries, 900))


@given(policy=policies, retries=retries_made, elapsed=seconds, rng=dice)
def test_a_wait_keeps_to_the_policy(policy: RetryPolicy, retries: int, elapsed: float, rng: random.Random) -> None:
    """A retry is within the count, the ceiling and the deadline, or it is not made."""
    wait = policy.wait_before_retry(HAVNNetworkError(), retries=retries, elapsed=elapsed, rng=rng)
    if wait is not None:
        assert retries < policy.max_retries
        assert 0 <= wait <= min(policy.max_wait, policy.max_backoff)
        assert elapsed + wait < policy.deadline


@given(policy=policies, asked=seconds, elapsed=seconds, rng=dice, limited=st.booleans())
def test_havn_is_obeyed_or_the_error_stands(
    policy: RetryPolicy, asked: float, elapsed: float, rng: random.Random, limited: bool
) -> None:
    """What HAVN asks for is waited to the second when the policy allows it, and never shortened."""
    error = HAVNRateLimitError(retry_after=asked) if limited else HAVNServerError(retry_after=asked)
    wait = policy.wait_before_retry(error, retries=0, elapsed=elapsed, rng=rng)
    allowed = policy.max_retries > 0 and asked <= policy.max_wait and elapsed + asked < policy.deadline
    assert wait == (asked if allowed else None)


@given(seed=st.integers(0, 2**32), policy=policies, retries=retries_made)
def test_the_same_dice_give_the_same_wait(seed: int, policy: RetryPolicy, retries: int) -> None:
    """Nothing but the dice passed in decides about the wait."""
    assert policy.backoff(retries, random.Random(seed)) == policy.backoff(retries, random.Random(seed))


@given(
    headers=st.fixed_dictionaries(
        {}, optional=dict.fromkeys(("retry-after", "date", "x-ratelimit-reset"), header_texts)
    ),
    now=st.floats(0, 1e11),
    limited=st.booleans(),
)
def test_any_header_gives_a_sane_wait(headers: dict[str, str], now: float, limited: bool) -> None:
    """Whatever the headers hold, the wait is None or a positive, finite number."""
    wait = retry_after(headers, now, rate_limited=limited)
    assert wait is None or (wait > 0 and math.isfinite(wait))


@given(moment=moments, wait=st.integers(1, 10**6), now=st.floats(0, 1e11))
def test_a_date_counts_from_havns_clock(moment: datetime, wait: int, now: float) -> None:
    """A moment that many seconds after HAVN's `Date` asks for that many seconds, whatever the clock here."""
    moment = moment.replace(microsecond=0)
    date = format_datetime(moment)
    later = format_datetime(datetime.fromtimestamp(moment.timestamp() + wait, moment.tzinfo))
    assert retry_after({"retry-after": later, "date": date}, now, rate_limited=False) == wait
