"""Which cells there are: pure."""

from __future__ import annotations

from crash.blows import BLOWS
from crash.cells import RUNNERS, WORKERS, matrix
from crash.ground import ENGINES


def test_every_blow_meets_every_database_number_and_runner() -> None:
    """The whole matrix leaves nothing out but what a blow itself excludes, and has as many kills as asked for."""
    cells = matrix(1000, ENGINES, WORKERS)
    for blow in BLOWS:
        ours = {(cell.engine, cell.workers, cell.runner) for cell in cells if cell.blow is blow}
        runners = RUNNERS if blow.celery else ("plain",)
        assert ours == {
            (engine, number, runner) for engine in blow.engines for number in WORKERS for runner in runners
        }
    assert sum(cell.blows for cell in cells if cell.is_deadly and not cell.blow.migration) >= 1000


def test_a_thin_matrix_has_every_blow_and_everything_else_in_turn() -> None:
    """Each blow once a runner; each database, number and runner with several; as many kills as asked for."""
    cells = matrix(50, ENGINES, WORKERS, thin=True)
    assert [(cell.blow.name, cell.runner) for cell in cells] == [
        (blow.name, runner) for blow in BLOWS for runner in RUNNERS if runner == "plain" or blow.celery
    ]
    for engine in ENGINES:
        for number in WORKERS:
            for runner in RUNNERS:
                same = [c for c in cells if (c.engine, c.workers, c.runner) == (engine, number, runner)]
                assert len(same) >= 3
    assert sum(cell.blows for cell in cells if cell.is_deadly and not cell.blow.migration) >= 50
