"""Fixtures of the inspector's tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from inspector_support import Inspector

if TYPE_CHECKING:
    from collections.abc import Generator


@pytest.fixture
def inspector() -> Generator[Inspector]:
    """The inspector of a sandbox with an empty log and demo data."""
    opened = Inspector()
    yield opened
    opened.store.close()
