"""The outbox as a type checker sees it. Never run; `tests/guards/test_typing.py` checks it."""

import random
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager
from typing import Literal, assert_type

from opentelemetry.metrics import get_meter
from sqlalchemy import Connection, Engine, MetaData, Table, create_engine
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from sqlalchemy.orm import Session, scoped_session

from havn import HAVNError
from havn_ext.limits import AsyncMemoryStore, AsyncRateLimiter
from havn_ext.outbox import (
    AccountOptions,
    AsyncOutbox,
    ClientSender,
    Database,
    HAVNOutboxConflictError,
    HAVNOutboxError,
    Metrics,
    Outbox,
    Schedule,
    Sender,
    SQLAlchemyDatabase,
    Status,
    Store,
    StoredMessage,
    Tally,
    Worker,
    outbox_tables,
)
from havn_ext.outbox.delivery import Answered, Sent
from havn_ext.outbox.messages import Claim, Mark
from havn_ext.outbox.metrics import Metric
from havn_ext.outbox.otel import observe
from havn_ext.outbox.protocol import Execute
from havn_ext.outbox.store import Pause, Purged, Standing
from havn_ext.outbox.tables import Tables

Kind = Literal["transaction", "user"]
State = Literal["pending", "delivered", "dead", "cancelled", "reconcile"]

# ── enqueueing ───────────────────────────────────────────────────────────────────────────────────


def build(engine: Engine, metadata: MetaData) -> None:
    """What there is to make, and from what."""
    assert_type(Outbox(), Outbox)
    assert_type(Outbox(engine, account="shop", rates={"IDR": "0.0000625"}, prefix="havn_"), Outbox)
    assert_type(AsyncOutbox("postgresql+asyncpg:///shop", metadata=metadata), AsyncOutbox)
    tables = outbox_tables(metadata)
    assert_type(outbox_tables(metadata, prefix="shop_"), Tables)
    assert_type(tables.messages, Table)
    assert_type(tables.pauses, Table)


def enqueue(
    outbox: Outbox, session: Session, sessions: scoped_session[Session], connection: Connection, worker: Worker
) -> None:
    """Every call of the blocking outbox."""
    assert_type(outbox.account, str)
    assert_type(outbox.tables, Tables)
    assert_type(outbox.transaction(session, 10_000, "pay_1", customer_id="c_1", order_key="o_1"), int)
    assert_type(outbox.transaction(sessions, amount=100, currency="IDR"), int)
    assert_type(outbox.user(connection, "ada@example.com", "Ada", key="sign-up", create_associate=True), int)
    assert_type(outbox.on_commit(worker.nudge), None)
    assert_type(outbox.nudge(), None)


async def enqueue_async(outbox: AsyncOutbox, session: AsyncSession, connection: AsyncConnection) -> None:
    """Every call of the async outbox."""
    assert_type(outbox.account, str)
    assert_type(outbox.tables, Tables)
    assert_type(await outbox.transaction(session, 10_000, "pay_1", customer_id="c_1"), int)
    assert_type(await outbox.user(connection, "ada@example.com", "Ada", is_owner=True), int)
    assert_type(outbox.on_commit(lambda: None), None)
    assert_type(outbox.nudge(), None)


# ── the store ────────────────────────────────────────────────────────────────────────────────────


def open_database(database: SQLAlchemyDatabase) -> None:
    """What SQLAlchemy's databases have beside what every one has."""
    assert_type(SQLAlchemyDatabase("sqlite:///shop.sqlite3"), SQLAlchemyDatabase)
    assert_type(SQLAlchemyDatabase(create_engine("sqlite://")), SQLAlchemyDatabase)
    assert_type(database.engine, Engine)
    assert_type(database.dialect, Literal["postgresql", "sqlite"])
    assert_type(database.transient, tuple[type[Exception], ...])
    with database.begin() as connection:
        assert_type(connection, Connection)
    with database.transaction() as execute:
        assert_type(execute, Execute)
    assert_type(database.leave_thread(), None)
    assert_type(database.close(), None)
    any_database: Database = database
    Store(any_database)


def use_database(database: Database) -> None:
    """What a database of the user's own must have."""
    assert_type(database.dialect, Literal["postgresql", "sqlite"])
    assert_type(database.transient, tuple[type[Exception], ...])
    assert_type(database.transaction(), AbstractContextManager[Execute])
    assert_type(database.leave_thread(), None)
    assert_type(database.close(), None)


def work_on(store: Store, claim: Claim, mark: Mark) -> None:
    """What a worker asks of a store."""
    assert_type(Store(store.database, schema="shop", keep_payloads=0), Store)
    assert_type(store.database, Database)
    store.clock.now()
    store.faults.hit("after_claim")
    assert_type(store.transient, tuple[type[Exception], ...])
    assert_type(store.claim([("default", "transaction")], 10, lease=60, worker="w"), list[Claim])
    assert_type(store.put_off([("default", "user")]), set[int])
    assert_type(store.mark([mark]), set[int])
    assert_type(store.renew([(claim.id, claim.epoch)], lease=60), set[int])


def keep(store: Store) -> None:
    """What people ask of a store."""
    assert_type(store.pause("default", "401"), bool)
    assert_type(store.resume("default"), bool)
    assert_type(store.status(finished=False), Status)
    assert_type(store.list(state="dead", account="default", kind="user", limit=5), list[StoredMessage])
    assert_type(store.show(1), StoredMessage | None)
    assert_type(store.retry([1, 2]), set[int])
    assert_type(store.retry_all("reconcile", account="default"), set[int])
    assert_type(store.cancel([1, 2]), set[int])
    assert_type(store.cancel_all(), set[int])
    purged = store.purge(keep_keys=0)
    assert_type(store.purge(keep_keys=86_400, keep_payloads=0), Purged)
    assert_type(purged.payloads, int)
    assert_type(purged.messages, int)


