"""A checkpoint as an SQLite file: each batch is one transaction, and one sync at a time has the file."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import attrs

from havn_ext._checkpoint import SavedSync
from havn_ext.errors import HAVNError, HAVNValidationError
from havn_ext.models import SyncError, SyncReport

__all__ = ["CheckpointFile"]

_APPLICATION: Final = int.from_bytes(b"HAVN")
_VERSION: Final = 1

_SCHEMA: Final = f"""
BEGIN;
CREATE TABLE sync (
    id INTEGER PRIMARY KEY CHECK (id = 1), terms TEXT NOT NULL, users TEXT NOT NULL, counts TEXT NOT NULL);
CREATE TABLE failure (id INTEGER PRIMARY KEY, failure TEXT NOT NULL);
PRAGMA application_id = {_APPLICATION};
PRAGMA user_version = {_VERSION};
COMMIT;
"""


class CheckpointFile:
    """A `SyncCheckpoint` in a file, which is made when it is missing, for its owner's eyes only.

    Written ahead (WAL) and synchronised with every batch. Locked until it is closed or the process ends,
    however it ends: two syncs with one checkpoint would both send the same users.

    Raises:
        HAVNValidationError: The file can't be opened, is something else, or another sync has it.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        place = Path(path).absolute()
        try:
            _create(place)
            self._connection = _connect(place)
        except OSError as error:
            raise _refused(f"can't be opened: {error.strerror}") from error
        except sqlite3.Error as error:
            raise _refused(_reason(error)) from error

    def load(self) -> SavedSync | None:
        """What was saved last.

        Raises:
            HAVNValidationError: The file can't be read.
        """
        try:
            row = self._connection.execute("SELECT terms, users, counts FROM sync").fetchone()
            failures = self._connection.execute("SELECT failure FROM failure ORDER BY id").fetchall()
        except sqlite3.Error as error:
            raise _refused(f"can't be read: {error}") from error
        if row is None:
            return None
        terms, users, counts = row
        listed = tuple(SyncError(**json.loads(failure)) for (failure,) in failures)
        return SavedSync(terms=terms, users=users, report=SyncReport(failures=listed, **json.loads(counts)))

    def save(self, saved: SavedSync) -> None:
        """Keeps it in one transaction.

        Raises:
            HAVNError: The file can't be written; it holds what was saved before.
        """
        # As JSON in ASCII: what users and HAVN send may hold characters that SQLite takes for no text.
        counts = attrs.asdict(saved.report, recurse=False, filter=lambda field, _: field.name != "failures")
        failures = [(json.dumps(_plain(each)),) for each in saved.report.failures]
        try:
            with self._connection as transaction:
                transaction.execute("BEGIN IMMEDIATE")
                transaction.execute(
                    "REPLACE INTO sync VALUES (1, ?, ?, ?)", (saved.terms, saved.users, json.dumps(counts))
                )
                transaction.executemany("INSERT INTO failure (failure) VALUES (?)", failures)
        except sqlite3.Error as error:
            raise HAVNError(f"checkpoint can't be written: {error}") from error

    def close(self) -> None:
        """Lets go of the file. Harmless when it is closed."""
        self._connection.close()


def _plain(failure: SyncError) -> dict[str, Any]:
    return {"index": failure.index, "email": failure.email, "error": failure.error, "raw": dict(failure.raw)}


def _create(place: Path) -> None:
    # Only when it is missing: to open and close a file that is in use would drop its locks (POSIX).
    with suppress(FileExistsError):
        os.close(os.open(place, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))


def _connect(place: Path) -> sqlite3.Connection:
    # A stream may be iterated over, and dropped, in any thread, though in one at a time.
    connection = sqlite3.connect(place, timeout=0, isolation_level=None, check_same_thread=False)
    try:
        _claim(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _claim(connection: sqlite3.Connection) -> None:
    """Takes the lock, and makes the tables in a file that is new."""
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    connection.execute("PRAGMA synchronous = FULL")
    made_by, version, schema = (
        connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("application_id", "user_version", "schema_version")
    )
    if schema and (made_by, version) != (_APPLICATION, _VERSION):
        raise _refused("is the file of another program, or of another version of the SDK: name another path")
    connection.execute("PRAGMA journal_mode = WAL")
    if not schema:
        connection.executescript(_SCHEMA)
    connection.execute("BEGIN EXCLUSIVE")  # the lock comes with the first transaction, and stays
    connection.execute("COMMIT")


def _reason(error: sqlite3.Error) -> str:
    match getattr(error, "sqlite_errorcode", None):
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return "is in use by another sync: wait for it, or name another path"
        case sqlite3.SQLITE_NOTADB:
            return "is no checkpoint: name another path"
        case _:
            return f"can't be opened: {error}"


def _refused(reason: str) -> HAVNValidationError:
    return HAVNValidationError(errors={"checkpoint": reason})
