"""Which cells the crash matrix has. Pure."""

from __future__ import annotations

import pytest
from crash.blows import BLOWS
from crash.cells import RUNNERS, WORKERS, matrix
from crash.ground import ENGINES

from havn_ext.outbox.faults import POINTS


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


@pytest.mark.parametrize("kills", [1, 50, 1000])
def test_the_matrix_kills_enough(kills: int) -> None:
    """All deadly cells together kill at least so many, and every one of them at least one."""
    cells = matrix(kills, ENGINES, WORKERS)
    assert sum(cell.blows for cell in cells if cell.is_deadly) >= kills
    assert all(cell.blows >= 1 for cell in cells)
    assert len({cell.name for cell in cells}) == len(cells)


def test_every_point_has_a_cell() -> None:
    """Wherever a worker may die on purpose, a cell of both databases and both numbers of workers has it die."""
    points = {blow.worker.partition(":")[0] for blow in BLOWS if blow.worker}
    assert points == set(POINTS)
    assert all(blow.engines == ENGINES for blow in BLOWS if blow.worker or blow.extra or blow.shop)


def test_cells_are_chosen_by_name() -> None:
    """A blow's name is all its cells, a cell's own name is that one."""
    assert [cell.name for cell in matrix(1, ["sqlite"], WORKERS, ["mid_mark"])] == [
        "mid_mark-sqlite-1",
        "mid_mark-sqlite-4",
        "mid_mark-sqlite-1-celery",
        "mid_mark-sqlite-4-celery",
    ]
    assert [cell.name for cell in matrix(1, ENGINES, WORKERS, ["stop-postgresql-1"])] == ["stop-postgresql-1"]
    assert matrix(1, ["sqlite"], WORKERS, ["cut"]) == []
