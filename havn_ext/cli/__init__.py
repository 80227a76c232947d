"""The console script `havn`."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from havn_ext.cli import outbox
from havn_ext.sandbox import command as sandbox

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command that the arguments name.

    Args:
        argv: The arguments; those of the process when None.

    Returns:
        The exit code: 0 when all is well, 1 when it is not. Wrong usage exits with 2.
    """
    parser = argparse.ArgumentParser(prog="havn", description="Tools around HAVN's webhooks.")
    commands = parser.add_subparsers(dest="command", required=True)
    subparser = commands.add_parser("sandbox", help="serve a sandbox that behaves like HAVN")
    sandbox.add_arguments(subparser)
    subparser.set_defaults(run=sandbox.run)
    subparser = commands.add_parser("outbox", help="deliver what is in an outbox, and look after it")
    outbox.add_arguments(subparser)
    subparser.set_defaults(run=outbox.run)
    options = parser.parse_args(argv)
    exit_code: int = options.run(options)
    return exit_code
