"""`manage.py havn_outbox ...`, and the worker on Django's connection."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from io import StringIO
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection, connections, transaction
from django.test import Client, override_settings
from outbox_support import LANES, FakeSender, sale

from havn_ext.integrations.django import DjangoDatabase, outbox, store
from havn_ext.integrations.django.database import translated
from havn_ext.outbox import Worker
from havn_ext.outbox.messages import Mark

if TYPE_CHECKING:
    from collections.abc import Callable

    from havn_ext.testing import SandboxCompany

    Havn = Callable[..., Any]


def enqueue(*numbers: int) -> list[int]:
    """One message for each number; their ids."""
    with transaction.atomic():
        return [outbox.transaction(**sale(number)) for number in numbers]


def states() -> dict[str, str]:
    """Every message's state by its key."""
    return {message.key: message.state for message in store().list()}


def kill(message_id: int) -> None:
    """Makes a message dead."""
    claims = store().claim(LANES, 100, lease=60, worker="w")
    (epoch,) = [claim.epoch for claim in claims if claim.id == message_id]
    store().mark([Mark(id=message_id, epoch=epoch, state="dead", error="HAVN does not know ann@shop.example")])


def test_orders_arrive(havn: Havn, sandboxed: SandboxCompany) -> None:
    """Orders of the shop's view are delivered by `run --drain`; what was rolled back is not."""
    for number in range(5):
        assert Client().post(f"/orders/pay_{number}", {"amount": 1000 + number}).status_code == 201
    assert Client().post("/orders/pay_x", {"amount": 1000, "refused": "1"}).status_code == 402
    tally = havn("run", "--drain")
    assert (tally["delivered"], tally["retried"]) == (5, 0)
    arrived = sandboxed.requests(operation="sendTransaction")
    assert len(arrived) == 5
    assert states() == {f"pay_{number}": "delivered" for number in range(5)}
    (message,) = store().list(key="pay_0")
    assert "total_commission" in str(message.response)
    assert havn("status")["counts"] == {"delivered": 5}


def test_a_process_of_its_own_delivers(sandboxed: SandboxCompany) -> None:
    """`manage.py havn_outbox run --drain` as a process, with credentials from its environment."""
    enqueue(1)
    run = subprocess.run(
        [sys.executable, "-W", "error", "-m", "django", "havn_outbox", "run", "--drain", "--json"],
        env={**os.environ, **sandboxed.environ},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, json.loads(run.stdout)["delivered"]) == (0, 1), run.stderr
    assert states() == {"pay_1": "delivered"}


def test_exit_codes_are_those_of_the_other_command() -> None:
    """What goes wrong is an exit code of 1, wrong usage one of 2, as of `havn outbox`."""

    def code(*arguments: str) -> int:
        command = [sys.executable, "-m", "django", "havn_outbox", *arguments]
        return subprocess.run(command, capture_output=True, check=False).returncode  # noqa: S603  our own command

    assert code("show", "999") == 1
    assert code("retry") == code("nothing") == 2


def test_messages_are_looked_after(havn: Havn) -> None:
    """list, show, retry, cancel, purge, pause and resume do what they do for `havn outbox`."""
    first, second = enqueue(1, 2)
    assert [each["id"] for each in havn("list")] == [second, first]
    assert json.loads(havn("show", str(first))["payload"])["amount"] == 1000
    kill(first)
    assert havn("retry", "--dead") == {"changed": [first], "unchanged": []}
    assert havn("cancel", str(first))["changed"] == [first]
    with pytest.raises(CommandError, match="unchanged: 999") as caught:
        havn("cancel", "999")
    assert caught.value.returncode == 1
    assert havn("pause", "--reason", "moving") == {"account": "default", "changed": True}
    assert havn("status")["paused"][0]["reason"] == "moving"
    with pytest.raises(CommandError, match="an account is paused"):
        havn("status", "--check", "--max-age", "3600")
    assert havn("resume")["changed"]
    assert havn("purge", "--keep-days", "0") == {"payloads": 0, "messages": 1}


def test_text_is_for_people() -> None:
    """Without `--json` there are lines to read, on the command's own output."""
    enqueue(1)
    out = StringIO()
    call_command("havn_outbox", "status", stdout=out)
    assert out.getvalue().startswith("default")
    assert out.getvalue().endswith("\n")


def test_what_is_missing_is_said(havn: Havn, monkeypatch: pytest.MonkeyPatch) -> None:
    """Missing credentials, settings and tables are errors in words, and not tracebacks."""
    monkeypatch.delenv("HAVN_API_KEY", raising=False)
    with override_settings(HAVN={"WEBHOOK_SECRET": "s"}):
        assert havn("status")["depth"] == 0
        with pytest.raises(CommandError, match="HAVN_API_KEY"):
            havn("run", "--drain")
    with pytest.raises(CommandError, match="has no 'east'"):
        havn("run", "--drain", "--account", "east")
    with override_settings(HAVN=7), pytest.raises(CommandError, match=r"settings\.HAVN must be a dict"):
        havn("status")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE havn_outbox RENAME TO away")
    try:
        with pytest.raises(CommandError, match=r"havn_outbox.*manage\.py migrate havn"):
            havn("status")
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE away RENAME TO havn_outbox")


