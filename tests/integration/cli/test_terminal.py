"""The commands as a person meets them: a real terminal, narrow and wide, Ctrl-C, closed pipes, and no terminal."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from typing import TYPE_CHECKING, Any

import pytest
from cli_support import HAVN, at_terminal, lines, surroundings

from havn_ext.cli.commands import COMMANDS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from havn_ext.testing import SandboxCompany

    Run = Callable[..., subprocess.CompletedProcess[str]]

ESCAPE = "\x1b["
SCREENS: dict[str, list[str]] = {
    "help": ["--help"],
    "help of sync": ["users", "sync", "--help"],
    "help of list": ["vouchers", "list", "--help"],
    "doctor": ["doctor"],
    "vouchers": ["vouchers", "list"],
    "transaction": [
        *("transactions", "send", "--amount", "10000", "--payment-id", "p1", "--customer-id", "c1"),
        *("--referral-code", "HAVN-MJ-001"),
    ],
    "dry run": ["users", "sync", "users.csv", "--dry-run"],
    "sync": ["users", "sync", "users.csv", "--batch-size", "10"],
    "refusal": ["login", "nobody@example.com"],
}
BATCH = 10
ROWS = 60
SYNC = [*HAVN, "users", "sync", "users.csv", "--batch-size", str(BATCH), "--checkpoint", "users.sync"]


@pytest.fixture
def environ(company: SandboxCompany) -> dict[str, str]:
    """An environment that leads to the company."""
    return surroundings(**company.environ)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a file of users."""
    rows = "".join(f"user{n}@example.com,User {n}\n" for n in range(ROWS))
    (tmp_path / "users.csv").write_text(f"email,name\n{rows}")
    return tmp_path


@pytest.fixture
def run(environ: dict[str, str], folder: Path) -> Run:
    """Runs a script of a shell, with no terminal anywhere."""

    def ran(script: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603  our own script
            ["bash", "-c", f'set -o pipefail; havn() {{ {" ".join(HAVN)} "$@"; }}; {script}'],  # noqa: S607  any bash
            env={**environ, **more},
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            start_new_session=True,
        )

    return ran


def batches(company: SandboxCompany) -> list[str]:
    """The first user of each batch that reached HAVN, sorted."""
    calls: list[dict[str, Any]] = company.requests(operation="syncUsers", limit=1000)
    bodies = [json.loads(company.request(call["id"])["request"]["body"]["text"]) for call in calls]
    return sorted(
        (body["users"][0]["email"] for body in bodies), key=lambda email: int(email[4:].partition("@")[0])
    )


def all_batches() -> list[str]:
    """The first user of each batch of the file."""
    return [f"user{n}@example.com" for n in range(0, ROWS, BATCH)]


@pytest.mark.parametrize("columns", [40, 200])
@pytest.mark.parametrize("name", SCREENS)
def test_a_screen_fits(name: str, columns: int, environ: dict[str, str], folder: Path) -> None:
    """Nothing is wider than the terminal, but for lines to be copied; and nothing is a traceback."""
    with at_terminal([*HAVN, *SCREENS[name]], environ, columns=columns, cwd=folder) as terminal:
        code = terminal.end()
        shown = lines(terminal.shown)
    assert code == (1 if name == "refusal" else 0)
    assert not any("Traceback" in line for line in shown)
    to_copy = ("  havn ", "havn: ")
    assert [line for line in shown if len(line.rstrip()) > columns and not line.startswith(to_copy)] == []


def test_a_sync_shows_a_bar(environ: dict[str, str], folder: Path, company: SandboxCompany) -> None:
    """At a terminal there is a bar with count, rate and time left, which is gone in the end."""
    company.add_fault("delay", delay=0.1, operation="syncUsers")
    with at_terminal(SYNC, environ, columns=120, cwd=folder) as terminal:
        terminal.wait_for(r"/60")
        terminal.wait_for(r"\d/s")
        assert terminal.end() == 0
        assert "60 rows: 60 synced, 0 failed" in lines(terminal.shown)
        assert not any("left" in line for line in lines(terminal.shown))


