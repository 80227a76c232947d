"""Crashes on purpose, for the tests that prove that nothing is lost: `HAVN_OUTBOX_FAULT=after_send:0.01`."""

from __future__ import annotations

import os
import random
import signal
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, cast, get_args

import attrs

from havn_ext.errors import HAVNValidationError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["NO_FAULTS", "POINTS", "VARIABLE", "Faults", "Point"]

Point: TypeAlias = Literal[
    "after_claim", "before_send", "after_send", "before_mark", "mid_mark", "after_mark", "in_renew"
]
"""Where a worker may die: between two steps, or (`mid_mark`, `in_renew`) inside a transaction."""

POINTS: Final[tuple[Point, ...]] = get_args(Point)
VARIABLE: Final = "HAVN_OUTBOX_FAULT"


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@attrs.frozen
class Faults:
    """Where to die, and how likely.

    Args:
        point: Where; None is nowhere.
        probability: How likely each time, from 0 to 1.
        rng: The dice.
        die: What happens there.
    """

    point: Point | None = None
    probability: float = 1.0
    rng: random.Random = attrs.field(factory=random.Random, repr=False)
    die: Callable[[], None] = attrs.field(default=_die, repr=False)

    def hit(self, point: Point) -> None:
        """Dies here, perhaps."""
        if point == self.point and self.rng.random() < self.probability:
            self.die()

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> Faults:
        """What `HAVN_OUTBOX_FAULT` says: `name:probability` or `name:probability:seed`. Nothing, usually.

        Raises:
            HAVNValidationError: It says something else.
        """
        said = environ.get(VARIABLE)
        if not said:
            return NO_FAULTS
        name, _, rest = said.partition(":")
        probability, _, seed = rest.partition(":")
        try:
            point = POINTS[POINTS.index(cast("Point", name))]
            chance = float(probability)
        except ValueError:
            raise HAVNValidationError(
                errors={
                    VARIABLE: f"must be name:probability or name:probability:seed, name one of {', '.join(POINTS)}"
                }
            ) from None
        return cls(point, chance, random.Random(seed or None))  # noqa: S311  dice, not secrets


NO_FAULTS: Final = Faults()
