"""The tables of docs/en/scale.md: what 10, 1,000 and 100,000 payments a second ask of each part, and where it ends.

    python scripts/simulate_scale.py [--seed N] [--docs]

Needs Python alone, takes seconds, and prints the same for the same seed. Some tables are arithmetic with the
figures below, others play a day, an outage, or a queue. With --docs it writes them into the page.
"""

from __future__ import annotations

import argparse
import hashlib
import heapq
import math
import random
import sys
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

PAGE: Final = Path(__file__).resolve().parents[1] / "docs" / "en" / "scale.md"
SEED: Final = 2026
RATES: Final = (10, 1_000, 100_000)
"""Payments a second."""

MINUTE: Final = 60
HOUR: Final = 3600
DAY: Final = 24 * HOUR
YEAR: Final = 365 * DAY

# ── measured on two shared cores (make bench-outbox, and ../shared/DELIVERY.md's experiments) ──────

WAL_ENQUEUED: Final = 880
"""Bytes of PostgreSQL's log for one enqueued message."""
WAL_DELIVERED: Final = 1_970
"""The same for its claim and its mark, which keeps HAVN's answer of 560 bytes."""
ROW_FULL: Final = 1_960
"""Bytes of table and indexes for a delivered message with payload and answer."""
ROW_BARE: Final = 550
"""The same once payload and answer are gone."""
WORKER_TRANSACTIONS: Final = 0.04
"""Database transactions of a worker, a message."""
WORKER_CPU: Final = 0.0009
"""Seconds of a worker's core, a message."""
DATABASE_CPU: Final = 0.0001
"""Seconds of PostgreSQL's core for claim and mark, a message."""
VERSIONS: Final = 2
"""Row versions that a delivery leaves behind for vacuum: the claim's and the mark's."""
LIMITER_POSTGRESQL: Final = 0.0009
"""Seconds that a slot of the shared rate limit takes, one after the other."""
TASK_EACH: Final = 305
"""Messages a second when each is a Celery task of its own, four processes; the best of four runs."""

# ── chosen or assumed ──────────────────────────────────────────────────────────────────────────────

LATENCY: Final = 0.2
"""Seconds that HAVN takes for an answer. Not known."""
SLOTS: Final = 16
"""Calls at once of one worker: its default."""
LOAD: Final = 0.7
"""Of a worker's slots and core, so that queues stay short."""
KEEP_PAYLOADS: Final = 7
KEEP_KEYS: Final = 90
"""Days: the outbox's defaults."""
VACUUM_SHARE: Final = 0.02
VACUUM_ROWS: Final = 1_000
"""The table's settings for autovacuum."""
FREEZE_AGE: Final = 200_000_000
"""Transactions after which PostgreSQL freezes a table (autovacuum_freeze_max_age)."""
CONNECTIONS: Final = 100
"""PostgreSQL's max_connections as it comes."""
WAL_BUDGET: Final = 100e6
"""Bytes a second that a disk, a replica and an archive are trusted to follow."""
REDIS_SCRIPTS: Final = 25_000
"""Scripts a second of one Redis. A common order of magnitude, not measured here."""
LOGIN_LIMIT: Final = 20 / MINUTE
"""The one limit that HAVN's documents name: 20 login links a minute and company."""
SUPPOSED_LIMIT: Final = 100.0
"""Transactions a second and company; made up, since HAVN names none."""
LADDER: Final = (5.0, 30.0, *(n * 60.0 for n in (2, 10, 30)), *(n * 3600.0 for n in (1, 2, 4, 8, *[12] * 12)))
"""Seconds: the outbox's schedule of retries (havn_ext.outbox.schedule, which a test compares)."""
COMPANIES: Final = 10_000


class Table(NamedTuple):
    """A table of the page."""

    name: str
    headings: tuple[str, ...]
    lines: list[tuple[str, ...]]

    def __str__(self) -> str:
        """As Markdown, between the marks by which the page has it."""
        rule = ("---", *("---:" for _ in self.headings[1:]))
        text = "\n".join(f"| {' | '.join(line)} |" for line in (self.headings, rule, *self.lines))
        return f"<!-- {self.name} -->\n{text}\n<!-- /{self.name} -->"


# ── what a rate asks for ───────────────────────────────────────────────────────────────────────────


