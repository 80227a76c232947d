"""Servers to try the contract on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest
from harness.target import Target, in_process, over_http

if TYPE_CHECKING:
    from collections.abc import Generator

SMALLEST_SHARE: Final = 0.6
"""Less than the ledger asks of a whole run: of the fifty to a hundred calls of one test chance has its part."""


def pytest_configure(config: pytest.Config) -> None:
    """Adds the table of what was exercised, for a run of this folder alone."""
    config.pluginmanager.import_plugin("harness.table")


@pytest.fixture
def sandbox() -> Generator[Target]:
    """A sandbox in process."""
    with in_process() as target:
        yield target


@pytest.fixture(scope="module")
def shop() -> Generator[Target]:
    """A sandbox in process that all tests of a module share."""
    with in_process() as target:
        yield target


@pytest.fixture
def server() -> Generator[Target]:
    """A sandbox over HTTP."""
    with over_http() as target:
        yield target


@pytest.fixture
def walks_the_success_path(request: pytest.FixtureRequest) -> Generator[None]:
    """Fails a test in which fewer than 60 % of an operation's valid calls succeeded."""
    target: Target = request.getfixturevalue("sandbox" if "sandbox" in request.fixturenames else "server")
    yield
    shares = {name: target.ledger.share(name) for name in target.ledger.valid}
    assert shares
    assert min(shares.values()) >= SMALLEST_SHARE, shares
