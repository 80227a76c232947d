"""The outbox's database through SQLAlchemy."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Engine, create_engine, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError
from sqlalchemy.exc import InterfaceError as SQLAlchemyInterfaceError
from sqlalchemy.exc import TimeoutError as SQLAlchemyTimeoutError

from havn_ext.outbox.errors import HAVNOutboxError
from havn_ext.outbox.protocol import dialect_of, refuse_defect, refuse_old_sqlite

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence

    from sqlalchemy import URL, Connection, TextClause

    from havn_ext.outbox.protocol import Dialect, Execute

__all__ = ["SQLAlchemyDatabase"]

PATIENCE: Final = 30.0
_BLOCKING_DRIVERS: Final = {
    "postgresql+asyncpg": "postgresql+psycopg",
    "postgresql+psycopg_async": "postgresql+psycopg",
    "sqlite+aiosqlite": "sqlite",
}


class SQLAlchemyDatabase:
    """A database through an engine of SQLAlchemy.

    Args:
        database: An engine (blocking), which stays yours to dispose of; or the address of a database, for
            which an engine is made. The address may name an asynchronous driver: a blocking one takes its place.

    Raises:
        HAVNOutboxError: It is neither PostgreSQL nor SQLite, SQLite is too old, or the driver is missing.
    """

    def __init__(self, database: Engine | URL | str) -> None:
        self._owns_engine = not isinstance(database, Engine)
        self.engine = _engine(database)
        self.transient: tuple[type[Exception], ...] = (
            OperationalError,
            SQLAlchemyInterfaceError,
            SQLAlchemyTimeoutError,
        )
        self.dialect: Dialect = dialect_of(self.engine.dialect.name)
        self._texts: dict[str, TextClause] = {}
        _refuse_old_sqlite(self.engine)

    @contextmanager
    def transaction(self) -> Generator[Execute]:
        """See `Database`."""
        with self.begin() as connection:
            yield self._execute_on(connection)

    @contextmanager
    def begin(self) -> Generator[Connection]:
        """The same with SQLAlchemy's own connection; in SQLite it holds for changes of the schema as well."""
        if self.dialect == "postgresql":
            with self.engine.begin() as connection:
                yield connection
            return
        with self.engine.connect() as plain:
            connection = plain.execution_options(isolation_level="AUTOCOMMIT")
            with connection.begin(), _immediate(connection):
                yield connection

    def _execute_on(self, connection: Connection) -> Execute:
        def execute(sql: str, parameters: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
            statement = self._texts.get(sql)
            if statement is None:
                statement = self._texts[sql] = text(sql)
            try:
                result = connection.execute(statement, dict(parameters))
            except OperationalError as error:
                refuse_defect(error.orig, "havn outbox create-tables")
                raise
            return result.all() if result.returns_rows else ()

        return execute

    def leave_thread(self) -> None:
        """See `Database`: the engine's pool serves all threads."""

    def close(self) -> None:
        """See `Database`."""
        if self._owns_engine:
            self.engine.dispose()


def _engine(database: Engine | URL | str) -> Engine:
    if hasattr(database, "sync_engine"):
        raise HAVNOutboxError("the worker needs a blocking engine, or the address of the database")
    if isinstance(database, Engine):
        return database
    url = _url(database)
    blocking = _BLOCKING_DRIVERS.get(url.drivername)
    url = url.set(drivername=blocking) if blocking else url
    options: dict[str, Any] = {"connect_args": {"timeout": PATIENCE}} if url.get_backend_name() == "sqlite" else {}
    try:
        return create_engine(url, pool_pre_ping=True, **options)
    except NoSuchModuleError as error:
        raise HAVNOutboxError(f"SQLAlchemy has no driver for this database: {error}") from None
    except ModuleNotFoundError as error:
        raise HAVNOutboxError(
            f"{error.name} is missing, which {url.drivername} needs: install it, or name the driver that you have"
            " in the address, such as postgresql+psycopg"
        ) from None


def _url(database: URL | str) -> URL:
    """The address, of a database that the outbox can be in: nobody is sent after the driver of another."""
    try:
        url = make_url(database)
    except ArgumentError:
        raise HAVNOutboxError(
            "the database is no address, such as postgresql+psycopg://host/shop or sqlite:///shop.db"
        ) from None
    dialect_of(url.get_backend_name())
    return url


def _refuse_old_sqlite(engine: Engine) -> None:
    version: tuple[int, ...] | None = getattr(engine.dialect.dbapi, "sqlite_version_info", None)
    if version is not None:
        refuse_old_sqlite(version)


@contextmanager
def _immediate(connection: Connection) -> Generator[None]:
    """A transaction that takes SQLite's one write lock when it begins, and so never loses it half-way."""
    # a listener of the engine's owner may have begun one already
    begun = getattr(connection.connection.driver_connection, "in_transaction", False)
    if not begun:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        _roll_back(connection)
        raise
    connection.exec_driver_sql("COMMIT")


def _roll_back(connection: Connection) -> None:
    try:
        connection.exec_driver_sql("ROLLBACK")
    except DBAPIError:  # SQLite has rolled back by itself, as it does when the disk is full
        connection.invalidate()
