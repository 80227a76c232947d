from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from outbox_support import place_in, sqlite_database

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from outbox_support import Place


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A new and empty outbox in an SQLite file."""
    with place_in(sqlite_database(tmp_path)) as found:
        yield found