def demands() -> Table:
    """Each part's share of the work, by arithmetic."""
    parts: list[tuple[str, Callable[[float], str]]] = [
        ("messages a day", lambda rate: number(rate * DAY)),
        ("commits of the application a second (it has them anyway)", number),
        ("transactions of the workers a second", lambda rate: number(rate * WORKER_TRANSACTIONS)),
        ("write-ahead log, enqueueing", lambda rate: f"{size(rate * WAL_ENQUEUED)}/s"),
        ("write-ahead log, delivering", lambda rate: f"{size(rate * WAL_DELIVERED)}/s"),
        ("write-ahead log a day", lambda rate: size(rate * (WAL_ENQUEUED + WAL_DELIVERED) * DAY)),
        ("cores of PostgreSQL for claim and mark", lambda rate: number(rate * DATABASE_CPU)),
        ("cores of workers", lambda rate: number(rate * WORKER_CPU)),
        ("calls to HAVN at once", lambda rate: number(rate * LATENCY)),
        (f"worker processes of {SLOTS} calls", lambda rate: number(workers(rate))),
        ("rows kept for 90 days", lambda rate: number(rate * KEEP_KEYS * DAY)),
        ("table and indexes", lambda rate: size(kept_bytes(rate))),
        ("dead row versions a second", lambda rate: number(rate * VERSIONS)),
        ("autovacuum comes every (2 % of the table)", lambda rate: span(vacuum_interval(rate))),
        ("200 million transaction ids last", lambda rate: span(FREEZE_AGE / (rate * (1 + WORKER_TRANSACTIONS)))),
    ]
    headings = ("", *(f"{rate:,}/s" for rate in RATES))
    return Table("demands", headings, [(name, *(ask(rate) for rate in RATES)) for name, ask in parts])


def workers(rate: float) -> int:
    """Processes, each of which is loaded by `LOAD` at most: by its slots, or by its core."""
    return math.ceil(rate / (LOAD * worker_rate()))


def worker_rate() -> float:
    """Messages a second of one worker that never waits for work."""
    return min(SLOTS / LATENCY, 1 / WORKER_CPU)


def kept_bytes(rate: float) -> float:
    """Of what the outbox keeps by its defaults."""
    return rate * DAY * (KEEP_PAYLOADS * ROW_FULL + (KEEP_KEYS - KEEP_PAYLOADS) * ROW_BARE)


def vacuum_interval(rate: float) -> float:
    """Seconds from one autovacuum of the table to the next, once it has its ninety days of rows."""
    return (VACUUM_ROWS + VACUUM_SHARE * rate * KEEP_KEYS * DAY) / (rate * VERSIONS)


# ── where each part ends ───────────────────────────────────────────────────────────────────────────


def walls() -> Table:
    """The rate at which each part is used up, the lowest first."""
    ends = [
        ("HAVN, if a company had the limit of login links", LOGIN_LIMIT, "documented, for another call"),
        (f"HAVN, if a company had {SUPPOSED_LIMIT:.0f} calls a second", SUPPOSED_LIMIT, "made up"),
        (f"one worker: {SLOTS} calls at once, {LATENCY:g} s each", SLOTS / LATENCY, "arithmetic"),
        ("one worker: its core", 1 / WORKER_CPU, "measured"),
        ("a Celery task for each message, 4 processes", float(TASK_EACH), "measured"),
        ("the shared limit in PostgreSQL, a company", 1 / LIMITER_POSTGRESQL, "measured"),
        ("the shared limit in one Redis", float(REDIS_SCRIPTS), "assumed"),
        (f"{CONNECTIONS} connections of PostgreSQL, a worker each", CONNECTIONS * worker_rate(), "arithmetic"),
        ("one core of PostgreSQL for claim and mark", 1 / DATABASE_CPU, "measured"),
        ("100 MB of write-ahead log a second", WAL_BUDGET / (WAL_ENQUEUED + WAL_DELIVERED), "arithmetic"),
        ("the same, if nothing but enqueueing writes", WAL_BUDGET / WAL_ENQUEUED, "arithmetic"),
        ("a freeze of the tables every hour", FREEZE_AGE / (HOUR * (1 + WORKER_TRANSACTIONS)), "arithmetic"),
    ]
    ends.sort(key=lambda end: end[1])
    return Table(
        "walls", ("ends first", "payments a second", "how we know"), [(a, number(b), c) for a, b, c in ends]
    )


# ── one worker's queue ─────────────────────────────────────────────────────────────────────────────


