"""The outbox's benchmark measures what it says: its contenders do the work, and its table and command tell it."""

from __future__ import annotations

import json
import os
import random
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from bench.figures import Figure, Unavailable
from bench.outbox import claims, command, databases, delivery, payments, report, resent, rows
from bench.outbox.answering import answering
from bench.payloads import BATCH, TRANSACTION_ANSWER
from bench.rounds import Spread
from bench.rows import Row
from bench.verdicts import Outcome
from outbox_support import REQUIRED, SERVER
from sqlalchemy import create_engine, event, func, select, text

from havn_ext.outbox import SQLAlchemyDatabase, Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from bench.rounds import Turn
    from sqlalchemy import Engine


@pytest.fixture
def engine() -> Iterator[Engine]:
    """The benchmark's SQLite database, with its tables."""
    with databases.sqlite() as found:
        payments.Base.metadata.create_all(found)
        yield found


def count(engine: Engine, table: str) -> int:
    """Rows of one of the benchmark's tables."""
    with engine.connect() as connection:
        query = select(func.count()).select_from(payments.Base.metadata.tables[table])
        return connection.scalar(query) or 0


def row_of(value: float, *, bound: float | None = 1.0, unit: str = rows.RATIO) -> Row:
    """A row that gives one value."""

    def measure(_url: str, _rounds: int) -> Figure:
        return Figure(Spread(value, value, value), None, ours=value / 1000, reference=0.001, rounds=1)

    return Row("a-row", "ours", "theirs", measure, bound=bound, unit=unit)


@contextmanager
def havn() -> Iterator[tuple[str, list[bytes]]]:
    """A server that says yes to every transaction: its URL, and the bodies that came."""
    bodies: list[bytes] = []

    def answer(body: bytes) -> bytes:
        bodies.append(body)
        return TRANSACTION_ANSWER

    with answering(answer) as url:
        yield url, bodies


# ── what is measured ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("contender", "messages"),
    [
        (payments.core_alone, 0),
        (payments.core_and_enqueue, 3),
        (payments.core_and_bare_insert, 3),
        (payments.orm_alone, 0),
        (payments.orm_and_enqueue, 3),
    ],
)
def test_a_turn_of_three_commits_three_payments(
    engine: Engine, contender: Callable[[Engine], Turn], messages: int
) -> None:
    """Both sides do the same work, but for the message; each call in a transaction of its own."""
    commits: list[object] = []
    event.listen(engine, "commit", commits.append)
    contender(engine)(3)
    assert (len(commits), count(engine, "payment"), count(engine, "havn_outbox")) == (3, 3, messages)


def test_sqlite_waits_for_the_disk(engine: Engine) -> None:
    """A benchmark of commits that a power cut undoes would flatter nobody and mislead everybody."""
    with engine.connect() as connection:
        found = connection.scalar(text("PRAGMA synchronous")), connection.scalar(text("PRAGMA journal_mode"))
    assert found == (2, "wal")


def test_a_worker_s_turn_delivers_all_of_its_messages(engine: Engine) -> None:
    """Every turn enqueues so many messages and delivers them, each in one call."""
    with havn() as (url, calls), delivery.worker(engine, url, 5) as turn:
        turn()
        turn()
        states = [message.state for message in Store(SQLAlchemyDatabase(engine)).list()]
    assert (states, len(calls)) == (["delivered"] * 10, 10)


def test_transactions_are_counted(engine: Engine) -> None:
    """A claim that finds, one that does not, and a flush at least; far fewer than messages."""
    with havn() as (url, _):
        assert 3 <= delivery.transactions(engine, url, 60) <= 12


def test_claims_are_of_the_right_outbox_and_leave_it_as_it_was(engine: Engine) -> None:
    """A claim takes pending messages alone, and a turn gives them back, so that turns without end are alike."""
    store = claims.filled(engine, "q_", pending=100, delivered=50)
    measure = claims.claiming(store)
    for _ in range(5):
        assert measure().wall > 0
    counts = store.status().counts
    assert (counts["due"], counts["delivered"], counts["delivering"]) == (100, 50, 0)


def test_what_a_killed_sync_sends_again_is_counted_and_bounded() -> None:
    """Each kill is seen to happen, no user is lost, and at most the requests in flight are repeated."""
    again = resent.after_kills(2, random.Random(1))
    assert len(again) == 2
    assert 0 < max(again) <= resent.AT_ONCE * BATCH


def test_users_that_come_twice_are_counted_each_time() -> None:
    """The counter of repetitions is what the row rests on."""
    arrivals = resent.Arrivals()
    arrivals.add(["a", "b"])
    arrivals.add(["b", "c"])
    arrivals.add(["b"])
    assert (arrivals.again, len(arrivals.known), arrivals.requests) == (2, 3, 3)


