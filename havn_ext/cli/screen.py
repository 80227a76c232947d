"""What the commands print: JSON for programs, and for people what fits their terminal."""

from __future__ import annotations

import json
import sys
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import TextIO

    from rich.console import RenderableType

__all__ = ["NARROW", "Screen", "plain_text"]

NARROW: Final = 60
"""Below so many columns things stand below each other instead of side by side."""

_UNBOUNDED: Final = 10_000  # columns, where nobody wraps lines


class Screen:
    """Results go to standard output, everything else to standard error.

    Args:
        as_json: Whether standard output is one JSON document and nothing else.
    """

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json

    @cached_property
    def out(self) -> Console:
        """For results."""
        return _console(sys.stdout)

    @cached_property
    def err(self) -> Console:
        """For progress and complaints."""
        return _console(sys.stderr)

    @property
    def live(self) -> bool:
        """Whether standard error can show something that moves."""
        return self.err.is_terminal and not self.err.is_dumb_terminal

    def document(self, document: object) -> None:
        """Prints the JSON document."""
        sys.stdout.write(f"{json.dumps(document)}\n")

    def line(self, text: str, style: str = "") -> None:
        """Prints a line of a result, whatever it holds."""
        self.out.print(Text(plain_text(text), style), soft_wrap=not self.out.is_terminal)

    def note(self, text: str, style: str = "") -> None:
        """Says something that is no result."""
        self.err.print(Text(plain_text(text), style), soft_wrap=not self.err.is_terminal)

    def fields(self, values: Mapping[str, object]) -> None:
        """Prints names with their values, those that are None left out."""
        grid = Table.grid(padding=(0, 2))
        grid.add_column(style="dim")
        grid.add_column(overflow="fold")
        for name, value in values.items():
            if value is not None:
                grid.add_row(name, Text(plain_text(str(value))))
        self.show(grid)

    def rows(self, columns: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[str] = ()) -> None:
        """Prints a table, or its rows as paragraphs where it does not fit.

        Args:
            columns: Their names.
            rows: Their cells.
            right: The columns whose cells stand at the right.
        """
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
        for column in columns:
            table.add_column(column, justify="right" if column in right else "left", no_wrap=True)
        for row in rows:
            table.add_row(*(Text(plain_text(cell)) for cell in row))
        if table.__rich_measure__(self.out, self.out.options.update(width=_UNBOUNDED)).maximum <= self.out.width:
            self.show(table)
            return
        for number, row in enumerate(rows):
            if number:
                self.show("")
            self.fields({name: cell or None for name, cell in zip(columns, row, strict=True)})

    def item(self, state: str, style: str, name: str, finding: str, advice: str | None) -> None:
        """Prints how one thing is, and what to do about it."""
        body = Text(plain_text(finding))
        if advice:
            body.append(f"\n{plain_text(advice)}", "italic")
        if self.out.width < NARROW:
            self.show(Text.assemble((state, style), " ", (name, "bold")))
            self.show(Padding(body, (0, 0, 0, 2)))
            return
        grid = Table.grid(padding=(0, 2))
        grid.add_column(width=7)
        grid.add_column(width=14)
        grid.add_column(overflow="fold")
        grid.add_row(Text(state, style), name, body)
        self.show(grid)

    def show(self, renderable: RenderableType) -> None:
        """Prints something of Rich's; what it fills lines with is left out where nobody sees it."""
        if self.out.is_terminal:
            return self.out.print(renderable)
        with self.out.capture() as captured:
            self.out.print(renderable)
        sys.stdout.writelines(f"{line.rstrip()}\n" for line in captured.get().splitlines())
        return None

    def fail(self, message: str, **facts: Any) -> None:  # noqa: ANN401  whatever JSON can hold
        """Tells what went wrong, as the JSON document where one was asked for."""
        if self.as_json:
            known = {name: value for name, value in facts.items() if value is not None}
            return self.document({"error": {"message": message, **known}})
        first, *others = message.splitlines() or [""]
        self.err.print(Text.assemble(("havn: ", "bold red"), plain_text(first)), soft_wrap=True)
        for line in others:
            self.note(f"      {line}" if not line.startswith(" ") else line)
        return None


def plain_text(text: str) -> str:
    """Text whose characters can do nothing to a terminal: control characters are written out."""
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)


class _Console(Console):
    def on_broken_pipe(self) -> None:
        raise BrokenPipeError  # which the command ends with, see `exits`; Rich would end the process itself


def _console(file: TextIO) -> Console:
    # Rich would also take FORCE_COLOR and others for a terminal; here only a terminal is one.
    terminal = file.isatty()
    width = None if terminal else _UNBOUNDED
    return _Console(file=file, force_terminal=terminal, width=width, highlight=False, markup=False, emoji=False)
