"""How two ways of doing the same are compared."""

from __future__ import annotations

import gc
from functools import partial

import attrs
import pytest
from bench.rounds import Contest, Cost, Spread, contest, take_turns, timed
from hypothesis import given
from hypothesis import strategies as st

POSITIVE = st.floats(min_value=1e-6, max_value=1e3)


def costs(*seconds: float) -> tuple[Cost, ...]:
    """Costs whose wall time is twice their CPU time."""
    return tuple(Cost(cpu=each, wall=2 * each) for each in seconds)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([3.0], Spread(3, 3, 3)),
        ([1.0, 3.0], Spread(2, 1.5, 2.5)),
        ([5.0, 1.0, 4.0, 2.0, 3.0], Spread(3, 2, 4)),
        ([1.0, 1.0, 1.0, 1000.0, 1.0], Spread(1, 1, 1)),
    ],
)
def test_a_spread_is_the_median_and_the_quartiles(values: list[float], expected: Spread) -> None:
    """The order of the values does not matter, and one that is far out does not either."""
    assert Spread.of(values) == expected


@given(st.lists(POSITIVE, min_size=1, max_size=40))
def test_a_spread_lies_within_its_values(values: list[float]) -> None:
    """The quartiles enclose the median and lie between the least and the greatest value."""
    spread = Spread.of(values)
    slack = 1 + 1e-9
    assert min(values) <= spread.low * slack
    assert spread.low <= spread.median * slack
    assert spread.median <= spread.high * slack
    assert spread.high <= max(values) * slack


def test_ratios_are_taken_round_by_round() -> None:
    """A machine that gets ten times slower halfway does not change the ratio: neighbours are compared."""
    outcome = Contest(ours=costs(1, 1, 10, 10), reference=costs(2, 2, 20, 20))
    assert outcome.cpu_ratio == Spread(0.5, 0.5, 0.5)
    assert outcome.wall_ratio == Spread(0.5, 0.5, 0.5)


def test_differences_are_taken_round_by_round() -> None:
    """What ours takes longer is positive, in seconds, each clock by itself."""
    outcome = Contest(ours=costs(3, 13), reference=costs(1, 11))
    assert outcome.cpu_added == Spread(2, 2, 2)
    assert outcome.wall_added == Spread(4, 4, 4)
    assert outcome.cpu_added.times(1e6) == Spread(2e6, 2e6, 2e6)


def test_the_two_sides_of_a_contest_are_not_mixed_up() -> None:
    """Ours is the first argument, and a ratio below 1 says that ours is cheaper."""
    outcome = contest(lambda: Cost(1, 1), lambda: Cost(4, 2), rounds=3)
    assert (outcome.cpu_ratio.median, outcome.wall_ratio.median) == (0.25, 0.5)
    assert len(outcome.ours) == len(outcome.reference) == 3


@pytest.mark.parametrize("sides", [1, 2, 3])
@pytest.mark.parametrize("rounds", [1, 2, 6])
def test_each_side_has_one_turn_a_round_and_each_begins_as_often(sides: int, rounds: int) -> None:
    """Everybody takes a turn in each round, and the first place goes round."""
    taken: list[int] = []

    def turn(side: int) -> Cost:
        taken.append(side)
        return Cost(1, 1)

    take_turns([partial(turn, side) for side in range(sides)], rounds)
    by_round = [taken[at : at + sides] for at in range(0, len(taken), sides)]
    assert all(sorted(each) == list(range(sides)) for each in by_round)
    begun = [sum(each[0] == side for each in by_round) for side in range(sides)]
    assert max(begun) - min(begun) <= 1


def test_the_first_round_does_not_count() -> None:
    """What a side costs while it warms up is left out, whoever began."""
    slow_at_first = iter(costs(100, 1, 1, 1))
    steady = iter(costs(1, 1, 1, 1))
    assert take_turns([lambda: next(slow_at_first), lambda: next(steady)], 3) == [costs(1, 1, 1), costs(1, 1, 1)]


def test_a_turn_is_told_its_calls_and_its_cost_is_that_of_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """A turn of ten calls that takes 5 s of CPU time and 20 s in all costs 0.5 s and 2 s a call."""

    @attrs.define
    class Clock:
        cpu: float = 100.0
        wall: float = 700.0

        def turn(self, calls: int) -> None:
            assert calls == 10
            self.cpu += 5
            self.wall += 20

    clock = Clock()
    monkeypatch.setattr("bench.rounds.time.process_time", lambda: clock.cpu)
    monkeypatch.setattr("bench.rounds.time.perf_counter", lambda: clock.wall)
    assert timed(clock.turn, 10)() == Cost(cpu=0.5, wall=2.0)


def test_garbage_is_collected_before_a_turn_and_the_collector_stays_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody pays for the other's garbage, and everybody for their own."""
    seen: list[object] = []
    monkeypatch.setattr("bench.rounds.gc.collect", lambda: seen.append("collected"))
    timed(lambda _: seen.append(gc.isenabled()), 1)()
    assert seen == ["collected", True]
