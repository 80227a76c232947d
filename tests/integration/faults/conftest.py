from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from faults_support import Ledger, Scene

from havn_ext.sandbox import SandboxConfig, SandboxServer
from havn_ext.testing import SandboxCompany
from havn_ext.testing.control import Control
from havn_ext.testing.waiting import sandbox_now

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fakes import Kind


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Kind], Scene]]:
    """One sandbox for all tests, over real HTTP; it makes scenes, each with a company of its own."""
    database = tmp_path_factory.mktemp("sandbox") / "sandbox.sqlite"
    config = SandboxConfig(seed="none", database=database, clock=sandbox_now)
    with SandboxServer(config) as server, Control.of(server.url) as control, Ledger.of(database) as ledger:
        yield lambda kind: Scene(kind, SandboxCompany.new(server.url, control), ledger)


@pytest.fixture(params=["sync", "async"])
def scene(request: pytest.FixtureRequest, stage: Callable[[Kind], Scene]) -> Iterator[Scene]:
    """Either client, with a company of this test alone."""
    scene = stage(request.param)
    yield scene
    scene.company.clear_faults()
