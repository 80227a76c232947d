"""The command line of the outbox's benchmark.

Exit code: 0 measured (with --check: and every bound holds), 1 a bound does not hold, 2 nothing was measured.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from bench.command import DOCUMENT
from bench.machine import description
from bench.outbox.databases import facts
from bench.outbox.report import as_json, markdown, terminal
from bench.outbox.rows import ROWS
from bench.report import facts_markdown, filled
from bench.server import ServerError, nginx
from bench.verdicts import REPEATS, measured

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.verdicts import Outcome


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures, prints, writes; the exit code."""
    options = _options(arguments)
    outcomes: list[Outcome] = []
    loads: list[float] = []
    try:
        with nginx() as url:
            for row in ROWS:
                if options.only is None or row.name in options.only:
                    print(f"{row.name}: {row.what} against {row.against} …", file=sys.stderr)
                    outcomes.append(measured(row, url, options.rounds, REPEATS if options.check else 1))
                    loads.append(os.getloadavg()[0])
    except ServerError as error:
        print(error, file=sys.stderr)
        return 2
    print(terminal(outcomes, loads))
    if options.json:
        found = as_json(outcomes, loads, {**description(), **facts()})
        options.json.write_text(json.dumps(found, indent=2) + "\n")
    if options.docs:
        document = DOCUMENT.read_text(encoding="utf-8")
        document = filled(document, "outbox", markdown(outcomes, loads))
        document = filled(document, "databases", facts_markdown({**description(), **facts()}))
        DOCUMENT.write_text(document, encoding="utf-8")
    return int(options.check and not all(outcome.holds for outcome in outcomes))


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    names = [row.name for row in ROWS]
    about = (__doc__ or "").partition("\n")[0]
    parser = argparse.ArgumentParser(prog="python scripts/bench/outbox", description=about)
    parser.add_argument("--only", action="append", choices=names, metavar="ROW", help=", ".join(names))
    parser.add_argument("--rounds", type=_positive, metavar="N", help="in place of each row's own number")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything measured there too")
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument(
        "--check", action="store_true", help=f"fail when a row is above its bound {REPEATS} times in a row"
    )
    mode.add_argument("--docs", action="store_true", help="write the outbox's tables of docs/en/benchmarks.md")
    options = parser.parse_args(arguments)
    if options.docs and options.only:
        parser.error("--docs needs every row: leave out --only")
    return options


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number
