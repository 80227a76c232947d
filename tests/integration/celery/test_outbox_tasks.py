"""The outbox's tasks on an app: what they do, and what they leave to the sweep."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from celery import Celery, signals
from celery.contrib.testing.worker import start_worker
from outbox_support import FakeSender, place_in, sale
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from havn_ext.errors import HAVNNetworkError, HAVNValidationError
from havn_ext.integrations.celery import configure, extra, outbox, places
from havn_ext.outbox import HAVNOutboxError, Outbox, SQLAlchemyDatabase, Store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from outbox_support import Place


def enqueue(place: Place, *numbers: int, engine: Outbox | None = None) -> None:
    """A payment for each number, committed."""
    with Session(place.engine) as session, session.begin():
        for number in numbers:
            (engine or Outbox()).transaction(session, **sale(number))


def messages(app: Any) -> list[Any]:
    """What is in the app's queue, taken out."""
    with app.connection_for_read() as connection:
        queue = connection.SimpleQueue(app.conf.task_default_queue)
        found = []
        while queue.qsize():
            message = queue.get(timeout=1)
            message.ack()
            found.append(message)
        queue.close()
        return found


def test_a_drain_delivers_what_is_due(app: Any, url: Any) -> None:
    """One drain delivers everything; another finds nothing to do."""
    with place_in(url) as place:
        enqueue(place, *range(5))
        sender = FakeSender()
        tasks = configure(app, database=place.engine, sender=lambda: sender)
        tasks.drain()
        tasks.drain()
        assert sender.keys == [f"pay_{number}" for number in range(5)]
        assert set(place.states().values()) == {"delivered"}


def test_a_drain_reaches_havn(app: Any, place: Place, havn: Any) -> None:
    """With credentials in the settings, payments arrive in the sandbox."""
    enqueue(place, 1, 2)
    company = havn.company
    accounts: Any = {
        "default": {"api_key": company.api_key, "webhook_secret": company.webhook_secret, "base_url": company.url}
    }
    configure(app, database=place.engine, accounts=accounts).drain.apply(throw=True)
    assert havn.payments() == ["pay_1", "pay_2"]


def test_what_fails_stays_in_the_table(app: Any, place: Place) -> None:
    """A drain that meets errors fails no task: the outbox has the schedule."""
    enqueue(place, 1)
    sender = FakeSender([HAVNNetworkError("gone")])
    tasks = configure(app, database=place.engine, sender=lambda: sender)
    tasks.drain()
    assert place.states() == {"pay_1": "pending"}
    assert place.message("pay_1").attempts == 1


@pytest.fixture
def no_logging_of_celerys() -> Iterator[None]:
    """Keeps a worker in this process from changing the levels of everybody's loggers."""

    def leave(**_: Any) -> None:
        pass

    signals.setup_logging.connect(leave)
    yield
    signals.setup_logging.disconnect(leave)


@pytest.mark.usefixtures("no_logging_of_celerys")
def test_a_nudge_wakes_a_worker(app: Any, place: Place) -> None:
    """A nudge after a commit has a worker deliver, without any sweep."""
    delivered = []
    app.conf.task_always_eager = False

    class Noting(FakeSender):
        async def close(self) -> None:
            delivered.extend(self.keys)

    tasks = configure(app, database=place.engine, sender=Noting, sweep_every=30.0)
    shop = Outbox()
    shop.on_commit(tasks.nudge)
    with start_worker(app, perform_ping_check=False, pool="solo", loglevel="ERROR"):
        enqueue(place, 1, engine=shop)
        for _ in range(600):
            if delivered:
                break
            asyncio.run(asyncio.sleep(0.05))  # until the worker's thread gets its turn
    assert delivered == ["pay_1"]


def test_no_payload_is_in_the_broker(app: Any, place: Place) -> None:
    """A message names the task and nothing else, and is dropped when nobody takes it."""
    tasks = configure(app, database=place.engine, sweep_every=3.0)
    enqueue(place, 1)
    tasks._bell._ring()
    (message,) = messages(app)
    assert message.headers["task"] == "havn.outbox.drain"
    assert message.headers["expires"] is not None
    assert json.loads(message.body)[:2] == [[], {}]


def test_messages_may_have_a_queue_of_their_own(app: Any, place: Place) -> None:
    """With `queue` nudges and sweeps go there."""
    tasks = configure(app, database=place.engine, queue=f"{app.conf.task_default_queue}_own")
    tasks._bell._ring()
    assert messages(app) == []
    app.conf.task_default_queue += "_own"
    assert len(messages(app)) == 1
    assert app.conf.beat_schedule["havn.outbox.sweep"]["options"]["queue"] == app.conf.task_default_queue


@pytest.mark.parametrize("order", ["before", "after"])
def test_the_sweep_is_in_the_schedule(place: Place, order: str) -> None:
    """Beat sweeps, whether the app reads its settings before the tasks are put on it or after."""
    app: Any = Celery("shop", broker="memory://", set_as_current=False)
    if order == "before":
        app.conf.timezone = "UTC"
        assert app.conf.beat_schedule == {}
    configure(app, database=place.engine, sweep_every=7.0)
    app.config_from_object({"beat_schedule": {"own": {"task": "shop.own", "schedule": 60}}}, force=True)
    schedule = app.conf.beat_schedule
    assert set(schedule) == {"own", "havn.outbox.sweep"}
    entry = schedule["havn.outbox.sweep"]
    assert (entry["task"], entry["schedule"], entry["options"]["expires"]) == ("havn.outbox.drain", 7.0, 7.0)


