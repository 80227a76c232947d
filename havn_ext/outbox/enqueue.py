"""Enqueueing: the payment and the promise to report it commit together, in the caller's own transaction.

Written once, as a flow whose steps call the caller's session: `Outbox` carries it out blocking and
`AsyncOutbox` awaits it, with the drivers of the clients. What becomes a message, and how, is `composing`'s.
"""

from __future__ import annotations

from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeAlias, TypeVar, cast

import attrs
from sqlalchemy import MetaData, event, literal_column, make_url, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session as SyncSession

from havn_ext._clock import SYSTEM_CLOCK, Clock
from havn_ext._drivers import AsyncDriver, SyncDriver
from havn_ext._pool import AsyncPool, SyncPool
from havn_ext._steps import Invoke
from havn_ext.outbox.composing import account_name, columns, transaction_message, user_message, write
from havn_ext.outbox.errors import HAVNOutboxError
from havn_ext.outbox.messages import MICROSECONDS
from havn_ext.outbox.protocol import dialect_of
from havn_ext.outbox.statements import POSTGRESQL_NOW
from havn_ext.outbox.tables import DEFAULT_PREFIX, outbox_tables

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping
    from typing import Unpack

    from sqlalchemy import URL, ColumnElement, Connection, Engine, Table
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, async_scoped_session
    from sqlalchemy.orm import Session, scoped_session
    from sqlalchemy.sql import Executable

    from havn_ext._sale import SaleOptions
    from havn_ext._steps import Flow
    from havn_ext._user import UserOptions
    from havn_ext.outbox.messages import NewMessage
    from havn_ext.outbox.protocol import Dialect
    from havn_ext.rates import RateSource

__all__ = ["AsyncOutbox", "Outbox"]

Place = TypeVar("Place")
Written = TypeVar("Written", covariant=True)
BlockingPlace: TypeAlias = "Session | scoped_session[Session] | Connection"
AsyncPlace: TypeAlias = "AsyncSession | async_scoped_session[AsyncSession] | AsyncConnection"


