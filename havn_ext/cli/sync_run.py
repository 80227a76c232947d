"""`havn users sync`: a file of users through `users.sync_many`, to its end or to an interruption."""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager, suppress
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
    from collections.abc import Callable, Generator, Mapping
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

    @property
    def begun(self) -> bool:
        """Whether it came to any user to be sent, or an earlier run did; users that are skipped do not count."""
        return bool(self.report.total) or (self.report.finished and not self.interrupted)

    @property
    def clean(self) -> bool:
        """Whether it was interrupted, and all calls that were under way were answered."""
        return self.interrupted and not (self.at_once or self.error or self.report.unaccounted)


@attrs.define
class _Signals:
    """What came of Ctrl-C and SIGTERM: the first one ends the users, the second one everything."""

    feed: Feed
    shown: Bar
    received: list[int] = attrs.field(factory=list[int])
    over: bool = False
    """Whether the sync has ended: what is left is to tell of it, which takes a moment and must not be lost."""

    def stop(self, number: int, _frame: FrameType | None) -> None:
        """The handler."""
        if self.over:
            return
        self.received.append(number)
        if len(self.received) > 1:
            self.over = True
            raise KeyboardInterrupt
        self.feed.stop()
        self.shown.say("stopping")
        if not self.shown.visible:
            with suppress(OSError):  # nobody may read it any more
                os.write(2, b"havn: stopping after the calls under way; once more to stop at once\n")


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
        HAVNError: A setting, an argument, the file or the checkpoint is wrong; nothing was sent.
    """
    with connection.client() as client:
        feed = Feed(file.rows())
        stream = client.users.sync_many(feed, checkpoint=checkpoint, **terms)
        total = sum(1 for _ in file.rows()) if screen.live else None
        with bar(screen, "syncing", total) as shown, _handling(_Signals(feed, shown)) as signals:
            feed.taking = _follow(stream, shown)
            end = _to_the_end(stream, signals)
            shown.end()  # from here on there are complaints to print
            if failures is not None and end.begun:
                failures = _write(failures, file, end, feed, screen)
            return _conclude(end, feed, checkpoint, failures, screen)


def _to_the_end(stream: UserSyncStream, signals: _Signals) -> _End:
    """Takes the results of all users; stops early when it is told to."""
    error: HAVNError | None = None
    at_once = False
    try:
        error = _take(stream)
        signals.over = True
    except KeyboardInterrupt:  # comes once at the most, and from nowhere but the lines above
        at_once = True
    report = stream.report
    if signals.received:
        if not report.total and isinstance(error, HAVNValidationError):
            error = None  # of a checkpoint that stands behind the users that were stopped
        return _End(report, _CODES[signal.Signals(signals.received[0])], error, at_once)
    if error is not None:
        found_late = isinstance(error, HAVNValidationError) and report.total  # when others had been sent
        return _End(report, FAILED if found_late else code_of(error), error)
    return _End(report, FAILED if report.failures or report.unaccounted else OK)


def _take(stream: UserSyncStream) -> HAVNError | None:
    """Takes all results; the error that ended them."""
    try:
        for _ in stream:
            pass
    except HAVNError as error:
        return error
    finally:
        stream.close()
    return None


def _follow(stream: UserSyncStream, shown: Bar) -> Callable[[], None]:
    """Moves the bar, at every row that is taken: results are of users that were synced, and there may be none."""
    begun = False

    def look() -> None:
        nonlocal begun
        if not shown.due:
            return
        report = stream.report
        done = report.succeeded + len(report.failures)
        if done and not begun:  # an earlier run's users tell nothing about the rate
            begun = True
            shown.begin_at(done)
        shown.at(done, len(report.failures))

    return look


@contextmanager
def _handling(signals: _Signals) -> Generator[_Signals]:
    """Signals are handled while it lasts, also while it is told what came of the sync."""
    before = {number: signal.signal(number, signals.stop) for number in _CODES}
    try:
        yield signals
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _write(failures: Path, file: UserFile, end: _End, feed: Feed, screen: Screen) -> Path | None:
    """Writes the rows that failed; where to, or None where that went wrong: then they are printed whole."""
    reasons: dict[int, str] = {}
    for each in end.report.failures:
        if each.index is not None:
            reason = feed.reason_of(each)
            reasons[each.index] = f"{reasons[each.index]}; {reason}" if each.index in reasons else reason
    try:
        failed_rows.write(failures, file, reasons)
    except (OSError, HAVNValidationError) as error:
        what = error.strerror if isinstance(error, OSError) else str(error)
        screen.note(f"{failures} can't be written: {what}", "red")
        end.code = end.code or FAILED
        return None
    return failures


# ── what came of it ──────────────────────────────────────────────────────────────────────────────


def _conclude(end: _End, feed: Feed, checkpoint: Path | None, failures: Path | None, screen: Screen) -> int:
    """Tells what came of it; the exit code.

    Raises:
        HAVNError: Something is wrong, and nothing was sent.
    """
    if end.begun:
        _report(end, feed, checkpoint, failures, screen)
    elif end.error is not None:
        raise end.error
    elif screen.as_json:
        screen.document(_document(end, [], checkpoint, None))
    else:
        again = "" if checkpoint is None else f" The same command goes on from {checkpoint}."
        screen.note(f"interrupted before anything was sent.{again}", "yellow")
    return end.code


def _report(end: _End, feed: Feed, checkpoint: Path | None, failures: Path | None, screen: Screen) -> None:
    report = end.report
    failed = [(feed.line_of(each.index), redact(feed.reason_of(each), known_secrets())) for each in report.failures]
    if screen.as_json:
        return screen.document(_document(end, failed, checkpoint, failures))
    listed = [each for each in failed if each[0] is not None]
    lost = [each for each in failed if each[0] is None]  # in no file: nobody knows which rows they are
    shown = listed if failures is None else listed[:_LISTED]
    for line, reason in shown:
        screen.line(f"line {line}: {reason}")
    if len(listed) > len(shown):
        screen.line(f"… and {len(listed) - len(shown):,} more")
    for _, reason in lost:
        screen.line(f"a row: {reason}")
    counts = f"{report.total:,} rows: {report.succeeded:,} synced, {len(failed):,} failed"
    if report.unaccounted:
        counts += f", {report.unaccounted:,} unaccounted for"
    screen.line(counts, "green" if end.code == OK else "red")
    _advise(end, checkpoint, screen)
    if listed and failures is not None:
        screen.note(f"{failures} has the rows that failed: mend them there, and sync that file.")
    if lost and failures is not None:
        screen.note(
            "The rows above without a line are not in it: HAVN's answer does not tell which they are.", "red"
        )
    return None


def _advise(end: _End, checkpoint: Path | None, screen: Screen) -> None:
    """Says why it ended early, and what to do next."""
    if end.error is not None:
        screen.fail(redact(str(end.error), known_secrets()))
    if end.interrupted:
        screen.note(
            "interrupted: everything that was sent is answered and counted"
            if end.clean
            else f"interrupted{' at once' if end.at_once else ''}: HAVN may have processed calls that were not"
            " answered, which are safe to repeat",
            "yellow",
        )
    if end.interrupted or end.error is not None:
        again = "nothing is sent twice" if end.clean else "no more than the calls under way are sent again"
        screen.note(
            "The rest was not sent. The same command starts over, which is safe; with --checkpoint it can go on."
            if checkpoint is None
            else f"The same command goes on from {checkpoint}; {again}."
        )
    elif checkpoint is not None:
        screen.note(f"{checkpoint} is no longer needed, unless rows are added to the end of the file.", "dim")


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
