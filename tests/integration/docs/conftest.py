from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from havn_ext.sandbox import SandboxServer

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def sandbox() -> Iterator[SandboxServer]:
    """A sandbox with demo data on a free port, in place of the one that a page starts."""
    with SandboxServer() as server:
        yield server
