"""Files of users: rows with their lines, whatever they hold, and files of failures that read back as they were."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from havn_ext.cli import failed_rows
from havn_ext.cli.feed import Feed
from havn_ext.cli.user_columns import Columns
from havn_ext.cli.user_files import UserFile
from havn_ext.errors import HAVNValidationError

CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
ROWS = st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=8)


def opened(folder: Path, content: str | bytes, name: str = "users.csv", **options: Any) -> UserFile:
    """A file with this content."""
    place = folder / name
    place.write_bytes(content.encode() if isinstance(content, str) else content)
    return UserFile.of(place, options.pop("columns", Columns()), **options)


def lines(place: Path) -> int:
    """How many lines a file has, of whatever ends."""
    with place.open(encoding="utf-8", newline="") as text:
        return sum(1 for _ in text)


@given(ROWS, st.sampled_from(",;\t|"))
def test_what_a_writer_wrote_is_read(rows: list[tuple[str, str, str]], delimiter: str) -> None:
    """Every row that is not blank is read whole, with the number of its first line."""
    with TemporaryDirectory() as folder:
        place = Path(folder, "users.csv")
        begins: list[int] = []
        with place.open("w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out, delimiter=delimiter)
            writer.writerow(("email", "name", "picture"))
            for row in rows:
                out.flush()
                begins.append(1 + lines(place))
                writer.writerow(row)
        read = list(UserFile.of(place, Columns(), delimiter=delimiter).rows())
        kept = [number for number, row in enumerate(rows) if any(cell.strip() for cell in row)]
        assert [tuple(row.raw) for row in read] == [rows[number] for number in kept]
        assert [row.fault for row in read] == [None] * len(kept)
        assert [row.line for row in read] == [begins[number] for number in kept]


@given(ROWS, st.data())
def test_failures_read_back_as_they_were(rows: list[tuple[str, str, str]], data: st.DataObject) -> None:
    """The rows of a file of failures are the failed ones, as users and as cells, in their order."""
    with TemporaryDirectory() as folder:
        place, failures = Path(folder, "users.csv"), Path(folder, "failed.csv")
        with place.open("w", encoding="utf-8", newline="") as out:
            csv.writer(out).writerows([("email", "name", "picture"), *rows])
        file = UserFile.of(place, Columns())
        read = list(file.rows())
        failed = data.draw(st.sets(st.sampled_from(range(len(read))))) if read else set[int]()
        failed_rows.write(failures, file, dict.fromkeys(failed, "no\nreason, really"))
        again = list(UserFile.of(failures, Columns()).rows())
        assert [row.user for row in again] == [read[number].user for number in sorted(failed)]
        assert [row.raw[2:] for row in again] == [read[number].raw for number in sorted(failed)]


@given(
    st.lists(
        st.dictionaries(st.sampled_from(["email", "name", "age"]), st.none() | st.integers() | CELLS), max_size=6
    )
)
def test_json_lines_read_back_as_they_were(users: list[dict[str, Any]]) -> None:
    """So are those of JSON lines."""
    with TemporaryDirectory() as folder:
        file = opened(Path(folder), "".join(f"{json.dumps(user)}\n" for user in users), "users.jsonl")
        assert [row.user for row in file.rows()] == users
        failures = Path(folder, "failed.jsonl")
        failed_rows.write(failures, file, dict.fromkeys(range(len(users)), "no reason"))
        assert [row.user for row in UserFile.of(failures, Columns()).rows()] == users


@pytest.mark.parametrize(
    ("content", "faults"),
    [
        ('email,name\n"a"b,c\nd,e\n', {2: "is no CSV"}),
        ('email,name\na,b\n"c,d\n', {3: "is no CSV"}),
        ("email,name\n\n  ,\na,b,c\na\n", {4: "has 3 cells", 5: "has 1 cells"}),
        (b"email,name\na,b\nc,J\xf6rg\n", {3: "is not text"}),
    ],
)
def test_a_row_that_can_not_be_read_is_a_fault(
    content: str | bytes, faults: dict[int, str], tmp_path: Path
) -> None:
    """It has its line and its reason, and the rows behind it are read."""
    rows = [row for row in opened(tmp_path, content).rows() if row.fault]
    assert {row.line: fault for row, fault in zip(rows, faults.values(), strict=True)} == faults
    for row, fault in zip(rows, faults.values(), strict=True):
        assert fault in str(row.fault)


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("{", "is no JSON"),
        ('"text"', "must be a JSON object, not str"),
        ("[{}]", "JSON lines have one object a line"),
        ("null", "not NoneType"),
        ('{"email": 1, "E-MAIL": 2, "Email": 3}', "more than one name"),
        ("[" * 100_000, "is no JSON"),
    ],
)
def test_a_line_that_is_no_user_is_a_fault(line: str, word: str, tmp_path: Path) -> None:
    """It is told what it is instead."""
    (row,) = opened(tmp_path, line, kind="jsonl").rows()
    assert (row.line, row.user, word in str(row.fault)) == (1, None, True)


def test_a_broken_row_is_kept_whole(tmp_path: Path) -> None:
    """What is no CSV stands in the file of failures as it stood, bytes that are no text included."""
    file = opened(tmp_path, b'email,name\n"a"b,J\xf6rg\nc,J\xf6rg\n')
    failed_rows.write(tmp_path / "failed.csv", file, {0: "no CSV", 1: "no text"})
    written = (tmp_path / "failed.csv").read_bytes()
    assert b'2,no CSV,"""a""b,J\xf6rg' in written
    assert b"3,no text,c,J\xf6rg" in written


