from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from fakes import Kind


@pytest.fixture(params=["sync", "async"])
def kind(request: pytest.FixtureRequest) -> Kind:
    """Either client: a test that takes it holds for both."""
    kind: Kind = request.param
    return kind


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting and no proxy of the machine that runs the tests has a say."""
    for name in os.environ:
        if name.startswith(("HAVN_", "USER_SYNC_")) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
