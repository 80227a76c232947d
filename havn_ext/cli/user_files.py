"""Files of users, CSV or JSON lines: rows with their line numbers, and columns with the names of HAVN's fields."""

from __future__ import annotations

import csv
import json
import shutil
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import attrs

from havn_ext._user import UserInput
from havn_ext.errors import HAVNValidationError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Mapping
    from typing import TextIO

__all__ = ["FIELDS", "OWN_COLUMNS", "RAW", "Columns", "Row", "UserFile", "readable_again"]

FIELDS: Final = tuple(sorted(UserInput.__annotations__, key=lambda field: field not in UserInput.__required_keys__))
"""The fields of a user, see `users.sync`."""

OWN_COLUMNS: Final = ("havn_line", "havn_error")
"""What a file of failures has beside the failed rows; no field of a user."""

RAW: Final = "havn_raw"
"""Where a file of failures keeps a line that is no JSON object."""

_FLAGS: Final = ("create_associate", "is_owner")
_YES: Final = frozenset({"true", "yes", "y", "1"})
_NO: Final = frozenset({"false", "no", "n", "0"})
_DELIMITERS: Final = ",;\t|"
_NOT_TEXT: Final = "is not text in this encoding: save the file as UTF-8, or pass --encoding"


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


@attrs.frozen
class Columns:
    """Which column of a file is which field.

    Args:
        mapped: Fields by the names of columns, as the caller gave them; "" leaves a column out.
        lenient: Whether columns that are no field are left out.
    """

    mapped: Mapping[str, str] = attrs.field(factory=dict[str, str])
    lenient: bool = False

    def field_of(self, column: str) -> str | None:
        """The field that a column holds; "" for one that is left out, None for one that nobody knows."""
        name = column.strip()
        if name in self.mapped:
            return self.mapped[name]
        plain = name.casefold().replace(" ", "_").replace("-", "_")
        if plain in FIELDS:
            return plain
        return "" if self.lenient or plain in OWN_COLUMNS else None

    def fields_of(self, header: Iterable[str]) -> list[str]:
        """The field of each column of a header; "" for those that are left out.

        Raises:
            HAVNValidationError: A column is unknown, a field is there twice or, if it is required, not at all.
        """
        names = [name.strip() for name in header]
        fields = [self.field_of(name) for name in names]
        known = [field for field in fields if field]
        unknown = [name for name, field in zip(names, fields, strict=True) if field is None]
        problems: dict[str, str] = {}
        if unknown:
            problems["columns"] = (
                f"{_listed(unknown)}: no field of a user. Say what a column is with --map COLUMN=FIELD, or leave"
                f" it out with --map COLUMN=, or all of them with --ignore-unmapped. Fields: {', '.join(FIELDS)}"
            )
        for field in sorted({field for field in known if known.count(field) > 1}):
            problems[field] = "is held by more than one column"
        for field in ("email", "name"):
            if field not in known:
                problems[field] = f"has no column: name it with --map COLUMN={field}. Columns: {_listed(names)}"
        self._check_mapped(names, problems)
        _raise_any(problems)
        return [field or "" for field in fields]

    def _check_mapped(self, names: Iterable[str], problems: dict[str, str]) -> None:
        absent = self.mapped.keys() - set(names)
        if absent:
            problems["--map"] = f"there is no column {_listed(sorted(absent))}. Columns: {_listed(names)}"


