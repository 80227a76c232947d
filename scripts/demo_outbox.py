"""A shop takes 200 payments while HAVN is down, slow and crashing and its worker is killed five times.

Everything is real: four kinds of processes (a shop in Flask on SQLite, the sandbox in HAVN's place, the
worker `havn outbox run`, and this one as customer, vandal and keeper), HTTP between them, and kill -9.
At the end the sandbox's page and the shop's table are compared. `make demo-outbox` runs it.
"""

from __future__ import annotations

import json
import os
import re
import signal
import sqlite3
import sys
import tempfile
import time
from contextlib import closing
from html.parser import HTMLParser
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import httpx
from crash.processes import Program

from havn_ext.testing.control import Control

if TYPE_CHECKING:
    from collections.abc import Callable

HERE: Final = Path(__file__).resolve().parent
REFERRAL: Final = "HAVN-MJ-001"
IN_A_STAGE: Final = 40
DECLINED: Final = 10
"""Every so manieth card is declined, after the payment was entered."""
PATIENCE: Final = 60.0
SHOWN: Final = 5


def main() -> int:
    """Runs the stages; 0 when the books agree."""
    with tempfile.TemporaryDirectory(prefix="havn-demo-") as folder:
        street = Street(Path(folder))
        try:
            street.open()
            for number, (title, stage) in enumerate(STAGES, start=1):
                print(f"\n{number}. {title}")
                stage(street)
            return street.compare()
        finally:
            street.close()


