"""A pytest plugin: the table of what was exercised, at the end of a run, with pytest-xdist or without.

When the whole folder ran and passed, whatever the contract has and nothing exercised fails the run.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pytest

from harness.ledger import EXERCISED, Ledger

FOLDER: Final = Path(__file__).parents[2]
MODULES: Final = {path.name for path in FOLDER.glob("test_*.py")}

_collected: Final = set[str]()


def pytest_collection_finish(session: pytest.Session) -> None:
    """Notes which modules run, to know whether it is the whole folder."""
    _collected.update(item.path.name for item in session.items if item.path.parent == FOLDER)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Sends home what a worker counted; in the main process, turns gaps into a failure."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["contract"] = [EXERCISED.as_json(), sorted(_collected)]
    elif _gaps(session.config, session.exitstatus):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Takes in what a worker of pytest-xdist counted."""
    ledger, modules = getattr(node, "workeroutput", {}).get("contract", [{}, []])
    EXERCISED.add(Ledger.from_json(ledger))
    _collected.update(modules)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, exitstatus: int, config: pytest.Config
) -> None:
    """Prints the table, and the gaps."""
    if not EXERCISED.answers:
        return
    terminalreporter.section("coverage of the contract")
    for line in EXERCISED.table():
        terminalreporter.write_line(line)
    if terminalreporter.stats.get("failed") is None:
        for gap in _gaps(config, pytest.ExitCode.OK if exitstatus == 1 else exitstatus):
            terminalreporter.write_line(f"GAP: {gap}", red=True)


def _gaps(config: pytest.Config, exitstatus: int) -> list[str]:
    """What nothing exercised, if the whole folder ran and passed."""
    option = config.option
    narrowed = option.keyword or option.markexpr or any("::" in each for each in config.args)
    whole = not narrowed and exitstatus == pytest.ExitCode.OK and _collected >= MODULES
    return list(EXERCISED.gaps()) if whole else []
