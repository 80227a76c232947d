"""The bugs of tests/mutants fit the code of today: a refactoring that moves what they change notices at once.

`make mutants` plants them and shows that the tests bite; here they are only held against the code, which is fast.
"""

from __future__ import annotations

import ast
import shutil
import subprocess
from pathlib import Path

import pytest
from planted_bugs import FOLDER, PlantedBug

ROOT = Path(__file__).parents[2]
PATCHES = sorted(FOLDER.glob("*.patch"))

every_patch = pytest.mark.parametrize("patch", PATCHES, ids=lambda patch: patch.stem)


def test_there_are_bugs_enough() -> None:
    """Thirty bugs at the least, in the client and in the sandbox, each with a description of its own."""
    bugs = [PlantedBug.read(patch) for patch in PATCHES]
    assert len(bugs) >= 30
    assert {"havn_ext/sandbox/" in bug.path for bug in bugs} == {True, False}
    assert len({bug.what for bug in bugs}) == len(bugs)


@every_patch
def test_a_bug_can_be_planted(patch: Path) -> None:
    """What a patch takes away stands at exactly one place, and what it puts there is Python."""
    bug = PlantedBug.read(patch)
    source = (ROOT / bug.path).read_text(encoding="utf-8")
    planted = bug.planted_in(source)
    assert planted != source
    compile(planted, bug.path, "exec")


@every_patch
def test_git_takes_the_patch(patch: Path) -> None:
    """Whoever wants to look at a bug can apply its patch by hand."""
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    checked = subprocess.run(  # noqa: S603  a program of ours
        [git, "apply", "--check", patch], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stderr


@every_patch
def test_the_tests_that_must_see_it_exist(patch: Path) -> None:
    """The header of a patch names functions of test modules."""
    for test in PlantedBug.read(patch).tests:
        path, _, name = test.partition("::")
        tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
        assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
