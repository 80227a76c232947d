"""The rows of a file of users, each with its line; what can't be read is a row with a fault."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING, Any, Final

import attrs

from havn_ext._guards import is_json_object, is_list
from havn_ext.cli.user_columns import RAW

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import TextIO

    from havn_ext.cli.user_columns import Columns

__all__ = ["NOT_TEXT", "Row", "csv_rows", "is_text", "json_rows"]

NOT_TEXT: Final = "is not text in this encoding: save the file as UTF-8, or pass --encoding"

_FLAGS: Final = ("create_associate", "is_owner")
_TRUTH: Final = {
    **dict.fromkeys(("true", "yes", "y", "1"), True),
    **dict.fromkeys(("false", "no", "n", "0"), False),
}
_NO_TRUTH: Final = "must be yes or no, true or false, 1 or 0"


@attrs.frozen
class Row:
    """One row of a file.

    Attributes:
        line: Number of its first line, from 1.
        user: Its fields by HAVN's names, None where it can't be read.
        fault: Why it can't be read.
        raw: What stands in the file: the cells, or the line.
    """

    line: int
    user: Mapping[str, Any] | None
    fault: str | None
    raw: list[str] | str


def csv_rows(text: TextIO, delimiter: str, columns: Columns) -> Iterator[Row]:
    """The rows below the header of a CSV file; blank ones are none."""
    lines = _Lines(text)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    fields = columns.fields_of(next(reader))
    while True:
        line = reader.line_num + 1
        lines.last.clear()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Row(line, None, f"is no CSV: {error}", ["".join(lines.last)])
            continue
        if any(cell.strip() for cell in cells):
            yield _csv_row(line, cells, fields)


def json_rows(text: TextIO, columns: Columns) -> Iterator[Row]:
    """The rows of JSON lines; blank ones are none."""
    for line, given in enumerate(text, 1):
        if given.strip():
            yield _json_row(line, given.rstrip("\r\n"), columns)


def is_text(text: str) -> bool:
    """Whether every byte was a character; see `UserFile.open`."""
    return text.isascii() or not any("\udc80" <= each <= "\udcff" for each in text)


class _Lines:
    """The lines of a file, and the last of them until they are cleared: what a row that is no CSV was made of."""

    def __init__(self, text: TextIO) -> None:
        self._text = text
        self.last: list[str] = []

    def __iter__(self) -> Iterator[str]:
        for line in self._text:
            self.last.append(line)
            yield line


def _csv_row(line: int, cells: list[str], fields: list[str]) -> Row:
    if len(cells) != len(fields):
        return Row(line, None, f"has {len(cells)} cells, and the header {len(fields)}", cells)
    if not is_text("".join(cells)):
        return Row(line, None, NOT_TEXT, cells)
    given = {field: cell.strip() for field, cell in zip(fields, cells, strict=True) if field and cell.strip()}
    flags = {field: _TRUTH.get(cell.casefold()) for field, cell in given.items() if field in _FLAGS}
    wrong = "; ".join(f"{field}: {_NO_TRUTH}" for field, truth in flags.items() if truth is None)
    return Row(line, None, wrong, cells) if wrong else Row(line, {**given, **flags}, None, cells)


def _json_row(line: int, text: str, columns: Columns) -> Row:
    if not is_text(text):
        return Row(line, None, NOT_TEXT, text)
    try:
        given, text = _document(text)
    except (ValueError, RecursionError) as error:
        reason = f"{error.msg}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else str(error)
        return Row(line, None, f"is no JSON: {reason}", text)
    if not is_json_object(given):
        kind = "an array: JSON lines have one object a line" if is_list(given) else type(given).__name__
        return Row(line, None, f"must be a JSON object, not {kind}", text)
    user: dict[str, Any] = {}
    for name, value in given.items():
        field = columns.field_of(name)
        if field in user:
            return Row(line, None, f"{field}: is held by more than one name", text)
        if field != "":
            user[name if field is None else field] = value  # an unknown name is refused by the checks, by name
    return Row(line, user, None, text)


def _document(text: str) -> tuple[object, str]:
    """What a line says, and the line; of a file of failures what it says of a line that was none."""
    given: object = json.loads(text)
    raw = given.get(RAW) if is_json_object(given) else None
    return (json.loads(raw), raw) if isinstance(raw, str) else (given, text)
