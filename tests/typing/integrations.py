"""The integrations as a type checker sees them. Never run; `tests/guards/test_typing.py` checks it."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, Literal, assert_type

from celery import Celery
from celery.app.task import Task
from django.http import HttpRequest
from fastapi import FastAPI
from fastapi.requests import HTTPConnection
from flask import Flask
from opentelemetry.metrics import MeterProvider
from opentelemetry.trace import TracerProvider
from sqlalchemy import Engine, MetaData, Table
from starlette.types import ASGIApp

from havn import AsyncHAVNClient, HAVNClient, Hooks, ReferralVisit, SyncReport
from havn_ext.integrations.celery import (
    KeyRanges,
    OutboxTasks,
    UserSource,
    UserSyncTasks,
    configure,
    configure_users,
    sync_tables,
)
from havn_ext.integrations.celery.jobs import SyncStatus
from havn_ext.integrations.celery.tables import SyncTables
from havn_ext.integrations.django import DjangoDatabase, Outbox, client, outbox, sender, store
from havn_ext.integrations.django import referral as django_referral
from havn_ext.integrations.fastapi import (
    HAVNDependency,
    ReferralDependency,
    ReferralMiddleware,
    havn_client,
    havn_lifespan,
    referral,
)
from havn_ext.integrations.flask import HAVN
from havn_ext.integrations.otel import opentelemetry_hooks
from havn_ext.outbox import ClientSender, Database, Store
from havn_ext.outbox.protocol import Execute

# ── Django ───────────────────────────────────────────────────────────────────────────────────────


def enqueue(shop: Outbox) -> None:
    """Every call of Django's outbox."""
    assert_type(Outbox("shop"), Outbox)
    assert_type(outbox, Outbox)
    assert_type(shop.account, str)
    assert_type(shop.transaction(10_000, "pay_1", customer_id="c_1", using="default", order_key="o_1"), int)
    assert_type(shop.user("ada@example.com", "Ada", key="sign-up", upline_code="HAVN-MJ-001"), int)
    assert_type(shop.on_commit(lambda: None), None)
    assert_type(shop.nudge(), None)


def ask_django(request: HttpRequest) -> None:
    """What a project's settings lead to."""
    assert_type(client(), HAVNClient)
    assert_type(client("shop").vouchers.validate("HAVN-A"), bool)
    assert_type(store(), Store)
    assert_type(sender(["default"], timeout=10), ClientSender)
    assert_type(django_referral(request), ReferralVisit)


def use_database(database: DjangoDatabase) -> None:
    """One of `settings.DATABASES`."""
    assert_type(DjangoDatabase("default"), DjangoDatabase)
    assert_type(database.using, str)
    assert_type(database.dialect, Literal["postgresql", "sqlite"])
    assert_type(database.transient, tuple[type[Exception], ...])
    with database.transaction() as execute:
        assert_type(execute, Execute)
    assert_type(database.leave_thread(), None)
    assert_type(database.close(), None)
    any_database: Database = database
    Store(any_database)


# ── Flask ────────────────────────────────────────────────────────────────────────────────────────


def extend(havn: HAVN, app: Flask) -> None:
    """Flask's extension."""
    assert_type(HAVN(), HAVN)
    assert_type(HAVN(app), HAVN)
    assert_type(havn.init_app(app), None)
    assert_type(havn.client, HAVNClient)
    assert_type(havn.referral, ReferralVisit)


# ── FastAPI ──────────────────────────────────────────────────────────────────────────────────────

State = AbstractAsyncContextManager[dict[str, AsyncHAVNClient]]


