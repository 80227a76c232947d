"""What the harness does to workers from outside, one class a kind. `strike` is called again and again."""

from __future__ import annotations

import signal
import subprocess
import time
from typing import TYPE_CHECKING, Final

from crash.cells import APPLICATION, CONCURRENCY, LEASE
from sqlalchemy import text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crash.processes import Program
    from crash.trial import Trial

__all__ = ["OUTSIDE", "Outside"]

PATIENCE: Final = 30.0


class Outside:
    """Strikes when it is time to.

    Args:
        trial: Whose workers.
    """

    def __init__(self, trial: Trial) -> None:
        self.trial = trial
        self._next = 0.0

    @property
    def is_over(self) -> bool:
        """Whether all workers are free to go on."""
        return True

    def strike(self) -> None:
        """Perhaps does something."""
        if not self.trial.enough and time.monotonic() >= self._next:
            self._strike()

    def _wait(self, least: float, most: float) -> None:
        self._next = time.monotonic() + self.trial.dice.uniform(least, most)

    def _strike(self) -> None:
        raise NotImplementedError

    def _busy(self, least: int = 1) -> Program | None:
        """A worker that holds so many messages, if one does."""
        workers = [worker for worker in self.trial.workers if worker.code is None]
        self.trial.dice.shuffle(workers)
        return next((worker for worker in workers if self.trial.leases(worker) >= least), None)


class Kill(Outside):
    """kill -9 at any time, mostly of one that is at work."""

    def _strike(self) -> None:
        busy = self._busy()
        if busy is not None:
            time.sleep(self.trial.dice.uniform(0.0, 0.6))  # or all would die in their first moments
            busy.send(signal.SIGKILL)
            self._wait(0.2, 1.0)


class Stop(Outside):
    """SIGSTOP for longer than the lease while others go on, and then SIGCONT: what it says late is fenced."""

    def __init__(self, trial: Trial) -> None:
        super().__init__(trial)
        self._stopped: Program | None = None
        trial.reliefs = 1

    @property
    def is_over(self) -> bool:
        """See `Outside`."""
        return self._stopped is None

    def strike(self) -> None:
        """See `Outside`; one that is stopped goes on, whether there were enough or not."""
        if self._stopped is None:
            super().strike()
        elif time.monotonic() >= self._next:
            self._stopped.send(signal.SIGCONT)
            self._stopped = None
            self._wait(1.0, 2.0)

    def _strike(self) -> None:
        self._stopped = self._busy(CONCURRENCY)
        if self._stopped is not None:
            self._stopped.send(signal.SIGSTOP)
            self.trial.outcome.blows += 1
            self._wait(1.5 * LEASE, 1.75 * LEASE)


class Term(Outside):
    """SIGTERM under load: ends well, at once, and gives back what it holds."""

    def _strike(self) -> None:
        worker = self._busy()
        if worker is None:
            return
        worker.send(signal.SIGTERM)
        began = time.monotonic()
        try:
            code = worker.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            raise RuntimeError("a worker did not end after SIGTERM") from None
        self.trial.end_seconds.append(time.monotonic() - began)
        self.trial.replace(worker)
        if code != 0 or self.trial.leases(worker):
            raise RuntimeError(
                f"{worker.name} ended with {code} and {self.trial.leases(worker)} leases after SIGTERM"
            )
        self.trial.outcome.blows += 1
        self._wait(0.2, 0.6)


class Cut(Outside):
    """PostgreSQL ends the workers' connections, busy or not."""

    def _strike(self) -> None:
        with self.trial.engine.connect() as connection:
            ended = connection.execute(_TERMINATE, {"us": APPLICATION}).scalars().all()
        self.trial.outcome.blows += sum(ended)
        self._wait(0.2, 0.8)


# in the select list: in the WHERE, PostgreSQL might end connections before it has filtered out others' own
_TERMINATE: Final = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND application_name = :us"
    " AND backend_start < clock_timestamp() - interval '0.5 seconds'"
)

OUTSIDE: Final[Mapping[str, type[Outside]]] = {"kill": Kill, "stop": Stop, "term": Term, "cut": Cut}
