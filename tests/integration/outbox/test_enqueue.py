"""Enqueueing through every kind of session, in both databases."""

from __future__ import annotations

import asyncio
import threading
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from outbox_support import engine_of, make_tables, sale
from sqlalchemy import Column, Integer, MetaData, Table, create_engine, event, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import Session, scoped_session, sessionmaker

from havn_ext import HAVNValidationError
from havn_ext.outbox import AsyncOutbox, HAVNOutboxConflictError, HAVNOutboxError, Outbox, outbox_tables

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from outbox_support import Place
    from sqlalchemy import URL

METADATA = MetaData()
PAYMENTS = Table("payment", METADATA, Column("id", Integer, primary_key=True))

# ── every kind of place ──────────────────────────────────────────────────────────────────────────


def blocking(kind: str, url: URL, enqueue: Callable[[Outbox, Any], object], *, commit: bool = True) -> None:
    """Pays and enqueues in one transaction of a session, a scoped one or a connection."""
    outbox = Outbox()
    with engine_of(url) as engine:
        sessions = scoped_session(sessionmaker(engine))
        makers: dict[str, Any] = {
            "session": sessions.session_factory,
            "scoped": sessions,
            "connection": engine.connect,
        }
        place = makers[kind]()
        with place, place.begin() as transaction:
            place.execute(insert(PAYMENTS))
            enqueue(outbox, sessions if kind == "scoped" else place)
            if not commit:
                transaction.rollback()


def asynchronous(kind: str, url: URL, enqueue: Callable[[AsyncOutbox, Any], Any], *, commit: bool = True) -> None:
    """Pays and enqueues in one transaction of an asynchronous session or connection."""
    driver = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"}[url.get_backend_name()]

    async def pay() -> None:
        outbox = AsyncOutbox()
        async with async_engine(url.set(drivername=driver)) as engine:
            place: Any = AsyncSession(engine) if kind == "session" else engine.connect()
            async with place, place.begin() as transaction:
                await place.execute(insert(PAYMENTS))
                await enqueue(outbox, place)
                if not commit:
                    await transaction.rollback()

    asyncio.run(pay())


@asynccontextmanager
async def async_engine(url: URL) -> AsyncIterator[Any]:
    """An asynchronous engine, disposed of at the end."""
    engine = create_async_engine(url)
    try:
        yield engine
    finally:
        await engine.dispose()


PLACES = {
    "Session": (blocking, "session"),
    "scoped_session": (blocking, "scoped"),
    "Connection": (blocking, "connection"),
    "AsyncSession": (asynchronous, "session"),
    "AsyncConnection": (asynchronous, "connection"),
}


@pytest.fixture(params=PLACES)
def pay(request: pytest.FixtureRequest, place: Place, url: URL) -> Callable[..., None]:
    """Pays and enqueues in one transaction, through a place of some kind."""
    METADATA.drop_all(place.engine)
    METADATA.create_all(place.engine)
    way, kind = PLACES[request.param]

    def paid(enqueue: Any, **options: Any) -> None:
        way(kind, url, enqueue, **options)

    return paid


def payments(place: Place) -> int:
    """How many payments the shop has."""
    with place.engine.connect() as connection:
        return len(connection.execute(select(PAYMENTS)).all())


def test_payment_and_message_commit_together(pay: Callable[..., None], place: Place) -> None:
    """After the commit both are there, the message as it will be sent."""
    pay(lambda outbox, session: outbox.transaction(session, **sale(referral_code=" havn-mj-001 ")))
    assert payments(place) == 1
    message = place.message("pay_1")
    assert message.state == "pending"
    assert message.payload == (
        '{"amount":1000,"currency":"USD","customer_id":"c_1","customer_type":"NEW_CUSTOMER",'
        '"payment_gateway_transaction_id":"pay_1","referral_code":"HAVN-MJ-001"}'
    )


def test_they_are_rolled_back_together(pay: Callable[..., None], place: Place) -> None:
    """After a rollback neither is there."""
    pay(lambda outbox, session: outbox.transaction(session, **sale()), commit=False)
    assert (payments(place), place.states()) == (0, {})