def queueing(rng: random.Random) -> Table:
    """How long a message waits for a free slot of one worker, by how busy its slots are."""
    lines = []
    for load in (0.5, 0.7, 0.9, 0.95, 1.05):
        waits = sorted(slot_waits(load * SLOTS / LATENCY, 40_000, rng))
        shown = (f"{percentile(waits, share) * 1000:,.0f} ms" for share in (0.5, 0.99, 1.0))
        lines.append((f"{load:.0%}", number(load * SLOTS / LATENCY), *shown))
    return Table("queueing", ("slots busy", "messages a second", "median wait", "99 of 100", "longest"), lines)


def slot_waits(rate: float, messages: int, rng: random.Random) -> Iterator[float]:
    """Seconds that each message waits: random arrivals; calls that take `LATENCY` in the mean, some far longer."""
    sigma = 0.8
    mu = math.log(LATENCY) - sigma * sigma / 2
    free = [0.0] * SLOTS
    now = 0.0
    for _ in range(messages):
        now += rng.expovariate(rate)
        begins = max(now, heapq.heappop(free))
        heapq.heappush(free, begins + rng.lognormvariate(mu, sigma))
        yield begins - now


# ── a day with an outage ───────────────────────────────────────────────────────────────────────────


class Played(NamedTuple):
    """What became of two days."""

    deepest: float
    """The most messages that waited, in seconds of the mean rate."""
    oldest: float
    """The longest wait of a message, in seconds."""
    caught_up: float
    """Seconds from the outage's end until nothing waits for longer than a minute."""


def days() -> Table:
    """A day with a peak, and an hour at noon without HAVN, under limits that are so many times the mean rate."""
    lines = []
    for room in (0.9, 1.1, 1.5, 2.0, 4.0):
        played = play_day(room)
        depths = ("grows" if math.isinf(played.deepest) else number(played.deepest * rate) for rate in RATES)
        lines.append(
            (f"{room:.1f} x", *depths, span(played.oldest).replace("never", "grows"), span(played.caught_up))
        )
    headings = ("limit", *(f"deepest at {rate:,}/s" for rate in RATES), "longest wait", "caught up after")
    return Table("days", headings, lines)


