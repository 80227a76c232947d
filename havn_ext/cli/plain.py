"""`havn sandbox` and `havn outbox`, which need no extra but their own; and what `havn` says without its extra."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Final

from havn_ext._version import __version__
from havn_ext.cli import outbox
from havn_ext.cli.commands import ABOUT, COMMANDS, PLAIN
from havn_ext.cli.exits import FAILED
from havn_ext.sandbox import command as sandbox

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["add_arguments", "run", "run_without_extra"]

_COMMANDS: Final[
    Mapping[str, tuple[Callable[[argparse.ArgumentParser], None], Callable[[argparse.Namespace], int]]]
] = {
    "sandbox": (sandbox.add_arguments, sandbox.run),
    "outbox": (outbox.add_arguments, outbox.run),
}


def add_arguments(name: str, parser: argparse.ArgumentParser) -> None:
    """Adds the options of a plain command."""
    _COMMANDS[name][0](parser)


def run(arguments: Sequence[str]) -> int:
    """Carries out a plain command, the first of the arguments; the exit code."""
    options = _parser().parse_args(arguments)
    exit_code: int = options.run(options)
    return exit_code


def run_without_extra(arguments: Sequence[str], missing: str) -> int:
    """Says what is missing for a command, or what commands there are; the exit code.

    Args:
        arguments: What was typed.
        missing: The package that is not installed.
    """
    name = next(iter(arguments), "")
    if name in COMMANDS.keys() - PLAIN:
        sys.stderr.write(f"havn {name}: {missing} is missing; install it with: pip install 'havn-sdk[cli]'\n")
        return FAILED
    return run(arguments)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="havn", description=ABOUT, epilog="All but sandbox and outbox need: pip install 'havn-sdk[cli]'"
    )
    parser.add_argument("--version", action="version", version=f"havn-sdk {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, about in COMMANDS.items():
        subparser = commands.add_parser(name, help=about, description=f"{about[:1].upper()}{about[1:]}.")
        if name in PLAIN:
            add_arguments(name, subparser)
            subparser.set_defaults(run=_COMMANDS[name][1])
    return parser
