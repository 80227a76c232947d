"""The types that users see: both checkers accept every right call and refuse every wrong one."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

import havn

ROOT = Path(__file__).parents[2]
FILES = [ROOT / "tests" / "typing" / name for name in ("api.py", "mistakes.py")]
TOOLS = {
    # of other files only what users see counts here; their own faults are for `make lint`
    "mypy": ["mypy", "--strict", "--follow-imports=silent", "--no-error-summary", "--no-incremental"],
    "basedpyright": ["basedpyright", "--pythonpath", sys.executable],
}


@pytest.mark.parametrize("tool", TOOLS)
def test_right_calls_pass_and_wrong_ones_do_not(tool: str) -> None:
    """The checker has nothing to say: about right calls nothing, and about wrong ones no more than is expected."""
    command, *options = TOOLS[tool]
    program = Path(sys.executable).with_name(command)
    if not program.exists():
        pytest.skip(f"{command} is not installed beside this Python")
    run = subprocess.run(  # noqa: S603  a program of ours
        [program, *options, *map(str, FILES)],
        cwd=ROOT,
        env={**os.environ, "MYPY_FORCE_COLOR": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.stdout.removesuffix("0 errors, 0 warnings, 0 notes\n") == ""
    assert run.returncode == 0


def test_every_public_name_is_used() -> None:
    """The file of right calls imports every public name from `havn`, and uses each."""
    tree = ast.parse(FILES[0].read_text(encoding="utf-8"))
    imported = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "havn"
        for alias in node.names
    }
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert imported == set(havn.__all__)
    assert imported <= used
