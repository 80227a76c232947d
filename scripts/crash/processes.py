"""The processes of a trial: started, watched, and ended by their own ids, whatever happens."""

from __future__ import annotations

import signal
import subprocess
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

__all__ = ["Program"]


class Program:
    """One process, what it says in files.

    Args:
        name: Tells its files from those of others.
        command: What to run.
        environ: Its whole environment.
        folder: Where its output goes.
    """

    def __init__(self, name: str, command: Sequence[str], environ: Mapping[str, str], folder: Path) -> None:
        self.name = name
        self.started = time.monotonic()
        self._out, self._err = folder / f"{name}.out", folder / f"{name}.err"
        with self._out.open("wb") as out, self._err.open("wb") as err:
            self._process: subprocess.Popen[Any] = subprocess.Popen(command, env=environ, stdout=out, stderr=err)

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    @property
    def code(self) -> int | None:
        """How it has ended: the exit code, or a signal's number below 0; None while it runs."""
        return self._process.poll()

    @property
    def was_killed(self) -> bool:
        """Whether SIGKILL has ended it."""
        return self.code == -signal.SIGKILL

    @property
    def age(self) -> float:
        """Seconds since it was started."""
        return time.monotonic() - self.started

    def send(self, number: signal.Signals) -> None:
        """Signals it, if it still runs."""
        self._process.send_signal(number)

    def wait(self, timeout: float) -> int:
        """Waits for its end; gives the exit code.

        Raises:
            subprocess.TimeoutExpired: It still runs after so many seconds.
        """
        return self._process.wait(timeout)

    def said(self) -> str:
        """Its standard output so far."""
        return self._out.read_text()

    def complained(self) -> str:
        """Its standard error so far."""
        return self._err.read_text()

    def kill(self) -> None:
        """Ends it for certain, stopped or not."""
        self._process.kill()
        self._process.wait()
