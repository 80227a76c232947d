"""Very large syncs in the database: which parts there are, who is at work on one, and how far it has come.

    job     listing ──▶ open ──▶ done            parts are listed; each is done or dead, and it has been told
    part    open (due, or leased until a time) ──▶ done | dead

A lease is a moment in the future, with an epoch that fences out whoever had the part before.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

import attrs

from havn_ext._checkpoint import SavedSync
from havn_ext._clock import SYSTEM_CLOCK, Clock
from havn_ext.models import SyncError, SyncReport
from havn_ext.outbox.messages import MICROSECONDS
from havn_ext.outbox.statements import POSTGRESQL_NOW

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from havn_ext.outbox.protocol import Database, Execute

__all__ = ["Job", "Jobs", "LeaseLostError", "Part", "SyncStatus"]

PartState: TypeAlias = Literal["open", "done", "dead"]


class LeaseLostError(Exception):
    """A part is no longer ours: another worker has it."""


@attrs.frozen
class Job:
    """A sync, as it was asked for.

    Attributes:
        name: By which it is known.
        spec: What it was asked to do.
        attempts: How often its parts could not be listed.
    """

    name: str
    spec: Mapping[str, Any]
    attempts: int = 0


@attrs.frozen
class Part:
    """A part that we have a lease on.

    Attributes:
        job: Whose.
        number: From 0.
        part: What its source calls it.
        epoch: Of the lease.
        claims: Leases since something last came of one.
        attempts: Times that it has failed.
        saved: Where an earlier lease came to.
    """

    job: str
    number: int
    part: Any
    epoch: int
    claims: int
    attempts: int
    saved: SavedSync | None = attrs.field(repr=False)


@attrs.frozen
class SyncStatus:
    """Where a very large sync stands.

    Attributes:
        state: `listing` its parts, `open`, or `done`.
        report: The sum of all parts. `finished` once every part is done. A failure has its position among all
            users as soon as every part before its own is done, and None until then.
        parts: How many parts are `open`, `done` and `dead`.
        errors: What went wrong with parts that are not done, by number.
        error: Why the parts can't be listed.
    """

    state: str
    report: SyncReport
    parts: Mapping[PartState, int]
    errors: Mapping[int, str]
    error: str | None = None


class Jobs:
    """The syncs in one database.

    Args:
        database: Where they are.
        prefix: What the names of the tables begin with.
        schema: The schema that they are in; None for the database's usual one.
        clock: The time for SQLite; PostgreSQL has its own.
    """

    def __init__(
        self, database: Database, *, prefix: str = "havn_", schema: str | None = None, clock: Clock = SYSTEM_CLOCK
    ) -> None:
        self._database = database
        self._clock = clock
        is_sqlite = database.dialect == "sqlite"
        self._words = {
            **{each: _quoted(f"{prefix}sync_{each}", schema) for each in ("job", "part", "failure")},
            "now": "CAST(:now AS bigint)" if is_sqlite else POSTGRESQL_NOW,
            "ours": _OURS,
            "skip_locked": "" if is_sqlite else "FOR UPDATE SKIP LOCKED",
            "texts": "(SELECT key AS place, value AS said FROM json_each(:texts)) AS t"
            if is_sqlite
            else "(SELECT ordinality - 1 AS place, value AS said"
            " FROM json_array_elements_text(CAST(:texts AS json)) WITH ORDINALITY) AS t",
        }

    # ── jobs ─────────────────────────────────────────────────────────────────────────────────────────

    def add(self, name: str, spec: Mapping[str, Any]) -> Mapping[str, Any]:
        """Adds a job, unless there is one of this name; gives what the one that is there was asked to do."""
        with self._database.transaction() as execute:
            self._on(execute, _ADD_JOB, job=name, spec=_json(spec))
            ((said,),) = self._on(execute, _JOB_SPEC, job=name)
        found: dict[str, Any] = json.loads(said)
        return found

    def spec(self, name: str) -> dict[str, Any]:
        """What a job was asked to do."""
        ((said,),) = self._run(_JOB_SPEC, job=name)
        found: dict[str, Any] = json.loads(said)
        return found

    def to_list(self, lease: float) -> Job | None:
        """A job whose parts are not listed yet, for seconds ours; None if there is none."""
        rows = self._run(_JOB_TO_LIST, lease=_microseconds(lease))
        return Job(rows[0][0], json.loads(rows[0][1]), rows[0][2]) if rows else None

    def listed(self, name: str, parts: Iterable[object]) -> None:
        """Writes down the parts of a job, all at once, unless somebody has done so."""
        texts = json.dumps([_json(part) for part in parts])
        with self._database.transaction() as execute:
            if self._on(execute, _OPEN_JOB, job=name):
                self._on(execute, _ADD_PARTS, job=name, texts=texts)

    def not_listed(self, name: str, error: str, delay: float) -> None:
        """Writes down why the parts of a job can't be listed, and when to try again."""
        self._run(_FAIL_JOB, job=name, error=error, delay=_microseconds(delay))

    def ended(self) -> list[Job]:
        """Jobs without a part that is open, of which it has not been told."""
        return [Job(name, json.loads(spec)) for name, spec in self._run(_ENDED_JOBS)]

    def told(self, name: str) -> None:
        """Writes down that it has been told that a job has ended, unless parts of it are tried again."""
        with self._database.transaction() as execute:
            self._on(execute, _LOCK_JOB, job=name)  # so that the next statement sees what `retry` has opened
            self._on(execute, _JOB_DONE, job=name)

    def retry(self, name: str) -> int:
        """Opens the dead parts of a job again; gives how many they were."""
        with self._database.transaction() as execute:
            opened = self._on(execute, _RETRY_PARTS, job=name)
            if opened:
                self._on(execute, _REOPEN_JOB, job=name)
        return len(opened)

    def forget(self, name: str) -> bool:
        """Deletes a job with everything that it left; False if there is none of this name."""
        with self._database.transaction() as execute:
            self._on(execute, _FORGET_FAILURES, job=name)
            self._on(execute, _FORGET_PARTS, job=name)
            return bool(self._on(execute, _FORGET_JOB, job=name))

    # ── parts ────────────────────────────────────────────────────────────────────────────────────────

    def claim(self, lease: float) -> Part | None:
        """Takes a lease on the part that has been due for longest; None if none is due."""
        rows = self._run(_CLAIM_PART, lease=_microseconds(lease))
        if not rows:
            return None
        job, number, part, epoch, claims, attempts, saved = rows[0]
        return Part(
            job, number, json.loads(part), epoch, claims, attempts, saved and self._saved(saved, job, number)
        )

    def save(self, part: Part, saved: SavedSync, lease: float) -> None:
        """Writes down how far a part has come, with the failures that are new, and prolongs the lease.

        Raises:
            LeaseLostError: Another worker has it; nothing was written.
        """
        failures = json.dumps([_json(_plain(each)) for each in saved.report.failures])
        with self._database.transaction() as execute:
            self._fenced(execute, _SAVE_PART, part, saved=_json(_bare(saved)), lease=_microseconds(lease))
            self._on(execute, _ADD_FAILURES, job=part.job, number=part.number, texts=failures)

    def restart(self, part: Part) -> None:
        """Forgets how far a part has come.

        Raises:
            LeaseLostError: Another worker has it; nothing was written.
        """
        with self._database.transaction() as execute:
            self._fenced(execute, _RESTART_PART, part)
            self._on(execute, _FORGET_PART_FAILURES, job=part.job, number=part.number)

    def finish(self, part: Part) -> None:
        """A part is done.

        Raises:
            LeaseLostError: Another worker has it; nothing was written.
        """
        self._settle(part, "done", None, 0.0, failed=False)

    def release(self, part: Part) -> None:
        """Gives a part back, due at once.

        Raises:
            LeaseLostError: Another worker has it; nothing was written.
        """
        self._settle(part, "open", None, 0.0, failed=False)

    def fail(self, part: Part, error: str, delay: float | None) -> None:
        """A part failed, and is due again after seconds, or dead.

        Raises:
            LeaseLostError: Another worker has it; nothing was written.
        """
        self._settle(part, "dead" if delay is None else "open", error, delay or 0.0, failed=True)

    # ── looking ──────────────────────────────────────────────────────────────────────────────────────

    def status(self, name: str) -> SyncStatus | None:
        """Where a job stands; None if there is none of this name."""
        with self._database.transaction() as execute:
            jobs = self._on(execute, _JOB_STATE, job=name)
            parts = self._on(execute, _PART_STATES, job=name)
            failures = self._on(execute, _FAILURES, job=name)
        if not jobs:
            return None
        ((state, error),) = jobs
        return _status(state, error, parts, failures)

    # ── within ───────────────────────────────────────────────────────────────────────────────────────

    def _settle(self, part: Part, state: PartState, error: str | None, delay: float, *, failed: bool) -> None:
        with self._database.transaction() as execute:
            self._fenced(
                execute,
                _SETTLE_PART,
                part,
                state=state,
                error=error,
                delay=_microseconds(delay),
                failed=int(failed),
            )

    def _fenced(self, execute: Execute, sql: str, part: Part, **parameters: object) -> None:
        if not self._on(execute, sql, job=part.job, number=part.number, epoch=part.epoch, **parameters):
            raise LeaseLostError(f"part {part.number} of {part.job} has gone to another worker")

    def _saved(self, text: str, job: str, number: int) -> SavedSync:
        failures = tuple(
            SyncError(**json.loads(row[0])) for row in self._run(_PART_FAILURES, job=job, number=number)
        )
        document = json.loads(text)
        return SavedSync(
            terms=document["terms"],
            users=document["users"],
            report=SyncReport(failures=failures, **document["counts"]),
        )

    def _run(self, sql: str, **parameters: object) -> Sequence[Sequence[Any]]:
        with self._database.transaction() as execute:
            return self._on(execute, sql, **parameters)

    def _on(self, execute: Execute, sql: str, **parameters: object) -> Sequence[Sequence[Any]]:
        if self._database.dialect == "sqlite" and "{now}" in sql:
            parameters["now"] = _microseconds(self._clock.now())
        return execute(sql.format(**self._words), parameters)


