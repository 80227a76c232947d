"""A small shop in Flask on SQLite: a payment and the promise to report it commit together.

python scripts/demo_outbox_shop/app.py sqlite:///shop.db
"""

from __future__ import annotations

import logging
import sys

from flask import Flask, Response, jsonify, request
from sqlalchemy import create_engine, event
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from werkzeug.serving import make_server

from havn_ext.outbox import Outbox, outbox_tables

__all__ = ["Payment", "create_app"]


class Base(DeclarativeBase):
    """The shop's tables."""


class Payment(Base):
    """A payment that a customer has made."""

    __tablename__ = "payments"
    id: Mapped[str] = mapped_column(primary_key=True)
    cents: Mapped[int]


outbox_tables(Base.metadata)  # among the shop's own tables, so that its migrations see them


def create_app(database: str) -> Flask:
    """The shop; makes its tables."""
    app, outbox = Flask(__name__), Outbox()
    engine = create_engine(database)
    event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA journal_mode=WAL"))
    Base.metadata.create_all(engine)

    @app.post("/checkout")
    def checkout() -> tuple[Response, int]:
        order = request.get_json()
        with Session(engine) as session, session.begin() as transaction:
            session.add(Payment(id=order["id"], cents=order["cents"]))
            outbox.transaction(
                session,
                amount=order["cents"],
                payment_gateway_transaction_id=order["id"],
                customer_email=order["email"],
                referral_code=order["referral_code"],
            )
            if order["card"] == "declined":
                transaction.rollback()
                return jsonify(error="the card was declined"), 402
        return jsonify(paid=order["id"]), 201

    return app


def serve(database: str) -> None:
    """Serves on a free port of this machine, and prints where."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, create_app(database), threaded=True)
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    serve(sys.argv[1])
