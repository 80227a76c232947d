"""A small shop's API in FastAPI, with the async client and a worker inside: `uvicorn app:app`. See README.md."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import uuid
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sqlalchemy import ForeignKey, func, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from havn import HAVNError, HAVNNotFoundError, HAVNValidationError, ReferralLink
from havn_ext.integrations.fastapi import HAVNDependency, ReferralDependency, ReferralMiddleware, havn_lifespan
from havn_ext.outbox import AsyncOutbox, ClientSender, SQLAlchemyDatabase, Store, Worker, outbox_tables

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

logger = logging.getLogger("shop")
DATABASE = os.environ.get("SHOP_DATABASE", "shop.db")
LOGIN_PAGE = "https://shop.example/login"


class Base(DeclarativeBase):
    """The shop's tables."""


class User(Base):
    """Somebody who has signed up.

    Attributes:
        referral_code: Of whoever recommended the shop to them.
        voucher_code: Of the link that they came by, for the first purchase.
        own_code: Their own referral code, once HAVN has given them one.
    """

    __tablename__ = "user"
    email: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    referral_code: Mapped[str | None]
    voucher_code: Mapped[str | None]
    own_code: Mapped[str | None]


class Order(Base):
    """What was paid, in US cents."""

    __tablename__ = "order"
    payment_id: Mapped[str] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(ForeignKey("user.email"))
    subtotal: Mapped[int]
    amount: Mapped[int]


outbox_tables(Base.metadata)  # HAVN: among the shop's own tables, so that its migrations see them
outbox = AsyncOutbox()


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncGenerator[dict[str, Any]]:
    """The client, the database and a worker, from the app's start to its end."""
    engine = create_async_engine(f"sqlite+aiosqlite:///{DATABASE}")
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    reports = SQLAlchemyDatabase(f"sqlite:///{DATABASE}")
    store = Store(reports)
    worker = Worker(store, ClientSender())
    outbox.on_commit(worker.nudge)
    async with havn_lifespan()(app) as state, asyncio.TaskGroup() as tasks:
        tasks.create_task(worker.run())
        yield {**state, "engine": engine, "store": store}
        worker.stop()
    reports.close()
    await engine.dispose()


app = FastAPI(title="Shop", lifespan=lifespan)
app.add_middleware(ReferralMiddleware)  # HAVN: keeps ?ref=&vc= until somebody signs up


@app.exception_handler(HAVNValidationError)
async def explain(_request: Request, error: HAVNValidationError) -> JSONResponse:
    """What HAVN would refuse is the caller's to mend."""
    return JSONResponse({"errors": error.errors}, status_code=422)


async def database(request: Request) -> AsyncGenerator[AsyncSession]:
    """A session; whoever writes begins and commits."""
    engine: AsyncEngine = request.state.engine
    async with AsyncSession(engine, expire_on_commit=False) as session:
        yield session


Database = Annotated[AsyncSession, Depends(database)]

# ── users ────────────────────────────────────────────────────────────────────────────────────────────


class NewUser(BaseModel):
    """Who signs up."""

    email: str
    name: str


class SignedUp(BaseModel):
    """Who has signed up.

    Attributes:
        link: What to recommend the shop by; None until HAVN has given a code.
    """

    recommended_by: str | None
    link: str | None


@app.get("/login")
async def login_page(referral: ReferralDependency) -> dict[str, str | None]:
    """Where HAVN's referral links lead: what the page may say to the visitor."""
    link = referral.link
    if link is None:
        return {"recommended_by": None, "voucher_code": None}
    return {"recommended_by": link.referral_code, "voucher_code": link.voucher_code}


@app.post("/users", status_code=201)
async def sign_up(new: NewUser, session: Database, havn: HAVNDependency, referral: ReferralDependency) -> SignedUp:
    """Signs up, and makes the user an associate below whoever recommended the shop.

    The link that they came by is attached last, so that whoever is refused still has it.
    """
    email = new.email.strip().lower()
    if await session.get(User, email):
        raise HTTPException(409, "this e-mail address has signed up already")
    await session.rollback()  # no transaction is held while HAVN is asked
    user = User(email=email, name=new.name)
    upline = referral.link.referral_code if referral.link else None
    try:
        await join(user, upline, session, havn)
    except HAVNNotFoundError:  # a code that HAVN does not know: the user joins without an upline
        referral.forget()
        await join(user, None, session, havn)
    referral.attach(user)
    session.add(user)
    await session.commit()
    link = ReferralLink(referral_code=user.own_code).address(LOGIN_PAGE) if user.own_code else None
    return SignedUp(recommended_by=user.referral_code, link=link)


