"""`havn outbox …` and `manage.py havn_outbox …`: what each subcommand does, wherever the outbox is."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import sys
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias

import attrs

from havn_ext._redaction import mask_emails, mask_secrets, redact
from havn_ext.cli.outbox_limits import limiter_of
from havn_ext.errors import HAVNError, HAVNValidationError
from havn_ext.outbox.metrics import Metrics
from havn_ext.outbox.worker import Worker

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sqlalchemy import Engine, Table

    from havn_ext.outbox.delivery import Sender
    from havn_ext.outbox.messages import StoredMessage
    from havn_ext.outbox.store import Status, Store
    from havn_ext.outbox.tally import Tally

    Command: TypeAlias = Callable[[Store, Any, "Surroundings"], None]

__all__ = ["CommandError", "Surroundings", "carry_out", "show"]


_MISSING: Final = {
    "api_key": "is missing: set HAVN_API_KEY",
    "webhook_secret": "is missing: set HAVN_WEBHOOK_SECRET",
}
"""As `credentials.MISSING`; an outbox takes no credentials from files."""


class CommandError(Exception):
    """A subcommand could not do, or did not find, what it was asked for.

    Args:
        message: What, for people; secrets and addresses in it are masked.
        code: The exit code.
        ours: Whether all of it are words of the SDK. In others whatever is labelled a key or a token is masked
            too, which would take `api_key: is missing` for one.
    """

    def __init__(self, message: str, code: int = 1, *, ours: bool = False) -> None:
        secrets = _secrets()
        super().__init__(mask_emails(mask_secrets(message, secrets)) if ours else redact(message, secrets))
        self.code = code


def _secrets() -> list[str]:
    """Every account's credentials, as far as the environment has them."""
    names = ("HAVN_API_KEY", "HAVN_WEBHOOK_SECRET")
    return [value for name, value in os.environ.items() if name.startswith(names)]


class Surroundings(Protocol):
    """Where the outbox is, and who may bring its messages to HAVN."""

    @property
    def errors(self) -> tuple[type[Exception], ...]:
        """What the database raises when it can't do something."""
        ...

    @property
    def defect(self) -> type[Exception]:
        """Which of them a missing table is in PostgreSQL; SQLite's is told by `refuse_defect`."""
        ...

    @property
    def migrating(self) -> str:
        """The command that makes the tables."""
        ...

    def store(self) -> Store:
        """The outbox; every time one that shares nothing with the others."""
        ...

    def rates(self) -> tuple[Engine, Table] | None:
        """Where calls may be counted for all workers; None where there is no such place."""
        ...

    def sender(self, accounts: Sequence[str] | None, timeout: float) -> Sender:
        """What delivers for these accounts; for the usual ones when None."""
        ...


def carry_out(
    options: argparse.Namespace, surroundings: Surroundings, more: Mapping[str, Command] | None = None
) -> None:
    """Carry out the subcommand that `options` name.

    Args:
        options: As `outbox.add_commands` has them parsed.
        surroundings: Where the outbox is.
        more: Subcommands that there are here alone.

    Raises:
        CommandError: All is not well.
    """
    try:
        store = surroundings.store()
        try:
            {**_COMMANDS, **(more or {})}[options.outbox_command](store, options, surroundings)
        finally:
            store.database.close()
    except surroundings.errors as error:
        what = str(error).partition("\n")[0]
        if isinstance(error, surroundings.defect):
            what = f"{what} (are the tables there? {surroundings.migrating})"
        raise CommandError(what) from error
    except HAVNValidationError as error:
        told = {
            name: _MISSING.get(name, why) if why.startswith("is missing") else why
            for name, why in error.errors.items()
        }
        what = "; ".join(f"{name}: {why}" for name, why in told.items())
        raise CommandError(what or str(error), ours=bool(what)) from error
    except (HAVNError, ModuleNotFoundError, OSError) as error:
        raise CommandError(str(error)) from error


