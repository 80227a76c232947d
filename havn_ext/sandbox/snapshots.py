"""Snapshots: the whole database under a name, to go back to.

They stay where the database is: beside its file (`box.db` has `box.db.NAME.snapshot`), or in memory.
"""

from __future__ import annotations

import sqlite3
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, nullcontext
from typing import TYPE_CHECKING, Final, Protocol

from havn_ext.sandbox.store import VERSION, StoreError

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from havn_ext.sandbox.store import Store

__all__ = ["Snapshots"]

_SUFFIX: Final = ".snapshot"
_UNFINISHED: Final = ".unfinished"


class Snapshots:
    """The snapshots of a database.

    Args:
        store: The open database.
        path: Its file; None when it is in memory.
    """

    def __init__(self, store: Store, path: Path | None) -> None:
        self._connection = store.connection
        self._shelf: _Shelf = _Memory() if path is None else _Files(path)

    def names(self) -> list[str]:
        """The names of all snapshots, sorted."""
        return sorted(self._shelf.names())

    def save(self, name: str) -> None:
        """Keep all that is in the database now, in place of an earlier snapshot with this name.

        Args:
            name: Letters, digits, `-` and `_`.
        """
        with self._shelf.new(name) as copy:
            self._connection.backup(copy)

    def load(self, name: str) -> None:
        """Put the database back to a snapshot.

        Raises:
            KeyError: There is none with this name.
            StoreError: It is damaged, or of another version of the sandbox; or another program holds the
                database, for which `backup` itself would wait without end.
        """
        self._check_exists(name)
        with self._shelf.open(name) as copy:
            _check_version(copy)
            _check_free(self._connection)
            copy.backup(self._connection)

    def delete(self, name: str) -> None:
        """Throw a snapshot away; KeyError when there is none with this name."""
        self._check_exists(name)
        self._shelf.drop(name)

    def _check_exists(self, name: str) -> None:
        if name not in self._shelf.names():
            raise KeyError(name)


def _check_version(copy: sqlite3.Connection) -> None:
    try:
        version: int = copy.execute("PRAGMA user_version").fetchone()[0]
    except sqlite3.Error as error:
        raise StoreError(f"cannot read the snapshot: {error}") from error
    if version != VERSION:
        raise StoreError(f"the snapshot has version {version}, this sandbox needs {VERSION}")


def _check_free(connection: sqlite3.Connection) -> None:
    try:
        connection.executescript("BEGIN IMMEDIATE; ROLLBACK")
    except sqlite3.Error as error:
        raise StoreError(f"cannot write to the database: {error}") from error


class _Shelf(Protocol):
    """Where snapshots lie, by name."""

    def names(self) -> list[str]: ...

    def new(self, name: str) -> AbstractContextManager[sqlite3.Connection]:
        """An empty database, which is the snapshot of this name once the context ends well."""
        ...

    def open(self, name: str) -> AbstractContextManager[sqlite3.Connection]: ...

    def drop(self, name: str) -> None: ...


class _Memory:
    def __init__(self) -> None:
        self._copies: dict[str, sqlite3.Connection] = {}

    def names(self) -> list[str]:
        return list(self._copies)

    @contextmanager
    def new(self, name: str) -> Generator[sqlite3.Connection]:
        with ExitStack() as unless_kept:
            copy = sqlite3.connect(":memory:", check_same_thread=False)
            unless_kept.callback(copy.close)
            yield copy
            unless_kept.pop_all()
        if name in self._copies:
            self.drop(name)
        self._copies[name] = copy

    def open(self, name: str) -> AbstractContextManager[sqlite3.Connection]:
        return nullcontext(self._copies[name])

    def drop(self, name: str) -> None:
        self._copies.pop(name).close()


class _Files:
    def __init__(self, database: Path) -> None:
        self._folder = database.parent
        self._prefix = f"{database.name}."

    def names(self) -> list[str]:
        files = (file.name for file in self._folder.iterdir())
        return [
            file.removeprefix(self._prefix).removesuffix(_SUFFIX)
            for file in files
            if file.startswith(self._prefix) and file.endswith(_SUFFIX)
        ]

    @contextmanager
    def new(self, name: str) -> Generator[sqlite3.Connection]:
        unfinished = self._file(name).with_suffix(_UNFINISHED)
        unfinished.unlink(missing_ok=True)
        with closing(sqlite3.connect(unfinished)) as copy:
            yield copy
        unfinished.replace(self._file(name))

    def open(self, name: str) -> AbstractContextManager[sqlite3.Connection]:
        return closing(sqlite3.connect(self._file(name)))

    def drop(self, name: str) -> None:
        self._file(name).unlink()

    def _file(self, name: str) -> Path:
        return self._folder / f"{self._prefix}{name}{_SUFFIX}"
