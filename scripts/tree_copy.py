"""A copy of the working tree to break on purpose, and the certainty that it is the copy that gets tested."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from signal import SIGKILL
from typing import TYPE_CHECKING, NamedTuple

from contract import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

__all__ = ["OWN_CHECK", "Outcome", "Tree", "copied_tree"]

OWN_CHECK = "tests/mutants/origin.py"
"""Fails unless the packages that tests import, in whichever process, are those of its own tree."""


class Outcome(NamedTuple):
    """How a run of pytest ended: its exit code (None: it took too long) and what it printed."""

    code: int | None
    output: str


class Tree(NamedTuple):
    """A working tree other than the one that this file belongs to."""

    folder: Path

    def write(self, path: str, text: str) -> None:
        """Changes a file, and sees to it that no bytecode of the old text is mistaken for that of the new one.

        Python compares the size, and the time to the second, which a bug that comes and goes may leave alike.
        """
        file = self.folder / path
        file.write_text(text, encoding="utf-8")
        for compiled in file.parent.glob(f"__pycache__/{file.stem}.*.pyc"):
            compiled.unlink()

    @property
    def environment(self) -> dict[str, str]:
        """Variables under which Python, child processes included, imports this tree's packages."""
        packages = os.pathsep.join(map(str, (self.folder, self.folder / "generated")))
        return {**os.environ, "PYTHONPATH": packages}

    def pytest(
        self, tests: Iterable[str], *options: str, limit: float, variables: Mapping[str, str] | None = None
    ) -> Outcome:
        """Runs tests of this tree for `limit` seconds at most; what earlier runs have learnt is forgotten."""
        shutil.rmtree(self.folder / ".hypothesis", ignore_errors=True)
        command = (sys.executable, "-m", "pytest", "-q", "--tb=no", "-rfE", "-p", "no:cacheprovider")
        with subprocess.Popen(
            (*command, *options, *tests),
            cwd=self.folder,
            env={**self.environment, **(variables or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        ) as process:
            try:
                output, _ = process.communicate(timeout=limit)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, SIGKILL)
                return Outcome(None, "")
        return Outcome(process.returncode, output)


def copied_tree(folder: Path) -> Tree:
    """Copies the files of this tree, tracked or new and not ignored, to a folder that is made here."""
    listed = subprocess.run(
        ("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():  # one that was deleted is still listed
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    return Tree(folder)