def test_a_wrong_call_fails_now(pay: Callable[..., None], place: Place) -> None:
    """What the direct call would refuse is refused at once, with every fault, and nothing is written."""
    with pytest.raises(HAVNValidationError) as caught:
        pay(lambda outbox, session: outbox.transaction(session, amount=0, currency="XXX", order_key="k" * 201))
    assert caught.value.errors.keys() == {
        "amount",
        "currency",
        "order_key",
        "payment_gateway_transaction_id",
        "customer_email",
        "customer_id",
    }
    assert (payments(place), place.states()) == (0, {})


def test_the_same_payment_twice_is_one_message(pay: Callable[..., None], place: Place) -> None:
    """The same payment id with the same payload is the same message, in this transaction and in a later one."""
    ids: list[Any] = []

    def enqueue(outbox: Any, session: Any) -> Any:
        given = outbox.transaction(session, **sale())
        return collected(given) if asyncio.iscoroutine(given) else ids.append(given)

    async def collected(given: Any) -> None:
        ids.append(await given)

    for _ in range(2):
        pay(enqueue)
    assert ids[0] == ids[1]
    assert len(place.states()) == 1


def test_another_payload_is_a_conflict(pay: Callable[..., None], place: Place) -> None:
    """The same payment id with another payload is refused by name, and the first message stays."""
    pay(lambda outbox, session: outbox.transaction(session, **sale()))
    with pytest.raises(HAVNOutboxConflictError, match="another payload") as caught:
        pay(lambda outbox, session: outbox.transaction(session, **sale(amount=2000)))
    message = place.message("pay_1")
    assert (caught.value.message_id, caught.value.key) == (message.id, "pay_1")
    assert payments(place) == 1


def test_users_are_enqueued(pay: Callable[..., None], place: Place) -> None:
    """A user is a message as `users.sync` would send it; calls with one key are one message."""
    pay(lambda outbox, session: outbox.user(session, "a@shop.example", "Ann", country_code="id", key="sync 1"))
    pay(lambda outbox, session: outbox.user(session, "a@shop.example", "Ann", country_code="id", key="sync 1"))
    message = place.message("sync 1")
    assert message.kind == "user"
    assert message.payload == (
        '{"country_code":"ID","create_associate":true,"email":"a@shop.example","is_owner":false,"name":"Ann"}'
    )


# ── users ────────────────────────────────────────────────────────────────────────────────────────


def test_the_messages_of_one_user_keep_their_order(place: Place) -> None:
    """Every sync of a user is a message, and they go out in their order, by a key that hides the address."""
    outbox = Outbox(clock=place.clock)
    with Session(place.engine) as session, session.begin():
        first = outbox.user(session, "Ann@shop.example", "Ann")
        second = outbox.user(session, "ann@shop.example", "Ann")
        outbox.user(session, "bob@shop.example", "Bob")
    assert first != second
    messages = place.store.list()
    keys = {message.order_key for message in messages}
    assert len(keys) == 2
    assert not any("shop.example" in str(message.order_key) + message.key for message in messages)


def test_an_owner_goes_before_the_first_transaction(place: Place) -> None:
    """A user and a transaction of one order key are claimed one after the other."""
    outbox = Outbox(clock=place.clock)
    with Session(place.engine) as session, session.begin():
        owner = outbox.user(session, "ann@shop.example", "Ann", is_owner=True, order_key="project 7")
        outbox.transaction(session, **sale(), order_key="project 7")
    lanes: Any = [("default", "transaction"), ("default", "user")]
    (only,) = place.store.claim(lanes, 10, lease=60, worker="w")
    assert only.id == owner


# ── money ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("rates", [{"IDR": "0.0000625"}, lambda _currency: Decimal("0.0000625")])
def test_an_outbox_with_rates_converts_now(place: Place, rates: Any) -> None:
    """What is stored is converted already, so that every attempt sends the same cents."""
    outbox = Outbox(rates=rates, clock=place.clock)
    with Session(place.engine) as session, session.begin():
        outbox.transaction(session, **sale(amount=1_000_000, currency="IDR"))
    payload = str(place.message("pay_1").payload)
    assert '"amount":6250,"currency":"USD"' in payload
    assert '"exchange_rate":"0.0000625","original_amount":1000000,"original_currency":"IDR"' in payload


