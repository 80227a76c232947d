"""`havn users sync`: a file of users through `users.sync_many`, to its end or to an interruption."""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import attrs

from havn_ext._redaction import redact
from havn_ext.cli import failed_rows
from havn_ext.cli.credentials import known_secrets
from havn_ext.cli.exits import FAILED, INTERRUPTED, OK, TERMINATED, code_of
from havn_ext.cli.feed import Feed
from havn_ext.cli.sync_progress import bar
from havn_ext.errors import HAVNError, HAVNValidationError

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping
    from pathlib import Path
    from types import FrameType

    from havn_ext.cli.connection import Connection
    from havn_ext.cli.screen import Screen
    from havn_ext.cli.sync_progress import Bar
    from havn_ext.cli.user_files import UserFile
    from havn_ext.models import SyncReport
    from havn_ext.streams import UserSyncStream

__all__ = ["run"]

_LISTED: Final = 10
"""Failures that are printed where a file has them all."""

_CODES: Final = {signal.SIGINT: INTERRUPTED, signal.SIGTERM: TERMINATED}


@attrs.define
class _End:
    """How a sync ended."""

    report: SyncReport
    code: int
    error: HAVNError | None = None
    at_once: bool = False
    """Whether calls that were under way were not waited for."""

    @property
    def interrupted(self) -> bool:
        return self.code in _CODES.values()


def run(
    file: UserFile,
    terms: Mapping[str, Any],
    checkpoint: Path | None,
    failures: Path | None,
    connection: Connection,
    screen: Screen,
) -> int:
    """Syncs the users of a file; the exit code.

    Args:
        file: The users.
        terms: What `sync_many` is told besides.
        checkpoint: Where it keeps how far it came.
        failures: Where the rows go that were not synced.
        connection: How to reach HAVN.
        screen: Where to print.

    Raises:
        HAVNValidationError: A setting, an argument or the checkpoint is wrong; nothing was sent.
    """
    with connection.client() as client:
        feed = Feed(file.rows())
        stream = client.users.sync_many(feed, checkpoint=checkpoint, **terms)
        total = sum(1 for _ in file.rows()) if screen.live else None
        with bar(screen, "syncing", total) as shown:
            end = _to_the_end(stream, feed, shown)
    if isinstance(end.error, HAVNValidationError) and not end.interrupted:
        raise end.error
    reasons = {each.index: feed.reason_of(each) for each in end.report.failures if each.index is not None}
    if failures is not None:
        try:
            failed_rows.write(failures, file, reasons)
        except OSError as error:  # then what failed is printed whole: it must not be lost
            screen.note(f"{failures} can't be written: {error.strerror}", "red")
            failures, end.code = None, end.code or FAILED
    _report(end, feed, checkpoint, failures, screen)
    return end.code


def _to_the_end(stream: UserSyncStream, feed: Feed, shown: Bar) -> _End:
    """Takes the results of all users; stops early when it is told to."""
    signals: list[int] = []
    error: HAVNError | None = None
    at_once = False
    with _stopping(feed, signals, shown):
        try:
            _count(stream, shown)
        except HAVNError as raised:
            error = raised
        except KeyboardInterrupt:
            at_once = True
        finally:
            stream.close()
    report = stream.report
    if signals:
        return _End(report, _CODES[signal.Signals(signals[0])], error, at_once)
    if error is not None:
        return _End(report, code_of(error), error)
    return _End(report, FAILED if report.failures or report.unaccounted else OK)


def _count(stream: UserSyncStream, shown: Bar) -> None:
    first = True
    for _ in stream:
        if first:
            first = False
            shown.begin_at(stream.report.succeeded - 1 + len(stream.report.failures))
        if shown.due:
            report = stream.report
            shown.at(report.succeeded + len(report.failures), len(report.failures))


@contextmanager
def _stopping(feed: Feed, signals: list[int], shown: Bar) -> Generator[None]:
    """While it lasts, the first signal ends the users, and the second one everything."""

    def stop(number: int, _frame: FrameType | None) -> None:
        signals.append(number)
        if len(signals) > 1:
            raise KeyboardInterrupt
        feed.stop()
        shown.say("stopping")
        if not shown.visible:
            os.write(2, b"havn: stopping after the calls under way; once more to stop at once\n")

    before = {number: signal.signal(number, stop) for number in _CODES}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


# ── what came of it ──────────────────────────────────────────────────────────────────────────────


def _report(end: _End, feed: Feed, checkpoint: Path | None, failures: Path | None, screen: Screen) -> None:
    report = end.report
    failed = [(feed.line_of(each.index), redact(feed.reason_of(each))) for each in report.failures]
    if screen.as_json:
        return screen.document(_document(end, failed, checkpoint, failures))
    listed = failed if failures is None else failed[:_LISTED]
    for line, reason in listed:
        screen.line(f"line {line}: {reason}" if line is not None else f"a row: {reason}")
    if len(failed) > len(listed):
        screen.line(f"… and {len(failed) - len(listed):,} more")
    counts = f"{report.total:,} rows: {report.succeeded:,} synced, {len(failed):,} failed"
    if report.unaccounted:
        counts += f", {report.unaccounted:,} without an answer"
    screen.line(counts, "green" if end.code == OK else "red")
    _advise(end, failed=bool(failed), checkpoint=checkpoint, failures=failures, screen=screen)
    return None


def _advise(end: _End, *, failed: bool, checkpoint: Path | None, failures: Path | None, screen: Screen) -> None:
    """Says why it ended early, and what to do next."""
    if end.error is not None:
        screen.fail(redact(str(end.error), known_secrets()))
    if end.interrupted:
        screen.note(
            "interrupted at once: HAVN may have processed the calls that were under way, which is safe to repeat"
            if end.at_once
            else "interrupted: everything that was sent is answered and counted",
            "yellow",
        )
    if end.interrupted or end.error is not None:
        clean = end.interrupted and not end.at_once
        again = "nothing is sent twice" if clean else "no more than the calls under way are sent again"
        screen.note(
            "The rest was not sent. The same command starts over, which is safe; with --checkpoint it can go on."
            if checkpoint is None
            else f"The same command goes on from {checkpoint}; {again}."
        )
    elif checkpoint is not None:
        screen.note(f"{checkpoint} is no longer needed, unless rows are added to the end of the file.", "dim")
    if failed and failures is not None:
        screen.note(f"{failures} has the rows that failed: mend them there, and sync that file.")


def _document(
    end: _End, failed: list[tuple[int | None, str]], checkpoint: Path | None, failures: Path | None
) -> dict[str, Any]:
    report = end.report
    document: dict[str, Any] = {
        "total": report.total,
        "succeeded": report.succeeded,
        "failed": len(failed),
        "unaccounted": report.unaccounted,
        "batches": report.batches,
        "referral_code": report.referral_code,
        "finished": end.error is None and not end.interrupted,
        "interrupted": end.interrupted,
        "failures": [{"line": line, "error": reason} for line, reason in failed],
        "failures_file": None if failures is None else str(failures),
        "checkpoint": None if checkpoint is None else str(checkpoint),
    }
    if end.error is not None:
        document["error"] = {
            "type": type(end.error).__name__,
            "message": redact(str(end.error), known_secrets()),
            "status_code": end.error.status_code,
            "request_id": end.error.request_id,
        }
    return document
