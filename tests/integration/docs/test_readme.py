"""The README says what is true: its Python runs, its commands are there, the demo prints what it shows."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from docs_commands import commands_of, perform
from docs_support import ROOT, blocks_of, read

if TYPE_CHECKING:
    from pathlib import Path

    from havn_ext.sandbox import SandboxServer

README = ROOT / "README.md"


def test_the_readme_runs(sandbox: SandboxServer, tmp_path: Path) -> None:
    """Every block runs, one after the other, against a sandbox; those that are tests: `test_testing_page`."""
    printed = ""
    with read(README, tmp_path, sandbox) as page:
        for block in blocks_of(README):
            if block.language == "python" and "def test_" not in block.code:
                printed += page.python(block)
            elif block.language == "console":
                for command in commands_of(block):
                    perform(page, command)
    assert "store this: HAVN-SO-001" in printed
    assert "level 5: 1.0 % = 100 US cents" in printed
    assert "not reported yet" not in printed


def test_the_run_of_the_demo_is_what_the_demo_prints() -> None:
    """The output that the README shows is, line by line, what the demo prints."""
    demo = subprocess.run(  # noqa: S603  our own script
        [sys.executable, ROOT / "scripts" / "demo.py"], capture_output=True, text=True, check=True, timeout=60
    )
    assert demo.stderr == ""
    assert [block.code for block in blocks_of(README) if block.language == "text"][-1] == demo.stdout
