from __future__ import annotations

import os
import secrets
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import attrs
import pytest
import redis
from celery import Celery
from kombu import Connection
from outbox_support import engine_of, make_tables, place_in, sqlite_database

from havn_ext.sandbox import SandboxConfig, SandboxServer
from havn_ext.testing import SandboxCompany
from havn_ext.testing.control import Control

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from outbox_support import Place
    from sqlalchemy import URL

BROKERS = {
    "redis": os.environ.get("HAVN_TEST_REDIS", "redis://127.0.0.1:6379/15"),
    "rabbitmq": os.environ.get("HAVN_TEST_RABBITMQ", "amqp://guest:guest@127.0.0.1:5672//"),
}
FOLDER = Path(__file__).parent
PATIENCE = 90.0


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A new and empty outbox in a file."""
    with place_in(sqlite_database(tmp_path)) as found:
        yield found


@pytest.fixture
def app() -> Iterator[Any]:
    """An app whose broker is in memory, and new for each test."""
    made: Any = Celery("shop", broker="memory://", set_as_current=False)
    made.conf.task_default_queue = f"havn_test_{secrets.token_hex(6)}"
    made.conf.broker_transport_options = {"polling_interval": 0.01}
    yield made
    made.close()


# ── HAVN ─────────────────────────────────────────────────────────────────────────────────────────────


@attrs.frozen
class Havn:
    """A company in a sandbox that keeps what it has processed in a file."""

    company: SandboxCompany
    file: Path

    def payments(self) -> list[str]:
        """The payments that are stored, one entry a transaction."""
        return self._column("SELECT payment_id FROM transactions")

    def users(self) -> list[str]:
        """The addresses of the users that are stored, one entry a user."""
        return self._column("SELECT email FROM users")

    def _column(self, select: str) -> list[str]:
        with closing(sqlite3.connect(self.file)) as connection:
            return sorted(row[0] for row in connection.execute(select))


@pytest.fixture
def havn(tmp_path: Path) -> Iterator[Havn]:
    """A sandbox of this test's own, and one company in it."""
    file = tmp_path / "havn.db"
    config = SandboxConfig(seed="none", database=file, rate_limits=False)
    with SandboxServer(config) as server, Control.of(server.url) as control:
        yield Havn(SandboxCompany.new(server.url, control), file)


# ── real brokers and workers ─────────────────────────────────────────────────────────────────────────


@attrs.frozen
class Shop:
    """A shop with a database, a broker and worker processes."""

    broker: str
    database: URL
    name: str
    notes: Path
    environ: dict[str, str]
    log: Path

    @contextmanager
    def worker(self, **environ: str) -> Iterator[subprocess.Popen[bytes]]:
        """A worker with two processes, and beat; it and all that it has started are gone at the end."""
        command = [sys.executable, "-m", "celery", "--app", "shop", "worker", "--beat", "--concurrency", "2"]
        quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "INFO"]
        schedule = ["--schedule-filename", str(self.log.with_suffix(".beat"))]
        with self.log.open("ab") as log:
            process = subprocess.Popen(  # noqa: S603  ours
                [*command, *quiet, *schedule],
                cwd=FOLDER,
                env={**os.environ, **self.environ, **environ},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            yield process
        finally:
            self.kill(process)

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """Kills a worker with its children and beat at once, as a power cut does."""
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)  # a session of its own: nobody else is in it
        process.wait()

    def until(self, condition: Callable[[], object], what: str) -> None:
        """Waits until something is so; fails with the workers' log when it does not come about."""
        ends_at = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() >= ends_at:
                pytest.fail(f"not within {PATIENCE:g} s: {what}\n{self.log.read_text()[-4000:]}")
            time.sleep(0.05)  # other processes tell nobody when they are done

    def empty_broker(self) -> int:
        """Throws away all that the broker has of this shop; gives how much it was."""
        if self.broker.startswith("redis"):
            with redis.Redis.from_url(self.broker) as client:
                keys = list(client.scan_iter(f"{self.name}*"))
                return int(client.delete(*keys)) if keys else 0
        with Connection(self.broker) as connection:
            channel: Any = connection.channel()
            thrown = int(channel.queue_delete(self.name) or 0)
            channel.exchange_delete(self.name)
            return thrown


@pytest.fixture(params=BROKERS)
def shop(request: pytest.FixtureRequest, havn: Havn, postgres: URL, tmp_path: Path) -> Iterator[Shop]:
    """A shop on PostgreSQL with either broker."""
    broker = BROKERS[request.param]
    _reachable(request.param, broker)
    name = f"havn_test_{secrets.token_hex(6)}"
    database = postgres.render_as_string(hide_password=False)
    notes = tmp_path / "notes.txt"
    notes.touch()
    environ = {
        **havn.company.environ,
        "SHOP_BROKER": broker,
        "SHOP_DATABASE": database,
        "SHOP_NAME": name,
        "SHOP_NOTES": str(notes),
    }
    with ExitStack() as stack:
        made = Shop(broker, postgres, name, notes, environ, tmp_path / "worker.log")
        stack.callback(made.empty_broker)
        make_tables(stack.enter_context(engine_of(postgres)))
        yield made


def _reachable(service: str, broker: str) -> None:
    try:
        with Connection(broker, connect_timeout=2) as connection:
            connection.ensure_connection(max_retries=1, timeout=2)
    except Exception as error:  # noqa: BLE001  every broker has errors of its own
        _unreachable(service, error)


def _unreachable(service: str, error: Exception) -> NoReturn:
    """Skips, or fails where the services are required."""
    reason = f"{service} is not reachable: {type(error).__name__}"
    if os.environ.get("HAVN_REQUIRE_SERVICES") == "1":
        pytest.fail(reason)
    pytest.skip(reason)
