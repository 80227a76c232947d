"""What the tests of the documents share: the pages, their blocks, and a place to run them in as a reader would."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import textwrap
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from havn_ext.sandbox import SandboxServer

ROOT: Final = Path(__file__).parents[1]
DOCS: Final = ROOT / "docs"
RUNNER: Final = Path(__file__).with_name("docs_runner.py")

SANDBOX_URL: Final = "http://127.0.0.1:8787"
SANDBOX_KEY: Final = "havn_test_key"
SANDBOX_SECRET: Final = "havn_test_secret"

LANGUAGES_OF_BLOCKS: Final = frozenset({"python", "py", "console", "sh", "text", "json", "ini", "yaml", "sql"})
"""Python, commands and shell are run; the rest is for the reader."""

FENCE: Final = re.compile(r"^( *)```([\w-]*)\n(.*?)^\1```$", re.DOTALL | re.MULTILINE)


class Block(NamedTuple):
    """A fenced block: its language, its text, the line where that begins, and what stands before it."""

    language: str
    code: str
    line: int
    after: int
    """How many lines stand between the fence before and this one, if all of them are empty; else -1."""


@cache
def text_of(path: Path) -> str:
    """A page as it stands."""
    return path.read_text(encoding="utf-8")


@cache
def blocks_of(path: Path) -> tuple[Block, ...]:
    """The fenced blocks of a page, in order."""
    text = text_of(path)
    found: list[Block] = []
    end = -1
    for match in FENCE.finditer(text):
        between = text[end : match.start()] if end >= 0 else "x"
        line = text.count("\n", 0, match.start(3)) + 1
        after = -1 if between.strip() else between.count("\n")
        found.append(Block(match[2], textwrap.dedent(match[3]), line, after))
        end = match.end()
    return tuple(found)


def prose_of(path: Path) -> str:
    """A page without its fenced blocks."""
    return FENCE.sub("", text_of(path))


def pages(language: str) -> list[Path]:
    """The pages of a language, and its README."""
    readme = ROOT / ("README.md" if language == "en" else f"README.{language}.md")
    return [readme, *sorted((DOCS / language).glob("*.md"))]


def name(path: Path) -> str:
    """A page as a test's id."""
    return str(path.relative_to(ROOT))


class Page:
    """A page being read: a folder, an interpreter for its Python, a shell for the rest, and a sandbox."""

    def __init__(self, path: Path, folder: Path, sandbox: SandboxServer, changes: dict[str, str]) -> None:
        self.path = path
        self.folder = folder
        self.environment = {
            **os.environ,
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
            "HAVN_API_KEY": SANDBOX_KEY,
            "HAVN_WEBHOOK_SECRET": SANDBOX_SECRET,
            "HAVN_BASE_URL": sandbox.url,
            "NO_PROXY": "*",
        }
        self._changes = {SANDBOX_URL: sandbox.url, **changes}
        self._python: subprocess.Popen[str] | None = None

    def here(self, code: str) -> str:
        """A block as it is run here: the addresses of what it speaks to differ, and nothing else does."""
        for there, here in self._changes.items():
            code = code.replace(there, here)
        return code

    def python(self, block: Block) -> str:
        """Run a block of Python after those before it; what it printed, with the page's own addresses."""
        if self._python is None:
            self._python = subprocess.Popen(  # noqa: S603  our own program
                [sys.executable, "-W", "error", RUNNER],
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        talk = self._python
        assert talk.stdin is not None
        assert talk.stdout is not None
        request = {"code": self.here(block.code), "page": name(self.path), "line": block.line}
        talk.stdin.write(json.dumps(request) + "\n")
        talk.stdin.flush()
        answer = json.loads(talk.stdout.readline())
        assert not answer["failure"], f"{answer['printed']}\n{answer['failure']}"
        printed: str = answer["printed"]
        return printed.replace(self._changes[SANDBOX_URL], SANDBOX_URL)

    def shell(self, command: str) -> str:
        """Run a command as a reader would, who stays in one shell; what it printed. A failure fails the test."""
        kept = self.folder / ".environment"
        script = f"set -eu\n{self.here(command)}\nenv -0 > {kept}"
        run = subprocess.run(  # noqa: S603  our own document
            ["/bin/bash", "-c", script],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert run.returncode == 0, f"$ {command}\n{run.stdout}\n{run.stderr}"
        pairs = (pair.partition("=") for pair in kept.read_text().split("\0") if pair)
        self.environment = {key: value for key, _, value in pairs}
        kept.unlink()
        return run.stdout

    def close(self) -> None:
        """End the interpreter."""
        if self._python is not None:
            self._python.communicate(timeout=30)


@contextmanager
def read(path: Path, folder: Path, sandbox: SandboxServer, **changes: str) -> Iterator[Page]:
    """A page to be run in an empty folder."""
    page = Page(path, folder, sandbox, changes)
    try:
        yield page
    finally:
        page.close()
