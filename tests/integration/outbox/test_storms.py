"""What goes wrong at HAVN, in the database and with the clock: nothing lost, nothing twice, and it is told."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from crash.books import compare
from crash.havn import REFERRAL, Havn, ledger, serving
from fakes import FakeClock
from outbox_support import place_in, sale, sqlite_database
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from havn_ext.outbox import ClientSender, Outbox, Schedule, SQLAlchemyDatabase, Store
from havn_ext.outbox.faults import NO_FAULTS

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from pathlib import Path

    from outbox_support import Place
    from sqlalchemy import URL

    from havn_ext.outbox import Tally, Worker
    from havn_ext.outbox.delivery import Answered, Sent
    from havn_ext.outbox.messages import Claim
    from havn_ext.testing import SandboxCompany

COUNT = 20
SCHEDULE = Schedule(ladder=(1.0,) * 8)


@pytest.fixture(scope="module")
def havn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Havn]:
    """The module's sandbox, in a process of its own."""
    with serving(tmp_path_factory.mktemp("havn")) as found:
        yield found


@pytest.fixture
def company(havn: Havn) -> SandboxCompany:
    """A company with referral codes."""
    return havn.company()


@pytest.fixture
def in_sqlite(tmp_path: Path) -> Iterator[Place]:
    """A new and empty outbox in SQLite."""
    with place_in(sqlite_database(tmp_path)) as found:
        yield found


@pytest.fixture
def in_postgresql(postgres: URL) -> Iterator[Place]:
    """A new and empty outbox in PostgreSQL."""
    with place_in(postgres) as found:
        yield found


@pytest.fixture(autouse=True)
def _everything_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "havn.outbox")


def sender(company: SandboxCompany, *, webhook_secret: str | None = None, timeout: float = 5.0) -> ClientSender:
    """What brings messages to the sandbox."""
    secret = webhook_secret or company.webhook_secret
    return ClientSender(
        {"default": {"api_key": company.api_key, "webhook_secret": secret, "base_url": company.url}},
        timeout=timeout,
    )


def enqueue(place: Place, numbers: range = range(COUNT)) -> None:
    """A payment for each number."""
    outbox = Outbox(clock=place.clock)
    with Session(place.engine) as session, session.begin():
        for number in numbers:
            outbox.transaction(session, **sale(number, referral_code=REFERRAL))


def work(place: Place, company: SandboxCompany, **options: Any) -> Tally:
    """Drains again and again, letting time pass between, until nothing is left or nothing moves any more."""
    worker = place.worker(sender(company, **options), schedule=SCHEDULE)
    for _ in range(12):
        asyncio.run(worker.drain())
        if not place.store.status(finished=False).depth:
            break
        place.pass_by(100)
    return worker.tally


def assert_books_agree(place: Place, havn: Havn, company: SandboxCompany, count: int = COUNT) -> None:
    """Every payment is counted once, with a commission for each level, and every message is delivered."""
    payments = {f"pay_{number}": 1000 for number in range(count)}
    assert compare(payments, ledger(havn.file, company.api_key)).complaints == []
    assert place.states() == dict.fromkeys(payments, "delivered")


# ── at HAVN ──────────────────────────────────────────────────────────────────────────────────────

FAULTS: dict[str, tuple[dict[str, Any], str]] = {
    "processed, but the answer is lost": ({"kind": "reset_after", "nth": 3, "times": 6}, "attempt 1"),
    "a proxy's page in HTML": ({"kind": "html", "times": 10}, "502"),
    "a storm of 429": ({"kind": "status", "status": 429, "times": 6, "retry_after": 7}, ""),
    "a storm of 503": ({"kind": "status", "status": 503, "times": 30, "retry_after": 2}, "503"),
    "the half of an answer": ({"kind": "truncated", "nth": 2, "times": 6}, "attempt 1"),
}


@pytest.mark.parametrize(("fault", "told"), FAULTS.values(), ids=FAULTS)
def test_havn_goes_wrong(
    place: Place,
    havn: Havn,
    company: SandboxCompany,
    caplog: pytest.LogCaptureFixture,
    fault: dict[str, Any],
    told: str,
) -> None:
    """Whatever comes back, every payment is counted once; each failed attempt is told with its reason."""
    company.add_fault(**fault)
    enqueue(place)
    tally = work(place, company)
    assert_books_agree(place, havn, company)
    assert tally.delivered == COUNT
    assert tally.retried + tally.rate_limited >= fault["times"]
    failed = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert len(failed) == tally.retried
    assert all(told in each for each in failed)
    assert "customer" not in caplog.text


def test_all_of_it_at_once(place: Place, havn: Havn, company: SandboxCompany) -> None:
    """30 % refused, 10 % of the answers lost, 10 % pages of a proxy, and slow besides: still to the row."""
    company.add_fault("status", status=503, probability=0.3, times=40)
    company.add_fault("reset_after", probability=0.1, seed=1, times=10)
    company.add_fault("html", probability=0.1, seed=2, times=10)
    company.add_fault("delay", delay=0.01)
    enqueue(place, range(60))
    tally = work(place, company)
    assert_books_agree(place, havn, company, 60)
    assert tally.retried > 10
    assert tally.ambiguous > 0