_ADD_JOB: Final = """INSERT INTO {job} (job, spec, state, available_at, created_at)
VALUES (:job, :spec, 'listing', {now}, {now}) ON CONFLICT (job) DO NOTHING"""
_JOB_SPEC: Final = "SELECT spec FROM {job} WHERE job = :job"
_JOB_STATE: Final = "SELECT state, error FROM {job} WHERE job = :job"
_JOB_TO_LIST: Final = """WITH due AS MATERIALIZED (
  SELECT job AS due_job FROM {job} WHERE state = 'listing' AND available_at <= {now}
  ORDER BY available_at, job LIMIT 1 {skip_locked})
UPDATE {job} SET available_at = {now} + :lease FROM due WHERE job = due_job RETURNING job, spec, attempts"""
_OPEN_JOB: Final = """UPDATE {job} SET state = 'open', error = NULL WHERE job = :job AND state = 'listing'
RETURNING job"""
_FAIL_JOB: Final = """UPDATE {job} SET error = :error, available_at = {now} + :delay, attempts = attempts + 1
WHERE job = :job AND state = 'listing'"""
_ENDED_JOBS: Final = """SELECT job, spec FROM {job} AS j WHERE j.state = 'open' AND NOT EXISTS (
  SELECT 1 FROM {part} AS p WHERE p.job = j.job AND p.state = 'open') ORDER BY job"""
