"""One cell of the matrix: a shop, its workers, blows until there were enough, and then the books."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import attrs
from crash import points
from crash.books import compare
from crash.broker import BROKER, queue
from crash.cells import APPLICATION, CONCURRENCY, FLUSH, LEASE, TIMEOUT
from crash.ground import connect, database
from crash.havn import Observer, ledger
from crash.migration import differences
from crash.outside import OUTSIDE
from crash.processes import Program
from crash.shop import MESSAGES, METADATA, PAYMENTS
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from havn_ext.outbox import SQLAlchemyDatabase, Store
from havn_ext.outbox.faults import NO_FAULTS
from havn_ext.outbox.faults import VARIABLE as WORKERS_VARIABLE

if TYPE_CHECKING:
    import threading

    from crash.cells import Cell
    from crash.havn import Havn
    from sqlalchemy import Engine

__all__ = ["Outcome", "Trial"]

HERE: Final = Path(__file__).resolve().parent
LONGEST_STOP: Final = TIMEOUT + 1.0
"""Seconds in which a worker ends after SIGTERM: a call that is in flight is waited for, then one second."""
TICK: Final = 0.05
LOOK: Final = 0.25
PATIENCE: Final = 90.0
PATIENCE_PER_BLOW: Final = 20.0
"""Seconds after which a trial that makes no end has failed."""
_WAITING: Final = (
    (MESSAGES.c.state == "pending")
    & MESSAGES.c.leased_by.is_(None)
    & (MESSAGES.c.available_at > MESSAGES.c.created_at)
)
_DEAD: Final = MESSAGES.c.state == "dead"
_UNDELIVERED: Final = MESSAGES.c.state != "delivered"
_ENDED: Final = frozenset({0, -signal.SIGTERM})
"""How a process ends that was asked to: the latter, when it had not yet said what it does then."""


@attrs.define
class Outcome:
    """What came of a trial.

    Attributes:
        blows: How often a process was killed, stopped, asked to end, or cut off.
        kills: How many processes SIGKILL has ended.
        payments: Committed by the shop.
        rolled_back: Payments that the shop has rolled back.
        lost: Payments that the sandbox has not counted.
        double: Payments that it has counted otherwise than once: twice, wrongly, or though nobody paid.
        resent: Transactions that the sandbox has processed beyond the first time.
        bound: How many those may be.
        poisoned: Messages that were given up for killing workers, and were retried by hand.
        fenced: Marks that came too late to count, of workers that could tell.
        end_seconds: What the median worker took to end after SIGTERM; None where none was asked to.
        seconds: How long it took.
        complaints: What is not as it should be; empty when all is well.
    """

    cell: str
    blows: int = 0
    kills: int = 0
    payments: int = 0
    rolled_back: int = 0
    lost: int = 0
    double: int = 0
    resent: int = 0
    bound: int = 0
    poisoned: int = 0
    fenced: int = 0
    end_seconds: float | None = None
    seconds: float = 0.0
    complaints: list[str] = attrs.field(factory=list)


class Trial:
    """One cell under way.

    Args:
        cell: Which.
        havn: The sandbox.
        seed: Of all dice.
        folder: For the files of this trial alone.
        abandoned: Set when the trial is to end without a result.
    """

    def __init__(self, cell: Cell, havn: Havn, seed: int, folder: Path, abandoned: threading.Event) -> None:
        self.cell = cell
        self.dice = random.Random(f"{seed} {cell.name}")  # noqa: S311  dice, not secrets
        self.outcome = Outcome(cell.name)
        self.workers: list[Program] = []
        self.ended: list[Program] = []
        self.end_seconds: list[float] = []
        self.reliefs = 0
        self._havn = havn
        self._company = havn.company()
        self._observer = Observer(self._company, havn.control)
        self._folder = folder
        self._abandoned = abandoned
        self._numbers = count(1)
        self._shop: Program | None = None
        self._beat: Program | None = None
        self._queue = ""
        self._closed = False

    def run(self) -> Outcome:
        """Carries it out."""
        began = time.monotonic()
        with ExitStack() as stack:
            self.address = stack.enter_context(database(self.cell.engine, self._folder))
            self.engine: Engine = connect(self.address)
            stack.callback(self.engine.dispose)
            if self.cell.runner == "celery":
                self._queue = stack.enter_context(queue())
            stack.callback(self._kill_all)
            self.store = Store(SQLAlchemyDatabase(self.engine), faults=NO_FAULTS)
            self._make_tables()
            for fault in self.cell.blow.faults:
                self._company.add_fault(**fault)
            try:
                self._work(began + PATIENCE + PATIENCE_PER_BLOW * self.cell.blows)
            except (RuntimeError, SQLAlchemyError, subprocess.TimeoutExpired) as error:
                self.outcome.complaints.append(str(error))
            self._kill_all()
            self._settle()
            self._company.clear_faults()
        self.outcome.seconds = time.monotonic() - began
        return self.outcome

    # ── for what strikes from outside ────────────────────────────────────────────────────────────────

    @property
    def enough(self) -> bool:
        """Whether there were as many blows as there should be."""
        return self.outcome.blows >= self.cell.blows

    def leases(self, worker: Program) -> int:
        """How many messages a worker holds."""
        with self.engine.connect() as connection:
            held = select(func.count()).where(MESSAGES.c.leased_by.like(f"%:{worker.pid}"))
            return connection.execute(held).scalar_one()

    def delivered(self) -> int:
        """How many messages are delivered."""
        with self.engine.connect() as connection:
            return connection.execute(select(func.count()).where(MESSAGES.c.state == "delivered")).scalar_one()

    def replace(self, worker: Program) -> None:
        """Takes note of a worker that has ended as it was asked to."""
        self.workers.remove(worker)
        self.ended.append(worker)

    # ── the course of it ─────────────────────────────────────────────────────────────────────────────

    def _make_tables(self) -> None:
        if not self.cell.blow.migration:
            METADATA.create_all(self.engine)
            return
        PAYMENTS.create(self.engine)
        arguments = ["outbox", "create-tables", "--database", self.address]
        for number in count(1):
            MESSAGES.metadata.drop_all(
                self.engine, [each for each in METADATA.sorted_tables if each is not PAYMENTS]
            )
            struck = self._start("migration", [str(HERE / "migration.py"), str(number), *arguments])
            struck.wait(PATIENCE)
            self.outcome.blows += struck.was_killed
            self.outcome.kills += struck.was_killed
            again = self._start("migration", ["-m", "havn_ext.cli", *arguments])
            if again.wait(PATIENCE) != 0:
                self.outcome.complaints.append(f"create-tables failed after a kill: {again.complained()[-300:]}")
            self.outcome.complaints += [
                f"killed after statement {number} of create-tables and run again: {each}"
                for each in differences(self.engine)
            ]
            if not struck.was_killed:
                return

    def _work(self, deadline: float) -> None:
        outside = OUTSIDE[self.cell.blow.outside](self) if self.cell.blow.outside else None
        looked = 0.0
        while not (self._closed and (outside is None or outside.is_over) and self._is_empty()):
            now = time.monotonic()
            if self._abandoned.is_set() or now > deadline:
                raise RuntimeError(f"makes no end: {self._standing()}")
            self._keep_shop()
            self._keep_beat()
            self._keep_workers()
            if outside is not None:
                outside.strike()
            if now - looked > LOOK:
                looked = now
                self._look()
            time.sleep(TICK)
        self._end_workers()

    def _keep_shop(self) -> None:
        shop = self._shop
        if shop is not None and shop.code is None:
            enough = self.enough and self.delivered() >= 20 * self.cell.workers
            if enough and not self._closed:
                shop.send(signal.SIGTERM)
            return
        if shop is not None:
            self.outcome.rolled_back += len(shop.said().split())
            self._count_end(shop, _ENDED)
            self._closed = self._closed or shop.code in _ENDED
            self._shop = None
        if not self._closed:
            name = f"shop{next(self._numbers)}"
            fault = self._fault(points.VARIABLE, self.cell.blow.shop)
            arguments = [str(HERE / "shop.py"), "--database", self.address, "--name", name]
            self._shop = self._start(name, arguments, fault)

    def _keep_beat(self) -> None:
        if self.cell.runner != "celery":
            return
        if self._beat is None:
            self._beat = self._start("beat", self._celery("--beat", str(self._folder / "beat.schedule")))
        elif self._beat.code is not None:
            raise RuntimeError(f"beat ended with {self._beat.code}: {self._beat.complained()[-300:]}")

    def _keep_workers(self) -> None:
        for worker in [each for each in self.workers if each.code is not None]:
            self.replace(worker)
            self._count_end(worker, frozenset())
        while len(self.workers) < self.cell.workers + self.reliefs:
            self.workers.append(self._new_worker())

    def _count_end(self, program: Program, expected: frozenset[int]) -> None:
        if program.was_killed:
            self.outcome.blows += 1
            self.outcome.kills += 1
        elif program.code not in expected:
            lines = program.complained().strip().splitlines()[-12:]
            raise RuntimeError(f"{program.name} ended with {program.code}: {' | '.join(lines)}")

    def _new_worker(self) -> Program:
        blow, name = self.cell.blow, f"worker{next(self._numbers)}"
        fault = self._fault(WORKERS_VARIABLE, blow.worker) | self._fault(points.VARIABLE, blow.extra)
        if self.cell.runner == "celery":
            return self._start(name, self._celery(), fault)
        program = [str(HERE / "worker.py")] if blow.extra else ["-m", "havn_ext.cli"]
        options = {
            "--database": self.address,
            "--timeout": TIMEOUT,
            "--lease": LEASE,
            "--concurrency": CONCURRENCY,
            "--batch": 16,
            "--poll": 0.2,
        }
        given = [str(each) for option in options.items() for each in option]
        return self._start(name, [*program, "outbox", "run", "--json", *given], fault)

    def _celery(self, *more: str) -> list[str]:
        options = ["--database", self.address, "--broker", BROKER, "--queue", self._queue]
        return [str(HERE / "celery_program.py"), *options, *more]

    def _fault(self, variable: str, said: str | None) -> dict[str, str]:
        """What makes a process die, while there were not enough deaths."""
        return {variable: f"{said}:{self.dice.randrange(10**6)}"} if said and not self.enough else {}

    def _start(self, name: str, arguments: list[str], extra: dict[str, str] | None = None) -> Program:
        kept = {key: value for key, value in os.environ.items() if not key.startswith("HAVN_")}
        environ = {
            **kept,
            **self._company.environ,
            "PGAPPNAME": APPLICATION if name.startswith("worker") else "havn-crash",
            "PYTHONWARNINGS": "ignore",
            **(extra or {}),
        }
        return Program(name, [sys.executable, *arguments], environ, self._folder)

    def _look(self) -> None:
        """Counts, lets time pass for messages that wait for another try, and sees to those that were given up."""
        self._observer.look()
        with self.engine.connect() as connection:
            waiting = connection.execute(select(MESSAGES.c.id).where(_WAITING)).scalars().all()
            dead = connection.execute(select(MESSAGES.c.id, MESSAGES.c.last_error).where(_DEAD)).all()
        if waiting:
            with self.engine.begin() as connection:
                connection.execute(MESSAGES.update().where(_WAITING).values(available_at=MESSAGES.c.created_at))
        for _, reason in dead:
            if not str(reason).startswith("poison"):
                raise RuntimeError(f"a message is dead: {reason}")
        if dead:
            self.outcome.poisoned += len(self.store.retry([number for number, _ in dead]))

    def _is_empty(self) -> bool:
        with self.engine.connect() as connection:
            left = select(func.count()).select_from(MESSAGES).where(_UNDELIVERED)
            return connection.execute(left).scalar_one() == 0

    def _standing(self) -> str:
        return f"{self.outcome.blows} blows, {dict(self.store.status().counts)}"

    def _end_workers(self) -> None:
        for worker in self.workers:
            worker.send(signal.SIGTERM)
        deadline = time.monotonic() + PATIENCE
        while self.workers:
            for worker in [each for each in self.workers if each.code is not None]:
                self.replace(worker)
                self._count_end(worker, _ENDED)
            if time.monotonic() > deadline:
                raise RuntimeError(f"{len(self.workers)} workers do not end after SIGTERM")
            self._observer.look()  # other trials go on, and the sandbox keeps its newest requests only
            time.sleep(TICK)

    def _kill_all(self) -> None:
        for program in (*self.workers, self._shop, self._beat):
            if program is not None:
                program.kill()

    # ── the books ────────────────────────────────────────────────────────────────────────────────────

    def _settle(self) -> None:
        outcome, blow = self.outcome, self.cell.blow
        try:
            self._observer.look()
        except RuntimeError as error:
            outcome.complaints.append(str(error))
        with self.engine.connect() as connection:
            rows = connection.execute(select(PAYMENTS.c.id, PAYMENTS.c.amount))
            payments = {row.id: row.amount for row in rows}
            waiting = set(connection.execute(select(MESSAGES.c.dedup_key).where(_UNDELIVERED)).scalars())
        counted = ledger(self._havn.file, self._company.api_key)
        if waiting:  # where the trial made no end: late is not lost
            outcome.complaints.append(f"{len(waiting)} messages are not delivered yet")
            payments = {key: amount for key, amount in payments.items() if key not in waiting or key in counted}
        agreement = compare(payments, counted)
        outcome.complaints += agreement.complaints
        outcome.payments, outcome.lost = agreement.payments, len(agreement.lost)
        outcome.double = len(agreement.double) + len(agreement.strange) + len(agreement.wrong)
        outcome.resent = self._observer.processed - (agreement.payments - len(agreement.lost))
        outcome.bound = self._bound()
        outcome.fenced = sum(self._tally(worker).get("fenced", 0) for worker in self.ended)
        if outcome.resent > outcome.bound:
            outcome.complaints.append(f"{outcome.resent} sent again, {outcome.bound} allowed")
        if not self.enough:
            outcome.complaints.append(f"only {outcome.blows} blows of {self.cell.blows} have struck")
        if not outcome.rolled_back:
            outcome.complaints.append("the shop has rolled nothing back, so nothing is said about that")
        if blow.outside == "stop" and not outcome.fenced:
            outcome.complaints.append("no mark was late, so nothing is said about fencing")
        if self.end_seconds:
            outcome.end_seconds = sorted(self.end_seconds)[len(self.end_seconds) // 2]
            if outcome.end_seconds > LONGEST_STOP:
                outcome.complaints.append(
                    f"the median worker took {outcome.end_seconds:.2f} s to end after SIGTERM"
                )

    def _bound(self) -> int:
        """How many messages may be sent again: those in flight or not marked at a blow, and those unanswered."""
        slow = sum(worker.complained().count("did not answer within") for worker in self.ended)
        held = self.outcome.blows * (CONCURRENCY + FLUSH) if self.cell.blow.resends else 0
        return held + self._observer.lost_answers + slow

    def _tally(self, worker: Program) -> dict[str, Any]:
        lines = worker.said().splitlines() if self.cell.runner == "plain" else []
        tally: dict[str, Any] = json.loads(lines[-1]) if lines else {}
        return tally