def test_an_answer_that_drips(
    place: Place, havn: Havn, company: SandboxCompany, caplog: pytest.LogCaptureFixture
) -> None:
    """An answer that comes too slowly is given up, told, and asked for again."""
    company.add_fault("slow_drip", duration=60, times=2)
    enqueue(place, range(4))
    tally = work(place, company, timeout=2.0)
    assert_books_agree(place, havn, company, 4)
    assert tally.ambiguous >= 2
    assert caplog.text.count("did not answer within") == tally.retried


@attrs.define
class ChosenSender:
    """Asks before every message with which credentials to send it, so that a test can strike right there."""

    usual: ClientSender
    choose: Callable[[], ClientSender | None]

    @property
    def accounts(self) -> Any:
        """See `Sender`."""
        return self.usual.accounts

    @property
    def timeout(self) -> float:
        """See `Sender`."""
        return self.usual.timeout

    async def send(self, claim: Claim, answers: list[Answered]) -> Sent:
        """See `Sender`."""
        return await (self.choose() or self.usual).send(claim, answers)

    async def close(self) -> None:
        """See `Sender`."""
        await self.usual.close()


def test_credentials_are_revoked_in_the_middle(
    place: Place, havn: Havn, company: SandboxCompany, caplog: pytest.LogCaptureFixture
) -> None:
    """Everything waits then, which is told once and loudly; with new ones it goes on after `resume`."""
    enqueue(place)
    revoked = sender(company, webhook_secret="revoked_one")
    left = iter(range(8))
    chosen = ChosenSender(sender(company), lambda: revoked if next(left, None) is None else None)

    async def scenario() -> Tally:
        tally = await place.worker(chosen, concurrency=2).drain()
        await revoked.close()
        return tally

    tally = asyncio.run(scenario())
    assert (tally.delivered, tally.dead, tally.paused) == (8, 0, 1)
    (alarm,) = [record for record in caplog.records if record.levelno == logging.CRITICAL]
    assert "havn outbox resume default" in alarm.getMessage()
    assert "revoked_one" not in caplog.text
    place.pass_by(1000)
    assert work(place, company).claimed == 0
    assert {message.attempts for message in place.store.list(state="pending")} == {0}
    assert place.store.resume("default")
    assert work(place, company).delivered == COUNT - 8
    assert_books_agree(place, havn, company)


# ── in the database ──────────────────────────────────────────────────────────────────────────────


def until(worker: Worker, reached: Callable[[], bool]) -> None:
    """Has a worker run until something is so."""

    async def scenario() -> None:
        running = asyncio.create_task(worker.run())
        async with asyncio.timeout(60):
            while not reached():
                assert not running.done()
                await asyncio.sleep(0.01)
        worker.stop()
        await running

    asyncio.run(scenario())


def test_postgresql_ends_every_connection(in_postgresql: Place, havn: Havn, company: SandboxCompany) -> None:
    """Connections that the server ends, again and again, delay the messages and lose none."""
    place = in_postgresql
    company.add_fault("delay", delay=0.05)
    enqueue(place, range(60))
    pids: set[int] = set()
    ended: list[int] = []
    with closing(SQLAlchemyDatabase(place.engine.url)) as database:
        event.listen(database.engine, "connect", lambda connection, _: pids.add(connection.info.backend_pid))
        store = Store(database, faults=NO_FAULTS)
        worker = attrs.evolve(place, store=store).worker(sender(company), batch=8, concurrency=4)

        def all_is_delivered() -> bool:
            with place.engine.connect() as connection:
                while pids and len(ended) < 5:
                    # one known pid a call: in a WHERE the planner might end connections before it filters them
                    pid = pids.pop()
                    connection.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
                    ended.append(pid)
            return not place.store.status(finished=False).depth

        until(worker, all_is_delivered)
    assert len(set(ended)) == 5
    assert_books_agree(place, havn, company, 60)


@contextmanager
def impatient_store(place: Place, patience: float = 0.05) -> Generator[Store]:
    """The outbox through connections that wait for a lock for a moment only."""
    database = SQLAlchemyDatabase(place.engine.url)
    limit = round(patience * 1000)
    event.listen(
        database.engine, "connect", lambda connection, _: connection.execute(f"PRAGMA busy_timeout={limit}")
    )
    with closing(database):
        yield Store(database, clock=place.clock, faults=NO_FAULTS)


