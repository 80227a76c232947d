"""The outbox's tasks: a drain, a schedule that sweeps, and a nudge after commit.

A message of theirs says «look», and nothing else. So it may be lost, doubled, late or out of order, and the
broker may be emptied: what is due is due in the table, and the next sweep finds it.
"""

from __future__ import annotations

import asyncio
import logging
from importlib import import_module
from typing import TYPE_CHECKING, Final, TypedDict
from weakref import WeakSet

import attrs
from kombu.utils.compat import detect_environment

from havn_ext.errors import HAVNValidationError
from havn_ext.integrations.celery.bell import Bell
from havn_ext.integrations.celery.places import stores
from havn_ext.integrations.celery.sweeping import SweptTask
from havn_ext.outbox.delivery import ClientSender
from havn_ext.outbox.errors import HAVNOutboxError
from havn_ext.outbox.worker import Worker

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Mapping
    from typing import Unpack

    from celery import Celery
    from celery.app.task import Task
    from sqlalchemy import URL, Engine

    from havn_ext.limits.limiter import AsyncLimiter
    from havn_ext.outbox.delivery import AccountOptions, Sender
    from havn_ext.outbox.schedule import Schedule
    from havn_ext.outbox.store import Store

__all__ = ["DRAIN", "SWEEP", "OutboxTasks", "WorkerOptions", "configure"]

DRAIN: Final = "havn.outbox.drain"
SWEEP: Final = "havn.outbox.sweep"
logger = logging.getLogger("havn.celery")
_configured: WeakSet[Celery] = WeakSet()


class WorkerOptions(TypedDict, total=False):
    """Options of `havn_ext.outbox.Worker`, passed on as they are."""

    concurrency: int
    batch: int
    lease: float | None
    schedule: Schedule | None
    key_retention: float
    limiter: AsyncLimiter | None
    rng: random.Random | None


@attrs.frozen
class OutboxTasks:
    """The outbox's tasks on one Celery app.

    Attributes:
        drain: The task `havn.outbox.drain`; `drain()` drains here and now.
    """

    drain: Task[[], None]
    _bell: Bell

    def nudge(self) -> None:
        """Has the outbox drained soon: `outbox.on_commit(tasks.nudge)`, or Django's `transaction.on_commit`.

        Returns at once and raises nothing: a thread sends the message. Many nudges are one message. One that
        is lost (the broker is down, the process ends) is logged if possible, and costs the time until the next
        sweep. Does nothing where tasks are eager: call `drain()` there.
        """
        self._bell.nudge()


def configure(
    app: Celery,
    *,
    database: Engine | URL | str | None = None,
    store: Callable[[], Store] | None = None,
    prefix: str = "havn_",
    schema: str | None = None,
    accounts: Mapping[str, AccountOptions] | None = None,
    timeout: float = 30.0,
    sender: Callable[[], Sender] | None = None,
    max_seconds: float = 50.0,
    sweep_every: float = 5.0,
    debounce: float = 1.0,
    queue: str | None = None,
    **worker: Unpack[WorkerOptions],
) -> OutboxTasks:
    """Puts the outbox's tasks on a Celery app, and the sweep into its beat schedule. Touches no network.

    Args:
        app: Yours. Where it assigns `beat_schedule` as a whole, call this afterwards.
        database: The outbox's database. An address gives each worker process an engine of its own; an engine is
            yours, and let go of after a fork.
        store: What makes the outbox's store, in place of `database`; called once for each drain.
        prefix: With `database`: what the names of the outbox's tables begin with.
        schema: With `database`: the schema that they are in.
        accounts: Options of each account; `default` with those of the environment when None. Only the processes
            that drain need credentials.
        timeout: Seconds that one call may take.
        sender: What makes the sender, in place of `accounts`; called once for each drain.
        max_seconds: For which a drain takes messages. It ends at most `timeout` later: keep the sum of both below
            your workers' time for shutting down, and below a `time_limit`.
        sweep_every: Seconds between two sweeps, and until a message that nobody took is dropped.
        debounce: Seconds between two nudges of one process.
        queue: For nudges and sweeps; the app's usual one when None.
        **worker: Options of `havn_ext.outbox.Worker`, among them `concurrency`, `schedule` and `limiter`.

    Raises:
        HAVNValidationError: Something makes no sense, or the app is configured already.
        HAVNOutboxError: It is a database that no outbox can be in.
    """
    _check(max_seconds=max_seconds, sweep_every=sweep_every, debounce=debounce)
    if app in _configured:
        raise HAVNValidationError(errors={"app": "has the outbox's tasks already"})
    make_store = stores(database, store, prefix, schema)
    make_sender = sender or (lambda: ClientSender(accounts, timeout=timeout))

    def drain() -> None:
        _refuse_green_threads()
        tally = asyncio.run(Worker(make_store(), make_sender(), **worker).drain(max_seconds))
        if tally.claimed:
            done = ", ".join(f"{count} {name}" for name, count in attrs.asdict(tally).items() if count)
            logger.info("drained the outbox: %s", done)

    swept = SweptTask.on(app, DRAIN, drain, entry=SWEEP, every=sweep_every, queue=queue)
    _configured.add(app)

    for part in _FIRST_USED:
        import_module(part)

    def ring() -> None:
        if not app.conf.task_always_eager:
            swept.send()

    return OutboxTasks(swept.task, Bell(ring, debounce))


_FIRST_USED: Final = (
    "celery.app.amqp",
    "celery.app.events",
    "celery.app.task",
    "celery.backends.base",
    "celery.events.dispatcher",
    "celery.events.receiver",
    "celery.loaders.app",
)
"""What Celery loads when an app is first used. The bell's thread and the caller's may do so at the same time, and
two imports that need halves of each other have failed then."""


def _check(**numbers: float) -> None:
    errors = {name: f"must be greater than 0, not {value!r}" for name, value in numbers.items() if not value > 0}
    if errors:
        raise HAVNValidationError(errors=errors)


def _refuse_green_threads() -> None:
    environment: str = detect_environment()
    if environment != "default":
        raise HAVNOutboxError(
            f"a drain runs an event loop, which {environment} has no place for: give the queue of {DRAIN} to a"
            " worker with --pool prefork, threads or solo; nothing is lost meanwhile"
        )