def play_day(room: float) -> Played:
    """Plays two equal days by the minute, first in first out, with the outage on the first; all in mean rates."""
    noon = DAY // 2 // MINUTE
    out = range(noon, noon + HOUR // MINUTE)
    arrived = list(accumulate(MINUTE * shape(minute * MINUTE) for minute in range(2 * DAY // MINUTE)))
    delivered = deepest = oldest = 0.0
    caught_up = math.inf
    first = 0  # the minute that the oldest waiting message came in
    for minute, total in enumerate(arrived):
        delivered = min(total, delivered + (0.0 if minute in out else MINUTE * room))
        while first < minute and arrived[first] <= delivered:
            first += 1
        wait = float((minute - first) * MINUTE)
        deepest, oldest = max(deepest, total - delivered), max(oldest, wait)
        if minute >= out.stop and wait <= MINUTE:
            caught_up = min(caught_up, float((minute - out.stop) * MINUTE))
    endless = room < 1  # every day adds to what waits
    return Played(*((math.inf,) * 3 if endless else (deepest, oldest, caught_up)))


def shape(second: float) -> float:
    """The rate at a time of the day in terms of the mean: 1.6 at two in the afternoon, 0.4 at night."""
    return 1 + 0.6 * math.cos(2 * math.pi * (second / DAY - 14 / 24))


# ── retries ────────────────────────────────────────────────────────────────────────────────────────


def outages(rng: random.Random) -> Table:
    """What the schedule of retries makes of an outage: attempts in vain, and when messages get through after it."""
    lines = []
    for seconds in (MINUTE, 10 * MINUTE, HOUR, 8 * HOUR, 2 * DAY, 4 * DAY, 7 * DAY):
        tried = [retried(rng.uniform(0, seconds), rng) for _ in range(20_000)]
        delays = sorted(delay for _, delay in tried if delay is not None)
        failed = sum(count for count, _ in tried) / len(tried)
        dead = sum(delay is None for _, delay in tried) / len(tried)
        shown = (span(percentile(delays, share)) for share in (0.5, 0.95, 1.0))
        lines.append((span(seconds), f"{failed:.1f}", *shown, f"{dead:.1%}"))
    headings = ("HAVN is away for", "attempts in vain", "half through after", "95 of 100", "all", "given up")
    return Table("outages", headings, lines)


def retried(left: float, rng: random.Random) -> tuple[int, float | None]:
    """Of a message that came `left` before an outage's end: attempts in vain, and seconds from then to delivery."""
    now, failed = -left, 0
    while now < 0:
        failed += 1
        if failed > len(LADDER):
            return failed, None
        now += rng.uniform(0, LADDER[failed - 1])
    return failed, now


# ── companies on several databases ─────────────────────────────────────────────────────────────────


def shards() -> Table:
    """Companies of very different size (the n-th has 1/n of the first), dealt out to databases by a hash."""
    rate = RATES[-1]
    total = sum(1 / n for n in range(1, COMPANIES + 1))
    sizes = [rate / (n * total) for n in range(1, COMPANIES + 1)]
    lines = []
    for count in (1, 4, 16, 64):
        by_hash = [0.0] * count
        for n, each in enumerate(sizes):
            by_hash[shard(f"company_{n}", count)] += each
        by_list = dealt(sizes, count)
        lines.append((str(count), *(number(max(loads)) for loads in (by_hash, by_list)), number(rate / count)))
    lines.append(("the largest company", number(sizes[0]), number(sizes[0]), ""))
    return Table("shards", ("databases", "busiest, by hash", "busiest, by list", "even share"), lines)


def shard(account: str, count: int) -> int:
    """The database of an account: the same on every machine and in every process."""
    return int.from_bytes(hashlib.sha256(account.encode()).digest()[:8]) % count


def dealt(sizes: Sequence[float], count: int) -> list[float]:
    """What each database has when every company, the largest first, goes to the one that has least."""
    loads = [0.0] * count
    for each in sorted(sizes, reverse=True):
        heapq.heapreplace(loads, loads[0] + each)
    return loads


# ── numbers for people ─────────────────────────────────────────────────────────────────────────────


def percentile(ordered: Sequence[float], share: float) -> float:
    """The value that a share of the others does not exceed."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def number(value: float) -> str:
    """Two or three digits, and a word for the rest."""
    if value == 0:
        return "0"
    for unit, name in ((1e12, " trillion"), (1e9, " billion"), (1e6, " million")):
        if value >= unit:
            return f"{value / unit:.3g}{name}"
    rounded = float(f"{value:.3g}")
    return f"{rounded:,.0f}" if rounded >= 100 else f"{rounded:g}"


def size(count: float) -> str:
    """Bytes, by powers of a thousand."""
    for unit, name in ((1e15, "PB"), (1e12, "TB"), (1e9, "GB"), (1e6, "MB")):
        if count >= unit:
            return f"{count / unit:.3g} {name}"
    return f"{count / 1e3:.3g} kB"


def span(seconds: float) -> str:
    """A time in the unit that suits it."""
    if math.isinf(seconds):
        return "never"
    for unit, name in ((YEAR, "years"), (DAY, "days"), (HOUR, "h"), (MINUTE, "min")):
        if seconds >= 2 * unit:
            return f"{seconds / unit:.3g} {name}"
    return f"{seconds:.3g} s"


def tables(seed: int) -> list[Table]:
    """All of them, in the page's order."""
    rng = random.Random(seed)  # noqa: S311  dice, not secrets
    return [demands(), walls(), queueing(rng), days(), outages(rng), shards()]


def filled(page: str, found: Sequence[Table]) -> str:
    """The page with the tables in place of those that it has.

    Raises:
        ValueError: The page has no such place.
    """
    for table in found:
        before, begin, rest = page.partition(f"<!-- {table.name} -->")
        _, end, after = rest.partition(f"<!-- /{table.name} -->")
        if not (begin and end):
            raise ValueError(f"the page has no place for {table.name}")
        page = f"{before}{table}{after}"
    return page


def main() -> int:
    """Prints the tables, or writes them into the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seed", type=int, default=SEED, help=f"of the dice (default: {SEED}, the page's)")
    parser.add_argument("--docs", action="store_true", help="write the tables into docs/en/scale.md")
    options = parser.parse_args()
    found = tables(options.seed)
    if options.docs:
        PAGE.write_text(filled(PAGE.read_text(encoding="utf-8"), found), encoding="utf-8")
    else:
        print("\n\n".join(map(str, found)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
