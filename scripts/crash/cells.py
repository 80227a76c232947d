"""The cells of the matrix, and how many blows each gets. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs
from crash.blows import BLOWS

if TYPE_CHECKING:
    from collections.abc import Collection

    from crash.blows import Blow
    from crash.ground import EngineName

__all__ = ["APPLICATION", "CONCURRENCY", "FLUSH", "LEASE", "TIMEOUT", "WORKERS", "Cell", "matrix"]

WORKERS: Final = (1, 4)
CONCURRENCY: Final = 8
FLUSH: Final = 64
"""Marks that a worker writes down at once; a worker has no more of them unwritten."""
TIMEOUT: Final = 2.0
LEASE: Final = 4.0
"""Seconds."""
APPLICATION: Final = "havn-crash-worker"
"""By which PostgreSQL knows the workers' connections."""


@attrs.frozen
class Cell:
    """One trial.

    Attributes:
        blow: What is done.
        engine: Where the outbox is.
        workers: How many there are.
        blows: How many are dealt, at least.
    """

    blow: Blow
    engine: EngineName
    workers: int
    blows: int

    @property
    def name(self) -> str:
        """For people, and for `--only`."""
        return f"{self.blow.name}-{self.engine}-{self.workers}"

    @property
    def is_deadly(self) -> bool:
        """Whether its blows kill."""
        return self.blow.outside in {None, "kill"}


def matrix(
    kills: int, engines: Collection[EngineName], workers: Collection[int], names: Collection[str] = ()
) -> list[Cell]:
    """All cells, which kill at least so many processes together.

    Args:
        kills: How many.
        engines: The databases.
        workers: The numbers of workers.
        names: Of blows or of cells; all when empty.
    """
    cells = [
        Cell(blow, engine, number, 1)
        for blow in BLOWS
        for engine in engines
        for number in workers
        if engine in blow.engines
    ]
    cells = [cell for cell in cells if not names or {cell.name, cell.blow.name} & set(names)]
    # a migration is struck at each of its statements, however many are asked for
    deadly = sum(cell.is_deadly and not cell.blow.migration for cell in cells)
    each = -(-kills // max(1, deadly))
    return [attrs.evolve(cell, blows=min(each, cell.blow.most or each)) for cell in cells]
