"""The packages beside `havn` as a type checker sees them. Never run; `tests/guards/test_typing.py` checks it."""

import datetime as dt
import random
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from decimal import Decimal
from typing import Any, assert_type

import httpx
from celery import Celery
from django.http import HttpRequest
from fastapi import FastAPI
from fastapi.requests import HTTPConnection
from flask import Flask
from opentelemetry.metrics import Meter
from sqlalchemy import Connection, Engine, MetaData, Table
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlalchemy.orm import Session
from starlette.applications import Starlette

from havn import AsyncHAVNClient, HAVNClient, Hooks, ReferralVisit, SyncReport, Voucher
from havn_ext import currency, limits, outbox, rates, referrals, retry, sandbox, signing, testing, vouchers
from havn_ext.integrations import celery, django, fastapi, flask, otel
from havn_ext.integrations.celery.jobs import SyncStatus
from havn_ext.integrations.celery.tables import SyncTables
from havn_ext.limits.gcra import Pace, Slot, SlowDown
from havn_ext.outbox import otel as outbox_otel
from havn_ext.outbox.delivery import Answered, Sent
from havn_ext.outbox.messages import Claim, Mark
from havn_ext.outbox.protocol import Dialect, Execute
from havn_ext.outbox.store import Purged
from havn_ext.outbox.tables import Tables

# ── the core's rules ─────────────────────────────────────────────────────────────────────────────


def rules(voucher: Voucher, now: dt.datetime) -> None:
    """The pure functions that `havn` does not pass on."""
    assert_type(retry.retry_after({"retry-after": "2"}, 0.0, rate_limited=True), float | None)
    conversion = currency.Conversion(1_500_000, "IDR", Decimal("0.0000625"))
    assert_type(conversion.amount, int)
    assert_type(conversion.subtotal, int | None)
    assert_type(conversion.audit_fields, dict[str, str | int])
    assert_type(currency.exchange_rate("0.0000625"), Decimal)
    assert_type(currency.minor_unit_digits("IDR"), int)
    assert_type(currency.recorded_conversion({}), currency.Conversion | None)
    assert_type(currency.round_half_up(1, 2), int)
    assert_type(vouchers.discount(voucher, 1000), int)
    assert_type(vouchers.is_usable(voucher, now), bool)
    assert_type(vouchers.matches(voucher, {"is_valid": True}, now), bool)
    assert_type(vouchers.ordered([voucher], "code"), list[Voucher])
    assert_type(signing.Signer("secret").sign(signing.EMPTY_BODY), str)


cookie: str = referrals.REFERRAL_COOKIE
days: int = referrals.REFERRAL_DAYS


def convert(source: rates.RateSource, rate: rates.Rate) -> HAVNClient:
    """Where a client may have its exchange rates from."""
    assert_type(HAVNClient(rates={"IDR": rate}), HAVNClient)
    return HAVNClient(rates=source)


# ── outbox ───────────────────────────────────────────────────────────────────────────────────────


def enqueue(engine: Engine, session: Session, connection: Connection) -> None:
    """Every call of the outbox gives the message's id."""
    box = outbox.Outbox(engine, account="east", rates={"IDR": "0.0000625"}, metadata=MetaData())
    assert_type(box.transaction(session, 1000, "pay_1", customer_id="c_1", order_key="c_1"), int)
    assert_type(box.user(connection, "ada@example.com", "Ada", key="k", is_owner=True), int)
    assert_type(box.on_commit(box.nudge), None)
    assert_type(box.nudge(), None)
    assert_type(outbox.outbox_tables(MetaData(), prefix="havn_"), Tables)


async def enqueue_async(engine: AsyncEngine, session: AsyncSession) -> None:
    """The same, awaited."""
    box = outbox.AsyncOutbox(engine)
    assert_type(await box.transaction(session, 1000, "pay_1", customer_id="c_1"), int)
    assert_type(await box.user(session, "ada@example.com", "Ada"), int)
    assert_type(box.on_commit(box.nudge), None)


