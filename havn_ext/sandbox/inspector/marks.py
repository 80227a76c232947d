"""Headers, parameters and bodies as the page shows them: each with the faults that were found in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from havn_ext.sandbox.inspector import json_lines

if TYPE_CHECKING:
    from collections.abc import Iterable

    from havn_ext.sandbox.inspector.json_lines import Line
    from havn_ext.sandbox.messages import Detail
    from havn_ext.sandbox.request_log import Body

__all__ = ["MarkedBody", "MarkedPairs", "Pair"]


@attrs.frozen
class Pair:
    """A header or parameter; its value is None when it is missing."""

    name: str
    value: str | None
    faults: tuple[Detail, ...] = ()


@attrs.frozen
class MarkedPairs:
    """Headers or parameters under a title, those that are missing at the end."""

    title: str
    pairs: tuple[Pair, ...]

    @classmethod
    def of(cls, title: str, given: Iterable[tuple[str, str]], faults: Iterable[Detail]) -> MarkedPairs:
        """The pairs that were given; a fault's path is `/` and a name, of which the case does not matter."""
        by_name: dict[str, list[Detail]] = {}
        for fault in faults:
            by_name.setdefault(fault.path[1:].lower(), []).append(fault)
        shown = [Pair(name, value, tuple(by_name.pop(name.lower(), ()))) for name, value in given]
        missing = [Pair(name, None, tuple(found)) for name, found in by_name.items()]
        return cls(title, (*shown, *missing))


@attrs.frozen
class MarkedBody:
    """A body under a title.

    Args:
        title: What it is the body of.
        size: Bytes that it had.
        text: What the log kept of it.
        lines: The same laid out with the faults; None when it is not JSON.
        faults: All of its faults.
    """

    title: str
    size: int
    text: str
    lines: tuple[Line, ...] | None
    faults: tuple[Detail, ...]

    @classmethod
    def of(cls, title: str, body: Body, faults: Iterable[Detail] = ()) -> MarkedBody:
        """A body of the log."""
        found = tuple(faults)
        lines = json_lines.laid_out(body.kept, found)
        return cls(title, body.size, body.text, None if lines is None else tuple(lines), found)

    @property
    def cut(self) -> bool:
        """Whether lines are left out."""
        return self.lines is not None and len(self.lines) == json_lines.MOST_LINES
