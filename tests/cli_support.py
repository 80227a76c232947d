"""What the tests of the command line share: typing a command in this process, or at a terminal of its own."""

from __future__ import annotations

import fcntl
import json
import os
import re
import selectors
import struct
import subprocess
import sys
import termios
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any

import attrs

from havn_ext.cli import main

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Generator, Mapping
    from email.message import Message
    from pathlib import Path

    import pytest

__all__ = ["HAVN", "Said", "Terminal", "Typing", "at_terminal", "lines", "serving", "surroundings"]

HAVN = [sys.executable, "-m", "havn_ext.cli"]

_PATIENCE = 30.0
"""Seconds; far more than anything here takes."""

_TOKENS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|[\r\n]|[^\x1b\r\n]+")

_TAKE_TERMINAL = """
import fcntl, os, sys, termios
os.setsid()
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execvp(sys.argv[1], sys.argv[1:])
"""
"""Makes the terminal the process's own, so that Ctrl-C reaches it; then becomes what it is told."""


@attrs.frozen
class Said:
    """What a command said."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """Its output, which is one JSON document."""
        return json.loads(self.out)


@attrs.frozen
class Typing:
    """Types `havn …` in this process."""

    _capsys: pytest.CaptureFixture[str]

    def __call__(self, *arguments: object) -> Said:
        """What came of it."""
        code = main([str(each) for each in arguments])
        said = self._capsys.readouterr()
        return Said(code, said.out, said.err)


class Terminal:
    """A program at a terminal, and who sits there."""

    def __init__(self, master: int, process: subprocess.Popen[bytes]) -> None:
        self._master = master
        self._process = process
        self._selector = selectors.DefaultSelector()
        self._selector.register(master, selectors.EVENT_READ)
        self.shown = ""

    def wait_for(self, pattern: str) -> str:
        """Reads until something is shown, and not before."""
        end = time.monotonic() + _PATIENCE
        while (found := re.search(pattern, self.shown)) is None:
            assert self._read(end), f"{pattern!r} was never shown:\n{self.shown}"
        return found.group()

    def type(self, keys: str) -> None:
        """Presses keys."""
        os.write(self._master, keys.encode())

    def interrupt(self) -> None:
        """Presses Ctrl-C."""
        self.type("\x03")

    def end(self) -> int:
        """Reads to the end; the exit code."""
        end = time.monotonic() + _PATIENCE
        while self._read(end):
            pass
        return self._process.wait(_PATIENCE)

    def _read(self, end: float) -> bool:
        """Reads what is there; whether there may be more."""
        if not self._selector.select(max(0, end - time.monotonic())):
            raise TimeoutError(self.shown)
        try:
            data = os.read(self._master, 65536)
        except OSError:  # how Linux says that the other end is closed
            return False
        self.shown += data.decode("utf-8", "replace")
        return bool(data)

    def close(self) -> None:
        """Ends the program, if it has not ended."""
        self._process.kill()
        self._process.wait()
        self._selector.close()
        os.close(self._master)


@contextmanager
def at_terminal(
    command: list[str], environ: Mapping[str, str], *, columns: int = 80, cwd: Path | None = None
) -> Generator[Terminal]:
    """A command at a terminal of so many columns."""
    master, slave = os.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    process = subprocess.Popen(  # noqa: S603  our own code
        [sys.executable, "-c", _TAKE_TERMINAL, *command],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env=environ,
        cwd=cwd,
    )
    os.close(slave)
    terminal = Terminal(master, process)
    try:
        yield terminal
    finally:
        terminal.close()


def surroundings(**more: str) -> dict[str, str]:
    """An environment with nothing of ours in it, and a terminal that knows colours."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HAVN_", "_HAVN"))}
    for name in ("COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR"):
        kept.pop(name, None)
    return {**kept, "TERM": "xterm-256color", "NO_PROXY": "*", **more}


def lines(shown: str) -> list[str]:
    """What stands on the screen in the end, were it endlessly wide: what was wiped away or written over is gone."""
    screen: list[str] = [""]
    row = column = 0
    for token in _TOKENS.findall(shown):
        if token == "\r":
            column = 0
        elif token == "\n":
            row += 1
            screen.extend([""] * (row + 1 - len(screen)))
        elif token.startswith("\x1b"):
            row -= int(token[2:-1] or 1) if token.endswith("A") else 0
            screen[row] = "" if token.endswith("K") else screen[row]
        else:
            line = screen[row].ljust(column)
            screen[row] = line[:column] + token + line[column + len(token) :]
            column += len(token)
    return screen


@contextmanager
def serving(
    *,
    status: int = 200,
    body: bytes | Callable[[Message], bytes] = b"{}",
    date: str | None = None,
    headers: Mapping[str, str] | None = None,
    context: ssl.SSLContext | None = None,
) -> Generator[str]:
    """A server that answers everything alike, or with what it makes of the headers; its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            content = body if isinstance(body, bytes) else body(self.headers)
            self.send_response_only(status)
            for name, value in {"Date": date, **(headers or {}), "Content-Length": str(len(content))}.items():
                if value is not None:
                    self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_GET  # noqa: N815  the library's name

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        if context is not None:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http{'' if context is None else 's'}://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