async def deliver(store: outbox.Store, sender: outbox.Sender, limiter: limits.AsyncLimiter) -> None:
    """The worker, and what it brings messages with."""
    schedule = outbox.Schedule(ladder=[1, 2.5], rate_limited=5, longest_asked=60)
    assert_type(schedule.after_failure(1, None, random.Random()), float | None)
    assert_type(schedule.after_rate_limit(2.5, random.Random()), float)
    worker = outbox.Worker(store, sender, concurrency=4, schedule=schedule, limiter=limiter)
    assert_type(await worker.run(), outbox.Tally)
    assert_type(await worker.run_once(), outbox.Tally)
    assert_type(await worker.drain(max_seconds=50), outbox.Tally)
    assert_type(worker.tally, outbox.Tally)
    assert_type(worker.nudge(), None)
    assert_type(worker.stop(), None)
    assert_type(worker.tally.delivered, int)
    assert_type(outbox.Tally().add(worker.tally), None)


async def send(claim: Claim, answers: list[Answered]) -> None:
    """One message."""
    options: outbox.AccountOptions = {"api_key": "key", "webhook_secret": "secret", "test_mode": True}
    sender = outbox.ClientSender({"default": options}, timeout=10, hooks=[Hooks()])
    same: outbox.Sender = sender
    assert_type(same.accounts, Collection[str])
    assert_type(same.timeout, float)
    assert_type(sender.accounts, Collection[str])
    assert_type(await sender.send(claim, answers), Sent)
    assert_type(await sender.close(), None)


def look_after(database: outbox.Database, marks: list[Mark]) -> None:
    """What a program may do to the stored messages."""
    store = outbox.Store(database, prefix="havn_", schema=None, keep_payloads=0)
    assert_type(store.status().counts, Counter[str])
    assert_type(store.status(finished=False), outbox.Status)
    assert_type(store.status().depth, int)
    assert_type(store.status().ambiguous, int)
    assert_type(store.status().oldest_age, float)
    assert_type(store.status().lag, float)
    assert_type(store.list(state="dead", kind="user", limit=5), list[outbox.StoredMessage])
    assert_type(store.show(1), outbox.StoredMessage | None)
    assert_type(store.retry([1]), set[int])
    assert_type(store.retry_all("reconcile"), set[int])
    assert_type(store.cancel([1]), set[int])
    assert_type(store.cancel_all(account="east"), set[int])
    assert_type(store.pause("default", "for now"), bool)
    assert_type(store.resume("default"), bool)
    assert_type(store.purge(keep_keys=0), Purged)
    assert_type(store.claim([("default", "user")], 64, lease=60, worker="w"), list[Claim])
    assert_type(store.renew([(1, 1)], lease=60), set[int])
    assert_type(store.mark(marks), set[int])
    assert_type(store.put_off([("default", "transaction")]), set[int])
    assert_type(store.transient, tuple[type[Exception], ...])


def keep(database: outbox.SQLAlchemyDatabase) -> None:
    """Where the messages are."""
    same: outbox.Database = database
    with same.transaction() as execute:
        assert_type(execute, Execute)
    with database.begin() as connection:
        assert_type(connection, Connection)
    assert_type(same.dialect, Dialect)
    assert_type(same.transient, tuple[type[Exception], ...])
    assert_type(database.leave_thread(), None)
    assert_type(database.close(), None)


def measure(store: outbox.Store, meter: Meter) -> None:
    """Metrics, and OpenTelemetry's."""
    assert_type(outbox.Metrics.of(store), outbox.Metrics)
    assert_type(outbox_otel.observe(meter, lambda: outbox.Metrics.of(store)), None)
    assert_type(otel.opentelemetry_hooks(), Hooks)


def fail(error: outbox.HAVNOutboxError) -> None:
    """What an error of the outbox holds."""
    if isinstance(error, outbox.HAVNOutboxConflictError):
        assert_type(error.message_id, int | None)
        assert_type(error.key, str | None)


# ── limits ───────────────────────────────────────────────────────────────────────────────────────


