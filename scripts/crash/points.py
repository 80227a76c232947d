"""Where a process of the harness's own may die on purpose, besides the points that the outbox itself has."""

from __future__ import annotations

import os
import random
import signal
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["VARIABLE", "from_environment"]

VARIABLE: Final = "HAVN_CRASH_FAULT"


def from_environment() -> Callable[[str], None]:
    """A function for every point: dies at the one that `HAVN_CRASH_FAULT=name:probability:seed` names."""
    chosen, _, rest = os.environ.get(VARIABLE, "").partition(":")
    probability, _, seed = rest.partition(":")
    dice = random.Random(seed)  # noqa: S311  dice, not secrets

    def hit(point: str) -> None:
        if point == chosen and dice.random() < float(probability):
            os.kill(os.getpid(), signal.SIGKILL)

    return hit
