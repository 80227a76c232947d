"""Every Python block and every shell line of the documents is run, and prints what its page shows.

A page is read from top to bottom: one interpreter, one shell, one folder, a sandbox with demo data. The Indonesian
pages have the same blocks, to the byte (`test_languages`), so that what runs in English runs there.
"""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import pytest
from docs_commands import run_page
from docs_support import DOCS, LANGUAGES_OF_BLOCKS, blocks_of, name, pages, read

if TYPE_CHECKING:
    from pathlib import Path

    from havn_ext.sandbox import SandboxServer

RUN_ELSEWHERE = {
    # a page whose blocks are files of a project, and the test that makes the project
    "README.md": "test_readme",
    "docs/en/celery.md": "test_celery_page",
    "docs/en/django.md": "test_django_page",
    "docs/en/testing.md": "test_testing_page",
}
CHANGES = {
    # a page's database is a file here; the same lines with PostgreSQL are run by tests/integration/outbox
    "postgresql+psycopg://host/shop": "sqlite:///shop.db",
    "HAVN_API_KEY=… HAVN_WEBHOOK_SECRET=… ": "",
    "--limits database": "--limits memory",
    "--limits redis://127.0.0.1:6379/0": "--limits memory",
}
NOT_RUN: dict[tuple[str, str], str] = {}
"""Blocks of Python that are not run: page and first line, and why no form of them could be."""

PAGES = [path for path in pages("en") if name(path) not in RUN_ELSEWHERE]


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_a_page_runs(path: Path, tmp_path: Path, sandbox: SandboxServer) -> None:
    """Its Python, its commands and its shell, in the page's order; what is printed is what it shows."""
    if any(block.language == "sh" for block in blocks_of(path)) and shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    with read(path, tmp_path, sandbox, **CHANGES) as page:
        run_page(page)


@pytest.mark.parametrize("test", RUN_ELSEWHERE.values())
def test_what_runs_elsewhere_is_run(test: str) -> None:
    """A page that is not run here has a test of its own beside this one."""
    assert (DOCS.parent / "tests" / "integration" / "docs" / f"{test}.py").exists()


@pytest.mark.parametrize("path", pages("en") + pages("id"), ids=name)
def test_every_block_has_a_language(path: Path) -> None:
    """No code escapes being run by having no name, or another one's."""
    for block in blocks_of(path):
        drawn = block.language == "" and path.name.startswith("README")  # the drawing of the flow
        assert drawn or block.language in LANGUAGES_OF_BLOCKS, f"line {block.line}: {block.language!r}"
        if block.language == "py":
            assert (path.name, block.code.splitlines()[0]) in NOT_RUN, f"line {block.line}: say why it is not run"


def test_every_fence_is_seen() -> None:
    """What the pattern of a block does not match would be run by nobody."""
    for path in pages("en") + pages("id"):
        fences = re.findall(r"^ *```", path.read_text(encoding="utf-8"), re.MULTILINE)
        assert len(fences) == 2 * len(blocks_of(path)), name(path)
