"""The README says what is true: its Python runs, the demo prints what it shows, its links lead somewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from havn_ext.sandbox import SandboxServer

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SANDBOX_URL = "http://127.0.0.1:8787"


def blocks(language: str) -> list[str]:
    """The fenced blocks of one language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.DOTALL | re.MULTILINE)


@pytest.fixture
def sandbox() -> Iterator[SandboxServer]:
    """A sandbox on a free port, in place of the one that the README starts."""
    with SandboxServer() as server:
        yield server


def test_the_python_of_the_readme_runs(sandbox: SandboxServer, capsys: pytest.CaptureFixture[str]) -> None:
    """Every Python block runs, one after the other, against a sandbox; only the port differs.

    Blocks that are tests are run as tests by tests/integration/testing/test_documents.py.
    """
    namespace: dict[str, Any] = {}
    for block in (each for each in blocks("python") if "def test_" not in each):
        exec(compile(block.replace(SANDBOX_URL, sandbox.url), "README.md", "exec"), namespace)  # noqa: S102  that is the test
    printed = capsys.readouterr().out
    assert "store this: HAVN-SO-001" in printed
    assert "level 5: 1.0 % = 100 US cents" in printed
    assert "not reported yet" not in printed


def test_the_run_of_the_demo_is_what_the_demo_prints() -> None:
    """The output that the README shows is, line by line, what the demo prints."""
    demo = subprocess.run(  # noqa: S603  our own script
        [sys.executable, ROOT / "scripts" / "demo.py"], capture_output=True, text=True, check=True, timeout=60
    )
    assert demo.stderr == ""
    assert blocks("text")[-1] == demo.stdout


@pytest.mark.parametrize("name", ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"])
def test_links_lead_somewhere(name: str) -> None:
    """Every relative link of the documents names a file of the repository."""
    text = (ROOT / name).read_text(encoding="utf-8")
    for target in re.findall(r"\]\((?!https?:)([^)#]+)[^)]*\)", text):
        assert (ROOT / target).exists(), target
