"""A shop whose payments Celery's workers report: `celery --app shop worker --beat`. See README.md.

The broker is only a bell. What there is to do stands in the database, so a message that it loses costs seconds.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path
from typing import Any

from celery import Celery
from sqlalchemy import create_engine
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from havn import HAVNValidationError, to_minor_units
from havn_ext.integrations.celery import configure
from havn_ext.outbox import HAVNOutboxConflictError, Outbox, SQLAlchemyDatabase, Store, outbox_tables

HERE = Path(__file__).parent
DATABASE = os.environ.get("SHOP_DATABASE", f"sqlite:///{HERE / 'shop.db'}")
BROKER = os.environ.get("SHOP_BROKER", "filesystem://")


class Base(DeclarativeBase):
    """The shop's tables."""


class Order(Base):
    """What a customer has paid, in US cents."""

    __tablename__ = "order"
    payment_id: Mapped[str] = mapped_column(primary_key=True)
    email: Mapped[str]
    cents: Mapped[int]


outbox_tables(Base.metadata)  # HAVN: among the shop's own tables, so that its migrations see them
engine = create_engine(DATABASE)
Base.metadata.create_all(engine)  # a real shop's migrations do this
engine.dispose()  # no connection goes through the worker's fork

app: Any = Celery("shop", broker=BROKER)
app.conf.broker_connection_retry_on_startup = True
if BROKER == "filesystem://":  # for a desk without a broker; in production it is RabbitMQ or Redis
    folder = HERE / "broker"
    folder.mkdir(exist_ok=True)
    app.conf.broker_transport_options = {
        "data_folder_in": folder,
        "data_folder_out": folder,
        "control_folder": folder,
    }
havn = configure(app, database=DATABASE, queue="havn")  # HAVN: the task that delivers, and its schedule
outbox = Outbox(engine)
outbox.on_commit(havn.nudge)  # HAVN: rings when a payment has committed


def take_payment(payment_id: str, amount: str, email: str, referral_code: str | None = None) -> None:
    """Keeps a payment that a gateway has confirmed: the order and the promise to report it commit together.

    Args:
        payment_id: The gateway's.
        amount: US dollars, as people write them.
        email: The customer's.
        referral_code: Of whoever recommended the shop.
    """
    with Session(engine) as session, session.begin():
        cents = to_minor_units(amount, "USD")
        session.add(Order(payment_id=payment_id, email=email, cents=cents))
        outbox.transaction(session, cents, payment_id, customer_email=email, referral_code=referral_code)


def main() -> int:
    """What a gateway's webhook would call, at the keyboard."""
    parser = argparse.ArgumentParser(description="Takes payments, and shows what has become of their reports.")
    commands = parser.add_subparsers(dest="command", required=True)
    pay = commands.add_parser("pay", help="take a payment")
    pay.add_argument("payment_id")
    pay.add_argument("amount", help="US dollars, such as 99.90")
    pay.add_argument("email")
    pay.add_argument("referral_code", nargs="?")
    commands.add_parser("reports", help="list the payments and what has become of their reports")
    given = vars(parser.parse_args())
    if given.pop("command") == "reports":
        for message in reversed(Store(SQLAlchemyDatabase(engine)).list(kind="transaction")):
            print(message.key, message.state, message.last_error or "")
        return 0
    try:
        take_payment(**given)
    except (HAVNValidationError, HAVNOutboxConflictError) as error:
        print(error, file=sys.stderr)
        return 1
    except IntegrityError:
        print(f"{given['payment_id']} is paid already", file=sys.stderr)
        return 1
    print(f"{given['payment_id']} is paid")
    time.sleep(0.5)  # a server would live on; this gives the bell's thread the time to ring
    return 0


if __name__ == "__main__":
    sys.exit(main())