# ── run ──────────────────────────────────────────────────────────────────────────────────────────


def _run(store: Store, options: argparse.Namespace, surroundings: Surroundings) -> None:
    if options.max_seconds is not None and not options.drain:
        raise CommandError("--max-seconds: only with --drain", 2)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    store.status(finished=False)  # a database or a table that is missing is told now
    worker = Worker(
        store,
        surroundings.sender(options.account, options.timeout),
        concurrency=options.concurrency,
        batch=options.batch,
        poll=options.poll,
        lease=options.lease,
        key_retention=options.key_retention,
    )
    with ExitStack() as stack:
        if options.metrics_port is not None:
            _serve_metrics(worker, options, surroundings, stack)
        tally = asyncio.run(_work(worker, options, surroundings))
    show(attrs.asdict(tally), options, _tally_line(tally))
    if options.drain:
        _refuse_to_end_well(store, worker, tally)


def _refuse_to_end_well(store: Store, worker: Worker, tally: Tally) -> None:
    """Fails where a person has to look; cron tells of nothing else."""
    given_up = tally.dead + tally.reconciled
    paused = [
        each.account for each in store.status(finished=False).pauses if each.account in worker.sender.accounts
    ]
    reasons = [f"account {account} is paused" for account in paused]
    if given_up:
        reasons.append(f"{given_up} {'message was' if given_up == 1 else 'messages were'} given up")
    if reasons:
        raise CommandError(f"{'; '.join(reasons)}: see `status` and `list`")


async def _work(worker: Worker, options: argparse.Namespace, surroundings: Surroundings) -> Tally:
    database = surroundings.rates() if options.limits == "database" else None
    async with limiter_of(options.limits, options.limit, database) as worker.limiter:
        return await _work_until_told(worker, options)


async def _work_until_told(worker: Worker, options: argparse.Namespace) -> Tally:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, worker.stop)
    try:
        return await (worker.drain(options.max_seconds) if options.drain else worker.run())
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


def _serve_metrics(
    worker: Worker, options: argparse.Namespace, surroundings: Surroundings, stack: ExitStack
) -> None:
    from havn_ext.outbox.prometheus import serve  # noqa: PLC0415  its package may be missing

    store = surroundings.store()  # of the threads that serve
    stack.callback(store.database.close)

    def read() -> Metrics:
        try:
            return Metrics.of(store, worker.tally)
        finally:
            store.database.leave_thread()  # every request has one of its own

    host, port = options.metrics_host, options.metrics_port
    try:
        served = serve(read, port, host)
    except OSError as error:
        raise CommandError(f"cannot serve metrics on {host} port {port}: {error.strerror}") from error
    stack.callback(served.end)
    logging.getLogger("havn.outbox").info("metrics are at %s", served.url)


def _tally_line(tally: Tally) -> str:
    done = ", ".join(f"{count} {name}" for name, count in attrs.asdict(tally).items() if count)
    return done or "nothing to do"


# ── looking ──────────────────────────────────────────────────────────────────────────────────────


def _status(store: Store, options: argparse.Namespace, _: Surroundings) -> None:
    status = store.status(finished=not options.check)  # what is delivered says nothing about health
    healthy = status.oldest_age <= options.max_age and not status.pauses
    document = {
        "depth": status.depth,
        "oldest_age_seconds": round(status.oldest_age, 3),
        "lag_seconds": round(status.lag, 3),
        "ambiguous": status.ambiguous,
        "counts": dict(status.counts),
        "standings": [attrs.asdict(each) for each in status.standings],
        "paused": [attrs.asdict(each) for each in status.pauses],
    }
    show(document, options, _status_text(status) or ("nothing waits" if options.check else "the outbox is empty"))
    if options.check and not healthy:
        worst = (
            f"the oldest message is {status.oldest_age:.0f} s old" if not status.pauses else "an account is paused"
        )
        raise CommandError(f"unhealthy: {worst}")