_LOCK_JOB: Final = "UPDATE {job} SET state = state WHERE job = :job"
_JOB_DONE: Final = """UPDATE {job} SET state = 'done' WHERE job = :job AND state = 'open' AND NOT EXISTS (
  SELECT 1 FROM {part} AS p WHERE p.job = :job AND p.state = 'open')"""
_REOPEN_JOB: Final = "UPDATE {job} SET state = 'open' WHERE job = :job AND state IN ('open', 'done')"
_FORGET_JOB: Final = "DELETE FROM {job} WHERE job = :job RETURNING job"

_ADD_PARTS: Final = """INSERT INTO {part} (job, number, part, available_at)
SELECT :job, t.place, t.said, {now} FROM {texts} WHERE true"""
_CLAIM_PART: Final = """WITH due AS MATERIALIZED (
  SELECT job AS due_job, number AS due_number FROM {part} WHERE state = 'open' AND available_at <= {now}
  ORDER BY available_at, job, number LIMIT 1 {skip_locked})
UPDATE {part} SET available_at = {now} + :lease, epoch = epoch + 1, claims = claims + 1
FROM due WHERE job = due_job AND number = due_number
RETURNING job, number, part, epoch, claims, attempts, saved"""
_OURS: Final = "WHERE job = :job AND number = :number AND epoch = :epoch AND state = 'open' RETURNING number"
_SAVE_PART: Final = """UPDATE {part} SET saved = :saved, claims = 0, available_at = {now} + :lease {ours}"""
_RESTART_PART: Final = """UPDATE {part} SET saved = NULL {ours}"""
_SETTLE_PART: Final = """UPDATE {part} SET state = :state, error = :error, available_at = {now} + :delay,
  attempts = attempts + :failed, claims = 0 {ours}"""
