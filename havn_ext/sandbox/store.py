"""The sandbox's memory: one SQLite database, in a file or in memory, and the rows of one company in it.

One connection, used from the event loop alone: a call's statements run without interruption inside one
transaction, which makes every call atomic. In a file the journal is a write-ahead log, so that whatever was
committed, hence answered, survives the death of the process.
"""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping
    from pathlib import Path

__all__ = ["VERSION", "CompanyData", "Row", "Store", "StoreError"]

Row: TypeAlias = dict[str, Any]

VERSION: Final = 1
"""Of the layout of the tables (`PRAGMA user_version`)."""


class StoreError(Exception):
    """The database file cannot be used; the message says why."""


class Store:
    """The open database.

    Args:
        path: The file, made if it is missing; None keeps everything in memory.

    Raises:
        StoreError: The file cannot be opened, is no database, or is not the sandbox's.
    """

    def __init__(self, path: Path | None = None) -> None:
        try:
            self.connection = _connect(path)
        except sqlite3.Error as error:
            raise StoreError(f"cannot use the database {path}: {error}") from error

    def close(self) -> None:
        """Close the database; harmless when it is closed already."""
        self.connection.close()

    @contextmanager
    def transaction(self, *, keep: bool = True) -> Generator[None]:
        """All that happens inside is kept together, or not at all: not after an exception, nor without `keep`."""
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            if keep:
                self.connection.execute("COMMIT")
        finally:
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")


class CompanyData:
    """The rows of one company. Every statement names the company, so no rule can reach another's rows.

    Tables and columns are named by the sandbox's own code, values are always bound.
    """

    def __init__(self, store: Store, company_id: int) -> None:
        self.company_id = company_id
        self._connection = store.connection

    def execute(self, statement: str, values: Mapping[str, object]) -> sqlite3.Cursor:
        """Run a statement of the caller's own; `:company` is bound to the company."""
        return self._connection.execute(statement, {**values, "company": self.company_id})

    def all(self, table: str, **equal: object) -> list[Row]:
        """The rows whose columns equal what is given, in the order in which they were made."""
        where = " AND ".join(f"{column} = :{column}" for column in ["company", *equal])
        return self.execute(f"SELECT * FROM {table} WHERE {where} ORDER BY rowid", equal).fetchall()  # noqa: S608  names are ours

    def find(self, table: str, **equal: object) -> Row | None:
        """The first such row, or None."""
        return next(iter(self.all(table, **equal)), None)

    def insert(self, table: str, **values: object) -> None:
        """Add a row."""
        columns = ["company", *values]
        places = ", ".join(f":{column}" for column in columns)
        self.execute(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})", values)  # noqa: S608  names are ours

    def update(self, table: str, row_id: str, **values: object) -> None:
        """Change the row with this id."""
        changes = ", ".join(f"{column} = :{column}" for column in values)
        statement = f"UPDATE {table} SET {changes} WHERE company = :company AND id = :row_id"  # noqa: S608  names are ours
        self.execute(statement, {**values, "row_id": row_id})

    def delete_all(self) -> None:
        """Delete every row of the company, inside a transaction; the order does not matter until its end."""
        self._connection.execute("PRAGMA defer_foreign_keys = ON")
        tables = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'companies'"
        for table in self._connection.execute(tables).fetchall():
            self.execute(f"DELETE FROM {table['name']} WHERE company = :company", {})  # noqa: S608  names are ours

    def next_number(self, name: str) -> int:
        """The next number, from 1, of the series `name`."""
        statement = """
            INSERT INTO counters (company, name, value) VALUES (:company, :name, 1)
            ON CONFLICT (company, name) DO UPDATE SET value = value + 1 RETURNING value
        """
        row: Row = self.execute(statement, {"name": name}).fetchone()
        return int(row["value"])

    def next_id(self, prefix: str) -> str:
        """The next id of a kind of row, such as `txn_001`."""
        return f"{prefix}_{self.next_number(prefix):03d}"

    @contextmanager
    def savepoint(self) -> Generator[None]:
        """Inside a transaction: an exception undoes what happened inside, and goes on."""
        self._connection.execute("SAVEPOINT inner_step")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK TO inner_step")
            raise
        finally:
            self._connection.execute("RELEASE inner_step")


def _connect(path: Path | None) -> sqlite3.Connection:
    """An open connection to a database of today's layout, which commits only when told to."""
    connection = sqlite3.connect(path or ":memory:", isolation_level=None, check_same_thread=False)
    connection.row_factory = _row
    try:
        _prepare(connection)  # first, so that a file that is not ours stays as it is
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.executescript("BEGIN IMMEDIATE; ROLLBACK")  # a file that cannot be written fails here
    except BaseException:
        connection.close()
        raise
    return connection


def _row(cursor: sqlite3.Cursor, values: tuple[Any, ...]) -> Row:
    return {column[0]: value for column, value in zip(cursor.description, values, strict=True)}


def _prepare(connection: sqlite3.Connection) -> None:
    """Lay out a database that is new; refuse one that is not the sandbox's, or of another version."""
    version: int = connection.execute("PRAGMA user_version").fetchone()["user_version"]
    if version == VERSION:
        return
    if version or connection.execute("SELECT 1 FROM sqlite_master").fetchone():
        raise StoreError(f"the database has version {version}, this sandbox needs {VERSION}: use another file")
    layout = files("havn_ext.sandbox").joinpath("schema.sql").read_text("utf-8")
    connection.executescript(f"BEGIN IMMEDIATE; {layout} PRAGMA user_version = {VERSION}; COMMIT;")
