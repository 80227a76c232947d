"""What measuring a row gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from bench.rounds import Spread


class Unavailable(Exception):  # noqa: N818  not a fault: the thing to measure is not here
    """A row can't be measured here; the text says why."""


@attrs.frozen
class Figure:
    """One measurement of one row, in the row's unit."""

    value: Spread
    """What the bound holds for: of CPU time, or of memory."""
    wall: Spread | None
    """The same of elapsed time; None where time is not what is measured."""
    ours: float
    """The median that `value` came from: seconds of CPU time a call, or MiB."""
    reference: float
    """The same of the reference."""
    rounds: int
