"""A JSON body laid out in lines, each with the faults that were found at its place.

Numbers are shown as they were spelt. The walk keeps its own stack, so nesting costs no recursion.
"""

from __future__ import annotations

import json
from itertools import islice
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, cast

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from havn_ext.sandbox.messages import Detail

__all__ = ["MOST_LINES", "Line", "laid_out"]

MOST_LINES: Final = 2000
"""A page shows no more lines than these; the body as it was sent is still shown in full."""

Kind: TypeAlias = Literal["bracket", "number", "string", "word"]


@attrs.frozen
class Line:
    """One line of a laid-out body.

    Args:
        depth: How many containers it stands in.
        key: Its name with quotes, as JSON spells it; None in an array and for a closing bracket.
        text: Its value, or a bracket.
        kind: What the text is.
        tail: The comma after it, or nothing.
        pointer: JSON pointer to its value; None for a closing bracket.
        faults: What was found wrong here, or in a field that is missing from here.
    """

    depth: int
    key: str | None
    text: str
    kind: Kind
    tail: str
    pointer: str | None
    faults: tuple[Detail, ...] = ()


def laid_out(body: bytes, faults: Iterable[Detail]) -> list[Line] | None:
    """The lines of a body, `MOST_LINES` at the most; None when it is not JSON."""
    try:
        document = json.loads(body, parse_float=_Spelt, parse_int=_Spelt, parse_constant=_Spelt)
    except (ValueError, RecursionError):
        return None
    lines = list(islice(_walk(document), MOST_LINES))
    marks = _nearest_places({line.pointer for line in lines}, faults)
    return [attrs.evolve(line, faults=tuple(marks.get(line.pointer, ()))) for line in lines]


class _Spelt(str):
    """A number in the spelling of the body."""

    __slots__ = ()


@attrs.frozen
class _Pending:
    """A value that is still to be written, or with `closing` the bracket that ends it."""

    value: object
    pointer: str | None = ""
    depth: int = 0
    key: str | None = None
    tail: str = ""

    def line(self, text: str, kind: Kind, tail: str | None = None) -> Line:
        return Line(self.depth, self.key, text, kind, self.tail if tail is None else tail, self.pointer)


class _Closing(str):
    """The bracket that ends a container."""

    __slots__ = ()


def _walk(document: object) -> Iterator[Line]:
    pending = [_Pending(document)]
    while pending:
        item = pending.pop()
        text, kind = _spelling(item.value)
        children = list(_children(item))
        if not children:
            yield item.line(text, kind)
            continue
        yield item.line(text[0], kind, tail="")
        pending.append(_Pending(_Closing(text[1]), None, item.depth, tail=item.tail))
        pending.extend(reversed(children))


def _children(parent: _Pending) -> Iterator[_Pending]:
    """What stands in a value, in its order."""
    members = _members(parent.value)
    last = len(members) - 1
    for place, (step, value) in enumerate(members):
        yield _Pending(
            value,
            f"{parent.pointer}/{str(step).replace('~', '~0').replace('/', '~1')}",
            parent.depth + 1,
            _quoted(step) if isinstance(step, str) else None,
            "," if place < last else "",
        )


def _members(container: object) -> list[tuple[object, object]]:
    """Names or places, and values; of anything but a container there are none."""
    match container:
        case dict():
            return list(cast("dict[object, object]", container).items())
        case list():
            return list(enumerate(cast("list[object]", container)))
        case _:
            return []


def _spelling(value: object) -> tuple[str, Kind]:
    match value:
        case _Closing():
            return str(value), "bracket"
        case _Spelt():
            return str(value), "number"
        case str():
            return _quoted(value), "string"
        case dict():
            return "{}", "bracket"
        case list():
            return "[]", "bracket"
        case _:
            return json.dumps(value), "word"


def _quoted(text: str) -> str:
    """JSON's spelling with all characters readable; half of a surrogate pair stays escaped."""
    return json.dumps(text, ensure_ascii=False).encode("utf-8", "backslashreplace").decode()


def _nearest_places(places: set[str | None], faults: Iterable[Detail]) -> dict[str | None, list[Detail]]:
    """The faults by the place where each stands; what is missing or not shown counts for what it belongs to."""
    found: dict[str | None, list[Detail]] = {}
    for fault in faults:
        place = fault.path
        while place and place not in places:
            place = place.rpartition("/")[0]
        found.setdefault(place, []).append(fault)
    return found
