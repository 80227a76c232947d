from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest
from outbox_support import postgres_database, sqlite_database

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sqlalchemy import URL


@pytest.fixture(scope="session")
def postgres() -> Iterator[URL]:
    """The session's PostgreSQL database."""
    with postgres_database() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> URL:
    """A database of either kind: a test that takes it holds for both."""
    found: URL = sqlite_database(tmp_path) if request.param == "sqlite" else request.getfixturevalue("postgres")
    return found


@pytest.fixture
def session(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Callable[..., pytest.RunResult]:
    """Runs pytest with the given options, in the test's folder and a process of its own, with no plugin but ours."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, sys.path)))
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    return lambda *options: pytester.runpytest_subprocess("-p", "havn_ext.testing.plugin", *options)
