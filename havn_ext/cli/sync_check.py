"""`havn users sync --dry-run`: every row of a file held against the rules of `users.sync`, and nothing sent."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from havn_ext._checks import Problems
from havn_ext._user import checked_shared
from havn_ext.cli import failed_rows
from havn_ext.cli.exits import FAILED, OK
from havn_ext.cli.sync_progress import bar
from havn_ext.config import resolve
from havn_ext.errors import HAVNValidationError
from havn_ext.resources.users import prepare

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from havn_ext.cli.screen import Screen
    from havn_ext.cli.user_files import UserFile
    from havn_ext.cli.user_rows import Row

__all__ = ["check"]

_SHARED = ("upline_code", "referral_code", "create_associate", "is_owner")


def check(file: UserFile, terms: Mapping[str, Any], failures: Path | None, screen: Screen) -> int:
    """Reports every bad row; the exit code.

    Args:
        file: The users.
        terms: What `sync_many` would be told.
        failures: Where to write the bad rows.
        screen: Where to print.

    Raises:
        HAVNValidationError: What all users share is wrong.
    """
    problems = Problems()
    checked_shared({name: terms[name] for name in _SHARED}, problems)
    problems.number("batch_size", terms["batch_size"], least=1, most=_bulk_limit())
    problems.number("concurrency", terms["concurrency"], least=1, most=100, required=True)
    problems.raise_any()
    bad: dict[int, tuple[int, str]] = {}
    rows = 0
    with bar(screen, "checking") as shown:
        for rows, row in enumerate(file.rows(), 1):
            reason = _fault(row)
            if reason is not None:
                bad[rows - 1] = row.line, reason
            shown.at(rows, len(bad))
    code = FAILED if bad else OK
    if failures is not None:
        try:
            failed_rows.write(failures, file, {position: reason for position, (_, reason) in bad.items()})
        except OSError as error:  # what was found is told all the same
            screen.note(f"{failures} can't be written: {error.strerror}", "red")
            failures, code = None, FAILED
    _report(rows, list(bad.values()), failures, screen)
    return code


def _bulk_limit() -> int:
    """The most users in a call; credentials have no part in it."""
    environ = {"USER_SYNC_BULK_MAX_SIZE": os.environ.get("USER_SYNC_BULK_MAX_SIZE", "")}
    return resolve(api_key="unused", webhook_secret="unused", environ=environ).bulk_limit  # noqa: S106  no secret


def _fault(row: Row) -> str | None:
    if row.user is None:
        return row.fault
    try:
        prepare(row.user, Problems())
    except HAVNValidationError as error:
        return str(error)
    return None


def _report(rows: int, bad: list[tuple[int, str]], failures: Path | None, screen: Screen) -> None:
    if screen.as_json:
        return screen.document(
            {
                "dry_run": True,
                "total": rows,
                "good": rows - len(bad),
                "bad": [{"line": line, "error": reason} for line, reason in bad],
                "failures_file": None if failures is None else str(failures),
            }
        )
    for line, reason in bad:
        screen.line(f"line {line}: {reason}")
    screen.line(f"{rows:,} rows: {rows - len(bad):,} good, {len(bad):,} bad", "red" if bad else "green")
    if failures is not None and bad:
        screen.note(f"{failures} has the bad ones: mend them there, and sync that file too")
    return None
