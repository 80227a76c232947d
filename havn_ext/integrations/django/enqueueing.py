"""Enqueueing in `transaction.atomic`: the order and the promise to report it commit together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs
from django.db import connections, transaction

from havn_ext._clock import SYSTEM_CLOCK, Clock
from havn_ext._drivers import SyncDriver
from havn_ext._pool import SyncPool
from havn_ext._steps import Invoke
from havn_ext.integrations.django.conf import configuration
from havn_ext.integrations.django.database import translated
from havn_ext.outbox.composing import account_name, columns, transaction_message, user_message, write
from havn_ext.outbox.errors import HAVNOutboxError
from havn_ext.outbox.messages import MICROSECONDS
from havn_ext.outbox.protocol import dialect_of
from havn_ext.outbox.statements import POSTGRESQL_NOW

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Unpack

    from django.db.backends.base.base import BaseDatabaseWrapper

    from havn_ext._sale import SaleOptions
    from havn_ext._steps import Flow
    from havn_ext._user import UserOptions
    from havn_ext.integrations.django.conf import Configuration
    from havn_ext.outbox.messages import NewMessage

__all__ = ["Outbox", "outbox"]


_INSERT: Final = translated("""INSERT INTO havn_outbox
  (account, kind, dedup_key, order_key, payload, payload_sha256, available_at, created_at)
