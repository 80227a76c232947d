"""The outcomes as people and programs read them: on the terminal, in docs/en/benchmarks.md, as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs
from bench.outbox.rows import RATIO, USERS
from bench.report import markdown_table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bench.figures import Figure
    from bench.verdicts import Outcome

HEADINGS: Final = ("row", "at most", "measured (quartiles)", "CPU", "ours", "theirs", "load", "")


def terminal(outcomes: Sequence[Outcome], loads: Sequence[float]) -> str:
    """A table in columns.

    Args:
        outcomes: Its rows.
        loads: The machine's load average when each was measured.
    """
    lines = [HEADINGS, *(_cells(outcome, load) for outcome, load in zip(outcomes, loads, strict=True))]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def _cells(outcome: Outcome, load: float) -> tuple[str, ...]:
    row, figure = outcome.row, outcome.figure
    bound = "" if row.bound is None else _number(row.bound, row.unit)
    if figure is None:
        return (row.name, bound, "", "", "", "", f"{load:.1f}", outcome.verdict)
    value = figure.value
    spread = (
        f"{_number(value.median, row.unit)} ({_number(value.low, row.unit)} to {_number(value.high, row.unit)})"
    )
    cpu = "" if figure.wall is None else _number(figure.wall.median, row.unit)
    return (row.name, bound, spread, cpu, *_sides(figure, row.unit), f"{load:.1f}", outcome.verdict)


def _sides(figure: Figure, unit: str) -> tuple[str, str]:
    if unit == RATIO:
        return f"{figure.ours * 1e6:,.0f} µs", f"{figure.reference * 1e6:,.0f} µs"
    return f"{figure.ours:,.0f}", f"{figure.reference:,.0f}"


def _number(value: float, unit: str) -> str:
    if unit == USERS:
        return f"{value:,.0f}"
    return f"{value:.3f}" if value < 0.1 else f"{value:.2f}"


def markdown(outcomes: Sequence[Outcome], loads: Sequence[float]) -> str:
    """The table for the documentation."""
    lines = [
        (cells[0], outcome.row.what, outcome.row.against, *cells[1:])
        for outcome, cells in zip(outcomes, map(_cells, outcomes, loads), strict=True)
    ]
    return markdown_table((HEADINGS[0], "what", "against", *HEADINGS[1:]), lines)


def as_json(outcomes: Sequence[Outcome], loads: Sequence[float], facts: Mapping[str, str]) -> dict[str, Any]:
    """Everything, for programs; where the unit is a ratio, `ours` and `reference` are seconds of elapsed time."""
    return {
        "machine": dict(facts),
        "rows": [_json_row(outcome, load) for outcome, load in zip(outcomes, loads, strict=True)],
    }


def _json_row(outcome: Outcome, load: float) -> dict[str, Any]:
    row, figure = outcome.row, outcome.figure
    named = {name: getattr(row, name) for name in ("name", "what", "against", "unit", "bound")}
    measured = {} if figure is None else attrs.asdict(figure)
    if figure is not None:
        measured["cpu"] = measured.pop("wall")
    return {
        **named,
        "holds": outcome.holds,
        "verdict": outcome.verdict,
        "repeats": outcome.repeats,
        "load": load,
        **measured,
    }
