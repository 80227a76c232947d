"""The commands of the documents' shell blocks: each is run, or held to what it would need where it cannot be.

What is not run is in one table, with what is looked at instead; every other command is run as it stands.
"""

from __future__ import annotations

import re
import shlex
import signal
import subprocess
import threading
import tomllib
from typing import TYPE_CHECKING, Final, NamedTuple

from docs_support import ROOT, SANDBOX_URL, blocks_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from docs_support import Block, Page

SERVERS: Final = {
    # what a server's command begins with, what is added to end it soon or to keep it off the reader's ports,
    # and what it says once it serves
    "havn sandbox": ("--port 0", "ready"),
    "celery --app shop.tasks worker": ("--pool solo --loglevel INFO --without-gossip --without-mingle", "ready"),
    "celery --app shop.tasks beat": ("--schedule .beat --pidfile= --loglevel DEBUG", "beat: Waking up"),
}
PATIENCE: Final = 60.0  # seconds until a server that does not say that it serves is ended
WORKERS: Final = re.compile(r"havn(?:_| )outbox run(?!.*--drain)")
"""They deliver until they are told to stop; here they are told to stop when nothing is due."""


class Command(NamedTuple):
    """A command, what the page shows of its output, and where it stands."""

    text: str
    output: str
    line: int


def commands_of(block: Block) -> Iterator[Command]:
    """The commands of a console block: a `$ ` begins one, a backslash at its end goes on."""
    lines = block.code.splitlines()
    starts = [number for number, line in enumerate(lines) if line.startswith("$ ")]
    assert starts[:1] == [0], f"line {block.line}: a console block begins with a command"
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        last = start
        while lines[last].endswith("\\"):
            last += 1
        text = "\n".join([lines[start].removeprefix("$ "), *lines[start + 1 : last + 1]])
        yield Command(text, "\n".join(lines[last + 1 : end]), block.line + start)


def _installs(command: str) -> None:
    """The extras are ours, and so is everything that the tests need."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    known = (ROOT / "requirements" / "dev.txt").read_text(encoding="utf-8")
    for wanted in (word for word in shlex.split(command, comments=True)[2:] if not word.startswith("-")):
        found = re.fullmatch(r"([\w.-]+)(?:\[([\w,-]+)\])?", wanted)
        assert found, wanted
        if found[1] == project["name"]:
            extras = set(filter(None, (found[2] or "").split(",")))
            assert extras <= set(project["optional-dependencies"]), wanted
        else:
            assert re.search(rf"^{re.escape(found[1])}==", known, re.MULTILINE | re.IGNORECASE), wanted


def _makes(command: str) -> None:
    """The targets are the Makefile's; the tests of the repository and CI run them."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in shlex.split(command, comments=True)[1:]:
        assert "=" in target or re.search(rf"^{re.escape(target)}:", makefile, re.MULTILINE), target


def _scripts(command: str) -> None:
    """The script is there and knows the options; it measures for minutes, or writes into the repository."""
    _, script, *arguments = shlex.split(command, comments=True)
    path = ROOT / script
    files = [path] if path.is_file() else sorted(path.glob("*.py"))
    source = "".join(file.read_text(encoding="utf-8") for file in files)
    for option in (each for each in arguments if each.startswith("--")):
        assert f'"{option}"' in source, option


def _builds(command: str) -> None:
    """A container of our own Containerfile; tests/integration/sandbox/test_container.py builds it where it can."""
    assert "havn-sandbox" in shlex.split(command)
    assert (ROOT / "Containerfile").exists()


LOOKED_AT: Final[dict[str, Callable[[str], None]]] = {
    r"pip install ": _installs,
    r"make ": _makes,
    r"python scripts/": _scripts,
    r"(podman|docker) ": _builds,
}
"""What a command begins with that is not run here, and what is looked at instead."""


def serve(page: Page, command: Command, extra: str, sign: str) -> None:
    """Start a server until it says that it serves, and stop it; it shows what the page shows."""
    program = shlex.split(page.here(command.text), comments=True) + shlex.split(extra)
    with subprocess.Popen(  # noqa: S603  our own document
        program, cwd=page.folder, env=page.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as running:
        assert running.stdout is not None
        patience = threading.Timer(PATIENCE, running.kill)
        patience.start()
        said = next((line for line in running.stdout if sign in line), "")
        running.send_signal(signal.SIGTERM)
        rest = running.stdout.read()
        patience.cancel()
    assert said, rest
    assert running.returncode in {0, -signal.SIGTERM, 128 + signal.SIGTERM}, f"{running.returncode}: {rest}"
    if command.output:
        assert re.sub(r"http://127\.0\.0\.1:\d+", SANDBOX_URL, said.strip()) == command.output


def perform(page: Page, command: Command) -> None:
    """Run a command, or look at it."""
    for beginning, look in LOOKED_AT.items():
        if re.match(beginning, command.text):
            look(command.text)
            return
    for beginning, (extra, sign) in SERVERS.items():
        if command.text.startswith(beginning):
            serve(page, command, extra, sign)
            return
    text = re.sub(r"\s+#.*$", "", command.text) if WORKERS.search(command.text) else command.text
    printed = page.shell(f"{text} --drain" if WORKERS.search(text) else text)
    shown = re.escape(command.output).replace("…", ".*")
    assert re.search(shown, printed, re.DOTALL), f"the page shows\n{command.output}\nand it printed\n{printed}"


def run_page(page: Page) -> None:
    """Everything of a page that runs, from top to bottom; what it prints is what the page shows."""
    blocks = blocks_of(page.path)
    for number, block in enumerate(blocks):
        if block.language == "python":
            printed = page.python(block)
            shown = blocks[number + 1] if number + 1 < len(blocks) else None
            if shown is not None and shown.language == "text" and shown.after >= 0:
                assert printed == shown.code, (
                    f"line {block.line} printed\n{printed}\nline {shown.line} shows\n{shown.code}"
                )
        elif block.language == "console":
            for command in commands_of(block):
                perform(page, command)
        elif block.language == "sh":
            page.shell(block.code)


def commands(path: Path) -> list[str]:
    """All commands of a page."""
    return [each.text for block in blocks_of(path) if block.language == "console" for each in commands_of(block)]
