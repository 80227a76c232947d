"""What no file of the repository may hold: places on somebody's machine, index addresses, people's addresses."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLE_DOMAINS = re.compile(
    r"(?:.*\.)?(?:example\.(?:com|org|net)|havn\.com|[a-z]+\.(?:test|example|invalid|localhost))"
)

MACHINE_PATH = re.compile(r"(?<![\w.:/}~-])/(?:home|root|Users|work|opt|tmp|mnt|srv)/[\w.-]+")
INDEX_ADDRESS = re.compile(r"(?m)--(?:extra-)?index-url|--find-links|file:///")
EMAIL = re.compile(r"[A-Za-z0-9_.+-]+@([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,})\b")

STRANGE_ON_PURPOSE = {
    "tests/data/havn_documents.json",  # HAVN's documents, word for word
    "tests/property/test_checks.py",  # which addresses pass, and which do not
    "tests/unit/core/test_checks.py",
    "tests/unit/core/test_redaction.py",  # which addresses are masked
    "tests/unit/sandbox/test_requests.py",  # the shortest address that passes
}


def tracked_files() -> list[Path]:
    """The files of the repository, those that are new and not ignored included."""
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        return []
    listed = subprocess.run(  # noqa: S603  a program of ours
        [git, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


FILES = tracked_files()


def faults(pattern: re.Pattern[str]) -> list[tuple[str, str]]:
    """Where a pattern occurs in a text file."""
    found: list[tuple[str, str]] = []
    for path in FILES:
        data = path.read_bytes()
        if b"\0" in data or path == Path(__file__):
            continue
        text = data.decode("utf-8", "replace")
        found += [(str(path.relative_to(ROOT)), match.group()) for match in pattern.finditer(text)]
    return found


pytestmark = pytest.mark.skipif(not FILES, reason="not a git checkout")


def test_no_file_names_a_place_on_a_machine() -> None:
    """No text file holds an absolute path of somebody's machine."""
    assert faults(MACHINE_PATH) == []


def test_no_file_names_an_index() -> None:
    """No text file says where packages come from: that is up to the machine."""
    assert faults(INDEX_ADDRESS) == []


def test_every_address_is_an_example() -> None:
    """Every e-mail address is of a domain that belongs to nobody, or of HAVN's."""
    strangers = {
        (path, address)
        for path, address in faults(EMAIL)
        if path not in STRANGE_ON_PURPOSE and not EXAMPLE_DOMAINS.fullmatch(address.rpartition("@")[2].lower())
    }
    assert strangers == set()
