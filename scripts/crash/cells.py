"""The cells of the matrix, and how many blows each gets. Pure."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import attrs
from crash.blows import BLOWS

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from crash.blows import Blow
    from crash.ground import EngineName

__all__ = [
    "APPLICATION",
    "CONCURRENCY",
    "FLUSH",
    "LEASE",
    "RUNNERS",
    "TIMEOUT",
    "WORKERS",
    "Cell",
    "Runner",
    "matrix",
]

Runner: TypeAlias = Literal["plain", "celery"]
RUNNERS: Final[tuple[Runner, ...]] = ("plain", "celery")
"""What works: `havn outbox run`, or workers of Celery that RabbitMQ and beat ring for."""
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
        runner: What they are.
        blows: How many are dealt, at least.
    """

    blow: Blow
    engine: EngineName
    workers: int
    runner: Runner
    blows: int

    @property
    def name(self) -> str:
        """For people, and for `--only`."""
        usual = f"{self.blow.name}-{self.engine}-{self.workers}"
        return usual if self.runner == "plain" else f"{usual}-{self.runner}"

    @property
    def is_deadly(self) -> bool:
        """Whether its blows kill."""
        return self.blow.outside in {None, "kill"}


def matrix(
    kills: int,
    engines: Collection[EngineName],
    workers: Collection[int],
    names: Collection[str] = (),
    runners: Collection[Runner] = RUNNERS,
    *,
    thin: bool = False,
) -> list[Cell]:
    """All cells, which kill at least so many processes together.

    Args:
        kills: How many.
        engines: The databases.
        workers: The numbers of workers.
        names: Of blows or of cells; all when empty.
        runners: What works.
        thin: Whether each blow is tried with one database and one number of workers only, in turn.
    """
    cells = [
        Cell(blow, engine, number, runner, 1)
        for blow in BLOWS
        for runner in runners
        for engine in engines
        for number in workers
        if engine in blow.engines and (runner == "plain" or blow.celery)
    ]
    cells = [cell for cell in cells if not names or {cell.name, cell.blow.name} & set(names)]
    if thin:
        cells = _thinned(cells)
    # a migration is struck at each of its statements, however many are asked for
    deadly = sum(cell.is_deadly and not cell.blow.migration for cell in cells)
    each = -(-kills // max(1, deadly))
    return [attrs.evolve(cell, blows=min(each, cell.blow.most or each)) for cell in cells]


def _thinned(cells: Sequence[Cell]) -> list[Cell]:
    """One cell of each blow and runner, so that all databases and numbers of workers have their turn."""
    groups = [list(group) for _, group in groupby(cells, lambda cell: (cell.blow.name, cell.runner))]
    return [group[(turn + turn // len(group)) % len(group)] for turn, group in enumerate(groups)]
