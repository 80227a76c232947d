"""`havn outbox …`: its arguments. Light to import: what carries them out, and its packages, load on use."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["add_arguments", "add_commands", "run"]

LIMITED: Final = ("sendTransaction", "syncUsers")
VARIABLE: Final = "HAVN_OUTBOX_DATABASE"
LARGEST: Final = 2**63 - 1
"""What a database has as a whole number."""
_EPILOG: Final = (
    "exit codes: 0 all is well; 1 it is not (the database is gone, nothing was found, a message could not be"
    " changed, --check failed, --drain left work for a person); 2 wrong usage"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the subcommands and their options."""
    command = add_commands(parser, _whereabouts())
    command("create-tables", "create the outbox's tables, where no migration does")


def add_commands(
    parser: argparse.ArgumentParser, whereabouts: argparse.ArgumentParser
) -> Callable[[str, str], argparse.ArgumentParser]:
    """Add the subcommands that there are wherever the outbox is.

    Args:
        parser: Takes them.
        whereabouts: The options that say where the outbox is, which each of them has.

    Returns:
        What adds one more, by its name and what it is about.
    """
    parser.epilog = _EPILOG
    commands = parser.add_subparsers(dest="outbox_command", required=True)
    output = argparse.ArgumentParser(add_help=False)
    output.add_argument("--json", action="store_true", help="print JSON")

    def command(name: str, about: str) -> argparse.ArgumentParser:
        parents = [whereabouts, output]
        return commands.add_parser(name, help=about, description=about, parents=parents, epilog=_EPILOG)

    _add_run(command("run", "deliver messages until told to stop"))
    _add_status(command("status", "say how many messages stand where"))
    _add_list(command("list", "list messages, the newest first"))
    command("show", "show a message").add_argument("id", type=_positive)
    for name, about in (
        ("retry", "make messages due at once, with all attempts before them"),
        ("cancel", "take messages out of delivery for good"),
    ):
        _add_choice(command(name, about))
    _add_purge(command("purge", "forget what is delivered or cancelled; what is dead stays"))
    pause = command("pause", "let the messages of an account wait")
    pause.add_argument("account", nargs="?", default="default")
    pause.add_argument("--reason", default="paused by hand", help="shown by status")
    command("resume", "let an account go on").add_argument("account", nargs="?", default="default")
    return command


def run(options: argparse.Namespace) -> int:
    """Carry out the subcommand; the exit code."""
    if not options.database:
        sys.stderr.write(f"havn outbox: which database? Pass --database or set {VARIABLE}\n")
        return 2
    try:
        from havn_ext.cli import outbox_sqlalchemy  # noqa: PLC0415  its packages may be missing
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "sqlalchemy":
            raise
        sys.stderr.write("havn outbox: sqlalchemy is missing; install it with: pip install 'havn-sdk[outbox]'\n")
        return 1
    return outbox_sqlalchemy.run(options)


def _whereabouts() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument(
        "--database",
        metavar="URL",
        default=os.environ.get(VARIABLE),
        help=f"such as postgresql+psycopg://host/shop or sqlite:///shop.db; {VARIABLE} is the place for one with a"
        " password, as arguments are seen by others",
    )
    parser.add_argument("--prefix", default="havn_", help="what the tables' names begin with (%(default)s)")
    parser.add_argument("--schema", help="the schema that the tables are in")
    return parser


def _add_run(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add(
        "--account",
        action="append",
        metavar="NAME",
        help="account to deliver for; repeatable. `default` has HAVN_API_KEY and HAVN_WEBHOOK_SECRET, another one,"
        " such as shop, has HAVN_API_KEY_SHOP and HAVN_WEBHOOK_SECRET_SHOP (default)",
    )
    add("--concurrency", type=_positive, default=16, help="calls at the same time (%(default)s)")
    add("--batch", type=_positive, default=64, help="messages claimed at once (%(default)s)")
    add("--poll", type=_seconds, default=1.0, help="seconds between two looks when nothing is due (%(default)s)")
    add("--timeout", type=_seconds, default=30.0, help="seconds that one call may take (%(default)s)")
    add("--lease", type=_seconds, help="seconds for which a message is ours (60, or four times the timeout)")
    add(
        "--key-retention",
        type=_days,
        default=30.0 * 86400,
        metavar="DAYS",
        help="for how long HAVN is trusted to know a payment id again (30)",
    )
    add(
        "--limits",
        metavar="WHERE",
        help="keep within HAVN's rate limits, and count calls here: `memory` (this process alone), `database` (the"
        " outbox's own, if it is PostgreSQL), or redis://host:6379/0. All workers of a fleet use the same",
    )
    add(
        "--limit",
        type=_limit,
        action="append",
        default=[],
        metavar="OPERATION=CALLS[/SECONDS]",
        help="such as sendTransaction=60: calls in so many seconds (60); repeatable. What HAVN's answers tell"
        " counts where it is lower. Without --limits, `memory`",
    )
    add("--drain", action="store_true", help="end when nothing is due, instead of waiting for more")
    add("--max-seconds", type=_seconds, help="with --drain: claim nothing after so many seconds")
    add("--metrics-port", type=int, metavar="PORT", help="serve Prometheus metrics on this port of 127.0.0.1")
    add("--metrics-host", default="127.0.0.1", help="another address for the metrics")


def _add_status(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--check",
        action="store_true",
        help="exit with 1 if the oldest undelivered message is older than --max-age, or an account is paused;"
        " does not count what is delivered or cancelled, of which there may be very many",
    )
    parser.add_argument("--max-age", type=_seconds, default=300.0, help="seconds (%(default)s)")


def _add_list(parser: argparse.ArgumentParser) -> None:
    _add_state(parser)
    parser.add_argument("--account")
    parser.add_argument("--kind", choices=("transaction", "user"))
    parser.add_argument("--key", help="a payment id")
    parser.add_argument("--limit", type=_positive, default=50, help="messages at the most (%(default)s)")


def _add_choice(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("ids", type=_positive, nargs="*", metavar="ID")
    _add_state(parser)
    parser.add_argument("--account", help="with --dead or --state: those of this account alone")


def _add_state(parser: argparse.ArgumentParser) -> None:
    which = parser.add_mutually_exclusive_group()
    states = ("pending", "delivered", "dead", "cancelled", "reconcile")
    which.add_argument("--state", choices=states, help="those in this state")
    which.add_argument("--dead", dest="state", action="store_const", const="dead", help="short for --state dead")


def _add_purge(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--keep-days", type=_days, default=90.0 * 86400, metavar="DAYS", help="how long to know keys again (90)"
    )
    parser.add_argument(
        "--keep-payload-days",
        type=_days,
        metavar="DAYS",
        help="how long to keep payloads and answers, which hold personal data (7)",
    )


def _positive(text: str) -> int:
    number = int(text)
    if not 1 <= number <= LARGEST:
        raise argparse.ArgumentTypeError(f"must be 1 to {LARGEST}")
    return number


def _seconds(text: str) -> float:
    number = float(text)
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError("must be greater than 0")
    return number


def _limit(text: str) -> tuple[str, int, float]:
    operation, _, terms = text.partition("=")
    calls, _, seconds = terms.partition("/")
    if operation not in LIMITED:
        raise argparse.ArgumentTypeError(f"an outbox calls {' and '.join(LIMITED)}, not {operation}")
    return operation, _positive(calls), _seconds(seconds or "60")


def _days(text: str) -> float:
    number = float(text)
    if not 0 <= number < float("inf"):
        raise argparse.ArgumentTypeError("must be 0 or more")
    return number * 86400
