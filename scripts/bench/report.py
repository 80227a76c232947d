"""The outcomes as people and programs read them: on the terminal, in docs/en/benchmarks.md, as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
from bench.rows import MIB, RATIO

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bench.figures import Figure
    from bench.rounds import Spread
    from bench.scaling import Curve, Panel
    from bench.verdicts import Outcome

HEADINGS = ("row", "what", "against", "at most", "stretch", "CPU (quartiles)", "wall", "ours", "theirs", "")


def cells(outcome: Outcome) -> tuple[str, ...]:
    """One row of the table, as text."""
    row, figure = outcome.row, outcome.figure
    goals = tuple(_number(goal, row.unit) for goal in (row.bound, row.stretch))
    if figure is None:
        return (row.name, row.what, row.against, *goals, "", "", "", "", outcome.verdict)
    wall = "" if figure.wall is None else _number(figure.wall.median, row.unit)
    spread = _spread(figure.value, row.unit)
    return (row.name, row.what, row.against, *goals, spread, wall, *_sides(figure, row.unit), outcome.verdict)


def _sides(figure: Figure, unit: str) -> tuple[str, str]:
    sides = (figure.ours, figure.reference)
    if unit == MIB:
        return _both(f"{side:.1f} MiB" for side in sides)
    return _both(f"{side * 1e6:,.0f} µs".replace(",", " ") for side in sides)


def _both(texts: Iterable[str]) -> tuple[str, str]:
    ours, theirs = texts
    return ours, theirs


def _spread(spread: Spread, unit: str) -> str:
    middle = _number(spread.median, unit)
    if spread.low == spread.high:
        return middle
    return f"{middle} ({_bare(spread.low, unit)} to {_bare(spread.high, unit)})"


def _number(value: float | None, unit: str) -> str:
    if value is None:
        return ""
    return _bare(value, unit) if unit == RATIO else f"{_bare(value, unit)} {unit}"


def _bare(value: float, unit: str) -> str:
    return f"{value:.3f}" if unit == RATIO and value < 0.1 else f"{value:.2f}" if unit == RATIO else f"{value:.1f}"


def terminal(outcomes: Sequence[Outcome]) -> str:
    """A table in columns, without the words that say what is measured: the row's name stands for them."""
    kept = [0, *range(3, len(HEADINGS))]
    lines = [[line[column] for column in kept] for line in (HEADINGS, *map(cells, outcomes))]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def markdown(outcomes: Sequence[Outcome]) -> str:
    """The table for the documentation."""
    return markdown_table(HEADINGS, [cells(outcome) for outcome in outcomes])


def scaling_markdown(panels: Sequence[Panel]) -> str:
    """Microseconds of CPU time a call, a line for each curve."""
    levels = sorted({level for panel in panels for curve in panel.curves for level in curve.points})
    lines = [
        (panel.title, curve.name, *(_point(curve, level) for level in levels))
        for panel in panels
        for curve in panel.curves
    ]
    return markdown_table(("at once", "", *map(str, levels)), lines)


def _point(curve: Curve, level: int) -> str:
    return f"{curve.points[level]:.0f}" if level in curve.points else ""


def facts_markdown(facts: Mapping[str, str]) -> str:
    """The machine, a line for each fact."""
    return markdown_table(("machine", ""), list(facts.items()))


def markdown_table(headings: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """A table, its cells as they are."""
    rule = ["---"] * len(headings)
    return "\n".join("| " + " | ".join(line) + " |" for line in (headings, rule, *lines))


def as_json(outcomes: Sequence[Outcome], panels: Sequence[Panel], facts: Mapping[str, str]) -> dict[str, Any]:
    """Everything, for programs; times of `ours` and `reference` are seconds, memory is MiB."""
    return {
        "machine": dict(facts),
        "rows": [_json_row(outcome) for outcome in outcomes],
        "scaling": [attrs.asdict(panel) for panel in panels],
    }


def _json_row(outcome: Outcome) -> dict[str, Any]:
    row, figure = outcome.row, outcome.figure
    named = {name: getattr(row, name) for name in ("name", "what", "against", "unit", "bound", "stretch")}
    measured = {} if figure is None else attrs.asdict(figure)
    return {**named, "holds": outcome.holds, "verdict": outcome.verdict, "repeats": outcome.repeats, **measured}


def filled(document: str, name: str, text: str) -> str:
    """A document with `text` between its marks `<!-- name -->` and `<!-- /name -->`.

    Raises:
        ValueError: The document has no such marks.
    """
    before, begin, rest = document.partition(f"<!-- {name} -->")
    _, end, after = rest.partition(f"<!-- /{name} -->")
    if not (begin and end):
        raise ValueError(f"the document has no marks <!-- {name} --> and <!-- /{name} -->")
    return f"{before}{begin}\n{text}\n{end}{after}"
