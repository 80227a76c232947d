"""Run first in each copy of the tree that gets a bug: the copy is what is tested there, in every process."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ["havn", "havn_ext", "havn_ext.sandbox", "havn_ext.testing.plugin", "havn_api"]


@pytest.mark.parametrize("name", PACKAGES)
def test_a_package_is_that_of_this_tree(name: str) -> None:
    """What a test imports is the tree that the test stands in, and not the one that is installed."""
    file = importlib.import_module(name).__file__
    assert file is not None
    assert Path(file).resolve().is_relative_to(ROOT)


@pytest.mark.parametrize("name", PACKAGES)
def test_so_it_is_for_a_child_process(name: str, tmp_path: Path) -> None:
    """So does what a child process imports, wherever it runs."""
    program = f"import {name} as package; print(package.__file__)"
    child = subprocess.run(  # noqa: S603  Python itself
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert Path(child.stdout.strip()).resolve().is_relative_to(ROOT)


def test_so_it_is_for_a_child_with_an_environment_of_its_own(tmp_path: Path) -> None:
    """So does a child process that is told no more than the test's own `sys.path`."""
    told = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    child = subprocess.run(
        [sys.executable, "-c", "import havn_ext; print(havn_ext.__file__)"],
        cwd=tmp_path,
        env=told,
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(child.stdout.strip()).resolve().is_relative_to(ROOT)
