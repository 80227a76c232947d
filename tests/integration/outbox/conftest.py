from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from outbox_support import place_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from outbox_support import Place
    from sqlalchemy import URL


@pytest.fixture
def place(url: URL) -> Iterator[Place]:
    """A new and empty outbox in either database."""
    with place_in(url) as found:
        yield found