@attrs.frozen
class UserFile:
    """A file that can be read again and again.

    Args:
        path: Where it is.
        kind: `csv` or `jsonl`.
        encoding: Name of the encoding.
        delimiter: What stands between cells.
        columns: Which column is which field.
    """

    path: Path
    kind: str
    encoding: str
    delimiter: str
    columns: Columns

    @classmethod
    def of(
        cls,
        path: Path,
        columns: Columns,
        *,
        kind: str | None = None,
        encoding: str = "utf-8",
        delimiter: str | None = None,
    ) -> UserFile:
        """A file whose kind and delimiter are found out where they are not given.

        Raises:
            HAVNValidationError: The file is empty, in another encoding, or lacks columns.
            OSError: It can't be read.
        """
        draft = cls(path, "csv", _with_mark(encoding), ",", columns)
        with draft.open() as text:
            first = _first_line(text)
        cell = delimiter or max(_DELIMITERS, key=first.count)
        file = attrs.evolve(draft, kind=kind or _kind_of(path, first), delimiter=cell)
        file.header()
        return file

    def open(self) -> TextIO:
        """The file from its beginning; bytes that are no text come as lone surrogates, and back as they were."""
        return self.path.open(encoding=self.encoding, errors="surrogateescape", newline="")

    def header(self) -> list[str]:
        """The names of the columns; none of JSON lines.

        Raises:
            HAVNValidationError: There is no header, or a column in it is wrong.
        """
        if self.kind == "jsonl":
            return []
        with self.open() as text:
            try:
                names = next(self._reader(text), [])
            except csv.Error as error:
                raise HAVNValidationError(errors={"line 1": f"is no CSV: {error}"}) from None
        self.columns.fields_of(names)
        return names

    def rows(self) -> Iterator[Row]:
        """Every row, those that can't be read included; blank lines are none."""
        return self._json_rows() if self.kind == "jsonl" else self._csv_rows()

    def _reader(self, text: Iterable[str]) -> Any:  # noqa: ANN401  the csv module's own class
        return csv.reader(text, delimiter=self.delimiter, strict=True)

    def _csv_rows(self) -> Iterator[Row]:
        with self.open() as text:
            lines = _Lines(text)
            reader = self._reader(lines)
            fields = self.columns.fields_of(next(reader))
            while True:
                line = reader.line_num + 1
                lines.last.clear()
                try:
                    cells: list[str] = next(reader)
                except StopIteration:
                    return
                except csv.Error as error:
                    yield Row(line, None, f"is no CSV: {error}", ["".join(lines.last)])
                    continue
                if any(cell.strip() for cell in cells):
                    yield _csv_row(line, cells, fields)

    def _json_rows(self) -> Iterator[Row]:
        with self.open() as text:
            for line, given in enumerate(text, 1):
                if given.strip():
                    yield _json_row(line, given.rstrip("\r\n"), self.columns)


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
    if not _is_text("".join(cells)):
        return Row(line, None, _NOT_TEXT, cells)
    given = {field: cell.strip() for field, cell in zip(fields, cells, strict=True) if field and cell.strip()}
    return Row(line, {field: _value(field, cell) for field, cell in given.items()}, None, cells)


def _value(field: str, cell: str) -> str | bool:
    """A cell as `users.sync` takes it; what is no yes or no is left to its checks."""
    if field in _FLAGS:
        word = cell.casefold()
        return True if word in _YES else False if word in _NO else cell
    return cell


def _json_row(line: int, text: str, columns: Columns) -> Row:
    if not _is_text(text):
        return Row(line, None, _NOT_TEXT, text)
    try:
        given = json.loads(text)
        if isinstance(given, dict) and isinstance(given.get(RAW), str):  # of a file of failures
            text = given[RAW]
            given = json.loads(text)
    except (ValueError, RecursionError) as error:
        reason = f"{error.msg}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else str(error)
        return Row(line, None, f"is no JSON: {reason}", text)
    if not isinstance(given, dict):
        kind = "an array: JSON lines have one object a line" if isinstance(given, list) else type(given).__name__
        return Row(line, None, f"must be a JSON object, not {kind}", text)
    user: dict[str, Any] = {}
    for name, value in given.items():
        field = columns.field_of(name)
        if field in user:
            return Row(line, None, f"{field}: is held by more than one name", text)
        if field != "":
            user[name if field is None else field] = value  # an unknown name is refused by the checks, by name
    return Row(line, user, None, text)


def _kind_of(path: Path, first: str) -> str:
    suffix = path.suffix.lower()
    if suffix in {".csv", ".tsv"}:
        return "csv"
    if suffix in {".jsonl", ".ndjson"} or first.lstrip().startswith(("{", "[")):
        return "jsonl"
    return "csv"


def _first_line(text: TextIO) -> str:
    first = text.readline()
    if not first.strip():
        raise HAVNValidationError(errors={"FILE": "is empty, or begins with an empty line"})
    if not _is_text(first) or "\0" in first:
        raise HAVNValidationError(errors={"FILE": f"{_NOT_TEXT} (such as utf-16 or cp1252)"})
    return first


def _is_text(text: str) -> bool:
    """Whether every byte was a character; see `UserFile.open`."""
    return text.isascii() or not any("\udc80" <= each <= "\udcff" for each in text)


def _with_mark(encoding: str) -> str:
    """UTF-8 may begin with a byte order mark, as spreadsheets write it."""
    return "utf-8-sig" if encoding.casefold().replace("_", "-") in {"utf-8", "utf8"} else encoding


def _listed(names: Iterable[str]) -> str:
    return ", ".join(repr(name) for name in names)


def _raise_any(problems: Mapping[str, str]) -> None:
    if problems:
        raise HAVNValidationError(errors=problems)


@contextmanager
def readable_again(path: Path | None) -> Generator[Path]:
    """A file that can be read more than once; of standard input (None) a copy, which is gone afterwards."""
    if path is not None:
        yield path
        return
    with tempfile.NamedTemporaryFile(prefix="havn-") as copy:
        shutil.copyfileobj(sys.stdin.buffer, copy)
        copy.flush()
        yield Path(copy.name)