def apply(app: FastAPI, connection: HTTPConnection, inner: ASGIApp) -> None:
    """What a FastAPI application takes."""
    assert_type(havn_lifespan(), Callable[[FastAPI], State])
    assert_type(havn_lifespan(lambda: AsyncHAVNClient(timeout=5)), Callable[[FastAPI], State])
    FastAPI(lifespan=havn_lifespan())
    app.add_middleware(ReferralMiddleware)
    app.add_middleware(ReferralMiddleware, days=7)
    assert_type(ReferralMiddleware(inner, days=0.5), ReferralMiddleware)
    assert_type(havn_client(connection), AsyncHAVNClient)
    assert_type(referral(connection), ReferralVisit)
    app.dependency_overrides[havn_client] = AsyncHAVNClient


async def endpoint(havn: HAVNDependency, visit: ReferralDependency) -> None:
    """What the parameters of an endpoint are."""
    assert_type(havn, AsyncHAVNClient)
    assert_type(visit, ReferralVisit)


# ── Celery ───────────────────────────────────────────────────────────────────────────────────────


def ring(app: Celery, engine: Engine, tasks: OutboxTasks) -> None:
    """The outbox's tasks."""
    assert_type(configure(app, database="postgresql+psycopg:///shop"), OutboxTasks)
    assert_type(configure(app, database=engine, accounts={"default": {}}, concurrency=8, lease=90), OutboxTasks)
    assert_type(configure(app, store=store, sender=sender, queue="havn", sweep_every=2), OutboxTasks)
    assert_type(tasks.nudge(), None)
    assert_type(tasks.drain, Task[[], None])
    assert_type(tasks.drain(), None)
    outbox.on_commit(tasks.nudge)


def sync(app: Celery, users: UserSyncTasks) -> None:
    """Very large syncs."""
    assert_type(configure_users(app, store=store, concurrency=8), UserSyncTasks)
    assert_type(users.create_tables(), None)
    assert_type(users.sync("2025-12", "shop.users:everybody", arguments={"active": True}, workers=8), None)
    assert_type(users.status("2025-12"), SyncStatus | None)
    assert_type(users.retry("2025-12"), int)
    assert_type(users.forget("2025-12"), bool)
    assert_type(users.work, Task[[], None])
    tables = sync_tables(MetaData())
    assert_type(sync_tables(MetaData(), prefix="shop_"), SyncTables)
    assert_type(tables.jobs, Table)
    assert_type(tables.parts, Table)
    assert_type(tables.failures, Table)


def read_status(status: SyncStatus) -> None:
    """Where a very large sync stands."""
    assert_type(status.state, str)
    assert_type(status.report, SyncReport)
    assert_type(status.parts, Mapping[Literal["open", "done", "dead"], int])
    assert_type(status.errors, Mapping[int, str])
    assert_type(status.error, str | None)


def bounds() -> tuple[int, int] | None:
    """The smallest and the largest key."""
    return None


def between(first: int, end: int) -> list[dict[str, Any]]:
    """The users of a range of keys."""
    return [{"email": f"{key}@example.com", "name": "Ada"} for key in range(first, end)]


def divide(ranges: KeyRanges) -> None:
    """Users by ranges of a key."""
    assert_type(KeyRanges(bounds, between, size=1000), KeyRanges)
    assert_type(ranges.bounds, Callable[[], tuple[int, int] | None])
    assert_type(ranges.select, Callable[[int, int], Iterable[Mapping[str, Any]]])
    assert_type(ranges.size, int)
    assert_type(ranges.parts(), Iterable[list[int]])
    assert_type(ranges.users([0, 1000]), Iterable[Mapping[str, Any]])
    read_source(ranges)


def read_source(source: UserSource) -> None:
    """What a source of the user's own must have."""
    assert_type(source.parts(), Iterable[Any])
    assert_type(source.users([0, 1000]), Iterable[Mapping[str, Any]])


# ── OpenTelemetry ────────────────────────────────────────────────────────────────────────────────


def trace(tracers: TracerProvider, meters: MeterProvider) -> None:
    """The hooks that make spans and metrics."""
    assert_type(opentelemetry_hooks(), Hooks)
    assert_type(opentelemetry_hooks(tracer_provider=tracers, meter_provider=meters), Hooks)