def _status_text(status: Status) -> str:
    lines = [
        f"{each.account:<20} {each.kind:<12} {each.standing:<11} {each.count:>9}  oldest {_span(each.oldest)}"
        for each in status.standings
    ]
    lines += [f"PAUSED {each.account}: {each.reason}" for each in status.pauses]
    return "\n".join(lines)


def _list(store: Store, options: argparse.Namespace, _: Surroundings) -> None:
    messages = store.list(
        state=options.state, account=options.account, kind=options.kind, key=options.key, limit=options.limit
    )
    show([_document(each) for each in messages], options, "\n".join(map(_line, messages)) or "no message")


def _line(message: StoredMessage) -> str:
    return (
        f"{message.id:>10}  {message.state:<10} {message.kind:<12} {message.account:<12}"
        f" attempts {message.attempts:<3} {redact(message.key):<30} {message.last_error or ''}"
    )


def _show(store: Store, options: argparse.Namespace, _: Surroundings) -> None:
    message = store.show(options.id)
    if message is None:
        raise CommandError(f"there is no message {options.id}")
    document = _document(message)
    show(document, options, "\n".join(f"{name:<13} {value}" for name, value in document.items()))


def _document(message: StoredMessage) -> dict[str, Any]:
    """A message for people, who may see what it says: moments are written out."""
    document = attrs.asdict(message)
    for name in ("available_at", "ambiguous_at", "created_at", "finished_at"):
        moment = document[name]
        document[name] = None if moment is None else datetime.fromtimestamp(moment, UTC).isoformat()
    return document


# ── changing ─────────────────────────────────────────────────────────────────────────────────────


def _retry(store: Store, options: argparse.Namespace, _: Surroundings) -> None:
    _change(options, store.retry, store.retry_all)


def _cancel(store: Store, options: argparse.Namespace, _: Surroundings) -> None:
    _change(options, store.cancel, store.cancel_all)


def _change(
    options: argparse.Namespace, some: Callable[[Iterable[int]], set[int]], every: Callable[..., set[int]]
) -> None:
    if bool(options.ids) == bool(options.state):
        raise CommandError("name messages by ID, or all of a state by --dead or --state", 2)
    changed = some(options.ids) if options.ids else every(options.state, account=options.account)
    left = sorted(set(options.ids) - changed)
    show({"changed": sorted(changed), "unchanged": left}, options, f"{len(changed)} changed")
    if left:
        raise CommandError(
            f"unchanged: {', '.join(map(str, left))} (unknown, in a state that forbids it, or in delivery)"
        )


def _purge(store: Store, options: argparse.Namespace, _: Surroundings) -> None:
    purged = store.purge(keep_keys=options.keep_days, keep_payloads=options.keep_payload_days)
    show(attrs.asdict(purged), options, f"{purged.payloads} lost their payload, {purged.messages} are gone")


def _pause(store: Store, options: argparse.Namespace, _: Surroundings) -> None:
    changed = store.pause(options.account, options.reason)
    show({"account": options.account, "changed": changed}, options, f"{options.account} is paused")


def _resume(store: Store, options: argparse.Namespace, _: Surroundings) -> None:
    if not store.resume(options.account):
        raise CommandError(f"{options.account} is not paused")
    show({"account": options.account, "changed": True}, options, f"{options.account} goes on")


_COMMANDS: Final[Mapping[str, Command]] = {
    "run": _run,
    "status": _status,
    "list": _list,
    "show": _show,
    "retry": _retry,
    "cancel": _cancel,
    "purge": _purge,
    "pause": _pause,
    "resume": _resume,
}


def _span(seconds: float) -> str:
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{seconds / length:.1f} {unit}"
    return f"{seconds:.1f} s"


def show(document: object, options: argparse.Namespace, text: str) -> None:
    """Print a document as JSON where that was asked for, else what a person reads."""
    sys.stdout.write(f"{json.dumps(document) if options.json else text}\n")
    sys.stdout.flush()
