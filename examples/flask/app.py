"""A small shop in Flask: `flask --app app run`, and beside it `havn outbox run`. See README.md."""

from __future__ import annotations

import json
import os
import secrets
import uuid
from typing import TYPE_CHECKING

from flask import Flask, abort, flash, redirect, render_template, request, session, url_for
from sqlalchemy import ForeignKey, create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship

from havn import HAVNError, HAVNNotFoundError, HAVNValidationError, is_valid_referral_code, to_major_units
from havn_ext.integrations.flask import HAVN
from havn_ext.outbox import Outbox, SQLAlchemyDatabase, Store, outbox_tables

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue
    from sqlalchemy import Engine

PRODUCTS = {"starter": 4_900, "team": 10_000, "company": 49_900}
"""US cents by name."""

havn = HAVN()
outbox = Outbox()


class Base(DeclarativeBase):
    """The shop's tables."""


class User(Base):
    """Somebody who has signed up, and the referral link that brought them here."""

    __tablename__ = "user"
    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    referral_code: Mapped[str | None]
    voucher_code: Mapped[str | None]
    orders: Mapped[list[Order]] = relationship(back_populates="user")


class Order(Base):
    """A product that was paid."""

    __tablename__ = "order"
    payment_id: Mapped[str] = mapped_column(primary_key=True)
    product: Mapped[str]
    cents: Mapped[int]
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    user: Mapped[User] = relationship(back_populates="orders")


outbox_tables(Base.metadata)  # HAVN: among the shop's own tables, so that its migrations see them


def create_app(database: str | None = None) -> Flask:
    """The shop; makes its tables.

    Args:
        database: Its address; else `SHOP_DATABASE`, or `shop.db` here.
    """
    app = Flask(__name__)
    app.config.update(SECRET_KEY=os.environ.get("SECRET_KEY") or secrets.token_hex(), SESSION_COOKIE_SAMESITE="Lax")
    havn.init_app(app)  # HAVN: HAVN_API_KEY and HAVN_WEBHOOK_SECRET, of app.config or the environment
    engine = create_engine(database or os.environ.get("SHOP_DATABASE", "sqlite:///shop.db"))
    Base.metadata.create_all(engine)
    app.add_template_filter(_dollars, "dollars")
    _add_accounts(app, engine)
    _add_shop(app, engine)
    return app


def _dollars(cents: int) -> str:
    return f"{to_major_units(cents, 'USD'):.2f} USD"


def _add_accounts(app: Flask, engine: Engine) -> None:
    @app.route("/login", methods=["GET", "POST"])
    def login() -> ResponseReturnValue:
        """Logs in, and signs up who is new. HAVN's referral links lead here; a real shop asks for a password."""
        if request.method == "GET":
            return render_template("login.html", link=havn.referral.link)
        email = request.form.get("email", "").strip().lower()
        name = request.form.get("name", "").strip()
        visit = havn.referral
        code = visit.link.referral_code if visit.link else None
        try:
            with Session(engine) as database, database.begin():
                user = database.scalar(select(User).where(User.email == email))
                if user or (code and not is_valid_referral_code(code)):
                    visit.forget()  # HAVN: a customer gets no other upline, and what no code looks like is not sent
                    code = None
                if user is None:
                    user = User(email=email, name=name)
                    # HAVN: the user becomes an associate, below whoever recommended the shop; what HAVN would
                    # refuse raises here, before the link is spent
                    outbox.user(database, email, name, upline_code=code)
                    visit.attach(user)
                    database.add(user)
                database.flush()
                number = user.id
        except HAVNValidationError as error:
            flash(", ".join(f"{field} {reason}" for field, reason in error.errors.items()))
            return redirect(url_for("login"))
        session["user"] = number
        return redirect(url_for("products"))

    @app.post("/dashboard")
    def dashboard() -> ResponseReturnValue:
        """Leads into HAVN, logged in, where associates see what they have earned."""
        with Session(engine) as database:
            email = _current_user(database).email
        response = redirect(url_for("products"), code=303)
        try:
            # HAVN: somebody is waiting for the page, so three seconds and one try
            address = havn.client.with_options(timeout=3, max_retries=0).auth.login(email)
        except HAVNNotFoundError:
            flash("HAVN doesn't know you yet: try again in a minute.")
        except HAVNError as error:
            app.logger.warning("no login link: %s", error)
            flash("HAVN can't be reached at the moment.")
        else:
            response = redirect(address, code=303)
            response.headers["Cache-Control"] = "no-store"  # whoever has the address is logged in
        return response


def _add_shop(app: Flask, engine: Engine) -> None:
    reports = Store(SQLAlchemyDatabase(engine))

    @app.get("/")
    def products() -> ResponseReturnValue:
        return render_template("products.html", products=PRODUCTS)

    @app.post("/checkout/<product>")
    def checkout(product: str) -> ResponseReturnValue:
        """Takes the payment: the order and the promise to report it commit together."""
        if product not in PRODUCTS:
            abort(404)
        with Session(engine) as database, database.begin():
            user = _current_user(database)
            order = Order(payment_id=_charge(), product=product, cents=PRODUCTS[product])
            customer_type = "RETURNING_CUSTOMER" if user.orders else "NEW_CUSTOMER"
            user.orders.append(order)
            outbox.transaction(
                database,
                amount=order.cents,
                payment_gateway_transaction_id=order.payment_id,
                customer_email=user.email,
                referral_code=user.referral_code,
                customer_type=customer_type,
            )
            return redirect(url_for("show_order", payment_id=order.payment_id))

    @app.get("/orders/<payment_id>")
    def show_order(payment_id: str) -> ResponseReturnValue:
        """The order, and what has become of its report."""
        with Session(engine) as database:
            user = _current_user(database)
            order = database.get(Order, payment_id)
            if order is None or order.user_id != user.id:
                abort(404)
            report = next(iter(reports.list(kind="transaction", key=payment_id)), None)
            answer = json.loads(report.response) if report and report.response else {}
            return render_template("order.html", order=order, report=report, answer=answer)


def _current_user(database: Session) -> User:
    user = database.get(User, session.get("user", 0))
    if user is None:
        abort(redirect(url_for("login")))
    return user


def _charge() -> str:
    """In place of a payment gateway, which gives the payment an id.

    A real one is never called inside of the transaction: its webhook tells that money came, and *that* handler has
    the block of `checkout`.
    """
    return f"pay_{uuid.uuid4().hex[:16]}"
