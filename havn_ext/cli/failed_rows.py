"""The rows of a file of users that were not synced, as a file that can be mended and fed back in."""

from __future__ import annotations

import csv
import json
import os
import tempfile
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from havn_ext._guards import is_json_object
from havn_ext.cli.user_columns import OWN_COLUMNS, RAW
from havn_ext.errors import HAVNValidationError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from havn_ext.cli.user_files import UserFile
    from havn_ext.cli.user_rows import Row

__all__ = ["check_place", "write"]


def check_place(path: Path, file: UserFile) -> None:
    """Refuses to overwrite anything but an older file of failures.

    Raises:
        HAVNValidationError: Something else is there.
    """
    if not path.absolute().parent.is_dir():
        raise _refused("is in a folder that is not there")
    if not path.exists():
        return
    if path.samefile(file.path):
        raise _refused("is the file of users itself: name another one")
    if not path.is_file():
        raise _refused("is no file")
    with path.open("rb") as old:
        begin = old.read(4096)
    if begin and OWN_COLUMNS[0].encode() not in begin.replace(b"\0", b""):  # UTF-16 has zeros
        raise _refused("holds something else than failures: name another file")


def write(path: Path, file: UserFile, reasons: Mapping[int, str]) -> None:
    """Writes the rows in one step, for their owner's eyes only. A file without rows says that none failed.

    Args:
        path: Where to.
        file: Where from.
        reasons: Why each failed, by its position in the file, from 0.

    Raises:
        OSError: It can't be written; what was there before is there still.
    """
    encoding = "utf-8" if file.kind == "jsonl" else file.encoding  # a byte order mark is for spreadsheets
    number, draft = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.absolute().parent)
    try:
        with os.fdopen(number, "w", encoding=encoding, errors="surrogateescape", newline="") as out:
            put = _writer(out, file)
            end = max(reasons, default=-1) + 1  # behind it the file may be unreadable
            for position, row in enumerate(islice(file.rows(), end)):
                if position in reasons:
                    put(row, reasons[position])
        Path(draft).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(draft).unlink()
        raise


def _writer(out: Any, file: UserFile) -> Callable[[Row, str], object]:  # noqa: ANN401  a text file
    if file.kind == "jsonl":
        return lambda row, reason: out.write(f"{json.dumps(_document(row, reason))}\n")
    names = file.header()
    kept = [place for place, name in enumerate(names) if name.strip() not in OWN_COLUMNS]
    writer = csv.writer(out, delimiter=file.delimiter)  # whose line ends let it quote \r and \n alike
    writer.writerow([*OWN_COLUMNS, *(names[place] for place in kept)])

    def put(row: Row, reason: str) -> None:
        whole = len(row.raw) == len(names)  # one of another length is kept as it is
        cells = [row.raw[place] for place in kept] if whole else row.raw
        writer.writerow([row.line, reason, *cells])

    return put


def _document(row: Row, reason: str) -> dict[str, Any]:
    marks = dict(zip(OWN_COLUMNS, (row.line, reason), strict=True))
    try:
        given: object = json.loads(row.raw) if isinstance(row.raw, str) else None
    except (ValueError, RecursionError):
        given = None
    if not is_json_object(given):
        return {**marks, RAW: row.raw}
    return {**marks, **{name: value for name, value in given.items() if name not in OWN_COLUMNS}}


def _refused(reason: str) -> HAVNValidationError:
    return HAVNValidationError(errors={"--failures": reason})
