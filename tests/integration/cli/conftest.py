from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from cli_support import Typing

if TYPE_CHECKING:
    from havn_ext.testing import SandboxCompany


@pytest.fixture
def company(havn_sandbox: SandboxCompany, monkeypatch: pytest.MonkeyPatch) -> SandboxCompany:
    """A company with the demo data, to which the environment leads."""
    havn_sandbox.seed()
    for name, value in havn_sandbox.environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("NO_PROXY", "*")
    return havn_sandbox


@pytest.fixture
def havn(company: SandboxCompany, capsys: pytest.CaptureFixture[str]) -> Typing:
    """Types `havn …` where the environment leads to the company."""
    del company
    return Typing(capsys)
