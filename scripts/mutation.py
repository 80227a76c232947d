"""Lets mutmut change the rules of the SDK one expression at a time, and names each change that no test notices.

    python scripts/mutation.py [--jobs N]

It runs in a copy of the working tree, over `RULES` and with `TESTS` alone. What survives has to be listed in
docs/en/mutation.md, with the reason why no test could or should see it. Exit code: 0 every survivor is listed,
1 one is not.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from contract import ROOT
from tree_copy import OWN_CHECK, Tree, copied_tree

if TYPE_CHECKING:
    from collections.abc import Iterable

ARGUED = ROOT / "docs" / "en" / "mutation.md"

RULES = (
    "havn_ext/signing.py",
    "havn_ext/currency.py",
    "havn_ext/vouchers.py",
    "havn_ext/retry.py",
    "havn_ext/sandbox/commissions.py",
)
TESTS = (
    "tests/unit/core/test_signing.py",
    "tests/unit/core/test_currency.py",
    "tests/unit/core/test_vouchers.py",
    "tests/unit/core/test_local_vouchers.py",
    "tests/unit/core/test_retry.py",
    "tests/unit/sandbox/test_commissions.py",
    "tests/property/test_signing.py",
    "tests/property/test_currency.py",
    "tests/property/test_vouchers.py",
    "tests/property/test_retry.py",
)
SETTINGS = {
    "source_paths": ("havn_ext", "havn"),
    "only_mutate": RULES,
    "also_copy": ("generated", "openapi.yaml", "scripts"),
    "pytest_add_cli_args": ("-p", "no:cacheprovider"),
    "pytest_add_cli_args_test_selection": TESTS,
}
SEEN = {"killed", "timeout"}  # in mutmut's words
SECONDS_FOR_THE_TESTS = 300


class MutationError(Exception):
    """The run itself failed; the message says how."""


class Mutant(NamedTuple):
    """One change: the function that it is in, and the lines that it put there, as one."""

    function: str
    line: str

    def __str__(self) -> str:
        return f"{self.function}: {self.line}"


class Mutmut:
    """mutmut in a tree of its own, told by a setup.cfg that exists nowhere else.

    Args:
        tree: A copy.
        jobs: Mutants tried at a time.
    """

    def __init__(self, tree: Tree, jobs: int) -> None:
        self._tree = tree
        self._jobs = jobs
        self._mutated = Tree(tree.folder / "mutants")  # mutmut's own copy of the copy
        entries = (f"{key} =\n" + "".join(f"    {value}\n" for value in SETTINGS[key]) for key in SETTINGS)
        tree.write("setup.cfg", "[mutmut]\n" + "".join(entries))
        # Python remembers that a folder of its path was missing when it began.
        (self._mutated.folder / "generated").mkdir(parents=True)

    def run(self) -> dict[str, str]:
        """What became of every mutant, by mutmut's name for it.

        Raises:
            MutationError: The tests fail without any change, or a rule was not changed at all.
        """
        output = self._command("run", "--max-children", str(self._jobs))
        found = re.findall(r"^ {4}(\S+): (.+)$", self._command("results", "--all", "true"), re.MULTILINE)
        modules = {_function(name).rpartition(".")[0] for name, _ in found}
        unchanged = [rule for rule in RULES if not any(module.startswith(_module(rule)) for module in modules)]
        if unchanged:
            raise MutationError(f"mutmut changed nothing in {', '.join(unchanged)}\n{output[-3000:]}")
        own = self._mutated.pytest([OWN_CHECK, *TESTS], limit=SECONDS_FOR_THE_TESTS)
        if own.code != 0:
            raise MutationError(f"without any change the tests fail in mutmut's copy:\n{own.output}")
        return dict(found)

    def mutant(self, name: str) -> Mutant:
        """What a mutant changes."""
        diff = self._command("show", name).splitlines()
        added = [line[1:].strip() for line in diff if line.startswith("+") and not line.startswith("+++")]
        return Mutant(_function(name), " ".join(added))

    def survives(self, name: str) -> bool:
        """Whether a mutant survives in a process of its own.

        mutmut forks from a process that has imported everything, so what runs during an import, such as the
        making of a table of functions, is never changed by it.
        """
        outcome = self._mutated.pytest(
            TESTS, "-x", limit=SECONDS_FOR_THE_TESTS, variables={"MUTANT_UNDER_TEST": name}
        )
        return outcome.code == 0

    def _command(self, *arguments: str) -> str:
        done = subprocess.run(
            (str(Path(sys.executable).with_name("mutmut")), *arguments),
            cwd=self._tree.folder,
            env=self._mutated.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise MutationError(f"mutmut {arguments[0]} failed:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
        return done.stdout


def _module(path: str) -> str:
    return path.removesuffix(".py").replace("/", ".")


def _function(name: str) -> str:
    """The function of a mutant: `a.b.x_f__mutmut_1` is of `a.b.f`, `a.b.xǁCǁf__mutmut_1` of `a.b.C.f`."""
    module, _, mangled = name.rpartition(".")
    plain = mangled.rpartition("__mutmut_")[0].replace("xǁ", "", 1).removeprefix("x_").replace("ǁ", ".")
    return f"{module}.{plain}"


def argued(text: str) -> set[str]:
    """The survivors that a document lists: the lines of its `text` blocks."""
    blocks = re.findall(r"^```text\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return {line for block in blocks for line in block.splitlines() if line}


def _tried(names: Iterable[str], mutmut: Mutmut, listed: set[str], jobs: int) -> tuple[set[str], list[str]]:
    """Of mutants that mutmut calls survivors: those that are listed, and those that are neither that nor seen."""
    known: set[str] = set()
    new: list[str] = []

    def tried(name: str) -> tuple[str, bool]:
        mutant = str(mutmut.mutant(name))
        return mutant, mutant not in listed and mutmut.survives(name)

    with ThreadPoolExecutor(jobs) as workers:
        for mutant, survives in workers.map(tried, names):
            if mutant in listed:
                known.add(mutant)
            elif survives:
                new.append(mutant)
    return known, new


def main() -> int:
    """Runs mutmut and prints the survivors; the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="mutants tried at a time (2)")
    jobs: int = parser.parse_args().jobs
    listed = argued(ARGUED.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory(prefix="havn-mutation-") as folder:
        mutmut = Mutmut(copied_tree(Path(folder)), jobs)
        try:
            found = mutmut.run()
            unseen = [name for name, status in found.items() if status not in SEEN]
            known, new = _tried(unseen, mutmut, listed, jobs)
        except MutationError as error:
            print(error, file=sys.stderr)
            return 1
    print(f"{len(found)} mutants, {len(found) - len(known) - len(new)} seen by a test, {len(known)} argued")
    for mutant in sorted(listed - known):
        print(f"no longer survives, or is written otherwise: {mutant}")
    for mutant in new:
        print(f"SURVIVED: {mutant}")
    return 1 if new else 0


if __name__ == "__main__":
    sys.exit(main())
