from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from planted_bugs import PatchError, PlantedBug

if TYPE_CHECKING:
    from pathlib import Path

HEADER = "Bug: A sum is off by one.\nTest: tests/test_a.py::test_sum\n"
PATCH = "--- a/sums.py\n+++ b/sums.py\n@@ -1,3 +1,3 @@\n def total(a):\n-    return a\n+    return a + 1\n \n"
SOURCE = "import x\n\ndef total(a):\n    return a\n\ndef other(a):\n    return a\n"


def bug(tmp_path: Path, text: str) -> PlantedBug:
    """The bug of a patch file with this text."""
    file = tmp_path / "off-by-one.patch"
    file.write_text(text, encoding="utf-8")
    return PlantedBug.read(file)


def test_a_patch_is_read(tmp_path: Path) -> None:
    """Name, header and both sides of the change come out as they went in."""
    assert bug(tmp_path, f"{HEADER}Test: tests/test_b.py::test_all\nEndless: yes\n\n{PATCH}") == PlantedBug(
        name="off-by-one",
        what="A sum is off by one.",
        tests=("tests/test_a.py::test_sum", "tests/test_b.py::test_all"),
        endless=True,
        path="sums.py",
        before="def total(a):\n    return a\n\n",
        after="def total(a):\n    return a + 1\n\n",
    )
    assert not bug(tmp_path, f"{HEADER}\n{PATCH}").endless


def test_a_bug_is_planted_where_it_fits(tmp_path: Path) -> None:
    """Only the one place changes, whatever its line number is by now."""
    planted = bug(tmp_path, f"{HEADER}\n{PATCH}").planted_in(SOURCE)
    assert planted == "import x\n\ndef total(a):\n    return a + 1\n\ndef other(a):\n    return a\n"


@pytest.mark.parametrize(
    "source",
    ["", SOURCE.replace("total", "sum"), SOURCE + "\n" + SOURCE, SOURCE.replace("def total", " def total")],
)
def test_a_bug_that_fits_nowhere_or_twice_is_not_planted(tmp_path: Path, source: str) -> None:
    """A patch that does not fit exactly one place is an error that names it, and never a guess."""
    with pytest.raises(PatchError, match=r"off-by-one: what it changes in sums\.py stands at \d places"):
        bug(tmp_path, f"{HEADER}\n{PATCH}").planted_in(source)


@pytest.mark.parametrize(
    "text",
    [
        "",
        PATCH,
        f"Bug: What?\n\n{PATCH}",
        f"Test: tests/test_a.py::test_sum\n\n{PATCH}",
        f"{HEADER}Endles: yes\n\n{PATCH}",
        HEADER,
        f"{HEADER}\n{PATCH.replace('+++ b/sums.py', '+++ b/other.py')}",
        f"{HEADER}\n{PATCH.replace('--- a/sums.py', '--- /dev/null')}",
        f"{HEADER}\n{PATCH}@@ -9,1 +9,1 @@\n-a\n+b\n",
    ],
)
def test_a_patch_of_another_kind_is_refused(tmp_path: Path, text: str) -> None:
    """A header that lacks something, a patch of several files or places: an error that names the file."""
    with pytest.raises(PatchError, match=r"off-by-one\.patch"):
        bug(tmp_path, text)
