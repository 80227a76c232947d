"""When a row holds its bound."""

from __future__ import annotations

import pytest
from bench.figures import Figure, Unavailable
from bench.rounds import Spread
from bench.rows import ROWS, Row
from bench.verdicts import REPEATS, Outcome, measured


def figure(median: float) -> Figure:
    """A measurement with that median."""
    return Figure(Spread(median, median, median), None, ours=median, reference=1.0, rounds=1)


class Measurements:
    """Gives one value after the other, and keeps what it was asked for."""

    def __init__(self, *values: float) -> None:
        self._values = iter(values)
        self.asked: list[tuple[str, int]] = []

    def __call__(self, url: str, rounds: int) -> Figure:
        """One measurement."""
        self.asked.append((url, rounds))
        return figure(next(self._values))


def row(measure: Measurements, *, bound: float | None = 1.0, stretch: float | None = 0.5) -> Row:
    """A row of the table that measures so."""
    return Row("name", "what", "against", measure, bound=bound, stretch=stretch, rounds=7)


@pytest.mark.parametrize(
    ("values", "holds", "repeats"),
    [
        ((0.9,), True, 1),
        ((1.0,), True, 1),
        ((1.01, 1.0), True, 2),
        ((1.5, 1.5, 0.7), True, 3),
        ((1.01, 1.01, 1.01), False, 3),
    ],
    ids=["under", "at", "second repeat", "third repeat", "above three times"],
)
def test_a_row_fails_only_when_it_is_above_its_bound_three_times(
    values: tuple[float, ...], holds: bool, repeats: int
) -> None:
    """One repeat at or under the bound is enough, and ends the repeats."""
    measure = Measurements(*values)
    outcome = measured(row(measure), "url", None, REPEATS)
    assert (outcome.holds, outcome.repeats, len(measure.asked)) == (holds, repeats, repeats)
    assert outcome.figure == figure(values[-1])


def test_without_a_check_a_row_is_measured_once() -> None:
    """A table shows what was measured, not the best of three."""
    outcome = measured(row(Measurements(2.0)), "url", None)
    assert (outcome.holds, outcome.repeats) == (False, 1)


@pytest.mark.parametrize(("asked", "made"), [(None, 7), (3, 3)])
def test_the_command_s_rounds_beat_the_row_s(asked: int | None, made: int) -> None:
    """A row has its own number of rounds, for when nobody says another."""
    measure = Measurements(0.5)
    measured(row(measure), "url", asked)
    assert measure.asked == [("url", made)]


@pytest.mark.parametrize(
    ("value", "bound", "stretch", "verdict"),
    [
        (0.5, 1.0, 0.5, "holds, stretch too"),
        (0.51, 1.0, 0.5, "holds"),
        (0.5, 1.0, None, "holds"),
        (1.1, 1.0, 0.5, "ABOVE"),
        (9.0, None, None, "for comparison"),
    ],
)
def test_a_verdict_says_which_goal_is_reached(
    value: float, bound: float | None, stretch: float | None, verdict: str
) -> None:
    """The bound, the stretch, neither; a row without a bound holds whatever it measures."""
    measure = Measurements(value)
    outcome = Outcome(row(measure, bound=bound, stretch=stretch), figure(value))
    assert outcome.verdict == verdict
    assert outcome.holds is (verdict != "ABOVE")


def test_a_bound_that_can_not_be_measured_does_not_hold() -> None:
    """What is missing is said, and a check does not pass over it."""

    def measure(_url: str, _rounds: int) -> Figure:
        raise Unavailable("no such transport")

    outcome = measured(Row("name", "what", "against", measure, bound=1.0), "url", None, REPEATS)
    assert (outcome.holds, outcome.verdict) == (False, "not available: no such transport")


def test_the_table_has_each_name_once_and_no_stretch_above_its_bound() -> None:
    """`--only` finds one row, and a stretch goal is the harder one."""
    names = [each.name for each in ROWS]
    assert len(set(names)) == len(names)
    for each in ROWS:
        assert (each.bound is None) == (each.stretch is None)
        assert each.bound is None or each.stretch is None or each.stretch < each.bound
