"""The outbox's database through Django's connection: that of the calling thread, as Django has it."""

from __future__ import annotations

import re
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

from django.db import InterfaceError, OperationalError, connections, transaction

from havn_ext.outbox.protocol import dialect_of, refuse_defect, refuse_old_sqlite

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence

    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.backends.utils import CursorWrapper

    from havn_ext.outbox.protocol import Dialect, Execute

__all__ = ["DjangoDatabase", "translated"]

_PARAMETER: Final = re.compile(r"(?<![:\w]):([a-z_]\w*)")


class DjangoDatabase:
    """One of `settings.DATABASES`. See `Database`.

    Within an `atomic` block of the same connection, as under a TestCase, its transactions are savepoints.

    Args:
        using: The alias.

    Raises:
        ConnectionDoesNotExist: There is no such alias.
        HAVNOutboxError: It is neither PostgreSQL nor SQLite, or SQLite is too old.
    """

    transient: tuple[type[Exception], ...] = (OperationalError, InterfaceError)

    def __init__(self, using: str = "default") -> None:
        self.using = using
        connection: Any = connections[using]
        self.dialect: Dialect = dialect_of(connection.vendor)
        if self.dialect == "sqlite":
            refuse_old_sqlite(connection.Database.sqlite_version_info)
        self._translated: dict[str, str] = {}

    @contextmanager
    def transaction(self) -> Generator[Execute]:
        """See `Database`."""
        connection = connections[self.using]
        try:
            if self.dialect == "sqlite" and not connection.in_atomic_block:
                with connection.cursor() as cursor, _immediate(cursor):
                    yield self._execute_on(cursor)
            else:
                with transaction.atomic(using=self.using), connection.cursor() as cursor:
                    yield self._execute_on(cursor)
        except self.transient:
            self.close()  # so that the next one does not meet a connection that is gone
            raise

    def _execute_on(self, cursor: CursorWrapper) -> Execute:
        def execute(sql: str, parameters: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
            if sql not in self._translated:
                self._translated[sql] = translated(sql)
            try:
                cursor.execute(self._translated[sql], dict(parameters))
            except OperationalError as error:
                refuse_defect(error.__cause__, "manage.py migrate havn")
                raise
            return cursor.fetchall() if cursor.description else ()

        return execute

    def leave_thread(self) -> None:
        """See `Database`: every thread has a connection of its own, which Django leaves open."""
        self.close()

    def close(self) -> None:
        """See `Database`. What others of this thread are in the midst of stays open."""
        connection: BaseDatabaseWrapper = connections[self.using]
        if not connection.in_atomic_block:
            connection.close()


def translated(sql: str) -> str:
    """A statement with its parameters as Django spells them: `:name` becomes `%(name)s`."""
    return _PARAMETER.sub(r"%(\1)s", sql.replace("%", "%%"))


@contextmanager
def _immediate(cursor: CursorWrapper) -> Generator[None]:
    """A transaction that takes SQLite's one write lock when it begins; Django's own would do so if set to."""
    cursor.execute("BEGIN IMMEDIATE")
    try:
        yield
        cursor.execute("COMMIT")
    except BaseException:
        with suppress(OperationalError):  # SQLite has rolled back by itself, as it does when the disk is full
            cursor.execute("ROLLBACK")
        raise