def test_without_a_postgresql_the_row_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that is not there is no figure, and no traceback."""
    monkeypatch.setenv(SERVER, "postgresql+psycopg://127.0.0.1:1/none")
    with pytest.raises(Unavailable, match="no PostgreSQL"), databases.postgresql():
        pass
    assert "PostgreSQL" not in databases.facts()


# ── the table and the command ────────────────────────────────────────────────────────────────────


def test_the_bounds_are_those_that_were_promised() -> None:
    """The table can't be made to hold by loosening it unseen."""
    bounds = {row.name: row.bound for row in rows.ROWS if row.bound is not None}
    assert bounds == {
        "enqueue-postgresql": 1.5,
        "enqueue-postgresql-orm": 1.4,
        "enqueue-sqlite": 1.7,
        "enqueue-sqlite-orm": 1.7,
        "enqueue-postgresql-slow": 1.5,
        "enqueue-postgresql-orm-slow": 1.4,
        "enqueue-sqlite-default": 1.7,
        "deliver-postgresql": 1 / 0.9,
        "deliver-sqlite": 1 / 0.9,
        "transactions-postgresql": 0.1,
        "transactions-sqlite": 0.1,
        "claim-postgresql": 1.5,
        "claim-sqlite": 1.5,
        "bulk-resent": 3000,
    }


@pytest.mark.parametrize(
    ("unit", "shown"),
    [(rows.RATIO, ["1.20 (1.20 to 1.20)", "1,200 µs", "1,000 µs"]), (rows.USERS, ["1 (1 to 1)", "0"])],
)
def test_the_terminal_s_table_shows_value_sides_load_and_verdict(unit: str, shown: list[str]) -> None:
    """Microseconds stand where times are compared, and plain numbers elsewhere."""
    row = row_of(1.2, unit=unit)
    table = report.terminal([Outcome(row, row.measure("", 1))], [2.25])
    heading, line = table.splitlines()
    assert heading.startswith("row")
    assert all(each in line for each in [*shown, "2.2", "ABOVE"])


def test_the_json_has_load_verdict_and_figure() -> None:
    """Programs get what people get, and a row that could not be measured says why."""
    row = row_of(0.5)
    outcomes = [Outcome(row, row.measure("", 1)), Outcome(row, None, missing="no PostgreSQL")]
    found: dict[str, Any] = json.loads(json.dumps(report.as_json(outcomes, [1.0, 2.0], {"CPU": "quick"})))
    measured, missing = found["rows"]
    assert found["machine"] == {"CPU": "quick"}
    assert (measured["holds"], measured["load"], measured["value"]["median"], measured["cpu"]) == (
        True,
        1.0,
        0.5,
        None,
    )
    assert (missing["holds"], missing["verdict"]) == (False, "not available: no PostgreSQL")


@pytest.mark.parametrize(("value", "check", "code"), [(2.0, ["--check"], 1), (2.0, [], 0), (0.5, ["--check"], 0)])
def test_a_check_fails_on_a_bound_that_does_not_hold(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, value: float, check: list[str], code: int
) -> None:
    """Without --check a figure above its bound is a figure."""

    @contextmanager
    def no_server() -> Iterator[str]:
        yield "http://127.0.0.1"

    monkeypatch.setattr(command, "nginx", no_server)
    monkeypatch.setattr(command, "ROWS", (row_of(value),))
    file = tmp_path / "found.json"
    assert command.main([*check, "--json", str(file)]) == code
    (found,) = json.loads(file.read_text())["rows"]
    assert (found["holds"], found["repeats"]) == (value <= 1.0, 3 if code else 1)


def test_the_documentation_gets_every_row(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """`--docs` writes what was measured between the page's marks, and leaves the rest of the page alone."""

    @contextmanager
    def no_server() -> Iterator[str]:
        yield "http://127.0.0.1"

    page = tmp_path / "benchmarks.md"
    page.write_text("# A\n<!-- outbox -->old<!-- /outbox -->\nB\n<!-- databases --><!-- /databases -->\nC\n")
    monkeypatch.setattr(command, "nginx", no_server)
    monkeypatch.setattr(command, "ROWS", (row_of(2.0),))
    monkeypatch.setattr(command, "DOCUMENT", page)
    assert command.main(["--docs"]) == 0
    text = page.read_text()
    assert "| a-row | ours | theirs | 1.00 | 2.00 (2.00 to 2.00) |" in text
    assert ("| SQLite |" in text, "old" in text, text.startswith("# A\n"), text.endswith("\nC\n")) == (
        True,
        False,
        True,
        True,
    )


@pytest.mark.parametrize("arguments", [["--docs", "--only", "bulk-resent"], ["--docs", "--check"]])
def test_a_page_is_written_of_all_that_was_measured(arguments: list[str]) -> None:
    """Half a table, or one of a check that stops early, is no table."""
    with pytest.raises(SystemExit):
        command.main(arguments)


def test_a_database_of_postgresql_is_ours_and_gone_afterwards() -> None:
    """The benchmark touches no table of anybody, and leaves none."""
    try:
        with databases.postgresql() as engine, engine.connect() as connection:
            name = str(connection.scalar(text("SELECT current_database()")))
    except Unavailable as reason:
        if os.environ.get(REQUIRED) == "1":
            pytest.fail(str(reason))
        pytest.skip(str(reason))
    assert name.startswith("havn_bench_")
    maintenance = create_engine(databases.server())
    with maintenance.connect() as connection:
        assert not connection.scalar(text("SELECT count(*) FROM pg_database WHERE datname = :name"), {"name": name})
    maintenance.dispose()
