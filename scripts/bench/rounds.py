"""How two ways of doing the same are compared: turn by turn in one process, and by medians.

A machine's speed drifts by a factor of two within minutes. So the two take turns, a few calls each, and each
round gives one ratio of neighbours in time; what counts is the median of the rounds. Who begins changes from
round to round. Before each turn the garbage is collected, so that nobody pays for the other's; during a turn
the collector is on, as it is in a program.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Sequence
from typing import TypeAlias

import attrs

Turn: TypeAlias = Callable[[int], object]
"""Makes so many calls."""


@attrs.frozen
class Cost:
    """Of one call, in seconds."""

    cpu: float
    """Of this process, all its threads; what others do at the same time hardly touches it."""
    wall: float


@attrs.frozen
class Spread:
    """Many measurements of one thing."""

    median: float
    low: float
    """A quarter lies below."""
    high: float
    """A quarter lies above."""

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Sums up at least one value."""
        if len(values) == 1:
            return cls(values[0], values[0], values[0])
        low, median, high = statistics.quantiles(values, n=4, method="inclusive")
        return cls(median, low, high)

    def times(self, factor: float) -> Spread:
        """The same in another unit."""
        return Spread(self.median * factor, self.low * factor, self.high * factor)


@attrs.frozen
class Contest:
    """What both cost in each round."""

    ours: tuple[Cost, ...]
    reference: tuple[Cost, ...]

    @property
    def cpu_ratio(self) -> Spread:
        """Our CPU time in terms of the reference's, round by round."""
        return Spread.of([mine.cpu / other.cpu for mine, other in self._rounds])

    @property
    def wall_ratio(self) -> Spread:
        """Our elapsed time in terms of the reference's, round by round."""
        return Spread.of([mine.wall / other.wall for mine, other in self._rounds])

    @property
    def cpu_added(self) -> Spread:
        """Seconds of CPU time that ours takes longer, round by round."""
        return Spread.of([mine.cpu - other.cpu for mine, other in self._rounds])

    @property
    def wall_added(self) -> Spread:
        """Seconds that ours takes longer, round by round."""
        return Spread.of([mine.wall - other.wall for mine, other in self._rounds])

    @property
    def _rounds(self) -> list[tuple[Cost, Cost]]:
        return list(zip(self.ours, self.reference, strict=True))


def contest(ours: Callable[[], Cost], reference: Callable[[], Cost], rounds: int) -> Contest:
    """Lets both measure themselves in turn.

    Args:
        ours: Takes its turn and says what a call cost.
        reference: The same for the other.
        rounds: How many rounds count.
    """
    mine, others = take_turns((ours, reference), rounds)
    return Contest(mine, others)


def take_turns(sides: Sequence[Callable[[], Cost]], rounds: int) -> list[tuple[Cost, ...]]:
    """What each side costs in each round; a round before those, in which they warm up, does not count."""
    costs: list[list[Cost]] = [[] for _ in sides]
    for number in range(rounds + 1):
        first = number % len(sides)
        for each in (*range(first, len(sides)), *range(first)):
            costs[each].append(sides[each]())
    return [tuple(of_side[1:]) for of_side in costs]


def timed(turn: Turn, calls: int) -> Callable[[], Cost]:
    """A turn of so many calls as `contest` wants it."""

    def measure() -> Cost:
        gc.collect()
        cpu, wall = time.process_time(), time.perf_counter()
        turn(calls)
        return Cost((time.process_time() - cpu) / calls, (time.perf_counter() - wall) / calls)

    return measure
