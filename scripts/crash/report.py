"""What came of the trials, for people and for programs. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from crash.trial import Outcome

__all__ = ["HEADING", "as_json", "line", "summary"]

_WIDTHS: Final = (34, 6, 6, 9, 12, 5, 7, 8, 6, 9, 8)
_COLUMNS: Final = (
    "cell",
    "blows",
    "kills",
    "payments",
    "rolled back",
    "lost",
    "double",
    "re-sent",
    "bound",
    "poisoned",
    "seconds",
)


def _row(values: Iterable[object]) -> str:
    first, *others = (str(value) for value in values)
    return f"{first:<{_WIDTHS[0]}}" + "".join(
        f"{each:>{width}}" for each, width in zip(others, _WIDTHS[1:], strict=True)
    )


HEADING: Final = _row(_COLUMNS)


def line(outcome: Outcome) -> str:
    """One trial as a line of the table, and its complaints below."""
    values = (
        outcome.cell,
        outcome.blows,
        outcome.kills,
        outcome.payments,
        outcome.rolled_back,
        outcome.lost,
        outcome.double,
        outcome.resent,
        outcome.bound,
        outcome.poisoned,
        f"{outcome.seconds:.0f}",
    )
    return "\n".join([_row(values), *(f"  WRONG: {each}" for each in outcome.complaints)])


def summary(outcomes: Sequence[Outcome], asked: int) -> str:
    """All trials together."""
    total = {
        name: sum(getattr(each, name) for each in outcomes)
        for name in ("kills", "payments", "rolled_back", "lost", "double", "resent", "bound", "fenced")
    }
    kills = total["kills"]
    wrong = [each.cell for each in outcomes if each.complaints]
    per_kill = total["resent"] / kills if kills else 0.0
    told = (
        f"{len(outcomes)} cells, {kills} kills (asked for: {asked}), {total['payments']} payments,"
        f" {total['rolled_back']} rolled back: {total['lost']} lost, {total['double']} double,"
        f" {total['resent']} sent again ({per_kill:.1f} a kill; bound {total['bound']}),"
        f" {total['fenced']} late marks fenced"
    )
    return f"{told}\n" + (f"WRONG: {', '.join(wrong)}" if wrong else "the books agree to the row")


def as_json(outcomes: Sequence[Outcome], seed: int) -> dict[str, Any]:
    """Everything, for programs."""
    return {"seed": seed, "cells": [attrs.asdict(each) for each in outcomes]}
