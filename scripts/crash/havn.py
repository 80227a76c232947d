"""The sandbox as the harness sees it: one server, a company a trial, its ledger, and what reaches it."""

from __future__ import annotations

import json
import os
import sqlite3
import sys
import time
from collections import defaultdict
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any, Final

import attrs
from crash.books import Counted
from crash.processes import Program

from havn_ext.testing import SandboxCompany
from havn_ext.testing.control import Control

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

__all__ = ["REFERRAL", "Havn", "Observer", "ledger", "serving"]

REFERRAL: Final = "HAVN-MJ-001"
"""A referral code of the demo data, with four uplines."""
_KEPT: Final = 1000
"""Requests that a sandbox keeps, and lists in one answer."""
_PROCESSED: Final = frozenset({200, 201})
_OF_COMPANY: Final = "JOIN companies ON companies.id = t.company WHERE companies.api_key = ?"
_TRANSACTIONS: Final = f"SELECT t.payment_id, t.id, t.usd_cents FROM transactions AS t {_OF_COMPANY}"  # noqa: S608  ours
_COMMISSIONS: Final = (
    f"SELECT t.transaction_id, t.level, t.usd_cents FROM commissions AS t {_OF_COMPANY} ORDER BY t.level"  # noqa: S608  ours
)


@attrs.frozen
class Havn:
    """A sandbox that serves, and the file in which it keeps what it has processed."""

    url: str
    control: Control
    file: Path

    def company(self) -> SandboxCompany:
        """A new company with the demo data."""
        company = SandboxCompany.new(self.url, self.control)
        company.seed()
        return company


@contextmanager
def serving(folder: Path) -> Generator[Havn]:
    """A sandbox in a process of its own, without rate limits, its data in a folder."""
    options = ["--db", str(folder / "havn.db"), "--seed", "none", "--no-rate-limits", "--port", "0", "--json"]
    sandbox = Program("sandbox", [sys.executable, "-m", "havn_ext.sandbox", *options], os.environ, folder)
    try:
        while not sandbox.said():
            if sandbox.code is not None:
                raise RuntimeError(f"the sandbox did not start: {sandbox.complained()}")
            time.sleep(0.05)
        url = json.loads(sandbox.said())["url"]
        with Control.of(url) as control:
            yield Havn(url, control, folder / "havn.db")
    finally:
        sandbox.kill()


def ledger(file: Path, api_key: str) -> dict[str, Counted]:
    """A company's transactions by payment id, read from the sandbox's own file."""
    shares: dict[str, list[tuple[int, int]]] = defaultdict(list)
    with closing(sqlite3.connect(file)) as connection:
        for number, level, cents in connection.execute(_COMMISSIONS, [api_key]):
            shares[number].append((level, cents))
        rows = connection.execute(_TRANSACTIONS, [api_key]).fetchall()
    return {key: Counted(cents, tuple(shares[number])) for key, number, cents in rows}


class Observer:
    """Counts the transactions of a company that the sandbox has processed, new and repeated.

    The sandbox keeps its newest requests only, so `look` has to be called often.
    """

    def __init__(self, company: SandboxCompany, control: Control) -> None:
        self._company = company
        self._control = control
        self._last_id = 0
        self.processed = 0

    def look(self) -> None:
        """Counts what has come since the last look.

        Raises:
            RuntimeError: More has come, from all companies, than the sandbox keeps.
        """
        answer: dict[str, Any] = self._company.control(
            "GET", "requests", json=None, operation="sendTransaction", since_id=self._last_id, limit=_KEPT
        )
        if answer["last_id"] - self._last_id >= _KEPT and self._last_id:
            raise RuntimeError("the harness was too slow to count the sandbox's requests; run fewer jobs")
        self.processed += sum(request["status"] in _PROCESSED for request in answer["requests"])
        self._last_id = answer["last_id"]

    @property
    def lost_answers(self) -> int:
        """How many answers the sandbox has kept back on purpose, after processing the call."""
        faults: list[dict[str, Any]] = self._control.ask("GET", "faults")["faults"]
        ours = [fault for fault in faults if fault["company"] == self._company.api_key]
        return sum(fault["struck"] for fault in ours if fault["kind"] == "reset_after")