VALUES (:account, :kind, :dedup_key, :order_key, :payload, :payload_sha256, {now}, {now})
ON CONFLICT (account, kind, dedup_key) DO NOTHING RETURNING id""")
_FIND: Final = translated("""SELECT id, payload_sha256 FROM havn_outbox
WHERE account = :account AND kind = :kind AND dedup_key = :dedup_key""")
_NOW: Final = {"postgresql": POSTGRESQL_NOW, "sqlite": translated(":now")}


class Outbox:
    """Enqueues within `transaction.atomic`. Safe to share between threads; `outbox` is one for `default`.

        with transaction.atomic():
            order.save()
            outbox.transaction(amount=10000, payment_gateway_transaction_id=order.payment_id, customer_id="c_1")

    Args:
        account: Which company of HAVN's the messages belong to: one of `settings.HAVN["ACCOUNTS"]`.
        clock: The time for SQLite; PostgreSQL has its own.

    Raises:
        HAVNValidationError: The account's name is empty or has more than 100 characters.
    """

    def __init__(self, account: str = "default", *, clock: Clock = SYSTEM_CLOCK) -> None:
        self.account = account_name(account)
        self._clock = clock
        self._wakers: list[Callable[[], object]] = []

    def transaction(
        self,
        amount: int,
        payment_gateway_transaction_id: str | None = None,
        *,
        using: str | None = None,
        order_key: str | None = None,
        **options: Unpack[SaleOptions],
    ) -> int:
        """Enqueues a transaction that a customer has paid, to be reported when the `atomic` block has committed.

        Takes and checks what `client.transactions.send` does. The same payment id with the same payload is one
        message, however often it is enqueued. Commits nothing, and touches no network.

        Args:
            amount: Minor units, as in `transactions.send`.
            payment_gateway_transaction_id: As in `transactions.send`.
            using: The alias of the `atomic` block; that of the outbox when None.
            order_key: Messages with the same one are delivered in the order in which they were enqueued, each
                after the one before it is delivered. At most 200 characters.
            **options: As in `transactions.send`.

        Returns:
            The message's id.

        Raises:
            HAVNValidationError: Names every field that is missing or wrong.
            HAVNOutboxConflictError: The payment id is taken by a message with another payload.
            HAVNOutboxError: There is no `atomic` block, or it is of another database than the outbox.
        """
        found = configuration()
        own = {"amount": amount, "payment_gateway_transaction_id": payment_gateway_transaction_id}
        message = _run(transaction_message(self.account, found.rates, own, order_key, options))
        return self._enqueue(message, found, using)

    def user(
        self,
        email: str,
        name: str,
        *,
        using: str | None = None,
        key: str | None = None,
        order_key: str | None = None,
        **options: Unpack[UserOptions],
    ) -> int:
        """Enqueues a user, to be synced when the `atomic` block has committed.

        Takes and checks what `client.users.sync` does. Every call is a message of its own, since the same
        user may change back and forth; those of one e-mail address are delivered in their order.

        Args:
            email: As in `users.sync`.
            name: As in `users.sync`.
            using: The alias of the `atomic` block; that of the outbox when None.
            key: Calls with the same one are one message, and must have the same payload.
            order_key: As in `transaction`; that of the e-mail address when None.
            **options: As in `users.sync`.

        Returns:
            The message's id.

        Raises:
            HAVNValidationError: Names every field that is missing or wrong.
            HAVNOutboxConflictError: The key is taken by a message with another payload.
            HAVNOutboxError: There is no `atomic` block, or it is of another database than the outbox.
        """
        message = user_message(self.account, {"email": email, "name": name}, key, order_key, options)
        return self._enqueue(message, configuration(), using)

    def on_commit(self, wake: Callable[[], object]) -> None:
        """Calls `wake` whenever a block that has enqueued something has committed (`transaction.on_commit`).

        `outbox.on_commit(worker.nudge)` is for a worker in this very process; others find out by looking.
        """
        self._wakers.append(wake)

    def nudge(self) -> None:
        """Wakes whoever asked for it by `on_commit`."""
        for wake in self._wakers:
            wake()

    # ── within ───────────────────────────────────────────────────────────────────────────────────────

    def _enqueue(self, message: NewMessage, found: Configuration, using: str | None) -> int:
        connection = self._connection(found, using)
        written = _run(write(message, _Connection(connection, self._clock)))
        if written.new and self._wakers:
            transaction.on_commit(self.nudge, using=found.database, robust=True)
        return written.id

    def _connection(self, found: Configuration, using: str | None) -> BaseDatabaseWrapper:
        if self.account not in found.accounts:
            raise HAVNOutboxError(f"settings.HAVN['ACCOUNTS'] has no {self.account!r}: nobody would deliver this")
        if using is not None and using != found.database:
            raise HAVNOutboxError(
                f"the outbox is in the database {found.database!r} and not in {using!r}: they could not commit"
                " together"
            )
        connection = connections[found.database]
        if not _in_atomic_block(connection):
            raise HAVNOutboxError(
                f"there is no atomic block on the database {found.database!r}, so nothing would tie the message to"
                " your data: enqueue within `with transaction.atomic():`"
            )
        return connection


@attrs.frozen
class _Connection:
    """Django's connection as `Writer`."""

    connection: BaseDatabaseWrapper
    clock: Clock

    def insert(self, message: NewMessage) -> Flow[int | None]:
        """See `Writer`."""
        dialect = dialect_of(self.connection.vendor)
        now = round(self.clock.now() * MICROSECONDS)
        statement = _INSERT.replace("{now}", _NOW[dialect])
        row = yield Invoke(self._row, "using", (statement, {**columns(message), "now": now}))
        return None if row is None else int(row[0])

    def find(self, message: NewMessage) -> Flow[tuple[int, str] | None]:
        """See `Writer`."""
        row = yield Invoke(self._row, "using", (_FIND, columns(message)))
        return None if row is None else (row[0], row[1])

    def _row(self, statement: str, values: Mapping[str, Any]) -> Sequence[Any] | None:
        with self.connection.cursor() as cursor:
            cursor.execute(statement, values)
            row: Sequence[Any] | None = cursor.fetchone()
            return row


_run = SyncDriver(SyncPool(None, None), SYSTEM_CLOCK).run


def _in_atomic_block(connection: BaseDatabaseWrapper) -> bool:
    """Whether there is one of the project's own: that of a TestCase would not be there in production."""
    blocks: list[Any] = connection.atomic_blocks
    return any(not getattr(block, "_from_testcase", False) for block in blocks)


outbox: Final = Outbox()
"""Enqueues for the account `default`."""
