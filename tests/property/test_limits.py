"""The rules of the shared rate limit, for every limit and every course of events on the store's clock."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from hypothesis import assume, given
from hypothesis import strategies as st

from havn_ext.limits import Limit
from havn_ext.limits.advice import read
from havn_ext.limits.gcra import MICROSECONDS, MOST_HOLD, UNUSED, Pace, SlowDown, State, reserve, slow_down

if TYPE_CHECKING:
    from collections.abc import Sequence

CEILING = 2 * MICROSECONDS
NO_CEILING = 10**15

limits = st.builds(
    Limit,
    calls=st.integers(1, 2000),
    per_seconds=st.sampled_from([0.5, 1.0, 60.0, 3600.0]),
    burst=st.none() | st.integers(0, 50),
    share=st.sampled_from([0.5, 0.7, 0.9, 1.0]),
)
paces = st.builds(Pace, interval=st.integers(1, 10 * MICROSECONDS), burst=st.integers(0, 10))
steps = st.lists(st.integers(0, 5 * MICROSECONDS) | st.just(0), min_size=1, max_size=80)
advice = st.builds(
    SlowDown,
    hold=st.integers(0, MOST_HOLD),
    interval=st.integers(0, 10 * MICROSECONDS),
    lasting=st.integers(0, MOST_HOLD),
)
moments = st.integers(0, 2 * 10**15)
states = st.builds(State, tat=moments, slow_interval=st.integers(0, 10 * MICROSECONDS), slow_until=moments)


def slots(pace: Pace, waits: Sequence[int], *, ceiling: int) -> list[int]:
    """The moments of the slots granted to callers that come after one another with these pauses."""
    state, now, granted = UNUSED, 10**15, []
    for wait in waits:
        now += wait
        state, slot = reserve(state, now, pace, ceiling)
        if slot.granted:
            granted.append(now + slot.wait)
    return granted


def most_within(moments: Sequence[int], window: float) -> int:
    """The most of these moments in any window, its end not included."""
    return max(sum(first <= each < first + window for each in moments) for first in moments)


@given(limit=limits, waits=steps, ceiling=st.sampled_from([CEILING, NO_CEILING]))
def test_no_window_is_over_the_limit(limit: Limit, waits: list[int], ceiling: int) -> None:
    """No window on the store's clock has more slots than the limit; a burst that was asked for comes on top."""
    granted = slots(limit.pace, waits, ceiling=ceiling)
    assume(granted)
    assert most_within(granted, limit.per_seconds * MICROSECONDS) <= limit.calls + (limit.burst or 0)


@given(limit=limits, count=st.integers(1, 300))
def test_a_stampede_is_within_the_limit(limit: Limit, count: int) -> None:
    """However many ask at the same moment, no window is over the limit."""
    granted = slots(limit.pace, [0] * count, ceiling=NO_CEILING)
    assert len(granted) == count
    assert most_within(granted, limit.per_seconds * MICROSECONDS) <= limit.calls + (limit.burst or 0)


@given(pace=paces, waits=steps)
def test_slots_come_in_the_order_of_asking(pace: Pace, waits: list[int]) -> None:
    """Who asks later never gets an earlier slot, whatever was refused in between."""
    granted = slots(pace, waits, ceiling=CEILING)
    assert granted == sorted(granted)


@given(pace=paces, waits=steps)
def test_no_slot_is_given_twice(pace: Pace, waits: list[int]) -> None:
    """Every grant moves the state on by a whole interval, so that beyond the burst no two share a moment."""
    granted = slots(Pace(pace.interval, burst=0), waits, ceiling=CEILING)
    assert all(later - earlier >= pace.interval for earlier, later in pairwise(granted))


@given(workers=st.integers(1, 8), rounds=st.integers(1, 30), pace=paces)
def test_shares_are_even(workers: int, rounds: int, pace: Pace) -> None:
    """Workers that ask again as soon as their slot has come get the same number of slots, but for one."""
    state, now = UNUSED, 10**15
    asking = [now] * workers
    taken = [0] * workers
    for _ in range(workers * rounds):
        worker = min(range(workers), key=asking.__getitem__)
        now = max(now, asking[worker])
        state, slot = reserve(state, now, pace, NO_CEILING)
        taken[worker] += 1
        asking[worker] = now + slot.wait + 1
    assert max(taken) - min(taken) <= 1 + pace.burst + 1


@given(state=states, now=moments, pace=paces)
def test_a_refusal_takes_nothing(state: State, now: int, pace: Pace) -> None:
    """A slot beyond the ceiling is not taken: whoever asks at its time, first, gets it at once."""
    after, slot = reserve(state, now, pace, CEILING)
    assume(not slot.granted)
    assert slot.wait > CEILING
    assert reserve(after, now + slot.wait, pace, CEILING)[1].wait == 0


@given(state=states, now=moments, pace=paces)
def test_no_state_stops_a_fleet_for_good(state: State, now: int, pace: Pace) -> None:
    """A clock that was set back, or a mistaken header, stops nobody for much longer than an hour."""
    _, slot = reserve(state, now, pace, CEILING)
    assert 0 <= slot.wait <= MOST_HOLD + CEILING + max(pace.interval, state.slow_interval)


@given(state=states, now=moments, pace=paces, told=advice)
def test_a_hold_is_kept(state: State, now: int, pace: Pace, told: SlowDown) -> None:
    """After a hold nobody gets a slot before its end, and no earlier one than without it."""
    _, slot = reserve(slow_down(state, now, told), now, pace, NO_CEILING)
    assert slot.wait >= told.hold
    assert slow_down(state, now, told).tat >= state.tat


@given(
    headers=st.dictionaries(
        st.sampled_from(["Retry-After", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "Date"]),
        st.text(max_size=12) | st.integers(-(10**12), 10**12).map(str) | st.just("nan") | st.just("1e308"),
    ),
    status=st.sampled_from([200, 400, 429, 500, 503]),
    now=st.floats(0, 4e9),
)
def test_no_header_is_too_odd(headers: dict[str, str], status: int, now: float) -> None:
    """Whatever the headers hold, what they ask for is within bounds."""
    told = read(status, headers, now)
    limit = told.limit_after(None, None)
    slower = told.slow_down(limit)
    if slower is not None:
        assert 0 <= slower.hold <= MOST_HOLD
        assert 0 <= slower.interval <= MOST_HOLD
        assert 0 <= slower.lasting <= MOST_HOLD
    if status == 429:
        assert slower is not None
        assert slower.hold > 0
