from __future__ import annotations

import sqlite3
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from havn_ext.sandbox.companies import Company, open_data
from havn_ext.sandbox.store import CompanyData, Store, StoreError

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@pytest.fixture
def store() -> Generator[Store]:
    """An empty database in memory."""
    store = Store()
    yield store
    store.close()


def names(data: CompanyData) -> list[str]:
    """The names of a company's users."""
    return [row["name"] for row in data.all("users")]


def add_user(data: CompanyData, name: str) -> None:
    """Make a user, one row and one number."""
    data.insert("users", id=data.next_id("usr"), email=name, name=name)


def test_a_transaction_is_kept_as_a_whole_or_not_at_all(store: Store) -> None:
    """An exception undoes it, a dry run undoes it, and otherwise it is kept."""
    data = open_data(store, Company("k", "s"))
    with suppress(ZeroDivisionError), store.transaction():
        add_user(data, "undone")
        raise ZeroDivisionError
    with store.transaction(keep=False):
        add_user(data, "dry")
        assert names(data) == ["dry"]
    with store.transaction():
        add_user(data, "kept")
    assert names(data) == ["kept"]
    assert data.all("users")[0]["id"] == "usr_001"


def test_a_savepoint_undoes_its_inside_alone(store: Store) -> None:
    """What happened before and after a failed step stays."""
    data = open_data(store, Company("k", "s"))
    with store.transaction():
        add_user(data, "before")
        with suppress(ZeroDivisionError), data.savepoint():
            add_user(data, "inside")
            raise ZeroDivisionError
        with data.savepoint():
            add_user(data, "after")
    assert names(data) == ["before", "after"]


def test_rows_of_companies_are_apart(store: Store) -> None:
    """The same names, ids and numbers live side by side; a change reaches one company's row alone."""
    one, two = (open_data(store, Company(key, "s")) for key in ("one", "two"))
    add_user(one, "ann")
    add_user(two, "ann")
    two.update("users", "usr_001", name="bea")
    assert (names(one), names(two)) == (["ann"], ["bea"])
    assert one.find("users", email="nobody") is None


def test_a_file_keeps_what_was_committed(tmp_path: Path) -> None:
    """A second opening finds the data of the first, and does not lay it out again."""
    path = tmp_path / "box.db"
    for name in ("ann", "bea"):
        store = Store(path)
        with store.transaction():
            add_user(open_data(store, Company("k", "s")), name)
        known = names(open_data(store, Company("k", "s")))
        store.close()
    assert known == ["ann", "bea"]


def test_a_file_is_written_ahead(tmp_path: Path) -> None:
    """The journal mode is WAL, which survives the death of the process at any point."""
    store = Store(tmp_path / "box.db")
    mode = store.connection.execute("PRAGMA journal_mode").fetchone()
    store.close()
    assert mode == {"journal_mode": "wal"}


@pytest.mark.parametrize(
    "statement", ["CREATE TABLE other (x)", "PRAGMA user_version = 99"], ids=["foreign", "newer"]
)
def test_another_programs_database_is_left_alone(tmp_path: Path, statement: str) -> None:
    """A database that is not the sandbox's, or of another version, is refused and not changed."""
    path = tmp_path / "other.db"
    connection = sqlite3.connect(path)
    connection.execute(statement)
    connection.commit()
    connection.close()
    before = path.read_bytes()
    with pytest.raises(StoreError, match="use another file"):
        Store(path)
    assert path.read_bytes() == before


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    """The message names the file; nothing is left open."""
    path = tmp_path / "notes.txt"
    path.write_text("no database, " * 100)
    with pytest.raises(StoreError, match=r"notes\.txt"):
        Store(path)
    with pytest.raises(StoreError, match="unable to open"):
        Store(tmp_path / "missing" / "box.db")
