from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from outbox_support import postgres_database, sqlite_database

if TYPE_CHECKING:
    from collections.abc import Iterator
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
