"""`havn outbox create-tables`, interrupted."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

import pytest
from crash.migration import differences
from sqlalchemy import Engine, create_engine, event

from havn_ext.cli import main

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class _InterruptedError(Exception):
    """The process is gone."""


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """A new SQLite database."""
    engine = create_engine(f"sqlite:///{tmp_path / 'shop.db'}")
    yield engine
    engine.dispose()


def interrupted(engine: Engine, number: int) -> bool:
    """Runs the command, interrupted after so many statements; whether it came to that."""
    numbers = count(1)

    def interrupt(*_: object) -> None:
        if next(numbers) == number:
            raise _InterruptedError

    event.listen(Engine, "after_cursor_execute", interrupt)
    try:
        create_tables(engine)
    except _InterruptedError:
        return True
    finally:
        event.remove(Engine, "after_cursor_execute", interrupt)
    return False


def create_tables(engine: Engine) -> None:
    """Runs the command."""
    assert main(["outbox", "create-tables", "--database", str(engine.url)]) == 0


def test_what_was_interrupted_is_complete_the_next_time(engine: Engine) -> None:
    """Whichever statement was the last, running the command again leaves every table, column and index."""
    for number in count(1):
        struck = interrupted(engine, number)
        create_tables(engine)
        assert differences(engine) == [], f"interrupted after statement {number}"
        if not struck:
            assert number > 5, "it has to come to the indexes"
            return
        engine.dispose()
        with engine.begin() as connection:
            for table in ("havn_outbox", "havn_outbox_pause"):
                connection.exec_driver_sql(f"DROP TABLE {table}")


def test_differences_are_found(engine: Engine) -> None:
    """A table that is missing, a column, and an index are each told."""
    assert differences(engine) == ["no table havn_outbox", "no table havn_outbox_pause"]
    create_tables(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP INDEX havn_outbox_due")
        connection.exec_driver_sql("ALTER TABLE havn_outbox DROP COLUMN last_error")
    assert differences(engine) == ["no column havn_outbox.last_error", "no index havn_outbox_due"]