class _Outbox(Generic[Place, Written]):
    """What both kinds of outbox are. `Place` is where they write, `Written` the message's id or its awaitable."""

    _asynchronous: ClassVar[bool]

    def __init__(
        self,
        database: Engine | AsyncEngine | URL | str | None = None,
        *,
        account: str = "default",
        rates: RateSource | None = None,
        prefix: str = DEFAULT_PREFIX,
        metadata: MetaData | None = None,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        """Connects nowhere.

        Args:
            database: Engine or address of the database that the outbox is in. If given, a session of another
                database is refused.
            account: Which company of HAVN's the messages belong to: a name of your own, for which the worker
                has the credentials.
            rates: Exchange rates, as for a client that is to convert. The converted amount is what is stored.
            prefix: What the names of the outbox's tables begin with.
            metadata: The MetaData that `outbox_tables` was called with, if it has a schema of its own.
            clock: The time for SQLite; PostgreSQL has its own.

        Raises:
            HAVNValidationError: The account's name is empty or has more than 100 characters.
        """
        self.account = account_name(account)
        self.tables = outbox_tables(MetaData() if metadata is None else metadata, prefix)
        self._database = None if database is None else _identity(database)
        self._rates = rates
        self._clock = clock
        self._passed: Engine | None = None
        self._wakers: list[Callable[[], object]] = []
        self._inserts: dict[Dialect, Executable] = {}

    def transaction(
        self,
        session: Place,
        amount: int,
        payment_gateway_transaction_id: str | None = None,
        *,
        order_key: str | None = None,
        **options: Unpack[SaleOptions],
    ) -> Written:
        """Enqueues a transaction that a customer has paid, to be reported when `session` has committed.

        Takes and checks what `client.transactions.send` does. The same payment id with the same payload is one
        message, however often it is enqueued. Neither commits nor flushes anything.

        Args:
            session: Yours, in a transaction: a Session or a Connection of SQLAlchemy.
            amount: Minor units, as in `transactions.send`.
            payment_gateway_transaction_id: As in `transactions.send`.
            order_key: Messages with the same one are delivered in the order in which they were enqueued, each
                after the one before it is delivered. At most 200 characters.
            **options: As in `transactions.send`.

        Returns:
            The message's id.

        Raises:
            HAVNValidationError: Names every field that is missing or wrong.
            HAVNOutboxConflictError: The payment id is taken by a message with another payload.
            HAVNOutboxError: The session is not in a transaction, or of another database.
        """
        own = {"amount": amount, "payment_gateway_transaction_id": payment_gateway_transaction_id}
        return self._run(self._transaction(session, own, order_key, options))

    def user(
        self,
        session: Place,
        email: str,
        name: str,
        *,
        key: str | None = None,
        order_key: str | None = None,
        **options: Unpack[UserOptions],
    ) -> Written:
        """Enqueues a user, to be synced when `session` has committed.

        Takes and checks what `client.users.sync` does. Every call is a message of its own, since the same
        user may change back and forth; those of one e-mail address are delivered in their order.

        Args:
            session: Yours, in a transaction: a Session or a Connection of SQLAlchemy.
            email: As in `users.sync`.
            name: As in `users.sync`.
            key: Calls with the same one are one message, and must have the same payload.
            order_key: As in `transaction`; that of the e-mail address when None.
            **options: As in `users.sync`.

        Returns:
            The message's id.

        Raises:
            HAVNValidationError: Names every field that is missing or wrong.
            HAVNOutboxConflictError: The key is taken by a message with another payload.
            HAVNOutboxError: The session is not in a transaction, or of another database.
        """
        return self._run(self._user(session, {"email": email, "name": name}, key, order_key, options))

    def on_commit(self, wake: Callable[[], object]) -> None:
        """Calls `wake` whenever a session that has enqueued something has committed.

        `outbox.on_commit(worker.nudge)` is for a worker in this very process; others find out by looking. A
        bare Connection tells nobody: call `nudge` yourself.
        """
        self._wakers.append(wake)

    def nudge(self) -> None:
        """Wakes whoever asked for it by `on_commit`."""
        for wake in self._wakers:
            wake()

    # ── the flow ─────────────────────────────────────────────────────────────────────────────────────

    def _run(self, flow: Flow[int]) -> Written:
        raise NotImplementedError

    def _transaction(
        self, session: Place, own: Mapping[str, object], order_key: object, options: SaleOptions
    ) -> Flow[int]:
        message = yield from transaction_message(self.account, self._rates, own, order_key, options)
        return (yield from self._write(session, message))

    def _user(
        self, session: Place, own: Mapping[str, object], key: object, order_key: object, options: UserOptions
    ) -> Flow[int]:
        return (yield from self._write(session, user_message(self.account, own, key, order_key, options)))

    def _write(self, session: Any, message: NewMessage) -> Flow[int]:  # noqa: ANN401  checked by _connection
        connection, dialect = yield from self._connection(session)
        now = round(self._clock.now() * MICROSECONDS)
        moments = {"available_at": now, "created_at": now} if dialect == "sqlite" else {}
        statement = self._insert(dialect)
        written = yield from write(message, _Connection(connection, self.tables.messages, statement, moments))
        if written.new:
            self._listen(session)
        return written.id

    def _connection(self, session: Any) -> Flow[tuple[Any, Dialect]]:  # noqa: ANN401  that is what is found out
        """The connection that the session's transaction is on."""
        session = _unwrapped(session)
        if not hasattr(session, "in_transaction"):
            raise HAVNOutboxError(f"must be a Session or a Connection of SQLAlchemy, not {type(session).__name__}")
        if hasattr(session, "run_sync") is not self._asynchronous:
            name = "AsyncOutbox" if hasattr(session, "run_sync") else "Outbox"
            raise HAVNOutboxError(f"a {type(session).__name__} takes an {name}, not an {type(self).__name__}")
        if not session.in_transaction():
            raise HAVNOutboxError(
                "the session is in no transaction, so nothing would tie the message to your data: enqueue within"
                " `with session.begin():`, or after the statements that it belongs to"
            )
        connection = session
        if hasattr(session, "get_bind"):
            of_table = partial(session.connection, bind_arguments={"clause": self.tables.messages})
            connection = yield Invoke(of_table, "session")
        plain: Connection = getattr(connection, "sync_connection", None) or connection
        dialect = dialect_of(plain.dialect.name)
        if _commits_by_itself(plain):
            raise HAVNOutboxError("the connection is in AUTOCOMMIT, so nothing would tie the message to your data")
        if not self._is_of(plain.engine):
            raise HAVNOutboxError(
                "the session is bound to another database than the outbox: they could not commit together"
            )
        return connection, dialect

    def _is_of(self, engine: Engine) -> bool:
        """Whether the outbox's database is that of an engine; the last one to pass is not asked again."""
        if self._database is None or engine is self._passed:
            return True
        if self._database != _identity(engine):
            return False
        self._passed = engine
        return True

    def _insert(self, dialect: Dialect) -> Executable:
        made = self._inserts.get(dialect)
        if made is None:
            table = self.tables.messages
            make = postgresql.insert if dialect == "postgresql" else sqlite.insert
            insert = make(table)
            if dialect == "postgresql":
                now: ColumnElement[int] = literal_column(POSTGRESQL_NOW)
                insert = insert.values(available_at=now, created_at=now)
            key = [table.c.account, table.c.kind, table.c.dedup_key]
            made = insert.on_conflict_do_nothing(index_elements=key).returning(table.c.id)
            self._inserts[dialect] = made
        return made

    def _listen(self, session: Any) -> None:  # noqa: ANN401  checked by _connection
        if not self._wakers:
            return
        session = _unwrapped(session)
        plain = getattr(session, "sync_session", session)
        if isinstance(plain, SyncSession) and not event.contains(plain, "after_commit", self._committed):
            event.listen(plain, "after_commit", self._committed)

    def _committed(self, _session: Session) -> None:
        self.nudge()


class Outbox(_Outbox["BlockingPlace", int]):
    """Enqueues through a Session or a Connection.

    Safe to share between threads:

        outbox = Outbox()
        with Session(engine) as session, session.begin():
            session.add(payment)
            outbox.transaction(session, amount=10000, payment_gateway_transaction_id="pay_1", customer_id="c_1")
    """

    _asynchronous = False

    _driver = cached_property(lambda _: SyncDriver(SyncPool(None, None), SYSTEM_CLOCK))

    def _run(self, flow: Flow[int]) -> int:
        return self._driver.run(flow)


class AsyncOutbox(_Outbox["AsyncPlace", "Coroutine[Any, Any, int]"]):
    """Enqueues through an AsyncSession or an AsyncConnection.

    Every call is awaited:

        outbox = AsyncOutbox()
        async with AsyncSession(engine) as session, session.begin():
            session.add(payment)
            await outbox.transaction(session, amount=100, payment_gateway_transaction_id="pay_1", customer_id="c_1")
    """

    _asynchronous = True

    _driver = cached_property(lambda _: AsyncDriver(AsyncPool(None, None), SYSTEM_CLOCK))

    def _run(self, flow: Flow[int]) -> Coroutine[Any, Any, int]:
        return self._driver.run(flow)


@attrs.frozen
class _Connection:
    """A connection of SQLAlchemy's, of either kind, as `Writer`."""

    connection: Any
    table: Table
    statement: Executable
    moments: Mapping[str, int]

    def insert(self, message: NewMessage) -> Flow[int | None]:
        """See `Writer`."""
        row = (yield self._execute(self.statement, {**columns(message), **self.moments})).first()
        return None if row is None else cast("int", row[0])

    def find(self, message: NewMessage) -> Flow[tuple[int, str] | None]:
        """See `Writer`."""
        column, values = self.table.c, columns(message)
        same = (column[name] == values[name] for name in ("account", "kind", "dedup_key"))
        row = (yield self._execute(select(column.id, column.payload_sha256).where(*same))).first()
        return None if row is None else (row[0], row[1])

    def _execute(self, *arguments: object) -> Invoke:
        return Invoke(self.connection.execute, "session", arguments)


def _unwrapped(session: Any) -> Any:  # noqa: ANN401  checked by whoever uses it
    """The session itself, of a scoped one the current."""
    return session.registry() if hasattr(session, "registry") else session


def _commits_by_itself(connection: Connection) -> bool:
    """Whether every statement is a transaction of its own, by the options of connection, engine or driver."""
    level = connection.get_execution_options().get("isolation_level")
    if level is None:
        level = getattr(connection.dialect, "_on_connect_isolation_level", None)
    return level == "AUTOCOMMIT" or _driver_commits(connection)


def _driver_commits(connection: Connection) -> bool:
    """Whether the driver was told, by `connect_args`, to begin no transaction, and nobody else has begun one."""
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name == "sqlite":
        begins = (
            getattr(driver, "isolation_level", "") is not None and getattr(driver, "autocommit", None) is not True
        )
        return not (begins or driver.in_transaction)
    return getattr(driver, "autocommit", None) is True


def _identity(database: Engine | AsyncEngine | URL | str) -> object:
    """What two ways to the same database have in common, whatever the driver and the credentials."""
    engine: Any = getattr(database, "sync_engine", database)
    url = make_url(cast("URL | str", getattr(engine, "url", engine)))
    backend = dialect_of(url.get_backend_name())
    if backend == "sqlite" and url.database in {None, "", ":memory:"}:
        return getattr(engine, "pool", url)  # every pool has a memory of its own
    port = url.port or (5432 if backend == "postgresql" else None)
    return backend, url.host or url.query.get("host"), port, url.database
