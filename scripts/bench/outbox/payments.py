"""The application's own transaction, with and without the promise to report it: five ways to write a payment.

The payment is one row in a table with a primary key and a unique payment id, as a shop has it; and the outbox's
row is written by the public call, its checks, canonical JSON and hash included.
"""

from __future__ import annotations

from datetime import datetime  # noqa: TC003  SQLAlchemy reads the annotation
from itertools import count
from typing import TYPE_CHECKING, Any

from bench.payloads import SALE, SALE_BODY
from sqlalchemy import String, func, insert
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from havn_ext.outbox import Outbox, outbox_tables
from havn_ext.signing import canonical_json

if TYPE_CHECKING:
    from bench.rounds import Turn
    from sqlalchemy import Engine


class Base(DeclarativeBase):
    """The application's tables."""


class Payment(Base):
    """What a customer has paid."""

    __tablename__ = "payment"

    id: Mapped[int] = mapped_column(primary_key=True)
    provider_id: Mapped[str] = mapped_column(String(64), unique=True)
    customer_id: Mapped[str] = mapped_column(String(64))
    amount: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    paid_at: Mapped[datetime] = mapped_column(server_default=func.now())


outbox_tables(Base.metadata)
_numbers = count()


def _payment() -> dict[str, Any]:
    return {
        "provider_id": f"pay_{next(_numbers):012}",
        "customer_id": "c_1",
        "amount": SALE["amount"],
        "currency": "USD",
    }


def _sale(payment: dict[str, Any]) -> dict[str, Any]:
    return {**SALE, "payment_gateway_transaction_id": payment["provider_id"]}


def core_alone(engine: Engine) -> Turn:
    """A transaction with one INSERT."""
    statement = insert(Payment)

    def turn(calls: int) -> None:
        for _ in range(calls):
            with engine.begin() as connection:
                connection.execute(statement, _payment())

    return turn


def core_and_enqueue(engine: Engine) -> Turn:
    """The same, and the message."""
    statement, outbox = insert(Payment), Outbox(engine)

    def turn(calls: int) -> None:
        for _ in range(calls):
            payment = _payment()
            with engine.begin() as connection:
                connection.execute(statement, payment)
                outbox.transaction(connection, **_sale(payment))

    return turn


def core_and_bare_insert(engine: Engine) -> Turn:
    """The same, and a message's row by the driver's own cursor, with nothing checked, encoded, hashed or read.

    What no enqueueing in a statement of its own can be cheaper than, in any language.
    """
    statement, messages = insert(Payment), Base.metadata.tables["havn_outbox"]
    row = {
        "account": "default",
        "kind": "transaction",
        "payload": "x" * len(canonical_json(SALE_BODY)),
        "payload_sha256": "0" * 64,
        "available_at": 0,
        "created_at": 0,
    }
    second = messages.insert().inline().compile(dialect=engine.dialect, column_keys=[*row, "dedup_key"])
    sql, places = str(second), second.positiontup

    def turn(calls: int) -> None:
        for _ in range(calls):
            payment = _payment()
            with engine.begin() as connection:
                connection.execute(statement, payment)
                values = {**row, "dedup_key": payment["provider_id"]}
                cursor = connection.connection.cursor()
                cursor.execute(sql, values if places is None else tuple(values[place] for place in places))
                cursor.close()

    return turn


def orm_alone(engine: Engine) -> Turn:
    """A session with one new object."""

    def turn(calls: int) -> None:
        for _ in range(calls):
            with Session(engine) as session, session.begin():
                session.add(Payment(**_payment()))

    return turn


def orm_and_enqueue(engine: Engine) -> Turn:
    """The same, and the message through the session."""
    outbox = Outbox(engine)

    def turn(calls: int) -> None:
        for _ in range(calls):
            payment = _payment()
            with Session(engine) as session, session.begin():
                session.add(Payment(**payment))
                outbox.transaction(session, **_sale(payment))

    return turn
