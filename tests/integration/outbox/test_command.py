"""`havn outbox …`, as it is typed."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from outbox_support import LANES, place_in, sale, sqlite_database
from sqlalchemy import text
from sqlalchemy.orm import Session

from havn_ext.cli import main
from havn_ext.cli.outbox_commands import _span
from havn_ext.outbox import Metrics, Outbox
from havn_ext.outbox.delivery import environment_accounts
from havn_ext.outbox.messages import Mark
from havn_ext.outbox.metrics import METRICS
from havn_ext.outbox.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from outbox_support import Place
    from sqlalchemy import URL

    from havn_ext.testing import SandboxCompany

    Havn = Callable[..., tuple[int, Any, str]]


BASE = [sys.executable, "-m", "havn_ext.cli", "outbox"]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """An outbox with a message, in a file."""
    with place_in(sqlite_database(tmp_path)) as found:
        enqueue(found, 1)
        yield found


@pytest.fixture
def havn(place: Place, capsys: pytest.CaptureFixture[str]) -> Havn:
    """Types `havn outbox … --json`; exit code, document and what was complained of."""

    def typed(command: str, *arguments: str) -> tuple[int, Any, str]:
        code = main(["outbox", command, *arguments, "--database", str(place.engine.url), "--json"])
        said = capsys.readouterr()
        return code, json.loads(said.out) if said.out else None, said.err

    return typed


def enqueue(place: Place, *numbers: int) -> None:
    """One message for each number, by the machine's own clock."""
    with Session(place.engine) as session, session.begin():
        for number in numbers:
            Outbox().transaction(session, **sale(number))


def kill(place: Place, key: str = "pay_1") -> int:
    """Makes a message dead; its id."""
    place.clock.pass_by(10**9)
    claims = place.store.claim(LANES, 100, lease=60, worker="w")
    (claim,) = [each for each in claims if each.key == key]
    place.store.mark([Mark(id=claim.id, epoch=claim.epoch, state="dead", error="HAVN does not know it")])
    return claim.id


def test_the_status_is_told(havn: Havn, place: Place) -> None:
    """The status has the counts, the ages and the pauses; `--check` fails when something waits for too long."""
    code, status, _ = havn("status")
    assert (code, status["depth"], status["counts"], status["paused"]) == (0, 1, {"due": 1}, [])
    assert havn("status", "--check", "--max-age", "3600")[0] == 0
    code, _, complaint = havn("status", "--check", "--max-age", "0.000001")
    assert (code, "the oldest message is" in complaint) == (1, True)
    place.store.pause("default", "401")
    code, status, complaint = havn("status", "--check", "--max-age", "3600")
    assert (code, status["paused"][0]["reason"]) == (1, "401")
    assert "an account is paused" in complaint


def test_a_health_check_counts_nothing_that_is_over(havn: Havn, place: Place) -> None:
    """However much is delivered, `--check` looks at what waits alone, and says so when that is nothing."""
    place.clock.pass_by(10**9)
    (claim,) = place.store.claim(LANES, 100, lease=60, worker="w")
    place.store.mark([Mark(id=claim.id, epoch=claim.epoch, state="delivered", status=200)])
    assert havn("status")[1]["counts"] == {"delivered": 1}
    code, status, _ = havn("status", "--check")
    assert (code, status["counts"], status["standings"]) == (0, {}, [])


def test_messages_are_listed_and_shown(havn: Havn, place: Place) -> None:
    """Messages are listed by state and key, and one is shown whole."""
    enqueue(place, 2)
    _, messages, _ = havn("list")
    assert [each["key"] for each in messages] == ["pay_2", "pay_1"]
    assert [each["key"] for each in havn("list", "--key", "pay_1")[1]] == ["pay_1"]
    assert havn("list", "--dead")[1] == []
    code, message, _ = havn("show", str(messages[0]["id"]))
    assert (code, json.loads(message["payload"])["amount"]) == (0, 1000)
    assert message["created_at"].endswith("+00:00")
    assert havn("show", "999") == (1, None, "havn outbox: there is no message 999\n")


def test_the_dead_are_retried_or_cancelled(havn: Havn, place: Place) -> None:
    """Messages are changed by id, or all of a state; what could not be changed is named, and the exit code is 1."""
    dead = kill(place)
    assert havn("retry", "--dead")[:2] == (0, {"changed": [dead], "unchanged": []})
    assert place.states() == {"pay_1": "pending"}
    code, done, complaint = havn("cancel", str(dead), "999")
    assert (code, done) == (1, {"changed": [dead], "unchanged": [999]})
    assert "unchanged: 999" in complaint
    assert havn("cancel", "--state", "dead")[1]["changed"] == []
    assert havn("retry")[0] == havn("retry", "1", "--dead")[0] == 2


