"""The command line of the benchmark.

Exit code: 0 measured (with --check: and every bound holds), 1 a bound does not hold, 2 nothing was measured.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bench.chart import svg
from bench.machine import description
from bench.report import as_json, facts_markdown, filled, markdown, scaling_markdown, terminal
from bench.rows import ROWS
from bench.scaling import scaling
from bench.server import ServerError, nginx
from bench.verdicts import REPEATS, measured
from contract import ROOT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.scaling import Panel
    from bench.verdicts import Outcome

DOCUMENT: Final = ROOT / "docs" / "en" / "benchmarks.md"
PICTURE: Final = ROOT / "docs" / "images" / "bench-scaling.svg"
SCALING: Final = "scaling"
CAPTION: Final = "CPU time of a call with 1 to 256 calls at once"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures, prints, writes; the exit code."""
    options = _options(arguments)
    try:
        with nginx() as url:
            outcomes = _outcomes(options, url)
            panels = _panels(options, url)
    except ServerError as error:
        print(error, file=sys.stderr)
        return 2
    _publish(options, outcomes, panels)
    return int(options.check and not all(outcome.holds for outcome in outcomes))


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    names = [*(row.name for row in ROWS), SCALING]
    parser = argparse.ArgumentParser(prog="python scripts/bench", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--only", action="append", choices=names, metavar="ROW", help=", ".join(names))
    parser.add_argument("--rounds", type=_positive, metavar="N", help="in place of each row's own number")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything measured there too")
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument(
        "--check", action="store_true", help=f"fail when a row is above its bound {REPEATS} times in a row"
    )
    mode.add_argument("--docs", action="store_true", help="write docs/en/benchmarks.md's tables and picture")
    options = parser.parse_args(arguments)
    if options.docs and options.only:
        parser.error("--docs needs every row: leave out --only")
    return options


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def _outcomes(options: argparse.Namespace, url: str) -> list[Outcome]:
    chosen = [row for row in ROWS if options.only is None or row.name in options.only]
    outcomes: list[Outcome] = []
    for row in chosen:
        print(f"{row.name}: {row.what} against {row.against} …", file=sys.stderr)
        outcomes.append(measured(row, url, options.rounds, REPEATS if options.check else 1))
    return outcomes


def _panels(options: argparse.Namespace, url: str) -> list[Panel]:
    """The scaling, which has no bound and is therefore no part of a check."""
    if options.check or (options.only is not None and SCALING not in options.only):
        return []
    print(f"{SCALING}: {CAPTION} …", file=sys.stderr)
    return list(scaling(url, rounds=options.rounds)) if options.rounds else list(scaling(url))


def _publish(options: argparse.Namespace, outcomes: list[Outcome], panels: list[Panel]) -> None:
    facts = description()
    if outcomes:
        print(terminal(outcomes))
    if panels:
        print(scaling_markdown(panels))
    if options.json:
        options.json.write_text(json.dumps(as_json(outcomes, panels, facts), indent=2) + "\n")
    if options.docs:
        document = DOCUMENT.read_text(encoding="utf-8")
        parts = {"table": markdown(outcomes), "scaling": scaling_markdown(panels), "machine": facts_markdown(facts)}
        for name, text in parts.items():
            document = filled(document, name, text)
        DOCUMENT.write_text(document, encoding="utf-8")
        PICTURE.write_text(svg(panels, CAPTION), encoding="utf-8")
