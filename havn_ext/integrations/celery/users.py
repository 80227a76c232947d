"""Syncs of millions of users: parts in your database, tasks that take them, and a report when the last is done.

It is a chord whose counter is a table. Celery's own would need a result backend, would wait for ever for a
message that the broker lost, and could not go on within a part.
"""

from __future__ import annotations

import json
import logging
import random
import time
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakSet

import attrs

from havn_ext._checks import Problems
from havn_ext._redaction import redact
from havn_ext._user import checked_shared
from havn_ext.client import HAVNClient
from havn_ext.errors import (
    HAVNBadRequestError,
    HAVNError,
    HAVNNotFoundError,
    HAVNUnprocessableError,
    HAVNValidationError,
)
from havn_ext.integrations.celery.checkpoint import PartCheckpoint, TimeIsUpError
from havn_ext.integrations.celery.extra import celery_extra
from havn_ext.integrations.celery.jobs import Jobs, LeaseLostError
from havn_ext.integrations.celery.places import stores
from havn_ext.integrations.celery.sources import check_path, named, source
from havn_ext.integrations.celery.sweeping import SweptTask
from havn_ext.outbox.errors import HAVNOutboxConflictError
from havn_ext.outbox.messages import fit_to_store
from havn_ext.outbox.schedule import DAY, Schedule

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from celery import Celery
    from celery.app.task import Task
    from sqlalchemy import URL, Engine

    from havn_ext.integrations.celery.jobs import Job, Part, SyncStatus
    from havn_ext.integrations.celery.sources import UserSource
    from havn_ext.outbox.delivery import AccountOptions
    from havn_ext.outbox.store import Store

__all__ = ["SYNC", "SYNC_SWEEP", "UserSyncTasks", "configure_users"]

SYNC: Final = "havn.users.sync"
SYNC_SWEEP: Final = "havn.users.sweep"
MOST_CRASHES: Final = 5
"""Leases of one part in a row of which nothing came; it kills its workers, then."""

_HOPELESS: Final = (HAVNValidationError, HAVNBadRequestError, HAVNNotFoundError, HAVNUnprocessableError)
logger = logging.getLogger("havn.celery")
_configured: WeakSet[Celery] = WeakSet()


@attrs.frozen(kw_only=True)
class _Terms:
    """What `configure_users` was told."""

    make_store: Callable[[], Store]
    prefix: str
    schema: str | None
    accounts: Mapping[str, AccountOptions]
    concurrency: int
    lease: float
    max_seconds: float
    schedule: Schedule
    rng: random.Random

    def jobs(self) -> Jobs:
        """The syncs, as this process reaches them."""
        store = self.make_store()
        return Jobs(store.database, prefix=self.prefix, schema=self.schema, clock=store.clock)


@attrs.frozen
class UserSyncTasks:
    """Very large syncs on one Celery app.

    Attributes:
        work: The task `havn.users.sync`: takes parts that are due, of whatever sync.
    """

    work: Task[[], None]
    _swept: SweptTask
    _terms: _Terms

    def create_tables(self) -> None:
        """Creates the tables where they are missing, for whom no migration does (see `sync_tables`)."""
        with celery_extra():
            from havn_ext.integrations.celery.tables import table_definitions  # noqa: PLC0415  needs SQLAlchemy
        database = self._terms.make_store().database
        with database.transaction() as execute:
            for statement in table_definitions(database.dialect, self._terms.prefix, self._terms.schema):
                execute(statement, {})

    def sync(
        self,
        job: str,
        users: str,
        *,
        arguments: Mapping[str, Any] | None = None,
        account: str = "default",
        upline_code: str | None = None,
        referral_code: str | None = None,
        create_associate: bool = True,
        is_owner: bool = False,
        on_result: str | None = None,
        on_end: str | None = None,
        workers: int = 4,
    ) -> None:
        """Begins a sync, or finds it under way: the same call again begins nothing twice.

        Args:
            job: A name of yours for this sync, up to 200 characters.
            users: `module:function` of what gives the users, or a `UserSource` such as `KeyRanges`. Up to some
                hundred thousand users a function will do, which is one part; ranges are synced side by side,
                and less has to be read again after a crash. A sync is of the users that are there when its
                parts are read.
            arguments: What the function is called with; as JSON, in the database.
            account: Whose users they are.
            upline_code: As in `users.sync`, for all of them.
            referral_code: As in `users.sync`, for all of them.
            create_associate: As in `users.sync`, for all of them.
            is_owner: As in `users.sync`, for all of them.
            on_result: `module:function` of what takes each `UserSyncResult`, to store its referral code for
                instance. A result may come again after a crash.
            on_end: Name of a task of yours that is sent `job` when every part is done or dead; at least once.
            workers: Tasks to begin with at most; each sweep adds one while parts are due.

        Raises:
            HAVNValidationError: Names every argument that is wrong; nothing was begun.
            HAVNOutboxConflictError: A sync of this name was asked to do something else.
        """
        spec = _spec(
            job,
            users,
            {
                "upline_code": upline_code,
                "referral_code": referral_code,
                "create_associate": create_associate,
                "is_owner": is_owner,
            },
            arguments={} if arguments is None else dict(arguments),
            account=account,
            on_result=on_result,
            on_end=on_end,
        )
        if self._terms.jobs().add(job, spec) != spec:
            raise HAVNOutboxConflictError(
                f"the sync {job} was asked to do something else: pass the same, or take another name", key=job
            )
        for _ in range(workers):
            self._ring()

    def status(self, job: str) -> SyncStatus | None:
        """Where a sync stands, with its report; None if there is none of this name."""
        return self._terms.jobs().status(job)

    def retry(self, job: str) -> int:
        """Has the dead parts of a sync tried again, from where they stand; gives how many they are."""
        opened = self._terms.jobs().retry(job)
        if opened:
            self._ring()
        return opened

    def forget(self, job: str) -> bool:
        """Deletes a sync and its failures, which hold personal data; False if there is none of this name."""
        return self._terms.jobs().forget(job)

    def _ring(self) -> None:
        try:
            self._swept.send()
        except Exception as error:  # noqa: BLE001  every broker has errors of its own
            logger.warning("the broker took no message (%s): the next sweep finds the sync", type(error).__name__)