@pytest.mark.parametrize("encoding", ["utf-16", "cp1252", "utf-8-sig"])
def test_encodings_are_read_and_written(encoding: str, tmp_path: Path) -> None:
    """A file of failures has the encoding of its file."""
    content = "email;name\njoerg@example.com;Jörg\n".encode(encoding)
    file = opened(tmp_path, content, encoding=encoding)
    assert [row.user for row in file.rows()] == [{"email": "joerg@example.com", "name": "Jörg"}]
    failed_rows.write(tmp_path / "failed.csv", file, {0: "x"})
    again = UserFile.of(tmp_path / "failed.csv", Columns(), encoding=encoding)
    assert [row.user for row in again.rows()] == [row.user for row in file.rows()]
    failed_rows.check_place(tmp_path / "failed.csv", file)


def test_another_encoding_is_told(tmp_path: Path) -> None:
    """Neither a traceback nor rows of nonsense."""
    with pytest.raises(HAVNValidationError, match="--encoding"):
        opened(tmp_path, "email,name\n".encode("utf-16"))
    with pytest.raises(HAVNValidationError, match="--encoding"):
        list(opened(tmp_path, b"email,name\n\xff", encoding="utf-16").rows())


@pytest.mark.parametrize(
    ("cell", "value"),
    [("yes", True), ("TRUE", True), ("1", True), ("No", False), ("false", False), ("0", False)],
)
def test_truth_values_are_words(cell: str, value: bool, tmp_path: Path) -> None:
    """Yes and no in the usual spellings."""
    (row,) = opened(tmp_path, f"email,name,is_owner\na@example.com,A,{cell}\n").rows()
    assert row.user is not None
    assert row.user["is_owner"] == value


def test_another_word_is_no_truth_value(tmp_path: Path) -> None:
    """It is refused with the words that there are; that it is a `str`, as all cells are, would help nobody."""
    (row,) = opened(tmp_path, "email,name,is_owner,create_associate\na@example.com,A,ja,maybe\n").rows()
    wrong = "must be yes or no, true or false, 1 or 0"
    assert (row.user, row.fault) == (None, f"is_owner: {wrong}; create_associate: {wrong}")


def test_a_feed_knows_the_lines(tmp_path: Path) -> None:
    """Rows are spoken of by their lines, and those that can't be read by their own faults."""
    from havn_ext.models import SyncError

    feed = Feed(opened(tmp_path, "email,name\na,b,c\nd@example.com,D\n").rows())
    assert len(list(feed)) == feed.taken == 2
    assert (feed.line_of(0), feed.line_of(1), feed.line_of(2), feed.line_of(None)) == (2, 3, None, None)
    assert feed.reason_of(SyncError(index=0, error="must be a mapping")) == "has 3 cells, and the header 2"
    assert feed.reason_of(SyncError(index=1, error="refused")) == "refused"
    assert feed.reason_of(SyncError(error="refused")) == "refused"


def test_a_feed_that_is_stopped_gives_no_more(tmp_path: Path) -> None:
    """What was taken is taken; a file of any length ends there."""
    feed = Feed(opened(tmp_path, "email,name\na@example.com,A\nb@example.com,B\n").rows())
    next(feed)
    feed.stop()
    assert list(feed) == []
    assert feed.taken == 1


def test_a_write_that_fails_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The old file of failures is there until the new one is whole, and no draft stays behind."""
    file = opened(tmp_path, "email,name\na@example.com,A\n")
    place = tmp_path / "failed.csv"
    failed_rows.write(place, file, {0: "first"})
    before = place.read_bytes()

    def fail(_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(UserFile, "rows", fail)
    with pytest.raises(OSError, match="disk full"):
        failed_rows.write(place, file, {0: "second"})
    assert place.read_bytes() == before
    assert sorted(each.name for each in tmp_path.iterdir()) == ["failed.csv", "users.csv"]
