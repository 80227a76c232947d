from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from sandbox_support import LIMITED_VOUCHER, REFERRAL, TRANSACTION, VOUCHERS, Caller, sale

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

SANDBOX = [sys.executable, "-m", "havn_ext.sandbox"]
HAVN = [sys.executable, "-c", "import sys; from havn_ext.cli import main; sys.exit(main())", "sandbox"]


@contextmanager
def process(*options: object, command: list[str] = SANDBOX) -> Generator[tuple[subprocess.Popen[str], str]]:
    """A running sandbox and its ready line; killed at the end if it still runs."""
    arguments = [*command, "--port", "0", *map(str, options)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:  # noqa: S603  our own code
        assert running.stdout is not None
        try:
            yield running, running.stdout.readline()
        finally:
            running.kill()


def caller(ready_line: str) -> Caller:
    """A backend with the credentials of a ready line."""
    ready: dict[str, Any] = json.loads(ready_line)
    return Caller(key=ready["api_key"], secret=ready["webhook_secret"], base_url=ready["url"])


@pytest.mark.parametrize("command", [SANDBOX, HAVN], ids=["module", "script"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly(command: list[str], number: int) -> None:
    """One ready line when it serves; then SIGTERM or SIGINT end it with 0 and not a word more."""
    with process(command=command) as (running, line):
        assert line.startswith("HAVN sandbox ready: HAVN_BASE_URL=http://127.0.0.1:")
        assert line.endswith("HAVN_API_KEY=havn_test_key HAVN_WEBHOOK_SECRET=havn_test_secret\n")
        url = line.split("HAVN_BASE_URL=")[1].split()[0]
        assert Caller(base_url=url).get().status_code == 200
        os.kill(running.pid, number)
        rest, complaints = running.communicate(timeout=10)
    assert (running.returncode, rest, complaints) == (0, "", "")


def test_a_signal_ends_whatever_is_under_way() -> None:
    """An open page, a wait and a dripping answer get their time, then they are cut off without a traceback."""
    head = "Host: localhost\r\nX-Sandbox-Fault: delay=60\r\n\r\n"
    paths = ("/_sandbox/requests/wait?timeout=60&text=never", "/_sandbox/inspector/live", VOUCHERS)
    with process("--json") as (running, line), ExitStack() as open_ones:
        port = int(json.loads(line)["url"].rpartition(":")[2])
        for path in paths:
            connection = open_ones.enter_context(socket.create_connection(("127.0.0.1", port)))
            connection.sendall(f"GET {path} HTTP/1.1\r\n{head}".encode())
        assert caller(line).get().status_code == 200
        running.terminate()
        rest, complaints = running.communicate(timeout=20)
    assert (running.returncode, rest, complaints) == (0, "", "")


def test_the_ready_line_as_json() -> None:
    """--json names URL and credentials for programs."""
    with process("--json", "--api-key", "...", "--webhook-secret", "s") as (_, line):
        ready = json.loads(line)
        assert (ready["api_key"], ready["webhook_secret"]) == ("...", "s")
        assert caller(line).get().status_code == 200


def test_what_was_answered_survives_kill_9(tmp_path: Path) -> None:
    """With a file, every answered request is there after the process was killed."""
    options = ("--db", tmp_path / "box.db", "--json")
    body = sale(referral_code=REFERRAL, promo_code=LIMITED_VOUCHER)
    with process(*options) as (running, line):
        first = caller(line).post(TRANSACTION, body)
        running.kill()
        running.wait()
    with process(*options) as (_, line):
        again = caller(line).post(TRANSACTION, body)
        voucher = caller(line).get(params={"search": LIMITED_VOUCHER}).json()["data"]
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert [each["current_usage"] for each in voucher] == [1]


def test_a_new_secret_holds_for_an_old_database(tmp_path: Path) -> None:
    """The configured secret is the company's, also when its data is older; the data is not seeded twice."""
    for secret in ("one", "two"):
        with process("--db", tmp_path / "box.db", "--json", "--webhook-secret", secret) as (_, line):
            assert caller(line).get().json()["pagination"]["total"] == 8


def run(*options: object) -> subprocess.CompletedProcess[str]:
    """The finished run of a sandbox that does not start."""
    return subprocess.run([*SANDBOX, *map(str, options)], capture_output=True, text=True, timeout=10, check=False)  # noqa: S603  our own code


def test_a_port_in_use_is_told_in_one_line() -> None:
    """No traceback: one line on stderr, and exit code 1."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = run("--port", port)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith(f"havn sandbox: cannot listen on 127.0.0.1 port {port}: Address already in use")
    assert result.stderr.count("\n") == 1


def test_an_unreadable_database_is_told_in_one_line(tmp_path: Path) -> None:
    """The same for a file that is no database."""
    path = tmp_path / "notes.txt"
    path.write_text("no database, " * 100)
    result = run("--port", 0, "--db", path)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == f"havn sandbox: cannot use the database {path}: file is not a database\n"