def read_status(status: Status) -> None:
    """How many messages stand where."""
    assert_type(status.counts, Counter[str])
    assert_type(status.depth, int)
    assert_type(status.oldest_age, float)
    assert_type(status.lag, float)
    assert_type(status.ambiguous, int)
    assert_type(status.standings, tuple[Standing, ...])
    assert_type(status.standings[0].kind, Kind)
    assert_type(status.pauses, tuple[Pause, ...])
    assert_type(status.pauses[0].since, float)


def read_message(message: StoredMessage) -> None:
    """What a message holds."""
    assert_type(message.id, int)
    assert_type(message.account, str)
    assert_type(message.kind, Kind)
    assert_type(message.key, str)
    assert_type(message.order_key, str | None)
    assert_type(message.state, State)
    assert_type(message.payload, str | None)
    assert_type(message.sha256, str)
    assert_type(message.attempts, int)
    assert_type(message.claims, int)
    assert_type(message.available_at, float)
    assert_type(message.leased_by, str | None)
    assert_type(message.ambiguous_at, float | None)
    assert_type(message.created_at, float)
    assert_type(message.finished_at, float | None)
    assert_type(message.last_status, int | None)
    assert_type(message.last_error, str | None)
    assert_type(message.response, str | None)


# ── the worker ───────────────────────────────────────────────────────────────────────────────────


async def work(worker: Worker, store: Store, sender: Sender, schedule: Schedule) -> None:
    """Every call of a worker, and what is to be seen on it."""
    limiter = AsyncRateLimiter(AsyncMemoryStore())
    assert_type(Worker(store, ClientSender()), Worker)
    assert_type(
        Worker(store, sender, concurrency=8, batch=32, lease=90, poll=0.5, schedule=schedule, limiter=limiter),
        Worker,
    )
    assert_type(await worker.run(), Tally)
    assert_type(await worker.run_once(), Tally)
    assert_type(await worker.drain(), Tally)
    assert_type(await worker.drain(max_seconds=50), Tally)
    assert_type(worker.stop(), None)
    assert_type(worker.nudge(), None)
    assert_type(worker.tally, Tally)
    assert_type(worker.store, Store)
    assert_type(worker.sender, Sender)
    assert_type(worker.name, str)
    assert_type(worker.concurrency, int)
    assert_type(worker.batch, int)
    assert_type(worker.lease, float)
    assert_type(worker.poll, float)


def count(tally: Tally) -> None:
    """What a worker has done."""
    assert_type(Tally(), Tally)
    assert_type(tally.add(Tally(claimed=1)), None)
    assert_type(tally.claimed, int)
    assert_type(tally.delivered, int)
    assert_type(tally.retried, int)
    assert_type(tally.dead, int)
    assert_type(tally.reconciled, int)
    assert_type(tally.rate_limited, int)
    assert_type(tally.released, int)
    assert_type(tally.ambiguous, int)
    assert_type(tally.paused, int)
    assert_type(tally.fenced, int)
    assert_type(tally.lease_lost, int)


def plan(schedule: Schedule) -> None:
    """When failed messages are tried again."""
    assert_type(Schedule(), Schedule)
    assert_type(Schedule(ladder=(5, 30.5), rate_limited=2), Schedule)
    assert_type(schedule.ladder, tuple[float, ...])
    assert_type(schedule.rate_limited, float)
    assert_type(schedule.longest_asked, float)
    assert_type(schedule.after_failure(1, None, random.Random()), float | None)
    assert_type(schedule.after_rate_limit(2.5, random.Random()), float)


async def deliver(sender: ClientSender, claim: Claim) -> None:
    """What brings messages to HAVN."""
    shop: AccountOptions = {"api_key": "key", "webhook_secret": "secret", "test_mode": True}
    assert_type(shop["api_key"], str)
    assert_type(ClientSender({"default": {}, "shop": shop}, timeout=10, hooks=[]), ClientSender)
    any_sender: Sender = sender
    answers: list[Answered] = []
    assert_type(sender.accounts, Collection[str])
    assert_type(sender.timeout, float)
    assert_type(await sender.send(claim, answers), Sent)
    assert_type(await sender.close(), None)
    assert_type(answers[0].status, int)
    await deliver_by_another(any_sender, claim)


async def deliver_by_another(sender: Sender, claim: Claim) -> None:
    """What a sender of the user's own must have."""
    assert_type(sender.accounts, Collection[str])
    assert_type(sender.timeout, float)
    assert_type(await sender.send(claim, []), Sent)
    assert_type(await sender.close(), None)


# ── eyes, and what goes wrong ────────────────────────────────────────────────────────────────────


def measure(metrics: Metrics, store: Store, worker: Worker) -> None:
    """What an outbox is measured by."""
    assert_type(Metrics({"depth": 1}), Metrics)
    assert_type(metrics.of(store), Metrics)
    assert_type(metrics.values, dict[str, float])
    assert_type(iter(metrics), Iterator[tuple[Metric, float]])
    assert_type(observe(get_meter("shop"), lambda: Metrics.of(store, worker.tally)), None)


def handle(error: HAVNOutboxConflictError) -> None:
    """What the outbox's errors hold."""
    assert_type(HAVNOutboxConflictError("taken", key="pay_1"), HAVNOutboxConflictError)
    assert_type(HAVNOutboxError("no transaction"), HAVNOutboxError)
    assert_type(error.message_id, int | None)
    assert_type(error.key, str | None)
    if isinstance(error, HAVNError):
        assert_type(error.message, str)