def test_a_bar_moves_where_nobody_is_synced(environ: dict[str, str], folder: Path, company: SandboxCompany) -> None:
    """Users that HAVN refuses are done with too: the bar counts them as it goes."""
    company.add_fault("delay", delay=0.1, operation="syncUsers")
    with at_terminal([*SYNC, "--upline-code", "HAVN-NO-999"], environ, columns=120, cwd=folder) as terminal:
        terminal.wait_for(r", [1-5]0 failed")
        assert terminal.end() == 1
        assert "60 rows: 0 synced, 60 failed" in lines(terminal.shown)


def test_ctrl_c_ends_a_sync_after_the_call_under_way(
    environ: dict[str, str], folder: Path, company: SandboxCompany
) -> None:
    """Exit code 130, everything sent is counted, and going on sends each batch once in all."""
    company.add_fault("delay", delay=1, operation="syncUsers", nth=3)
    with at_terminal(SYNC, environ, cwd=folder) as terminal:
        struck(company)
        terminal.interrupt()
        terminal.wait_for("stopping")
        assert terminal.end() == 130
        assert "30 rows: 30 synced, 0 failed" in lines(terminal.shown)
        assert "Traceback" not in terminal.shown
    with at_terminal(SYNC, environ, cwd=folder) as terminal:
        assert terminal.end() == 0
        assert "60 rows: 60 synced, 0 failed" in lines(terminal.shown)
    assert batches(company) == all_batches()


def test_ctrl_c_waits_for_all_calls_under_way(
    environ: dict[str, str], folder: Path, company: SandboxCompany
) -> None:
    """Several at once are all waited for and counted: going on sends each batch once in all."""
    company.add_fault("delay", delay=1, operation="syncUsers")
    command = [*SYNC, "--concurrency", "3"]
    with at_terminal(command, environ, cwd=folder) as terminal:
        struck(company)
        terminal.interrupt()
        assert terminal.end() == 130
        assert "60 rows" not in terminal.shown
    company.clear_faults()
    with at_terminal(command, environ, cwd=folder) as terminal:
        assert terminal.end() == 0
        assert "60 rows: 60 synced, 0 failed" in lines(terminal.shown)
    assert batches(company) == all_batches()


def test_ctrl_c_twice_ends_a_sync_at_once(environ: dict[str, str], folder: Path, company: SandboxCompany) -> None:
    """Exit code 130 without waiting; going on sends again what was in flight, and nothing else."""
    company.add_fault("delay", delay=3, operation="syncUsers", nth=3)
    with at_terminal(SYNC, environ, cwd=folder) as terminal:
        struck(company)
        terminal.interrupt()
        terminal.wait_for("stopping")
        terminal.interrupt()
        assert terminal.end() == 130
        assert "Traceback" not in terminal.shown
        assert "30 rows: 20 synced, 0 failed, 10 unaccounted for" in lines(terminal.shown)
    with at_terminal(SYNC, environ, cwd=folder) as terminal:
        assert terminal.end() == 0
    again = all_batches()[2]
    assert set(batches(company)) == set(all_batches())
    assert [batch for batch in batches(company) if batch != again] == [b for b in all_batches() if b != again]


