"""`havn` as its extra makes it: the group of all commands, what they say when something goes wrong, completion."""

from __future__ import annotations

import io
import os
import traceback
from importlib import import_module
from typing import TYPE_CHECKING, Final

import click
from click.exceptions import Exit
from click.shell_completion import shell_complete

from havn_ext._redaction import redact
from havn_ext._version import __version__
from havn_ext.cli.commands import ABOUT, COMMANDS, PLAIN
from havn_ext.cli.credentials import MISSING, known_secrets, masked
from havn_ext.cli.exits import EPILOG, FAILED, INTERRUPTED, OK, USAGE, code_of
from havn_ext.cli.helping import Group
from havn_ext.cli.screen import Screen
from havn_ext.errors import HAVNAPIError, HAVNError, HAVNValidationError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["COMPLETION", "havn", "run"]

COMPLETION: Final = "_HAVN_COMPLETE"
"""The variable by which a shell asks for completions."""


class _Commands(Group):
    """Loads a command when it is used; the help lists them all and loads none."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name in PLAIN:
            from havn_ext.cli.bridge import bridged  # noqa: PLC0415  see the class

            return bridged(cmd_name)
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"havn_ext.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=_Commands, help=ABOUT, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="havn-sdk %(version)s")
def havn() -> None:
    """The command; see `ABOUT`."""


def run(arguments: Sequence[str]) -> int:
    """Carries out what was typed, or tells a shell how to go on; the exit code."""
    instruction = os.environ.get(COMPLETION)
    if instruction:
        return shell_complete(havn, {}, "havn", COMPLETION, instruction)
    try:
        return _invoke(arguments)
    except (BrokenPipeError, KeyboardInterrupt):
        raise  # how these end is the same for all programs
    except Exception as error:  # noqa: BLE001  a defect of ours; its traceback must not tell a secret
        return _told(error, Screen(as_json="--json" in arguments))


def _told(error: Exception, screen: Screen) -> int:
    """Says what went wrong; the exit code."""
    match error:
        case Exit():
            return error.exit_code
        case click.UsageError():
            _misused(error, screen)
            return USAGE
        case click.Abort():
            return INTERRUPTED
        case HAVNError():
            _report(error, screen)
            return code_of(error)
        case click.ClickException():
            screen.fail(masked(error.format_message()))
        case OSError():
            screen.fail(masked(f"{error.filename}: {error.strerror}" if error.filename else str(error)))
        case _:
            told = "".join(traceback.format_exception(error))
            screen.fail(redact(told, known_secrets()).rstrip() + "\nThis is a defect of havn: please report it.")
    return FAILED


def _invoke(arguments: Sequence[str]) -> int:
    with havn.make_context("havn", list(arguments)) as context:
        code: int | None = havn.invoke(context)
        return OK if code is None else code


def _misused(error: click.UsageError, screen: Screen) -> None:
    """Says what was typed wrong, in Click's words."""
    if screen.as_json:
        screen.fail(masked(error.format_message()), type=type(error).__name__)
        return
    said = io.StringIO()
    error.show(said)
    click.echo(masked(said.getvalue()), err=True, nl=False)


def _report(error: HAVNError, screen: Screen) -> None:
    fields: dict[str, str] = {}
    lines = [redact(str(error), known_secrets())]
    if isinstance(error, HAVNValidationError) and error.errors:
        fields = {
            field: MISSING.get(field, reason) if reason.startswith("is missing") else masked(reason)
            for field, reason in error.errors.items()
        }
        lines = [f"{field}: {reason}" for field, reason in fields.items()]
    screen.fail(
        "\n".join(lines),
        type=type(error).__name__,
        status_code=error.status_code,
        request_id=error.request_id,
        error_type=error.error_type if isinstance(error, HAVNAPIError) else None,
        fields=fields or None,
    )
