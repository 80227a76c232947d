"""What the outbox asks of a database, whatever leads there: SQLAlchemy, or Django's connections.

Whoever has another way to a database implements `Database` and gets the whole store: statements are plain
SQL with parameters spelled `:name`, and every transaction is short.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol, TypeAlias

from havn_ext.outbox.errors import HAVNOutboxError

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

__all__ = ["Database", "Dialect", "Execute", "dialect_of", "refuse_defect", "refuse_old_sqlite"]

Dialect: TypeAlias = Literal["postgresql", "sqlite"]
Execute: TypeAlias = Callable[[str, Mapping[str, Any]], Sequence[Sequence[Any]]]
"""Runs a statement with parameters by name; gives its rows, none if it has none."""

OLDEST_SQLITE: Final = (3, 35)


class Database(Protocol):
    """What the store needs of a database. Used by one thread at a time."""

    @property
    def dialect(self) -> Dialect:
        """Whose SQL it speaks."""
        ...

    @property
    def transient(self) -> tuple[type[Exception], ...]:
        """The errors after which it may work again: gone, locked, full."""
        ...

    def transaction(self) -> AbstractContextManager[Execute]:
        """One transaction: committed at the end, rolled back on an error. In SQLite it begins IMMEDIATE."""
        ...

    def leave_thread(self) -> None:
        """Gives back what belongs to the calling thread alone, which is about to end."""
        ...

    def close(self) -> None:
        """Gives back whatever was opened; a later transaction may open it anew."""
        ...


def dialect_of(name: str) -> Dialect:
    """The dialect of a name of SQLAlchemy's or Django's.

    Raises:
        HAVNOutboxError: It is another database.
    """
    if name == "postgresql":
        return "postgresql"
    if name == "sqlite":
        return "sqlite"
    raise HAVNOutboxError(f"the outbox lives in PostgreSQL or SQLite, not in {name}")


def refuse_defect(error: BaseException | None, cure: str) -> None:
    """Raises for an error of a driver that waiting would not mend.

    SQLite's driver has one class for a lock and for a missing table, and a code that tells them apart.

    Args:
        error: The driver's.
        cure: The command that makes the tables as they should be.

    Raises:
        HAVNOutboxError: The statement does not fit the tables.
    """
    if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_ERROR:
        raise HAVNOutboxError(
            f"the database is not as the outbox needs it ({error}): run your migrations, here `{cure}`"
        ) from error


def refuse_old_sqlite(version: tuple[int, ...]) -> None:
    """Raises unless a version of SQLite has all that the outbox needs.

    Raises:
        HAVNOutboxError: It is older than 3.35, which brought RETURNING.
    """
    if version < OLDEST_SQLITE:
        raise HAVNOutboxError(
            f"the outbox needs SQLite 3.35 or later (RETURNING), not {'.'.join(map(str, version))}"
        )
