"""Files of users, CSV or JSON lines: which they are, and how to read them, more than once."""

from __future__ import annotations

import csv
import shutil
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import attrs

from havn_ext.cli.user_rows import NOT_TEXT, csv_rows, is_text, json_rows
from havn_ext.errors import HAVNValidationError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from typing import TextIO

    from havn_ext.cli.user_columns import Columns
    from havn_ext.cli.user_rows import Row

__all__ = ["UserFile", "readable_again"]

_DELIMITERS: Final = ",;\t|"


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
        with draft.open() as text, _only_text():
            first = text.readline()
        found = kind or _kind_of(path, first)
        if not is_text(first) or "\0" in first:
            raise _unreadable()
        if found == "csv" and not first.strip():
            raise HAVNValidationError(errors={"FILE": "has no header: its first line is empty"})
        cell = delimiter or max(_DELIMITERS, key=first.count)
        file = attrs.evolve(draft, kind=found, delimiter=cell)
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
        with self.open() as text, _only_text():
            try:
                names = next(csv.reader(text, delimiter=self.delimiter, strict=True))
            except csv.Error as error:
                raise HAVNValidationError(errors={"line 1": f"is no CSV: {error}"}) from None
        self.columns.fields_of(names)
        return names

    def rows(self) -> Iterator[Row]:
        """Every row, those that can't be read included; blank lines are none."""
        with self.open() as text, _only_text():
            yield from (
                json_rows(text, self.columns)
                if self.kind == "jsonl"
                else csv_rows(text, self.delimiter, self.columns)
            )


def _kind_of(path: Path, first: str) -> str:
    suffix = path.suffix.lower()
    if suffix in {".csv", ".tsv"}:
        return "csv"
    if suffix in {".jsonl", ".ndjson"} or first.lstrip().startswith(("{", "[")):
        return "jsonl"
    return "csv"


@contextmanager
def _only_text() -> Generator[None]:
    try:
        yield
    except UnicodeError:  # of encodings that can't carry stray bytes along
        raise _unreadable() from None


def _unreadable() -> HAVNValidationError:
    return HAVNValidationError(errors={"FILE": f"{NOT_TEXT} (such as utf-16 or cp1252)"})


def _with_mark(encoding: str) -> str:
    """UTF-8 may begin with a byte order mark, as spreadsheets write it."""
    return "utf-8-sig" if encoding.casefold().replace("_", "-") in {"utf-8", "utf8"} else encoding


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
