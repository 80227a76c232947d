"""`havn outbox create-tables`, killed after one of its statements; and whether its tables are complete.

python scripts/crash/migration.py NUMBER outbox create-tables --database URL
"""

from __future__ import annotations

import os
import signal
import sys
from itertools import count
from pathlib import Path

from sqlalchemy import Engine, MetaData, event, inspect

sys.path[0] = str(Path(__file__).resolve().parents[1])

from havn_ext.cli import main  # noqa: E402  needs the path above
from havn_ext.outbox import outbox_tables  # noqa: E402  as above

__all__ = ["differences"]


def die_after(number: int) -> None:
    """Lets this process die when it has carried out so many statements."""
    numbers = count(1)

    @event.listens_for(Engine, "after_cursor_execute")
    def _(*_: object) -> None:
        if next(numbers) == number:
            os.kill(os.getpid(), signal.SIGKILL)


def differences(engine: Engine) -> list[str]:
    """In what the tables of a database are not as they were declared, columns and indexes."""
    metadata = MetaData()
    tables = outbox_tables(metadata)
    found = inspect(engine)
    names = set(found.get_table_names())
    complaints: list[str] = []
    for table in tables:
        if table.name not in names:
            complaints.append(f"no table {table.name}")
            continue
        columns = {column["name"] for column in found.get_columns(table.name)}
        indexes = {str(index["name"]) for index in found.get_indexes(table.name)}
        complaints += [f"no column {table.name}.{each.name}" for each in table.columns if each.name not in columns]
        complaints += [f"no index {each.name}" for each in table.indexes if str(each.name) not in indexes]
    return complaints


if __name__ == "__main__":
    die_after(int(sys.argv[1]))
    sys.exit(main(sys.argv[2:]))
