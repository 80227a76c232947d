"""Whether a row holds its bound; on a busy machine one measurement alone does not say that it doesn't."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs
from bench.figures import Figure, Unavailable

if TYPE_CHECKING:
    from bench.rows import Row

REPEATS: Final = 3
"""A row fails `--check` when it is above its bound so many times in a row."""


@attrs.frozen
class Outcome:
    """What became of one row."""

    row: Row
    figure: Figure | None
    """The last one measured."""
    missing: str = ""
    """Why there is none."""
    repeats: int = 1

    @property
    def holds(self) -> bool:
        """Whether the row is at or under its bound; one that has no bound always is."""
        if self.row.bound is None:
            return True
        return self.figure is not None and self.figure.value.median <= self.row.bound

    @property
    def verdict(self) -> str:
        """In a word or two."""
        if self.figure is None:
            return f"not available: {self.missing}"
        if self.row.bound is None:
            return "for comparison"
        if not self.holds:
            return "ABOVE"
        stretched = self.row.stretch is not None and self.figure.value.median <= self.row.stretch
        return "holds, stretch too" if stretched else "holds"


def measured(row: Row, url: str, rounds: int | None, repeats: int = 1) -> Outcome:
    """Measures a row until it holds its bound, but at most so many times.

    Args:
        row: Of the table.
        url: The server's.
        rounds: None for the row's own.
        repeats: At least 1.
    """
    for repeat in range(1, repeats + 1):
        try:
            figure = row.measure(url, rounds or row.rounds)
        except Unavailable as reason:
            return Outcome(row, None, missing=str(reason))
        outcome = Outcome(row, figure, repeats=repeat)
        if outcome.holds:
            break
    return outcome