def configure_users(
    app: Celery,
    *,
    database: Engine | URL | str | None = None,
    store: Callable[[], Store] | None = None,
    prefix: str = "havn_",
    schema: str | None = None,
    accounts: Mapping[str, AccountOptions] | None = None,
    concurrency: int = 4,
    lease: float = 300.0,
    max_seconds: float = 50.0,
    sweep_every: float = 5.0,
    schedule: Schedule | None = None,
    queue: str | None = None,
    rng: random.Random | None = None,
) -> UserSyncTasks:
    """Puts the task of very large syncs on a Celery app, and its sweep into the beat schedule. Touches no network.

    Args:
        app: Yours. Where it assigns `beat_schedule` as a whole, call this afterwards.
        database: As in `configure`; the tables are those of `sync_tables`.
        store: As in `configure`.
        prefix: What the names of the tables begin with.
        schema: The schema that they are in.
        accounts: Options of each account; `default` with those of the environment when None.
        concurrency: Calls at the same time in each task (in threads), 1 to 100.
        lease: Seconds after which a part whose worker died goes to another; longer than a call may take with
            all its retries, and than reading and skipping a part takes.
        max_seconds: For which a task takes parts, and for which it works at one.
        sweep_every: Seconds between two sweeps, and until a message that nobody took is dropped.
        schedule: When a part that failed is tried again; one that HAVN refuses for good is dead at once.
        queue: For its messages; the app's usual one when None.
        rng: The dice of the jitter.

    Raises:
        HAVNValidationError: Something makes no sense, or the app is configured already.
        HAVNOutboxError: It is a database that no outbox can be in.
    """
    problems = Problems()
    problems.number("concurrency", concurrency, least=1, most=100, required=True)
    for name, value in {"lease": lease, "max_seconds": max_seconds, "sweep_every": sweep_every}.items():
        if not value > 0:
            problems.add(name, f"must be greater than 0, not {value!r}")
    if app in _configured:
        problems.add("app", "has the task of very large syncs already")
    problems.raise_any()
    terms = _Terms(
        make_store=stores(database, store, prefix, schema),
        prefix=prefix,
        schema=schema,
        accounts={"default": {}} if accounts is None else accounts,
        concurrency=concurrency,
        lease=lease,
        max_seconds=max_seconds,
        schedule=schedule or Schedule(),
        rng=random.SystemRandom() if rng is None else rng,
    )

    def work() -> None:
        _Work(terms, app).run()

    swept = SweptTask.on(app, SYNC, work, entry=SYNC_SWEEP, every=sweep_every, queue=queue)
    _configured.add(app)
    return UserSyncTasks(swept.task, swept, terms)


def _spec(job: str, users: str, shared: dict[str, object], **rest: Any) -> dict[str, Any]:  # noqa: ANN401  see sync
    """What a sync is asked to do, as JSON; all that is wrong with it is told now."""
    problems = Problems()
    problems.text("job", job, least=1, most=200, required=True)
    check_path("users", users, problems)
    if rest["on_result"] is not None:
        check_path("on_result", rest["on_result"], problems)
    problems.text("on_end", rest["on_end"], least=1)
    problems.text("account", rest["account"], least=1, most=100, required=True)
    if not _is_json(rest["arguments"]):
        problems.add("arguments", "must be JSON: str, int, float, bool, None, and lists and dicts of these")
    fields = checked_shared(shared, problems)
    problems.raise_any()
    return {"users": users, "shared": fields, **rest}