def test_tasks_are_not_lost_with_their_worker(app: Any, place: Place) -> None:
    """A message is acknowledged when its drain is done, and no result is kept."""
    task: Any = configure(app, database=place.engine).drain
    assert (task.acks_late, task.ignore_result) == (True, True)


@pytest.mark.parametrize("broker", ["redis://127.0.0.1:1/0", "amqp://127.0.0.1:1//"])
def test_a_broker_that_is_down_fails_nobody(broker: str, place: Place, caplog: pytest.LogCaptureFixture) -> None:
    """A nudge without a broker raises nothing, keeps nobody waiting, and is logged."""
    app: Any = Celery("shop", broker=broker, set_as_current=False)
    app.conf.broker_transport_options = {"max_retries": 1, "interval_start": 0, "interval_max": 0}
    tasks = configure(app, database=place.engine, debounce=0.01)
    with caplog.at_level(logging.WARNING, "havn.celery"):
        tasks.nudge()
        for _ in range(600):
            if caplog.records:
                break
            asyncio.run(asyncio.sleep(0.05))  # until the bell's thread has tried
    assert "the next sweep finds what is due" in caplog.text


def test_an_eager_app_is_not_nudged(app: Any, place: Place) -> None:
    """Where tasks are eager a nudge does nothing behind anybody's back."""
    app.conf.task_always_eager = True
    enqueue(place, 1)
    sender = FakeSender()
    tasks = configure(app, database=place.engine, sender=lambda: sender)
    tasks._bell._ring()
    assert sender.sent == []


@pytest.mark.parametrize("environment", ["gevent", "eventlet"])
def test_green_threads_are_refused(
    app: Any, place: Place, environment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under gevent and eventlet a drain says what to do, and takes no message."""
    enqueue(place, 1)
    tasks = configure(app, database=place.engine, sender=FakeSender)
    monkeypatch.setattr(outbox, "detect_environment", lambda: environment)
    with pytest.raises(HAVNOutboxError, match=f"{environment} has no place for.*prefork"):
        tasks.drain()
    assert place.message("pay_1").claims == 0


def test_each_process_has_an_engine(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Within a process the engine is one; after a fork an address gives another, a user's own lets go."""
    url = str(place.engine.url)
    own = create_engine(url)
    by_address, by_engine = (places.stores(each, None, "havn_", None) for each in (url, own))

    def engine(make: Any) -> Any:
        return make().database.engine

    first, pool = engine(by_address), own.pool
    assert engine(by_address) is first
    assert (engine(by_engine), own.pool) == (own, pool)
    monkeypatch.setattr(os, "getpid", lambda: -1)
    assert engine(by_address) is not first
    assert engine(by_address) is engine(by_address)
    assert engine(by_engine) is own
    assert own.pool is not pool
    own.dispose()


def test_a_store_of_ones_own(app: Any, place: Place) -> None:
    """A function that makes the store takes the place of a database, as with Django."""
    enqueue(place, 1)
    sender = FakeSender()
    configure(app, store=lambda: Store(SQLAlchemyDatabase(place.engine)), sender=lambda: sender).drain()
    assert sender.keys == ["pay_1"]


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no database": ({}, "database"),
    "two databases": ({"database": "sqlite://", "store": lambda: None}, "database"),
    "a store that is made": ({"store": object()}, "store"),
    "no time": ({"database": "sqlite://", "max_seconds": 0}, "max_seconds"),
    "no pause": ({"database": "sqlite://", "sweep_every": -1}, "sweep_every"),
    "no debounce": ({"database": "sqlite://", "debounce": float("nan")}, "debounce"),
}


@pytest.mark.parametrize(("options", "field"), WRONG.values(), ids=WRONG)
def test_wrong_settings_are_named(app: Any, options: dict[str, Any], field: str) -> None:
    """What makes no sense is refused by name, when the app is configured."""
    with pytest.raises(HAVNValidationError) as caught:
        configure(app, **options)
    assert list(caught.value.errors) == [field]


def test_an_app_is_configured_once(app: Any) -> None:
    """A second configuration would be ignored by Celery without a word, and is refused."""
    configure(app, database="sqlite://")
    with pytest.raises(HAVNValidationError, match="already"):
        configure(app, database="sqlite://")


def test_another_database_is_refused(app: Any) -> None:
    """A database that no outbox can be in is refused when the app is configured."""
    with pytest.raises(HAVNOutboxError):
        configure(app, database="oracle://host/shop")


def test_a_missing_package_is_named(tmp_path: Path) -> None:
    """Without Celery the message says which extra brings it; the package itself imports without."""
    script = (
        "import sys; sys.modules['celery'] = sys.modules['kombu'] = None\n"
        "import havn_ext.integrations.celery as tasks\n"
        "assert 'configure' in dir(tasks)\n"
        "try: tasks.configure\n"
        "except ModuleNotFoundError as error: print(error)\n"
    )
    command = [sys.executable, "-c", script]
    said = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)  # noqa: S603  ours
    assert "pip install 'havn-sdk[celery]'" in said.stdout


def test_a_defect_is_no_missing_package() -> None:
    """A module that no extra brings is reported as what it is, and an unknown name as usual."""
    import havn_ext.integrations.celery as package

    with pytest.raises(ModuleNotFoundError, match="No module named 'nonsense'"), extra.celery_extra():
        raise ModuleNotFoundError("No module named 'nonsense'", name="nonsense")
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = package.nonsense  # type: ignore[attr-defined]
