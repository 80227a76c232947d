"""The command line of the crash matrix.

Exit code: 0 the books of every cell agree, 1 they do not or too few were killed, 2 nothing could be tried.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import TYPE_CHECKING, Final

from crash.broker import no_broker
from crash.cells import RUNNERS, WORKERS, matrix
from crash.ground import ENGINES, unreachable
from crash.havn import serving
from crash.report import HEADING, as_json, line, summary
from crash.trial import Trial

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crash.cells import Cell
    from crash.havn import Havn
    from crash.trial import Outcome

__all__ = ["main"]

KILLS: Final = 1000


def main(arguments: Sequence[str] | None = None) -> int:
    """Tries every cell, prints, writes; the exit code."""
    options = _options(arguments)
    engines = []
    for engine in options.engine or ENGINES:
        reason = unreachable(engine)
        if reason is None:
            engines.append(engine)
            continue
        print(reason, file=sys.stderr)
        if options.engine or options.require_services:
            return 2
    runners = options.runner or RUNNERS
    reason = no_broker() if "celery" in runners else None
    if reason is not None:
        print(reason, file=sys.stderr)
        if options.runner or options.require_services:
            return 2
        runners = ("plain",)
    cells = matrix(
        options.kills, engines, options.workers or WORKERS, options.only or (), runners, thin=options.thin
    )
    if not cells:
        print("no such cell", file=sys.stderr)
        return 2
    outcomes = _tried(cells, options.seed, options.jobs)
    print(summary(outcomes, options.kills))
    if options.json:
        options.json.write_text(json.dumps(as_json(outcomes, options.seed), indent=1))
    enough = bool(options.only) or sum(outcome.kills for outcome in outcomes) >= options.kills
    return int(not enough or any(outcome.complaints for outcome in outcomes))


def _tried(cells: Sequence[Cell], seed: int, jobs: int) -> list[Outcome]:
    """What came of every cell, so many of them at a time; each is printed when it is done."""
    print(HEADING, flush=True)
    abandoned = threading.Event()
    with tempfile.TemporaryDirectory(prefix="havn-crash-") as folder, serving(Path(folder)) as havn:

        def tried(cell: Cell) -> Outcome:
            own = Path(folder) / cell.name
            own.mkdir()
            return _tried_one(cell, havn, seed, own, abandoned)

        outcomes = []
        with ThreadPoolExecutor(jobs) as pool:
            try:
                for future in as_completed([pool.submit(tried, cell) for cell in cells]):
                    outcomes.append(future.result())
                    print(line(outcomes[-1]), flush=True)
            except BaseException:
                abandoned.set()
                pool.shutdown(cancel_futures=True)
                raise
    return outcomes


def _tried_one(cell: Cell, havn: Havn, seed: int, folder: Path, abandoned: threading.Event) -> Outcome:
    return Trial(cell, havn, seed, folder, abandoned).run()


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python scripts/crash", description=(__doc__ or "").partition("\n")[0], epilog=(__doc__ or "")
    )
    add = parser.add_argument
    add("--kills", type=_positive, default=KILLS, metavar="N", help="processes to kill, at least (%(default)s)")
    add(
        "--seed",
        type=int,
        default=0,
        metavar="S",
        help="of all dice; the machine has its own besides (%(default)s)",
    )
    add("--engine", action="append", choices=ENGINES, help="all that can be reached, if not given")
    add("--runner", action="append", choices=RUNNERS, help="what works: both, if not given")
    add("--thin", action="store_true", help="each blow with one database and one number of workers, in turn")
    add("--require-services", action="store_true", help="fail when PostgreSQL or RabbitMQ can't be reached")
    add("--workers", action="append", type=_positive, metavar="N", help="1 and 4, if not given")
    add(
        "--only",
        action="append",
        metavar="CELL",
        help="a blow such as mid_mark, or a cell such as mid_mark-sqlite-4",
    )
    add("--jobs", type=_positive, default=2, metavar="N", help="cells at a time (%(default)s)")
    add("--json", type=Path, metavar="FILE", help="write everything there")
    return parser.parse_args(arguments)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number