def test_only_an_async_outbox_awaits_rates(url: URL, place: Place) -> None:
    """Rates that must be awaited serve the AsyncOutbox, and are refused by the other."""

    async def rates(_currency: str) -> Decimal:
        return Decimal("0.0000625")

    METADATA.create_all(place.engine)
    asynchronous(
        "session",
        url,
        lambda _, session: AsyncOutbox(rates=rates).transaction(session, **sale(amount=1_000_000, currency="IDR")),
    )
    assert '"amount":6250' in str(place.message("pay_1").payload)
    with Session(place.engine) as session, session.begin(), pytest.raises(HAVNValidationError, match="awaited"):
        Outbox(rates=rates).transaction(session, **sale(2, amount=1_000_000, currency="IDR"))


# ── refusals ─────────────────────────────────────────────────────────────────────────────────────


def test_a_session_in_no_transaction_is_refused(place: Place) -> None:
    """Without a transaction nothing ties the message to the data: sessions and connections are refused."""
    outbox = Outbox()
    with Session(place.engine) as session, pytest.raises(HAVNOutboxError, match="no transaction"):
        outbox.transaction(session, **sale())
    with place.engine.connect() as connection, pytest.raises(HAVNOutboxError, match="no transaction"):
        outbox.transaction(connection, **sale())
    assert place.states() == {}


def test_autocommit_is_refused(place: Place, url: URL) -> None:
    """A connection that commits by itself is refused, however it was told to."""
    outbox = Outbox()
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    by_engine = engine.connect()
    by_option = place.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    told = create_engine(url, connect_args={"isolation_level": None} if place.is_sqlite else {"autocommit": True})
    for connection in (by_engine, by_option, told.connect()):
        with connection, connection.begin(), pytest.raises(HAVNOutboxError, match="AUTOCOMMIT"):
            outbox.transaction(connection, **sale())
    engine.dispose()
    told.dispose()
    assert place.states() == {}


def test_a_listener_may_begin_sqlites_transactions(place: Place, url: URL) -> None:
    """A driver that leaves transactions to events of SQLAlchemy, as its documents advise, is no such one."""
    if not place.is_sqlite:
        pytest.skip("of SQLite alone")
    engine = create_engine(url, connect_args={"isolation_level": None})
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    with Session(engine) as session, session.begin(), session.begin_nested():
        Outbox().transaction(session, **sale())
    engine.dispose()
    assert place.states() == {"pay_1": "pending"}


def test_another_database_is_refused(place: Place, url: URL, tmp_path: Any) -> None:
    """A session that is bound elsewhere is refused, whatever the driver and the credentials; the same is taken."""
    with engine_of(url.set(drivername="sqlite", database=str(tmp_path / "other.db"))) as other:
        make_tables(other)
        with Session(other) as session, session.begin(), pytest.raises(HAVNOutboxError, match="another database"):
            Outbox(url).transaction(session, **sale())
    named_otherwise = url.set(drivername=url.get_backend_name() + ("+asyncpg" if not place.is_sqlite else ""))
    for same in (place.engine, url, str(url), named_otherwise):
        with Session(place.engine) as session, session.begin():
            Outbox(same).transaction(session, **sale())
    assert len(place.states()) == 1


def test_each_memory_is_a_database_of_its_own() -> None:
    """Two SQLite databases in memory are never the same, one engine's always is."""
    engines = [create_engine("sqlite://") for _ in range(2)]
    for engine in engines:
        make_tables(engine)
    outbox = Outbox(engines[0])
    with Session(engines[0]) as session, session.begin():
        outbox.transaction(session, **sale())
    with Session(engines[1]) as session, session.begin(), pytest.raises(HAVNOutboxError, match="another database"):
        outbox.transaction(session, **sale())
    for engine in engines:
        engine.dispose()


@pytest.mark.parametrize("place_", [None, "postgresql:///shop", object()])
def test_what_is_no_session_is_refused(place_: Any) -> None:
    """Something that is neither a session nor a connection is refused by its type."""
    with pytest.raises(HAVNOutboxError, match=type(place_).__name__):
        Outbox().transaction(place_, **sale())


