"""Prints what changed in the contract between two git revisions, breaking changes first.

    python scripts/spec_diff.py BASE [HEAD] [--path openapi.yaml]

HEAD is the working tree unless given. Exit code: 0 nothing breaks, 1 something does, 2 nothing to compare.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from typing import TYPE_CHECKING

from contract import ROOT, ContractError, Node, parse
from contract_diff import Change, changes, text_changes

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Runs the command line in the repository at `root`."""
    options = parse_arguments(arguments)
    try:
        base, head = (contract_at(root, revision, options.path) for revision in (options.base, options.head))
        found = changes(base, head)
    except ContractError as error:
        print(error, file=sys.stderr)
        return 2
    print(report(found, text_changes(base, head)))
    return 1 if any(change.breaking for change in found) else 0


def parse_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The command line as `base`, `head` (None for the working tree) and `path`."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("base", metavar="BASE", help="a git revision")
    parser.add_argument("head", metavar="HEAD", nargs="?", help="another one; the working tree when absent")
    parser.add_argument("--path", default="openapi.yaml", help="the contract's path in the repository")
    return parser.parse_args(arguments)


def contract_at(root: Path, revision: str | None, path: str) -> Node:
    """The contract as a revision has it, or as it stands in the working tree.

    Raises:
        ContractError: There is no such revision, no such file, or no contract in it.
    """
    return parse(in_worktree(root, path) if revision is None else in_revision(root, revision, path))


def in_revision(root: Path, revision: str, path: str) -> str:
    """The text of a file as a revision has it."""
    if git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}") is None:
        raise ContractError(f"git knows no revision {revision!r} here.")
    text = git(root, "show", f"{revision}:./{path}")
    if text is None:
        raise ContractError(f"There is no {path} in revision {revision!r}.")
    return text


def in_worktree(root: Path, path: str) -> str:
    """The text of a file as it stands in the working tree."""
    try:
        return (root / path).read_text(encoding="utf-8")
    except OSError as error:
        raise ContractError(f"There is no {path} in the working tree.") from error


def git(root: Path, *arguments: str) -> str | None:
    """What git answers in `root`; None when it refuses."""
    done = subprocess.run(("git", *arguments), cwd=root, capture_output=True, encoding="utf-8", check=False)
    return done.stdout if done.returncode == 0 else None


def report(found: list[Change], texts: int) -> str:
    """The changes for people, one a line."""
    lines = [f"{'BREAKING' if change.breaking else 'added   '}  {change}" for change in found]
    if texts:
        lines.append(f"text      {texts} description(s), example(s) or the like changed")
    return "\n".join(lines) or "No change."


if __name__ == "__main__":
    sys.exit(main())