def test_metrics_are_served(sandboxed: SandboxCompany) -> None:
    """`run --metrics-port` serves the numbers, and ends by SIGTERM."""
    enqueue(1)
    with subprocess.Popen(
        [sys.executable, "-m", "django", "havn_outbox", "run", "--poll", "0.05", "--metrics-port", "0"],
        env={**os.environ, **sandboxed.environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        try:
            metrics = next(line for line in process.stderr if "metrics" in line).split()[-1]
            while "havn_outbox_worker_delivered_total 1.0" not in httpx.get(metrics, trust_env=False).text:
                assert process.poll() is None
            process.terminate()
            out, _ = process.communicate(timeout=30)
        finally:
            process.kill()
    assert process.returncode == 0
    assert "1 delivered" in out


# ── the database ─────────────────────────────────────────────────────────────────────────────────


def test_a_worker_leaves_no_connection_behind() -> None:
    """The thread in which a worker asks the database closes its connection before it ends."""
    opened: list[Any] = []

    class Watched(DjangoDatabase):
        def leave_thread(self) -> None:
            wrapper = connections[self.using]
            opened.append(wrapper.connection)
            super().leave_thread()
            opened.append(wrapper.connection)

    enqueue(1, 2)
    watched = store()
    watched.database = Watched()
    tally = asyncio.run(Worker(watched, FakeSender(), lease=60).drain())
    assert tally.delivered == 2
    before, after = opened
    assert before is not None
    assert after is None


def test_transactions_are_whole() -> None:
    """What a transaction did is undone by an error, and there for others after its end."""
    database = DjangoDatabase()
    change = "INSERT INTO havn_outbox_pause (account, paused_at, reason) VALUES (:account, 1, '100 %')"

    def fail() -> None:
        with database.transaction() as execute:
            execute(change, {"account": "a"})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert store().status().pauses == ()
    with database.transaction() as execute:
        assert execute(change, {"account": "b"}) == ()
    seen: list[str] = []

    def look() -> None:
        seen.extend(pause.reason for pause in store().status().pauses)
        connection.close()

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert seen == ["100 %"]


def test_within_an_atomic_block_the_block_decides() -> None:
    """Under `atomic` the store's transactions are savepoints: the block's rollback takes them along."""
    with transaction.atomic():
        assert store().pause("default", "by hand")
        store().database.close()  # leaves the block's connection alone
        transaction.set_rollback(True)
    assert store().status().pauses == ()


def test_a_connection_that_is_gone_is_opened_anew() -> None:
    """After an error by which the database may be gone the next transaction has a new connection."""
    database = DjangoDatabase()
    with database.transaction():
        before = connection.connection
    with pytest.raises(OperationalError), database.transaction():
        raise OperationalError("server closed the connection unexpectedly")
    with database.transaction() as execute:
        assert execute("SELECT 1", {}) == [(1,)]
    assert connection.connection is not before


@pytest.mark.skipif(connection.vendor != "postgresql", reason="of PostgreSQL alone")
def test_a_terminated_connection_costs_one_transaction() -> None:
    """After the server has ended the connection one transaction fails, as transient, and the next works."""
    database = DjangoDatabase()
    with database.transaction() as execute:
        ((backend,),) = execute("SELECT pg_backend_pid()", {})
    rival: Any = connections.create_connection("default")
    with rival.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 10000)", [backend])
    rival.close()
    with pytest.raises(database.transient):
        store().status()
    assert store().status().depth == 0


@pytest.mark.skipif(connection.vendor != "sqlite", reason="of SQLite alone")
def test_sqlite_is_locked_from_the_beginning() -> None:
    """A transaction of the store takes the write lock when it begins, whatever `transaction_mode` says."""
    with closing(sqlite3.connect(connection.settings_dict["NAME"], timeout=0)) as rival:
        with DjangoDatabase().transaction(), pytest.raises(sqlite3.OperationalError, match="locked"):
            rival.execute("BEGIN IMMEDIATE")
        rival.execute("BEGIN IMMEDIATE")


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("a = :account AND b = :b_2", "a = %(account)s AND b = %(b_2)s"),
        ("a LIKE '%x' AND b = :b", "a LIKE '%%x' AND b = %(b)s"),
        ("CAST(:now AS integer), x::text", "CAST(%(now)s AS integer), x::text"),
    ],
)
def test_parameters_are_spelled_as_django_has_them(sql: str, expected: str) -> None:
    """Names become Django's, a percent sign stays one, and a cast stays a cast."""
    assert translated(sql) == expected