def limit(store: limits.Store, engine: Engine, advice: SlowDown) -> None:
    """One limit for threads and processes."""
    terms: dict[str, limits.Limit] = {**limits.HAVNS_LIMITS, "syncUsers": limits.Limit(60, per_seconds=60, burst=1)}
    assert_type(terms["syncUsers"].pace, Pace)
    limiter: limits.Limiter = limits.RateLimiter(store, terms, longest_wait=5)
    slot = limiter.reserve("default", "syncUsers")
    assert_type(slot, float | limits.Refused)
    assert_type(limiter.observe("default", "syncUsers", 200, {}), None)
    if isinstance(slot, limits.Refused):
        assert_type(slot.ask_again_in, float)
    table = limits.rate_table(MetaData())
    assert_type(table, Table)
    stores: list[limits.Store] = [
        limits.MemoryStore(),
        limits.PostgresStore(engine, table),
        limits.RedisStore.from_url("redis://127.0.0.1:6379/0"),
    ]
    assert_type(stores[0].reserve("key", terms["syncUsers"].pace, 1), Slot)
    assert_type(stores[0].slow_down("key", advice), None)


async def limit_async(engine: AsyncEngine, pace: Pace, advice: SlowDown) -> None:
    """The same for asyncio."""
    redis = limits.AsyncRedisStore.from_url("redis://127.0.0.1:6379/0", prefix="shop:")
    stores: list[limits.AsyncStore] = [
        limits.AsyncMemoryStore(),
        limits.AsyncPostgresStore(engine),
        limits.ThreadedStore(limits.MemoryStore()),
        redis,
    ]
    limiter: limits.AsyncLimiter = limits.AsyncRateLimiter(stores[0])
    assert_type(await limiter.reserve("default", "syncUsers"), float | limits.Refused)
    assert_type(await limiter.observe("default", "syncUsers", 200, {}), None)
    assert_type(await stores[0].reserve("key", pace, 1), Slot)
    assert_type(await stores[0].slow_down("key", advice), None)
    assert_type(await redis.close(), None)


# ── frameworks ───────────────────────────────────────────────────────────────────────────────────


def use_django(request: HttpRequest) -> None:
    """A Django project."""
    assert_type(django.outbox, django.Outbox)
    assert_type(django.Outbox("east").transaction(1000, "pay_1", customer_id="c_1", using="default"), int)
    assert_type(django.outbox.user("ada@example.com", "Ada", key="k"), int)
    assert_type(django.outbox.on_commit(django.outbox.nudge), None)
    assert_type(django.client("east"), HAVNClient)
    assert_type(django.sender(["default"], timeout=10), outbox.ClientSender)
    assert_type(django.store(), outbox.Store)
    assert_type(django.referral(request), ReferralVisit)
    database: outbox.Database = django.DjangoDatabase("default")
    with database.transaction() as execute:
        assert_type(execute, Execute)
    assert_type(database.leave_thread(), None)
    assert_type(database.close(), None)


def use_flask(app: Flask) -> None:
    """A Flask app."""
    havn = flask.HAVN()
    assert_type(havn.init_app(app), None)
    assert_type(havn.client, HAVNClient)
    assert_type(havn.referral, ReferralVisit)


def use_fastapi(connection: HTTPConnection) -> None:
    """A FastAPI app."""
    app = FastAPI(lifespan=fastapi.havn_lifespan(lambda: AsyncHAVNClient(timeout=5)))
    app.add_middleware(fastapi.ReferralMiddleware, days=7)
    assert_type(fastapi.havn_client(connection), AsyncHAVNClient)
    assert_type(fastapi.referral(connection), ReferralVisit)
    lifespan = fastapi.havn_lifespan()
    assert_type(lifespan, Callable[[FastAPI], AbstractAsyncContextManager[dict[str, AsyncHAVNClient]]])


async def answer(havn: fastapi.HAVNDependency, visit: fastapi.ReferralDependency) -> None:
    """What the dependencies are in a view."""
    assert_type(havn, AsyncHAVNClient)
    assert_type(visit, ReferralVisit)