class Street:
    """All the processes, and what is done to them.

    Args:
        folder: Where the shop and the sandbox keep their data.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._database = f"sqlite:///{folder / 'shop.db'}"
        self._names = count(1)
        self._orders = count(1)
        self._running: list[Program] = []
        self._port = "0"
        self._kills = 0
        self._declined = 0

    # ── the processes ────────────────────────────────────────────────────────────────────────────────

    def open(self) -> None:
        """Starts the sandbox, the shop and a worker."""
        print("A shop in Flask on SQLite, `havn outbox run` beside it, and the sandbox in HAVN's place")
        self.start_havn()
        shop = self._start("shop", str(HERE / "demo_outbox_shop" / "app.py"), self._database)
        self._until(lambda: shop.said() != "", "the shop serves")
        self._shop = shop.said().strip()
        self.start_worker()

    def start_havn(self) -> None:
        """Starts the sandbox, with the data that it had and where it was."""
        options = ("--db", str(self._folder / "havn.db"), "--port", self._port, "--no-rate-limits", "--json")
        self._havn = self._start("sandbox", "-m", "havn_ext.cli", "sandbox", *options)
        self._until(lambda: self._havn.said() != "", "the sandbox serves")
        ready = json.loads(self._havn.said())
        self._url: str = ready["url"]
        self._port = self._url.rpartition(":")[2]
        self._credentials = {
            "HAVN_API_KEY": ready["api_key"],
            "HAVN_WEBHOOK_SECRET": ready["webhook_secret"],
            "HAVN_BASE_URL": self._url,
        }

    def start_worker(self) -> None:
        """Starts a worker, with a short lease so that nobody has to wait long for what a dead one held."""
        options = ("--timeout", "2", "--lease", "4", "--poll", "0.2", "--concurrency", "4", "--batch", "16")
        self._worker = self._start("worker", "-m", "havn_ext.cli", "outbox", "run", *options)

    def _start(self, name: str, *arguments: str) -> Program:
        kept = {key: value for key, value in os.environ.items() if not key.startswith("HAVN_")}
        environ = {**kept, "HAVN_OUTBOX_DATABASE": self._database}
        if name in {"worker", "keeper"}:
            environ |= self._credentials
        program = Program(f"{name}{next(self._names)}", [sys.executable, *arguments], environ, self._folder)
        self._running.append(program)
        return program

    def close(self) -> None:
        """Ends what still runs."""
        for program in self._running:
            program.kill()

    def _until(self, reached: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not reached():
            if time.monotonic() > deadline:
                raise SystemExit(f"{what}: not within {PATIENCE:.0f} s\n{self._worker.complained()[-2000:]}")
            time.sleep(0.02)

    # ── what happens ─────────────────────────────────────────────────────────────────────────────────

    def take_payments(self, number: int = IN_A_STAGE) -> None:
        """Customers buy through the shop's HTTP interface; some cards are declined."""
        declined = 0
        with httpx.Client(base_url=self._shop, trust_env=False, timeout=PATIENCE) as customers:
            paid = 0
            while paid < number:
                order = next(self._orders)
                card = "declined" if order % DECLINED == 0 else "good"
                answer = customers.post(
                    "/checkout",
                    json={
                        "id": f"pay_{order:03}",
                        "cents": 1000 + order,
                        "email": f"customer{order}@example.com",
                        "referral_code": REFERRAL,
                        "card": card,
                    },
                )
                if answer.status_code != (201 if card == "good" else 402):
                    raise SystemExit(
                        f"the shop answered {answer.status_code} to a {card} card: {answer.text[:200]}"
                    )
                paid += card == "good"
                declined += card != "good"
        self._declined += declined
        tell(f"{paid} payments taken, {declined} cards declined")

    def kill_worker(self) -> None:
        """Kill -9 for a worker that has messages in its hands; another takes its place."""
        self._until(lambda: self._held() > 0, "the worker holds messages")
        self._worker.kill()
        self._kills += 1
        tell(f"kill -9 {self._kills} of the worker, with messages in its hands; another one starts")
        self.start_worker()

    def end_havn(self, how: str) -> None:
        """Kill -9 for the sandbox."""
        self._havn.kill()
        tell(how)

    def fault(self, **fault: object) -> None:
        """Lets the sandbox go wrong."""
        with Control.of(self._url) as control:
            control.ask("POST", "faults", json=fault)

    def deliver(self, *, everything: bool = False) -> None:
        """Waits until most, or all, of the messages are delivered."""
        if everything:
            with Control.of(self._url) as control:
                control.ask("DELETE", "faults")
            self._until(self._is_empty_after_a_push, "everything is delivered")
            tell("everything is delivered")
        else:
            before = self._delivered()
            self._until(lambda: self._delivered() >= before + IN_A_STAGE // 4, "some are delivered")

    def _is_empty_after_a_push(self) -> bool:
        """Whether all is delivered; if not, what waits for another try need not wait any longer."""
        if self._rows("SELECT 1 FROM havn_outbox WHERE state = 'pending' AND leased_by IS NULL LIMIT 1"):
            keeper = self._start("keeper", "-m", "havn_ext.cli", "outbox", "retry", "--state", "pending")
            if keeper.wait(PATIENCE) != 0:
                raise SystemExit(keeper.complained())
        time.sleep(0.3)
        return not self._rows("SELECT 1 FROM havn_outbox WHERE state <> 'delivered' LIMIT 1")

    def _held(self) -> int:
        like = f"%:{self._worker.pid}"
        found = self._rows("SELECT count(*) FROM havn_outbox WHERE state = 'pending' AND leased_by LIKE ?", like)
        return int(found[0][0])

    def _delivered(self) -> int:
        return int(self._rows("SELECT count(*) FROM havn_outbox WHERE state = 'delivered'")[0][0])

    def _rows(self, statement: str, *values: str) -> list[Any]:
        with closing(sqlite3.connect(self._folder / "shop.db", timeout=PATIENCE)) as connection:
            return connection.execute(statement, values).fetchall()

    # ── the end ──────────────────────────────────────────────────────────────────────────────────────

    def compare(self) -> int:
        """Holds the shop's table against the sandbox's page; 0 when they agree."""
        shop: dict[str, int] = dict(self._rows("SELECT id, cents FROM payments ORDER BY id"))
        page, shares = transactions_page(self._url), self._commissions()
        keys = sorted(shop.keys() | page.keys())
        differing = [key for key in keys if shop.get(key) != page.get(key) or shares.get(key) != FIVE_LEVELS]
        print("\nThe shop's table and the sandbox's page\n")
        print(f"    {'shop':<22}{'HAVN':<22}commissions")
        for key in keys[:SHOWN]:
            print(f"    {entry(shop, key)}{entry(page, key)}{shares.get(key, '-')}")
        print(f"    … {len(keys) - 2 * SHOWN} more")
        for key in keys[-SHOWN:]:
            print(f"    {entry(shop, key)}{entry(page, key)}{shares.get(key, '-')}")
        print(f"\n    {len(shop):<22}{len(page):<22}payments")
        print(f"    {dollars(sum(shop.values())):<22}{dollars(sum(page.values())):<22}in all")
        print(f"    {self._declined:<22}{'none':<22}declined, and rolled back with their messages")
        print(
            f"\n{self._kills} workers killed, HAVN killed three times: {len(differing)} differences",
            *differing[:SHOWN],
        )
        return int(bool(differing) or len(shop) != IN_A_STAGE * len(STAGES))

    def _commissions(self) -> dict[str, str]:
        with closing(sqlite3.connect(self._folder / "havn.db")) as connection:
            rows = connection.execute(
                "SELECT payment_id, count(DISTINCT level), count(*) FROM transactions AS t JOIN commissions AS c"
                " ON c.company = t.company AND c.transaction_id = t.id GROUP BY payment_id"
            )
            return {
                key: f"{levels} levels, each once" if levels == every else f"{every}" for key, levels, every in rows
            }


FIVE_LEVELS: Final = "5 levels, each once"


class _Cells(HTMLParser):
    """The texts of a table's cells, row by row."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A row or a cell begins."""
        del attrs
        if tag == "tr":
            self.rows.append([])
        if tag == "td":
            self._inside = True
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        """A cell ends."""
        self._inside = self._inside and tag != "td"

    def handle_data(self, data: str) -> None:
        """A part of a cell's text."""
        if self._inside:
            self.rows[-1][-1] += data


def transactions_page(url: str) -> dict[str, int]:
    """What the sandbox's page of transactions shows: US cents by payment id."""
    page = httpx.get(f"{url}/_sandbox/inspector/transactions", trust_env=False)
    cells = _Cells()
    cells.feed(page.raise_for_status().text)
    return {row[1].split()[0]: int(re.sub(r"[$,.]", "", row[4])) for row in cells.rows if row}


def dollars(cents: int) -> str:
    """US cents as people write them."""
    return f"${cents // 100:,}.{cents % 100:02}"


def entry(book: dict[str, int], key: str) -> str:
    """A payment as a column of the table has it."""
    return f"{key:<9}{dollars(book[key]):>8}     " if key in book else f"{'-':<22}"


def tell(text: str) -> None:
    """One fact."""
    print(f"    {text}", flush=True)


# ── the stages ───────────────────────────────────────────────────────────────────────────────────


def all_is_well(street: Street) -> None:
    """Payments are reported as they come."""
    street.take_payments()
    street.deliver()


def havn_is_down(street: Street) -> None:
    """Customers pay all the same."""
    street.end_havn("HAVN is gone: connections are refused")
    street.take_payments()
    street.kill_worker()
    street.start_havn()
    tell("HAVN is back")


def havn_is_slow(street: Street) -> None:
    """Answers take their time, and the worker dies with some of them on the way."""
    street.fault(kind="delay", delay=0.3)
    street.take_payments()
    street.kill_worker()
    street.deliver()
    street.kill_worker()


def havn_crashes(street: Street) -> None:
    """The sandbox is killed twice in mid-delivery."""
    street.fault(kind="slow_drip", duration=1, probability=0.3)
    street.take_payments(IN_A_STAGE // 2)
    street.end_havn("kill -9 of HAVN, in the middle of its answers")
    street.start_havn()
    street.fault(kind="slow_drip", duration=1, probability=0.3)
    street.take_payments(IN_A_STAGE // 2)
    street.kill_worker()
    street.end_havn("kill -9 of HAVN, and of the worker before")
    street.start_havn()


def havn_refuses_and_forgets(street: Street) -> None:
    """Every third call is refused, every tenth answer is lost after the call was processed."""
    street.fault(kind="status", status=503, probability=0.3)
    street.fault(kind="reset_after", probability=0.1)
    street.take_payments()
    street.kill_worker()
    tell("HAVN is well again; the keeper types: havn outbox retry --state pending")
    street.deliver(everything=True)


STAGES: Final[tuple[tuple[str, Callable[[Street], None]], ...]] = (
    ("All is well", all_is_well),
    ("HAVN is down", havn_is_down),
    ("HAVN is slow", havn_is_slow),
    ("HAVN crashes", havn_crashes),
    ("HAVN refuses 30 % and loses 10 % of its answers", havn_refuses_and_forgets),
)

if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # unwinds, so that what was started is ended
    sys.exit(main())
