"""The console script `havn`. Light to import: a command loads what it needs, and no more."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from havn_ext.cli.commands import EXTRA, PLAIN
from havn_ext.cli.exits import ending_well

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command that the arguments name.

    Args:
        argv: The arguments; those of the process when None.

    Returns:
        The exit code, see `exits`. Wrong usage of `havn sandbox` and `havn outbox` exits with 2.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    return ending_well(lambda: _run(arguments))


def _run(arguments: list[str]) -> int:
    from havn_ext.cli import plain  # noqa: PLC0415  `havn_outbox` of Django needs none of this

    if next(iter(arguments), "") in PLAIN and "_HAVN_COMPLETE" not in os.environ:
        return plain.run(arguments)
    missing = _missing()
    if missing is not None:
        return plain.run_without_extra(arguments, missing)
    from havn_ext.cli import program  # noqa: PLC0415  its packages are there

    return program.run(arguments)


def _missing() -> str | None:
    """A package of the extra that is not installed."""
    from importlib.util import find_spec  # noqa: PLC0415  see above

    return next((package for package in EXTRA if find_spec(package) is None), None)