def use_celery(app: Celery, users: celery.UserSource) -> None:
    """A Celery app."""
    tasks = celery.configure(app, database="sqlite:///shop.db", queue="havn", timeout=10)
    assert_type(tasks, celery.OutboxTasks)
    assert_type(tasks.nudge(), None)
    syncs = celery.configure_users(app, database="sqlite:///shop.db")
    assert_type(syncs, celery.UserSyncTasks)
    assert_type(syncs.create_tables(), None)
    assert_type(syncs.sync("november", "shop:customers", on_end="shop.done", workers=2), None)
    status = syncs.status("november")
    assert_type(status, SyncStatus | None)
    if status is not None:
        assert_type(status.report, SyncReport)
    assert_type(syncs.retry("november"), int)
    assert_type(syncs.forget("november"), bool)
    assert_type(celery.sync_tables(MetaData()), SyncTables)
    ranges = celery.KeyRanges(lambda: (1, 5), lambda start, end: [{"id": start, "until": end}], size=2)
    assert_type(ranges.parts(), Iterable[list[int]])
    users = ranges
    assert_type(users.users([1, 3]), Iterable[Mapping[str, Any]])


# ── tests and the sandbox ────────────────────────────────────────────────────────────────────────


def try_out(records: Sequence[testing.SentRequest]) -> None:
    """What a test does with a sandbox."""
    with testing.start_sandbox() as local:
        assert_type(local, testing.LocalSandbox)
        assert_type(local.control("GET", "/requests", limit=5), dict[str, Any])
        company = local.company()
    assert_type(local.stop(), None)
    assert_type(company, testing.SandboxCompany)
    assert_type(company.client(timeout=1), HAVNClient)
    assert_type(company.async_client(), AsyncHAVNClient)
    assert_type(company.add_fault("status", status=503), None)
    assert_type(company.clear_faults(), None)
    assert_type(company.control("GET", "/health"), dict[str, Any])
    assert_type(company.environ, dict[str, str])
    assert_type(company.rates, dict[str, Decimal])
    assert_type(company.set_rates({"IDR": "0.0000625"}), None)
    assert_type(company.request(1), dict[str, Any])
    assert_type(company.requests(verdict="ok"), list[dict[str, Any]])
    assert_type(company.reset(), None)
    assert_type(company.seed(), None)
    with testing.recorded_requests() as recorded:
        assert_type(recorded, Sequence[testing.SentRequest])
    assert_type(testing.assert_sent(records, operation="syncUsers"), testing.SentRequest)
    assert_type(testing.assert_transaction_reported(records, payment_id="pay_1", amount=1), testing.SentRequest)
    assert_type(testing.assert_not_sent(records), None)
    assert_type(records[0].status, int | None)


async def wait(transport: testing.SandboxTransport, request: httpx.Request) -> None:
    """A sandbox without a port, and time that passes at once."""
    with testing.no_waiting() as time:
        assert_type(time, testing.UnwaitedTime)
        assert_type(time.waits, list[float])
        assert_type(time.now(), float)
        assert_type(time.monotonic(), float)
        assert_type(time.latest(), float)
        assert_type(time.sleep(1), None)
        assert_type(await time.sleep_async(1), None)
    assert_type(transport.handle_request(request), httpx.Response)
    assert_type(await transport.handle_async_request(request), httpx.Response)
    assert_type(transport.close(), None)
    assert_type(await transport.aclose(), None)


@testing.no_waiting()
def decorated(amount: int) -> str:
    """A decorated function keeps its type."""
    return str(amount)


assert_type(decorated(1), str)


class CheckoutTest(testing.HAVNSandboxTestCase):
    """The fixtures for unittest."""

    def test_types(self) -> None:
        """What each of them is."""
        assert_type(self.havn_sandbox, testing.SandboxCompany)
        assert_type(self.havn_client, HAVNClient)
        assert_type(self.async_havn_client, AsyncHAVNClient)


def serve() -> None:
    """The sandbox as a server, and as an application."""
    config = sandbox.SandboxConfig(api_key="key", seed="none")
    server = sandbox.SandboxServer(config, port=0)
    with server as running:
        assert_type(running, sandbox.SandboxServer)
    assert_type(server.start(), None)
    assert_type(server.stop(), None)
    assert_type(server.url, str)
    assert_type(server.api_key, str)
    assert_type(server.webhook_secret, str)
    assert_type(sandbox.create_app(config), Starlette)