def test_each_class_takes_its_own_kind(place: Place, url: URL) -> None:
    """A blocking session is not taken by an AsyncOutbox, nor an asynchronous one by an Outbox."""
    with Session(place.engine) as session, session.begin(), pytest.raises(HAVNOutboxError, match="takes an Outbox"):
        asyncio.run(AsyncOutbox().transaction(session, **sale()))  # type: ignore[arg-type]
    METADATA.create_all(place.engine)

    async def wrong(_outbox: Any, session: Any) -> None:
        Outbox().transaction(session, **sale())

    with pytest.raises(HAVNOutboxError, match="takes an AsyncOutbox"):
        asynchronous("session", url, wrong)


def test_another_kind_of_database_is_refused() -> None:
    """Neither an outbox nor a worker can live in a database that it has no statements for."""
    with pytest.raises(HAVNOutboxError, match="PostgreSQL or SQLite, not in mysql"):
        Outbox("mysql://shop")


def test_an_unknown_keyword_is_a_type_error(place: Place) -> None:
    """A keyword that the direct call would not take is refused as Python refuses it."""
    with Session(place.engine) as session, session.begin():
        with pytest.raises(TypeError, match="unexpected keyword argument 'curency'"):
            Outbox().transaction(session, **sale(), curency="USD")  # type: ignore[call-arg]
        with pytest.raises(TypeError, match="unexpected keyword argument 'nickname'"):
            Outbox().user(session, "a@shop.example", "A", nickname="B")  # type: ignore[call-arg]


def test_an_account_has_a_name() -> None:
    """An outbox of an account without a name, or with one that is too long, is refused."""
    for name in ("", "a" * 101):
        with pytest.raises(HAVNValidationError, match="account"):
            Outbox(account=name)


def test_odd_payment_ids_are_kept(place: Place) -> None:
    """A payment id with characters that no column holds is enqueued, and found again."""
    outbox = Outbox(clock=place.clock)
    for odd in ("a\0b", "half \ud800 pair", "ünïcode", "back\\slash"):
        with Session(place.engine) as session, session.begin():
            once = outbox.transaction(session, 1000, odd, customer_id="c_1", order_key=odd)
            assert outbox.transaction(session, 1000, odd, customer_id="c_1", order_key=odd) == once
    assert len(place.states()) == 4


# ── side by side ─────────────────────────────────────────────────────────────────────────────────


def test_the_same_key_from_many_threads_is_one_message(place: Place) -> None:
    """Eight transactions that enqueue one payment at the same time write one message, and all get its id."""
    outbox, found, ready = Outbox(clock=place.clock), [], threading.Barrier(8)

    def enqueue() -> None:
        ready.wait()
        with Session(place.engine) as session, session.begin():
            found.append(outbox.transaction(session, **sale()))

    threads = [threading.Thread(target=enqueue) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert set(found) == {place.message("pay_1").id}


def test_a_commit_wakes_a_worker_of_this_process(place: Place) -> None:
    """Whoever asked for it is woken by a commit, and by no rollback."""
    outbox, woken = Outbox(clock=place.clock), []
    outbox.on_commit(lambda: woken.append(len(place.states())))
    with Session(place.engine) as session:
        with session.begin():
            outbox.transaction(session, **sale(1))
            outbox.transaction(session, **sale(2))
        with session.begin() as transaction:
            outbox.transaction(session, **sale(3))
            transaction.rollback()
    assert woken == [2], "after the commit, when the messages can be seen"


def test_tables_may_have_other_names(place: Place) -> None:
    """A prefix and a MetaData of one's own are honoured; asking twice gives the same tables."""
    metadata = MetaData()
    tables = outbox_tables(metadata, "shop_")
    assert outbox_tables(metadata, "shop_") == tables
    metadata.create_all(place.engine)
    with Session(place.engine) as session, session.begin():
        Outbox(prefix="shop_", metadata=metadata, clock=place.clock).transaction(session, **sale())
    with place.engine.begin() as connection:
        assert connection.execute(text("SELECT count(*) FROM shop_outbox")).scalar() == 1
        metadata.drop_all(connection)
    assert place.states() == {}