def test_an_account_is_paused_and_resumed(havn: Havn, place: Place) -> None:
    """An account waits and goes on by hand."""
    assert havn("pause", "--reason", "moving")[:2] == (0, {"account": "default", "changed": True})
    assert place.store.status().pauses[0].reason == "moving"
    assert havn("resume")[0] == 0
    assert havn("resume") == (1, None, "havn outbox: default is not paused\n")


def test_a_purge_tells_what_it_took(havn: Havn, place: Place) -> None:
    """A purge takes what is over, by days."""
    place.store.cancel([1])
    assert havn("purge", "--keep-days", "36500")[1]["messages"] == 0
    _, purged, _ = havn("purge", "--keep-days", "0", "--keep-payload-days", "0")
    assert purged["messages"] == 1


def test_tables_are_created(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Tables are made where no migration makes them; without them every command says so."""
    database = ["--database", f"sqlite:///{tmp_path / 'new.db'}"]
    assert main(["outbox", "status", *database]) == 1
    assert "havn outbox create-tables" in capsys.readouterr().err
    assert main(["outbox", "create-tables", *database]) == 0
    assert main(["outbox", "create-tables", *database, "--json"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == '{"tables": ["havn_outbox", "havn_outbox_pause"]}'
    assert main(["outbox", "status", *database]) == 0
    assert "the outbox is empty" in capsys.readouterr().out


def test_postgresqls_missing_table_is_told(postgres: URL, capsys: pytest.CaptureFixture[str]) -> None:
    """Its driver says which relation there is not; the command that makes it is named."""
    database = postgres.render_as_string(hide_password=False)
    assert main(["outbox", "status", "--prefix", "nobodys_", "--database", database]) == 1
    said = capsys.readouterr().err
    assert "nobodys_outbox" in said
    assert "are the tables there? havn outbox create-tables" in said


def test_text_is_for_people(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    """Without `--json` there are lines to read."""
    database = ["--database", str(place.engine.url)]
    kill(place)
    place.store.pause("default", "bad signature")
    for command in (["status"], ["list"], ["show", "1"], ["retry", "1"], ["pause"], ["resume"], ["purge"]):
        assert main(["outbox", *command, *database]) == 0
    assert main(["outbox", "list", "--dead", *database]) == 0
    said = capsys.readouterr().out
    assert "PAUSED default: bad signature" in said
    assert "HAVN does not know it" in said
    assert "\nno message\n" in said


@pytest.mark.parametrize("seconds", [(0.5, "0.5 s"), (90, "1.5 min"), (5400, "1.5 h"), (129600, "1.5 d")])
def test_spans_are_readable(seconds: tuple[float, str]) -> None:
    """A span of time is in its largest unit."""
    assert _span(seconds[0]) == seconds[1]


def test_a_database_is_needed(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a database the command says how to name one; one that is none is an error, not a traceback."""
    monkeypatch.delenv("HAVN_OUTBOX_DATABASE", raising=False)
    assert main(["outbox", "status"]) == 2
    assert "HAVN_OUTBOX_DATABASE" in capsys.readouterr().err
    for address, complaint in (
        ("mysql://shop", "PostgreSQL or SQLite, not in mysql"),
        ("no address", "such as postgresql+psycopg://host/shop"),
        ("sqlite:////no/such/folder/shop.db", "unable to open database file"),
    ):
        assert main(["outbox", "status", "--database", address]) == 1
        said = capsys.readouterr().err
        assert complaint in said
        assert "create-tables" not in said, "it is not the tables that are missing"
    monkeypatch.setenv("HAVN_OUTBOX_DATABASE", "sqlite://")
    assert main(["outbox", "create-tables"]) == 0


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Without SQLAlchemy the command says which extra to install."""
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    monkeypatch.delitem(sys.modules, "havn_ext.cli.outbox_sqlalchemy", raising=False)
    monkeypatch.delattr("havn_ext.cli.outbox_sqlalchemy", raising=False)
    assert main(["outbox", "status", "--database", "sqlite://"]) == 1
    assert "pip install 'havn-sdk[outbox]'" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "--batch", "0"],
        ["run", "--poll", "0"],
        ["run", "--poll", "inf"],
        ["run", "--key-retention", "-1"],
        ["list", "--limit", "9223372036854775808"],
        ["show", "9223372036854775808"],
        ["retry", "0"],
    ],
)
def test_wrong_usage_exits_with_two(arguments: list[str]) -> None:
    """A number that makes no sense, or that no database can hold, is wrong usage."""
    with pytest.raises(SystemExit) as caught:
        main(["outbox", *arguments])
    assert caught.value.code == 2


def test_an_end_needs_a_drain(havn: Havn) -> None:
    """A worker that is to end after a while is one that drains: another would go on for ever, as from cron."""
    assert havn("run", "--max-seconds", "1") == (2, None, "havn outbox: --max-seconds: only with --drain\n")


def test_every_account_has_variables() -> None:
    """The default account has the usual variables, another one has them with its name."""
    environ = {"HAVN_API_KEY_MY_SHOP": "key", "HAVN_WEBHOOK_SECRET_MY_SHOP": "secret"}
    assert environment_accounts(["default", "my-shop"], environ) == {
        "default": {},
        "my-shop": {"api_key": "key", "webhook_secret": "secret"},
    }


# ── run ──────────────────────────────────────────────────────────────────────────────────────────


def command(place: Place, *arguments: str) -> list[str]:
    """The command as it is typed."""
    return [*BASE, *arguments, "--database", str(place.engine.url)]


@pytest.fixture
def environment(havn_sandbox: SandboxCompany) -> dict[str, str]:
    """The environment of a process that delivers to the test's company."""
    return {**os.environ, **havn_sandbox.environ}


def test_a_worker_drains(place: Place, environment: dict[str, str]) -> None:
    """`run --drain` delivers what is due, says what it did, and ends."""
    done = subprocess.run(  # noqa: S603  our own command
        command(place, "run", "--drain", "--json"), env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, json.loads(done.stdout)["delivered"]) == (0, 1), done.stderr
    assert place.states() == {"pay_1": "delivered"}


def test_a_drain_that_leaves_work_for_a_person_fails(
    place: Place, havn: Havn, monkeypatch: pytest.MonkeyPatch, havn_sandbox: SandboxCompany
) -> None:
    """Cron hears of an account that is paused, now or since earlier, and of messages that were given up."""
    for name, value in {**havn_sandbox.environ, "HAVN_WEBHOOK_SECRET": "not-the-secret"}.items():
        monkeypatch.setenv(name, value)
    for _ in range(2):
        code, _, complaint = havn("run", "--drain")
        assert (code, "account default is paused: see `status`" in complaint) == (1, True), complaint
    place.store.resume("default")
    monkeypatch.setenv("HAVN_WEBHOOK_SECRET", havn_sandbox.environ["HAVN_WEBHOOK_SECRET"])
    with Session(place.engine) as session, session.begin():
        Outbox().transaction(session, **sale(2, referral_code="HAVN-NOBODY-1"))
    code, tally, complaint = havn("run", "--drain")
    assert (code, tally["delivered"], tally["dead"]) == (1, 1, 1)
    assert "1 message was given up: see `status` and `list`" in complaint
    assert havn("run", "--drain")[0] == 0


def test_a_worker_ends_by_sigterm(place: Place, environment: dict[str, str]) -> None:
    """`run` delivers until SIGTERM, and then ends well; its metrics are there meanwhile."""
    with subprocess.Popen(  # noqa: S603  our own command
        command(place, "run", "--poll", "0.05", "--metrics-port", "0", "--json"),
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        metrics = next(line for line in process.stderr if "metrics" in line).split()[-1]
        while place.states() != {"pay_1": "delivered"}:
            assert process.poll() is None
        while "havn_outbox_worker_delivered_total 1.0" not in (text := httpx.get(metrics, trust_env=False).text):
            assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        out, _ = process.communicate(timeout=30)
    assert (process.returncode, json.loads(out)["delivered"]) == (0, 1)
    assert "# TYPE havn_outbox_depth gauge" in text


def test_a_port_that_is_taken_is_told(
    place: Place, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, havn_sandbox: SandboxCompany
) -> None:
    """Metrics that can't be served there are told with their address, before anything is sent."""
    for name, value in havn_sandbox.environ.items():
        monkeypatch.setenv(name, value)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        code = main(["outbox", "run", "--metrics-port", port, "--drain", "--database", str(place.engine.url)])
    assert (code, f"cannot serve metrics on 127.0.0.1 port {port}: " in capsys.readouterr().err) == (1, True)
    assert place.states() == {"pay_1": "pending"}


def test_a_worker_without_credentials_does_not_begin(
    place: Place, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Missing credentials are named at once."""
    monkeypatch.delenv("HAVN_API_KEY", raising=False)
    monkeypatch.setenv("HAVN_WEBHOOK_SECRET", "two words")
    assert main(["outbox", "run", "--drain", "--database", str(place.engine.url)]) == 1
    said = capsys.readouterr().err
    assert "api_key: is missing: set HAVN_API_KEY;" in said
    assert "webhook_secret: HAVN_WEBHOOK_SECRET contains white space" in said
    assert "two words" not in said


def test_the_variables_of_an_account_are_missing_by_name(havn: Havn, monkeypatch: pytest.MonkeyPatch) -> None:
    """An account whose credentials are missing says which variables would have them."""
    monkeypatch.setenv("HAVN_API_KEY_MY_SHOP", "key")
    code, _, complaint = havn("run", "--drain", "--account", "my-shop", "--account", "east")
    missing = ("HAVN_WEBHOOK_SECRET_MY_SHOP", "HAVN_API_KEY_EAST", "HAVN_WEBHOOK_SECRET_EAST")
    assert (code, complaint) == (1, f"havn outbox: {'; '.join(f'{name}: is missing' for name in missing)}\n")


# ── metrics ──────────────────────────────────────────────────────────────────────────────────────


def test_opentelemetry_sees_the_same_numbers(place: Place) -> None:
    """Every metric is an observable instrument, read once for each collection."""
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import InMemoryMetricReader

    from havn_ext.outbox.otel import observe

    reads: list[Metrics] = []

    def read() -> Metrics:
        reads.append(Metrics.of(place.store, Tally(delivered=3)))
        return reads[-1]

    reader = InMemoryMetricReader()
    provider = MeterProvider([reader])
    observe(provider.get_meter("shop"), read, clock=place.clock)
    data = reader.get_metrics_data()
    assert data is not None
    points: Any = {
        metric.name: getattr(metric.data.data_points[0], "value", None)
        for metric in data.resource_metrics[0].scope_metrics[0].metrics
    }
    provider.shutdown()
    assert len(reads) == 1
    assert (points["havn.outbox.depth"], points["havn.outbox.worker_delivered"]) == (1, 3)
    assert len(points) == len(METRICS)


def test_every_metric_is_described() -> None:
    """Every metric has a name of its own and says what it counts."""
    assert len({metric.name for metric in METRICS}) == len(METRICS)
    assert all(metric.description.endswith(".") for metric in METRICS)


# ── limits ───────────────────────────────────────────────────────────────────────────────────────


def limited_run(url: URL, environment: dict[str, str], *limits: str) -> tuple[int, str, str]:
    """`run --drain` with limits: exit code, output and complaints."""
    done = subprocess.run(  # noqa: S603  our own command
        [*BASE, "run", "--drain", "--json", *limits, "--database", url.render_as_string(hide_password=False)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def test_a_worker_keeps_to_a_limit(place: Place, environment: dict[str, str]) -> None:
    """With one call a minute and none in advance, a drain delivers one message and gives the others back."""
    enqueue(place, 2, 3)
    code, out, complaint = limited_run(place.engine.url, environment, "--limit", "sendTransaction=1")
    assert (code, json.loads(out)["delivered"]) == (0, 1), complaint
    assert place.store.status().counts["delivered"] == 1


def test_workers_share_a_limit_in_their_database(postgres: URL, environment: dict[str, str]) -> None:
    """Workers that count in the outbox's database keep to the limit together; create-tables makes the table."""
    limits = ["--limits", "database", "--limit", "sendTransaction=1"]
    with place_in(postgres) as place:
        enqueue(place, 1, 2, 3)
        address = place.engine.url.render_as_string(hide_password=False)
        code, _, complaint = limited_run(place.engine.url, environment, *limits)
        assert (code, "havn outbox create-tables makes it" in complaint) == (1, True)
        assert main(["outbox", "create-tables", "--database", address]) == 0
        done = [json.loads(limited_run(place.engine.url, environment, *limits)[1])["delivered"] for _ in range(2)]
        with place.engine.begin() as connection:
            connection.execute(text("DROP TABLE havn_rate"))
    assert done == [1, 0]


def test_workers_share_a_limit_in_redis(place: Place, environment: dict[str, str], redis_address: str) -> None:
    """Workers that count in one Redis keep to the limit together."""
    enqueue(place, 2, 3)
    limits = ["--limits", redis_address, "--limit", "sendTransaction=1/5000"]
    done = [json.loads(limited_run(place.engine.url, environment, *limits)[1])["delivered"] for _ in range(2)]
    assert done == [1, 0]


def test_there_is_no_such_place_to_count(place: Place, environment: dict[str, str]) -> None:
    """SQLite counts for nobody, and what is no place is refused by name, before anything is sent."""
    for where in ("database", "mysql://shop"):
        code, _, complaint = limited_run(place.engine.url, environment, "--limits", where)
        assert (code, "--limits" in complaint) == (1, True)
    assert place.states() == {"pay_1": "pending"}


@pytest.mark.parametrize("limit", ["sendTransaction", "sendTransaction=0", "login=5", "syncUsers=5/0"])
def test_a_senseless_limit_is_wrong_usage(limit: str) -> None:
    """A limit names an operation of the outbox, and calls."""
    with pytest.raises(SystemExit) as caught:
        main(["outbox", "run", "--limit", limit])
    assert caught.value.code == 2
