"""Real brokers, real worker processes, real kills: what the table promises is kept."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest
from outbox_support import engine_of, sale
from sqlalchemy.orm import Session

from havn_ext.integrations.celery import configure_users
from havn_ext.outbox import Outbox, SQLAlchemyDatabase, Store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from sqlalchemy import Engine

PAYMENTS = 240
IN_FLIGHT = 2 * 2  # processes, calls of each


@pytest.fixture
def engine(shop: Any) -> Iterator[Engine]:
    """The shop's database, as its web processes have it."""
    with engine_of(shop.database) as made:
        yield made


def enqueue(engine: Engine, count: int) -> None:
    """So many payments in the shop's database, committed."""
    with Session(engine) as session, session.begin():
        for number in range(count):
            Outbox().transaction(session, **sale(number))


def test_killed_in_mid_drain_with_the_broker_emptied(shop: Any, havn: Any, engine: Engine) -> None:
    """Workers are killed in mid-drain, the broker loses all it has, and every payment is counted exactly once."""
    havn.company.add_fault("delay", delay=0.05)
    enqueue(engine, PAYMENTS)
    store = Store(SQLAlchemyDatabase(engine))
    with shop.worker() as worker:
        shop.until(lambda: len(havn.payments()) >= 20, "a drain that is under way")
        assert worker.poll() is None, "the worker died by itself"
        shop.kill(worker)
        assert worker.returncode == -signal.SIGKILL
        arrived, left = len(havn.payments()), store.status(finished=False).depth
        assert 20 <= arrived < PAYMENTS, "the kill was in mid-drain"
        assert left >= PAYMENTS - arrived
        assert store.status().counts["delivering"] > 0, "leases were held"
        assert shop.empty_broker() or shop.broker.startswith("amqp"), "Redis had something to lose"
    with shop.worker():
        shop.until(lambda: not store.status(finished=False).depth, "an empty outbox")
    assert store.status().counts == {"delivered": PAYMENTS}
    assert havn.payments() == sorted(f"pay_{number}" for number in range(PAYMENTS))
    assert shop.log.read_text().count("drained the outbox") >= 1


@pytest.mark.parametrize("shop", ["rabbitmq"], indirect=True)
def test_processes_that_kill_themselves(shop: Any, havn: Any, engine: Engine) -> None:
    """A pool process dies after HAVN has processed a payment and before it is written down; the next goes on."""
    enqueue(engine, PAYMENTS)
    store = Store(SQLAlchemyDatabase(engine))
    with shop.worker(HAVN_OUTBOX_FAULT="after_send:0.02:7"):
        shop.until(lambda: "signal 9 (SIGKILL)" in shop.log.read_text(), "a death")
    with shop.worker():
        shop.until(lambda: not store.status(finished=False).depth, "an empty outbox")
    assert store.status().counts == {"delivered": PAYMENTS}
    assert havn.payments() == sorted(f"pay_{number}" for number in range(PAYMENTS))


def test_a_sync_that_is_killed(shop: Any, havn: Any, app: Any, engine: Engine) -> None:
    """Two thousand users arrive though the workers are killed; the report counts each once, the end is told."""
    havn.company.add_fault("delay", delay=0.2)
    users = configure_users(app, database=engine)
    users.create_tables()
    users.sync("all", "shop:customers", on_result="shop:keep", on_end="shop.ended")
    with shop.worker() as worker:
        shop.until(lambda: len(havn.users()) >= 400, "a sync that is under way")
        shop.kill(worker)
        assert worker.returncode == -signal.SIGKILL
        status = users.status("all")
        assert status is not None
        assert (status.state, status.report.finished) == ("open", False)
        assert len(havn.users()) < 1997, "the kill was in mid-sync"
    shop.empty_broker()
    with shop.worker():
        shop.until(lambda: "ended all" in shop.notes.read_text(), "the end of the sync")
    status = users.status("all")
    assert status is not None
    assert (status.report.total, status.report.succeeded, status.report.finished) == (2000, 1997, True)
    assert [failure.index for failure in status.report.failures] == [7, 1000, 1999]
    assert len(havn.users()) == 1997
    noted = {line.removeprefix("synced ") for line in shop.notes.read_text().splitlines() if line[0] == "s"}
    assert sorted(noted) == havn.users()
    calls = len(havn.company.requests(operation="syncUsers", limit=500))
    assert 40 <= calls <= 40 + IN_FLIGHT, "no more was sent twice than what was in flight"
    assert users.forget("all")