async def join(user: User, upline: str | None, session: AsyncSession, havn: HAVNDependency) -> None:
    """Makes a user an associate at once, so that they have a link to pass on.

    If HAVN can't say so in two seconds and one try, the outbox does it later.

    Raises:
        HAVNNotFoundError: HAVN does not know the upline.
        HAVNValidationError: HAVN would refuse the user.
    """
    quick = havn.with_options(timeout=2, max_retries=0)
    try:
        synced = await quick.users.sync(email=user.email, name=user.name, upline_code=upline)
    except HAVNValidationError:
        raise
    except HAVNError as error:
        if upline and isinstance(error, HAVNNotFoundError):
            raise
        logger.warning("a user is synced later: %s", error)
        session.add(user)  # user and promise commit together
        await outbox.user(session, user.email, user.name, upline_code=upline)
    else:
        user.own_code = synced.referral_code


# ── orders ───────────────────────────────────────────────────────────────────────────────────────────


class Purchase(BaseModel):
    """What is to be paid, in US cents, before any voucher."""

    email: str
    subtotal: int = Field(gt=0)


class Paid(BaseModel):
    """What was paid, in US cents, and what has become of its report to HAVN.

    Attributes:
        report: `pending`, `delivered`, `dead`; None where there is nothing to report.
        commission: US cents that HAVN has shared out, once the report is delivered.
    """

    payment_id: str
    subtotal: int
    amount: int
    report: str | None
    commission: int | None = None


@app.post("/orders", status_code=201)
async def buy(purchase: Purchase, session: Database, havn: HAVNDependency) -> Paid:
    """Takes a payment: the order and the promise to report it commit together."""
    user = await session.get(User, purchase.email.strip().lower())
    if user is None:
        raise HTTPException(404, "nobody has signed up with this e-mail address")
    bought = await session.scalar(select(func.count()).where(Order.email == user.email))
    await session.commit()  # no transaction is held while HAVN is asked
    voucher = None if bought else user.voucher_code
    discount = await discount_of(havn, voucher, purchase.subtotal) if voucher else 0
    amount = purchase.subtotal - discount
    order = Order(payment_id=charge(), email=user.email, subtotal=purchase.subtotal, amount=amount)
    session.add(order)
    if amount:
        await outbox.transaction(
            session,
            amount=amount,
            payment_gateway_transaction_id=order.payment_id,
            customer_email=user.email,
            referral_code=user.referral_code,
            promo_code=voucher if discount else None,
            subtotal_transaction=purchase.subtotal if discount else None,
            customer_type="RETURNING_CUSTOMER" if bought else "NEW_CUSTOMER",
        )
    await session.commit()
    return Paid(
        payment_id=order.payment_id,
        subtotal=order.subtotal,
        amount=amount,
        report="pending" if amount else None,
    )


async def discount_of(havn: HAVNDependency, code: str, subtotal: int) -> int:
    """US cents that a voucher takes off a first purchase.

    Nothing when it can't be used, when it is for other customers, or when HAVN can't be asked in two seconds.
    """
    try:
        page = await havn.with_options(max_retries=0).vouchers.get_all(
            search=code, currency="USD", per_page=100, timeout=2
        )
    except HAVNError as error:
        logger.warning("no discount: %s", error)
        return 0
    now = datetime.now(UTC)
    usable = (
        each
        for each in page.data
        if each.code == code and each.usable_at(now) and each.client_type in {None, "NEW_CUSTOMER"}
    )
    return next((each.discount_for(subtotal) for each in usable), 0)


@app.get("/orders/{payment_id}")
async def show_order(payment_id: str, session: Database, request: Request) -> Paid:
    """An order, and what has become of its report."""
    order = await session.get(Order, payment_id)
    if order is None:
        raise HTTPException(404, "there is no such order")
    store: Store = request.state.store
    found = await asyncio.to_thread(store.list, kind="transaction", key=payment_id)
    report = found[0] if found else None
    answer = json.loads(report.response) if report and report.response else {}
    return Paid(
        payment_id=order.payment_id,
        subtotal=order.subtotal,
        amount=order.amount,
        report=report.state if report else None,
        commission=answer.get("total_commission"),
    )


def charge() -> str:
    """In place of a payment gateway, which gives the payment an id.

    A real one is never called inside of the transaction: its webhook tells that money came, and *that* handler has
    the block of `buy`.
    """
    return f"pay_{uuid.uuid4().hex[:16]}"