def test_sqlite_is_locked_by_another_process(
    in_sqlite: Place, havn: Havn, company: SandboxCompany, caplog: pytest.LogCaptureFixture
) -> None:
    """While another has SQLite's lock, marks wait, and the log tells; nothing is sent again for it."""
    place = in_sqlite
    enqueue(place)
    other = sqlite3.connect(str(place.engine.url.database), isolation_level=None)
    taken: list[bool] = []

    def take_the_lock() -> None:
        if not taken:
            taken.append(True)
            other.execute("BEGIN IMMEDIATE")

    def given_back_and_delivered() -> bool:
        if other.in_transaction and "did not mark" in caplog.text:
            other.execute("ROLLBACK")
        return bool(taken) and not other.in_transaction and not place.store.status(finished=False).depth

    with closing(other), impatient_store(place) as store:
        chosen = ChosenSender(sender(company), take_the_lock)
        until(attrs.evolve(place, store=store).worker(chosen), given_back_and_delivered)
    assert "database is locked" in caplog.text
    assert len(company.requests(operation="sendTransaction", limit=1000)) == COUNT, "sent once, marked later"
    assert_books_agree(place, havn, company)


def no_more_pages(connection: Any, _record: object = None) -> None:
    """Lets a connection make its file no larger than it is."""
    size = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count={size}")


def test_the_disk_is_full_when_a_payment_comes(in_sqlite: Place) -> None:
    """Enqueueing fails in the caller's hands, and leaves neither payment nor message."""
    place = in_sqlite
    with place.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE payments (id TEXT PRIMARY KEY)")
    place.engine.dispose()
    event.listen(place.engine, "connect", no_more_pages)
    paid: list[str] = []

    def pay(number: int) -> None:
        with Session(place.engine) as session, session.begin():
            session.execute(text("INSERT INTO payments VALUES (:id)"), {"id": f"pay_{number}"})
            Outbox(clock=place.clock).transaction(session, **sale(number, description="x" * 200))

    def pay_for_ever() -> None:
        for number in range(10_000):
            pay(number)
            paid.append(f"pay_{number}")

    with pytest.raises(OperationalError, match="full"):
        pay_for_ever()
    with place.engine.connect() as connection:
        payments = connection.exec_driver_sql("SELECT id FROM payments").scalars().all()
    assert sorted(payments) == sorted(place.states()) == sorted(paid)
    assert paid


def test_the_disk_is_full_when_marks_are_written(
    in_sqlite: Place, havn: Havn, company: SandboxCompany, caplog: pytest.LogCaptureFixture
) -> None:
    """Marks wait until there is room again: what was sent is not sent again, and nothing is forgotten."""
    place = in_sqlite
    enqueue(place)
    with place.engine.connect() as connection:
        size = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    filled: list[bool] = []

    @event.listens_for(place.engine, "checkout")
    def _(connection: Any, _record: object, _proxy: object) -> None:
        full = filled and "did not mark" not in caplog.text
        connection.execute(f"PRAGMA max_page_count={size if full else 1_000_000}")

    def fill() -> None:
        filled.append(True)

    def delivered() -> bool:
        return "did not mark" in caplog.text and not place.store.status(finished=False).depth

    until(place.worker(ChosenSender(sender(company), fill)), delivered)
    assert "disk is full" in caplog.text
    assert "the database did not mark: " in caplog.text
    assert len(company.requests(operation="sendTransaction", limit=1000)) == COUNT
    assert_books_agree(place, havn, company)


# ── with the clock ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("hours", [-2, 2], ids=["back", "forward"])
def test_the_clock_is_set(in_sqlite: Place, havn: Havn, company: SandboxCompany, hours: int) -> None:
    """A machine's clock that is set back or forward delays messages, at most by as much, and loses none."""
    place = in_sqlite
    enqueue(place, range(10))
    company.add_fault("reset_after", nth=2, times=3)
    asyncio.run(place.worker(sender(company), schedule=SCHEDULE).drain())
    place.clock.pass_by(hours * 3600.0)
    enqueue(place, range(10, COUNT))
    asyncio.run(place.worker(sender(company), schedule=SCHEDULE).drain())
    place.clock.pass_by(2 * abs(hours) * 3600.0)
    work(place, company)
    assert_books_agree(place, havn, company)


def test_the_clock_is_set_back_under_a_lease(in_sqlite: Place, havn: Havn, company: SandboxCompany) -> None:
    """Under a lease of a clock that was set back nobody else gets the message; its worker's marks count."""
    wall = FakeClock()  # of the store alone: what a worker measures its leases by never goes back
    place = attrs.evolve(in_sqlite, store=Store(in_sqlite.store.database, clock=wall, faults=NO_FAULTS))
    enqueue(place)
    company.add_fault("delay", delay=0.2)
    worker = place.worker(sender(company), batch=COUNT, concurrency=COUNT)
    other = place.worker(sender(company), name="other")

    async def scenario() -> None:
        running = asyncio.create_task(worker.drain())
        async with asyncio.timeout(60):
            while not place.store.status(finished=False).counts["delivering"]:  # noqa: ASYNC110  in a database
                await asyncio.sleep(0.01)
        wall.pass_by(-7200.0)
        assert (await other.run_once()).claimed == 0
        await running

    asyncio.run(scenario())
    assert worker.tally.delivered == COUNT
    assert worker.tally.fenced == 0
    assert_books_agree(place, havn, company)
