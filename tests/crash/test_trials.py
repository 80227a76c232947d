"""A few cells of the crash matrix, with real processes; `make crash` has all of them, and many more deaths."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

import attrs
import pytest
from crash import trial
from crash.cells import matrix
from crash.ground import unreachable
from crash.havn import serving
from crash.trial import Trial

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from crash.cells import Cell
    from crash.ground import EngineName
    from crash.havn import Havn
    from crash.trial import Outcome

KILLS = 3
CELLS = ("before_read-1", "mid_mark-4", "before_commit-1", "random-4")


@pytest.fixture(scope="module")
def havn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Havn]:
    """The module's sandbox."""
    with serving(tmp_path_factory.mktemp("havn")) as found:
        yield found


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> EngineName:
    """Either kind of database, if it can be reached."""
    name: EngineName = request.param
    reason = unreachable(name)
    if reason and os.environ.get("HAVN_REQUIRE_SERVICES") == "1":
        pytest.fail(reason)
    if reason:
        pytest.skip(reason)
    return name


def chosen(name: str, database: EngineName) -> Cell:
    """A cell with a few deaths."""
    blow, _, workers = name.partition("-")
    (cell,) = matrix(KILLS, [database], [int(workers)], [blow], ["plain"])
    return cell


def tried(cell: Cell, havn: Havn, folder: Path) -> Outcome:
    """What comes of it."""
    return Trial(cell, havn, 0, folder, threading.Event()).run()


@pytest.mark.parametrize("name", CELLS)
def test_the_books_agree(name: str, database: EngineName, havn: Havn, tmp_path: Path) -> None:
    """Wherever processes are killed: none lost, none twice, none of a rolled-back payment, few sent again."""
    outcome = tried(chosen(name, database), havn, tmp_path)
    assert outcome.complaints == []
    assert outcome.kills >= KILLS
    assert outcome.payments > 0
    assert outcome.rolled_back > 0
    assert outcome.resent <= outcome.bound


def test_a_trial_without_deaths_has_failed(havn: Havn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A point that nobody comes by proves nothing, and the trial says so."""
    monkeypatch.setattr(trial, "PATIENCE", 0.0)
    monkeypatch.setattr(trial, "PATIENCE_PER_BLOW", 1.0)
    cell = chosen("mid_mark-1", "sqlite")
    outcome = tried(attrs.evolve(cell, blow=attrs.evolve(cell.blow, worker="mid_mark:0")), havn, tmp_path)
    assert outcome.kills == 0
    assert f"only 0 blows of {KILLS} have struck" in outcome.complaints


def test_a_trial_can_be_abandoned(havn: Havn, tmp_path: Path) -> None:
    """An end in the middle leaves no process behind."""
    abandoned = threading.Event()
    abandoned.set()
    course = Trial(chosen("mid_mark-1", "sqlite"), havn, 0, tmp_path, abandoned)
    assert course.run().complaints
    assert all(worker.code is not None for worker in course.workers)
