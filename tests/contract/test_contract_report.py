"""`make contract`: what is said of a server that is HAVN to the letter, and of one that is not quite."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import attrs
import pytest
from contract import ROOT
from harness.exchange import Exchange
from harness.pace import Pace
from harness.server import Server, ServerError
from harness.spec import OPERATIONS

from havn_ext.sandbox import SandboxServer, app, commissions, transactions

if TYPE_CHECKING:
    from havn_ext.sandbox.messages import Answer, Call

SCRIPT = ROOT / "scripts" / "contract_report.py"


def report(server: SandboxServer, **environment: str) -> tuple[int, str]:
    """The exit code and the words of the command, for a server with rate limits and no time to wait for them."""
    variables = {
        **os.environ,
        "HAVN_BASE_URL": server.url,
        "HAVN_API_KEY": server.api_key,
        "HAVN_WEBHOOK_SECRET": server.webhook_secret,
        "HAVN_CONTRACT_CALLS": "8",
        "HAVN_CONTRACT_WAIT": "0",
        **environment,
    }
    done = subprocess.run(  # noqa: S603  our own script
        [sys.executable, SCRIPT], env=variables, cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


def test_the_sandbox_shows_no_difference() -> None:
    """Against the sandbox the command finds nothing, storing probes included, and succeeds."""
    with SandboxServer() as server:
        code, words = report(server, HAVN_CONTRACT_WRITES="1")
        assert f"{server.url}: 0 difference(s)" in words
    assert code == 0


def _unmarked(call: Call) -> Answer:
    """A sale whose repetition is not marked as one."""
    return attrs.evolve(transactions.send_transaction(call), headers={})


def test_each_difference_is_told_with_its_source(monkeypatch: pytest.MonkeyPatch) -> None:
    """A difference is told by where its fact is known from, with operation, status and place; the command fails."""
    monkeypatch.setattr(commissions, "PERCENTAGES", (5, 3, 2, 1, 2))
    monkeypatch.setattr(app, "_HANDLERS", {**app._HANDLERS, "sendTransaction": _unmarked})
    with SandboxServer() as server:
        code, words = report(server, HAVN_CONTRACT_WRITES="1")
    documented, _, assumed = words.partition("documented: ")[2].partition("assumed: ")
    assert "sendTransaction  201  /commissions/4/amount" in documented
    assert "Idempotent-Replayed" in assumed
    assert code == 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [({"HAVN_API_KEY": ""}, "set HAVN_API_KEY"), ({"HAVN_CONTRACT_CALLS": "few"}, "are numbers")],
)
def test_a_server_must_be_named(changes: dict[str, str], said: str) -> None:
    """Without credentials, or with bounds that are none, nothing is called and the reason is told."""
    environment = {"HAVN_BASE_URL": "http://x", "HAVN_API_KEY": "k", "HAVN_WEBHOOK_SECRET": "s", **changes}
    with pytest.raises(ServerError, match=said):
        Server.from_environment(environment)


# ── the pace ─────────────────────────────────────────────────────────────────────────────────────


class Clock:
    """A clock that goes on when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        """The time."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Goes on at once."""
        self.now += seconds


def told(status: int = 200, **headers: str) -> Exchange:
    """An answer with these headers."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Exchange(OPERATIONS["createLoginLink"], None, {}, None, status, named, b"")


@pytest.mark.parametrize(
    ("answer", "wait"),
    [
        (told(x_ratelimit_remaining="1", x_ratelimit_reset="1030"), 0),
        (told(x_ratelimit_remaining="0", x_ratelimit_reset="1030"), 30),
        (told(429, retry_after="7"), 7),
        (told(429, retry_after="7", x_ratelimit_reset="1009"), 9),
        (told(429, retry_after="soon", x_ratelimit_reset="9999999999"), 60),
    ],
)
def test_a_used_up_limit_is_waited_for(answer: Exchange, wait: float) -> None:
    """The next call waits until the window ends, as told or else for a minute; other operations do not wait."""
    clock = Clock()
    pace = Pace(most_calls=10, most_wait=100, now=clock, sleep=clock.sleep)
    pace.learn(answer)
    assert pace.admits("listVouchers", valid=True)
    assert clock.now == 1000
    assert pace.admits("createLoginLink", valid=True)
    assert clock.now == 1000 + wait


def test_a_run_is_bounded() -> None:
    """No more calls are made of an operation, and no longer is waited in all, than was allowed."""
    clock = Clock()
    pace = Pace(most_calls=4, most_wait=50, now=clock, sleep=clock.sleep)
    assert [pace.admits("syncUsers", valid=True) for _ in range(3)] == [True, True, False]
    assert pace.admits("syncUsers", valid=False)
    for expected in (True, False):
        pace.learn(told(429, retry_after="30"))
        assert pace.admits("createLoginLink", valid=True) is expected
    assert clock.now == 1030