def _is_json(value: object) -> bool:
    try:
        return bool(json.loads(json.dumps(value, allow_nan=False)) == value)
    except (TypeError, ValueError, RecursionError):
        return False


class _Work:
    """One run of the task."""

    def __init__(self, terms: _Terms, app: Celery) -> None:
        self._terms = terms
        self._app = app
        self._jobs = terms.jobs()

    def run(self) -> None:
        """Lists and syncs parts until none is due or the time is up; tells of jobs that have ended."""
        ends_at = time.monotonic() + self._terms.max_seconds
        while (self._list_parts() or self._sync_part()) and time.monotonic() < ends_at:
            pass
        for job in self._jobs.ended():
            self._tell(job)

    def _list_parts(self) -> bool:
        """Lists the parts of a job that wants it; False if none does."""
        job = self._jobs.to_list(self._terms.lease)
        if job is None:
            return False
        try:
            self._jobs.listed(job.name, _source(job.spec).parts())
        except Exception as error:
            logger.exception("the parts of the sync %s can't be listed", job.name)
            delay = self._delay(job.attempts)
            self._jobs.not_listed(job.name, _reason(error), DAY if delay is None else delay)
        return True

    def _sync_part(self) -> bool:
        """Takes a part as far as it goes; False if none is due."""
        part = self._jobs.claim(self._terms.lease)
        if part is None:
            return False
        try:
            self._take_on(part)
        except LeaseLostError as error:
            logger.warning("%s", error)
        return True

    def _take_on(self, part: Part) -> None:
        if part.claims > MOST_CRASHES:
            self._jobs.fail(part, f"its worker died {MOST_CRASHES} times", None)
            return
        try:
            self._sync(part)
        except TimeIsUpError:
            self._jobs.release(part)
        except LeaseLostError:
            raise
        except Exception as error:
            if not isinstance(error, HAVNError):
                logger.exception("part %d of the sync %s failed", part.number, part.job)
            delay = None if isinstance(error, _HOPELESS) else self._delay(part.attempts)
            what = "is dead" if delay is None else f"is tried again in {delay:.0f} s"
            logger.error("part %d of the sync %s %s: %s", part.number, part.job, what, _reason(error))  # noqa: TRY400  the trace is above, where it tells something
            self._jobs.fail(part, _reason(error), delay)
        else:
            self._jobs.finish(part)

    def _sync(self, part: Part) -> None:
        spec = self._jobs.spec(part.job)
        try:
            self._sync_on(part, spec)
        except HAVNValidationError as error:
            if part.saved is None or "checkpoint" not in error.errors:
                raise
            # The users are others than they were. To sync one twice is harmless, to leave one out is not.
            logger.info("part %d of the sync %s has changed and begins anew", part.number, part.job)
            self._jobs.restart(part)
            self._sync_on(attrs.evolve(part, saved=None), spec)

    def _sync_on(self, part: Part, spec: Mapping[str, Any]) -> None:
        options = self._terms.accounts.get(spec["account"])
        if options is None:
            raise HAVNValidationError(errors={"account": f"is none that the workers know: {spec['account']}"})
        take = named(spec["on_result"]) if spec["on_result"] else None
        checkpoint = PartCheckpoint(self._jobs, part, self._terms.lease, self._terms.max_seconds)
        with HAVNClient(**options) as client:
            stream = client.users.sync_many(
                _source(spec).users(part.part),
                checkpoint=checkpoint,
                concurrency=self._terms.concurrency,
                **spec["shared"],
            )
            for result in stream:
                if take is not None:
                    take(result)

    def _tell(self, job: Job) -> None:
        if job.spec["on_end"]:
            try:
                self._app.signature(job.spec["on_end"], args=[job.name]).apply_async(retry=False)
            except Exception as error:  # noqa: BLE001  every broker has errors of its own
                logger.warning("the end of the sync %s is told later (%s)", job.name, type(error).__name__)
                return
        logger.info("the sync %s has ended", job.name)
        self._jobs.told(job.name)

    def _delay(self, attempts: int) -> float | None:
        return self._terms.schedule.after_failure(attempts + 1, None, self._terms.rng)


def _source(spec: Mapping[str, Any]) -> UserSource:
    return source(spec["users"], spec["arguments"])


def _reason(error: Exception) -> str:
    return fit_to_store(redact(f"{type(error).__name__}: {error}"))
