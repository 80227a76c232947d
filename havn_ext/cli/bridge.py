"""Commands of argparse as commands of Click, so that help and completion know them beside the others.

Their options stay defined once, by argparse, which also carries them out: `manage.py havn_outbox` shares them.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from havn_ext._guards import is_mapping
from havn_ext.cli import plain
from havn_ext.cli.commands import COMMANDS

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["bridged"]


def bridged(name: str) -> click.Command:
    """A plain command, by its name."""
    parser = argparse.ArgumentParser(prog=f"havn {name}", description=COMMANDS[name])
    plain.add_arguments(name, parser)
    return _command(name, parser)


def _command(name: str, parser: argparse.ArgumentParser) -> click.Command:
    parameters = list(_parameters(parser))
    for action in _actions(parser):
        if _has_subparsers(action):
            parsers = cast("dict[str, argparse.ArgumentParser]", action.choices)
            commands = {each: _command(each, parsers[each]) for each in parsers}
            return click.Group(name, commands, params=parameters, short_help=parser.description)
    return click.Command(name, params=parameters, short_help=parser.description)


def _parameters(parser: argparse.ArgumentParser) -> Iterator[click.Parameter]:
    for action in _actions(parser):
        if action.dest == "help" or _has_subparsers(action):
            continue
        if action.option_strings:
            yield _option(action, parser)
        else:
            many = action.nargs in {"*", "+"}
            yield click.Argument([action.dest], nargs=-1 if many else 1, required=False, type=_type(action))


def _option(action: argparse.Action, parser: argparse.ArgumentParser) -> click.Option:
    names = [f"_{action.dest}_{len(action.option_strings[0])}", *action.option_strings]
    text = action.help and action.help % {**vars(action), "prog": parser.prog}  # as argparse fills it in
    if action.nargs == 0:
        return click.Option(names, is_flag=True, help=text)
    return click.Option(names, type=_type(action), multiple=True, help=text)


def _has_subparsers(action: argparse.Action) -> bool:
    return is_mapping(action.choices)


def _type(action: argparse.Action) -> Any:  # noqa: ANN401  what Click takes for a type
    if action.choices:
        return click.Choice([str(each) for each in action.choices])
    return click.Path() if action.type is Path else str


def _actions(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    """What the parser takes, which argparse tells nobody but its own classes."""
    return parser._actions  # noqa: SLF001  see the docstring