def test_sigterm_ends_a_sync_cleanly(environ: dict[str, str], folder: Path, company: SandboxCompany) -> None:
    """A service manager's signal is as Ctrl-C, with 143; without a terminal a line says so."""
    company.add_fault("delay", delay=1, operation="syncUsers", nth=2)
    with subprocess.Popen(  # noqa: S603  our own code
        [*SYNC, "--json"], env=environ, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        struck(company)
        process.send_signal(signal.SIGTERM)
        said, complaints = process.communicate(timeout=30)
    assert process.returncode == 143
    document = json.loads(said)
    assert (document["succeeded"], document["interrupted"], document["finished"]) == (20, True, False)
    assert complaints == "havn: stopping after the calls under way; once more to stop at once\n"


def test_ctrl_c_anywhere_else_has_no_traceback(
    environ: dict[str, str], folder: Path, company: SandboxCompany
) -> None:
    """Any other command ends with 130 as well."""
    company.add_fault("delay", delay=3)
    with at_terminal([*HAVN, "vouchers", "list"], environ, cwd=folder) as terminal:
        struck(company)
        terminal.interrupt()
        assert terminal.end() == 130
        assert "Traceback" not in terminal.shown


def struck(company: SandboxCompany) -> None:
    """Waits until the company's fault has struck: the call is under way."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        faults = company._control.ask("GET", "faults")["faults"]
        if any(fault["struck"] for fault in faults if fault["company"] == company.api_key):
            return
    raise TimeoutError("no call was made")


def test_colours_are_for_terminals(environ: dict[str, str], folder: Path, run: Run) -> None:
    """A terminal has colours unless NO_COLOR or TERM=dumb say otherwise; nothing else ever has any."""
    for more, coloured in (({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)):
        with at_terminal([*HAVN, "doctor"], {**environ, **more}, cwd=folder) as terminal:
            assert terminal.end() == 0
            assert (f"{ESCAPE}3" in terminal.shown) is coloured
    ran = run("havn doctor; havn users sync users.csv; havn vouchers list", FORCE_COLOR="1")
    assert (ran.returncode, ESCAPE in ran.stdout + ran.stderr) == (0, False)


@pytest.mark.parametrize(
    "command",
    [
        "vouchers list",
        "vouchers list --json",
        "doctor",
        "users sync users.csv --dry-run",
        "--help",
        "outbox --help",
    ],
)
def test_a_pipe_that_is_closed_is_no_trouble(command: str, run: Run) -> None:
    """`| head -1` gets its line, and nobody a traceback."""
    ran = run(f"havn {command} | head -1")
    assert (ran.stdout.count("\n"), ran.stderr) in {(1, ""), (1, "page 1 of 1, 8 vouchers\n")}
    assert ran.returncode in {0, 141}


def test_a_pipe_that_is_closed_early_ends_the_command(run: Run, folder: Path) -> None:
    """What nobody reads is not written: exit code 141, as of any other program."""
    (folder / "bad.csv").write_text("email,name\n" + "nobody,Nobody\n" * 20_000)
    ran = run("havn users sync bad.csv --dry-run | head -1; echo ${PIPESTATUS[0]}")
    assert (ran.stdout, ran.stderr) == ("line 2: email: is not an e-mail address\n141\n", "")


@pytest.mark.parametrize("streams", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_streams_may_be_missing(streams: str, run: Run) -> None:
    """Whoever starts a command may close its streams: it does its work all the same."""
    ran = run(f"havn users sync users.csv {streams}")
    assert (ran.returncode, ran.stderr) == (0, "")


def test_without_a_terminal_there_is_no_bar(run: Run) -> None:
    """The result alone is written where nobody looks on."""
    ran = run("havn users sync users.csv")
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "60 rows: 60 synced, 0 failed\n", "")


def test_a_locale_without_such_characters_is_no_trouble(run: Run) -> None:
    """Output that the encoding can't write is written out, not a traceback."""
    ran = run("havn users sync users.csv --map name=name --referral-code HAVN-ÉÉ-001", PYTHONIOENCODING="ascii")
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str, run: Run) -> None:
    """`--help` of each command is there, and says what exit codes mean where the command is ours."""
    ran = run(f"havn {command} --help")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "--help" in ran.stdout


def test_the_sandbox_opens_its_page(environ: dict[str, str], folder: Path) -> None:
    """`havn sandbox --open` opens the page once it serves; without a browser it says where to go."""
    opener = folder / "opener"
    opener.write_text(f'#!/bin/sh\necho "$1" > {folder}/opened\n')
    opener.chmod(0o755)
    os.mkfifo(folder / "opened")
    command = [*HAVN, "sandbox", "--port", "0", "--open", "--json"]
    with subprocess.Popen(  # noqa: S603  our own code
        command, env={**environ, "BROWSER": str(opener)}, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["url"]
        assert (folder / "opened").read_text().strip().rstrip("/") == url
        process.terminate()
        assert process.wait(30) == 0
