"""Help that fits narrow terminals too: Click's own is fifty columns wide at the least."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import click

from havn_ext.cli.screen import NARROW

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Command", "Group"]

_WIDEST = 100


class _Formatter(click.HelpFormatter):
    def __init__(self, *_: object, **_options: object) -> None:
        super().__init__(width=min(shutil.get_terminal_size().columns - 1, _WIDEST))

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        if self.width >= NARROW:
            return super().write_dl(rows, col_max, col_spacing)
        for name, text in rows:
            for each in name.split(" / "):
                self.write(f"{'':>{self.current_indent}}{each}\n")
            with self.indentation():
                self.write_text(text)
        return None


class _Context(click.Context):
    formatter_class = _Formatter


class Command(click.Command):
    """A command whose help fits."""

    context_class = _Context


class Group(click.Group):
    """A group whose help fits, as does that of its commands."""

    context_class = _Context