_RETRY_PARTS: Final = """UPDATE {part} SET state = 'open', available_at = {now}, attempts = 0, claims = 0
WHERE job = :job AND state = 'dead' RETURNING number"""
_PART_STATES: Final = "SELECT number, state, saved, error FROM {part} WHERE job = :job ORDER BY number"
_FORGET_PARTS: Final = "DELETE FROM {part} WHERE job = :job"

_ADD_FAILURES: Final = """INSERT INTO {failure} (job, number, failure)
SELECT :job, :number, t.said FROM {texts} WHERE true ORDER BY t.place"""
_FAILURES: Final = "SELECT number, failure FROM {failure} WHERE job = :job ORDER BY number, id"
_PART_FAILURES: Final = "SELECT failure FROM {failure} WHERE job = :job AND number = :number ORDER BY id"
_FORGET_FAILURES: Final = "DELETE FROM {failure} WHERE job = :job"
_FORGET_PART_FAILURES: Final = "DELETE FROM {failure} WHERE job = :job AND number = :number"


def _status(
    state: str, error: str | None, parts: Sequence[Sequence[Any]], failures: Sequence[Sequence[Any]]
) -> SyncStatus:
    counts: dict[PartState, int] = {"open": 0, "done": 0, "dead": 0}
    offsets: dict[int, int | None] = {}
    offset: int | None = 0
    total = succeeded = batches = 0
    for number, part_state, saved, _ in parts:
        counts[part_state] += 1
        offsets[number] = offset
        said: dict[str, int] = json.loads(saved)["counts"] if saved else {}
        total += said.get("total", 0)
        succeeded += said.get("succeeded", 0)
        batches += said.get("batches", 0)
        offset = total if offset is not None and part_state == "done" else None
    listed = tuple(_placed(json.loads(text), offsets[number]) for number, text in failures)
    finished = state != "listing" and counts["done"] == len(parts)
    return SyncStatus(
        state=state,
        report=SyncReport(total=total, succeeded=succeeded, batches=batches, failures=listed, finished=finished),
        parts=counts,
        errors={number: said for number, part_state, _, said in parts if said and part_state != "done"},
        error=error,
    )


def _placed(failure: dict[str, Any], offset: int | None) -> SyncError:
    index: int | None = failure.pop("index")
    return SyncError(index=None if index is None or offset is None else index + offset, **failure)


def _plain(failure: SyncError) -> dict[str, Any]:
    return {"index": failure.index, "email": failure.email, "error": failure.error, "raw": dict(failure.raw)}


def _bare(saved: SavedSync) -> dict[str, Any]:
    """Everything but the failures, which have rows of their own."""
    counts = attrs.asdict(saved.report, recurse=False, filter=lambda field, _: field.name != "failures")
    return {"terms": saved.terms, "users": saved.users, "counts": counts}


def _json(value: object) -> str:
    return json.dumps(value, sort_keys=True)  # in ASCII, so that any text of JSON is text to the database


def _quoted(name: str, schema: str | None) -> str:
    return ".".join('"{}"'.format(part.replace('"', '""')) for part in (schema, name) if part)


def _microseconds(seconds: float) -> int:
    return round(seconds * MICROSECONDS)
