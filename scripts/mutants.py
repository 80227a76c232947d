"""Proves that the tests bite: plants the bugs of tests/mutants one at a time, and each must make a test fail.

    python scripts/mutants.py [--only NAME …] [--named-only] [--jobs N]

Every bug is planted in a copy of the working tree. There the tests that its header names run first; if they
pass, all other tests that need nothing but Python. Exit code: 0 every bug was seen, 1 one was not, or its
patch no longer fits.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from queue import SimpleQueue
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

from planted_bugs import PatchError, PlantedBug, planted_bugs
from tree_copy import OWN_CHECK, copied_tree

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_copy import Outcome, Tree

SECONDS_FOR_NAMED_TESTS = 180
SECONDS_FOR_AN_ENDLESS_BUG = 15
SECONDS_FOR_THE_SUITE = 900
LEFT_OUT = ("tests/e2e", "tests/guards/test_mutants_apply.py")  # the guard fails in every copy that has a bug

PASSED, FAILED = 0, 1  # of pytest's exit codes; the others are no verdict on the code


class TrialError(Exception):
    """Nothing can be said about a bug; the message says why."""


class Verdict(NamedTuple):
    """What became of one bug."""

    bug: PlantedBug
    killed: bool
    by: str
    """The test that saw it, or why none did."""
    seconds: float


class Trials:
    """Tries bugs in copies of the tree, as many at a time as there are copies.

    Args:
        folder: For the copies.
        copies: How many.
        named_only: Whether only the tests that a header names may kill its bug.
    """

    def __init__(self, folder: Path, copies: int, *, named_only: bool) -> None:
        self._free: SimpleQueue[Tree] = SimpleQueue()
        for number in range(copies):
            self._free.put(copied_tree(folder / str(number)))
        self._clean = copied_tree(folder / "clean")
        self._whole_suite = Lock()
        self._named_only = named_only

    def check_the_clean_tree(self, bugs: Sequence[PlantedBug]) -> None:
        """Without a bug the named tests pass, in a copy that is itself what is tested.

        Raises:
            TrialError: They don't, so that no failure would mean anything.
        """
        named = sorted({test for bug in bugs for test in bug.tests})
        outcome = self._clean.pytest([OWN_CHECK, *named], limit=SECONDS_FOR_THE_SUITE)
        if outcome.code != PASSED:
            raise TrialError(f"without any bug the named tests do not pass:\n{outcome.output}")

    def verdict(self, bug: PlantedBug) -> Verdict:
        """Plants one bug, looks who sees it, and takes it away."""
        began = time.monotonic()
        copy = self._free.get()
        source = (copy.folder / bug.path).read_text(encoding="utf-8")
        try:
            copy.write(bug.path, bug.planted_in(source))
            killed, by = self._tried(copy, bug)
        except (PatchError, TrialError) as error:
            killed, by = False, str(error)
        finally:
            copy.write(bug.path, source)
            self._free.put(copy)
        return Verdict(bug, killed, by, time.monotonic() - began)

    def _tried(self, copy: Tree, bug: PlantedBug) -> tuple[bool, str]:
        limit = SECONDS_FOR_AN_ENDLESS_BUG if bug.endless else SECONDS_FOR_NAMED_TESTS
        outcome = copy.pytest(bug.tests, "-x", limit=limit)
        if outcome.code is None and bug.endless:
            return True, f"{bug.tests[0]} (does not end)"
        if _verdict_of(outcome) == FAILED:
            return True, _failed(outcome)[0]
        if self._named_only:
            return False, "SURVIVED: none of the named tests sees it"
        with self._whole_suite:  # one at a time, and on all processors
            known = [f"--deselect={test}" for test in self._fail_anyway]
            outcome = copy.pytest(["tests"], *_SUITE, *known, "-x", limit=SECONDS_FOR_THE_SUITE)
        if _verdict_of(outcome) == FAILED:
            return True, f"{_failed(outcome)[0]} (not by the tests that are named)"
        return False, "SURVIVED: no test sees it"

    @cached_property
    def _fail_anyway(self) -> list[str]:
        """The tests that fail without any bug: their failing proves nothing. Looked for when it first matters."""
        outcome = self._clean.pytest(["tests"], *_SUITE, limit=SECONDS_FOR_THE_SUITE)
        return [] if _verdict_of(outcome) == PASSED else _failed(outcome)


_SUITE = ("-n", "auto", *(f"--ignore={path}" for path in LEFT_OUT))


def _verdict_of(outcome: Outcome) -> int:
    """Whether tests passed or failed.

    Raises:
        TrialError: They did neither: a test that is named does not exist, the bug is a syntax error, the
            tests did not end in time.
    """
    if outcome.code not in {PASSED, FAILED}:
        what = "did not end in time" if outcome.code is None else f"ended with code {outcome.code}"
        raise TrialError(f"no verdict: pytest {what}\n{outcome.output}")
    return outcome.code


def _failed(outcome: Outcome) -> list[str]:
    """The tests that failed, without their parameters."""
    return re.findall(r"^(?:FAILED|ERROR) ([^\s\[]+)", outcome.output, re.MULTILINE)


def main() -> int:
    """Tries the bugs and prints a table; the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--only", nargs="+", metavar="NAME", help="names of patches in tests/mutants")
    parser.add_argument("--named-only", action="store_true", help="run no other tests than those that are named")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="bugs tried at a time (2)")
    options = parser.parse_args()
    try:
        bugs = [bug for bug in planted_bugs() if options.only is None or bug.name in options.only]
        if not bugs or len(bugs) < len(options.only or ()):
            parser.error(f"no such bug; there are {', '.join(bug.name for bug in planted_bugs())}")
        with tempfile.TemporaryDirectory(prefix="havn-mutants-") as folder:
            trials = Trials(Path(folder), options.jobs, named_only=options.named_only)
            return _report(bugs, trials, options.jobs)
    except (PatchError, TrialError) as error:
        print(error, file=sys.stderr)
        return 1


def _report(bugs: list[PlantedBug], trials: Trials, jobs: int) -> int:
    began = time.monotonic()
    trials.check_the_clean_tree(bugs)
    width = max(len(bug.name) for bug in bugs)
    survivors = 0
    with ThreadPoolExecutor(jobs) as workers:
        for verdict in workers.map(trials.verdict, bugs):
            survivors += not verdict.killed
            print(f"{verdict.bug.name:{width}}  {verdict.seconds:5.1f} s  {verdict.by}", flush=True)
    killed = len(bugs) - survivors
    print(f"\n{killed} of {len(bugs)} bugs killed, {survivors} not; {time.monotonic() - began:.0f} s")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
