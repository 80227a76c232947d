"""Django's tables are those of `havn_ext.outbox.tables`, and the models are the migrations'."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from integration.django.shop.alchemy import engine
from sqlalchemy import MetaData, inspect, text

from havn_ext.outbox import outbox_tables


def columns(database: Any, table: str) -> dict[str, tuple[str, bool, str | None]]:
    """Type, whether it may be null, and default of each column, in order."""
    found: dict[str, tuple[str, bool, str | None]] = {}
    for column in inspect(database).get_columns(table):
        default = column["default"]
        if column.get("identity") or "nextval" in (default or ""):
            default = "counts up"  # SQLAlchemy makes a sequence, Django an identity
        found[column["name"]] = (str(column["type"]), column["nullable"], default)
    return found


def plain(condition: object, table: str) -> str:
    """A condition without the quotes, parentheses and casts that make no difference."""
    without = re.sub(r"[\"()]|::(text|character varying)", "", str(condition))
    return without.replace(f"{table}.", "").strip().lower()


def indexes(database: Any, table: str) -> dict[str, tuple[list[str | None], bool, str]]:
    """Columns, uniqueness and condition of each index, by name; of constraints as well."""
    found: dict[str, tuple[list[str | None], bool, str]] = {}
    for index in inspect(database).get_indexes(table):
        options: dict[str, Any] = index.get("dialect_options", {})
        condition = next((value for name, value in options.items() if name.endswith("_where")), "")
        found[str(index["name"])] = (index["column_names"], bool(index["unique"]), plain(condition, table))
    return found


def described(database: Any, prefix: str) -> dict[str, Any]:
    """All that there is to say about the tables of a prefix, without the prefix."""
    inspector = inspect(database)
    about: dict[str, Any] = {}
    for name in ("outbox", "outbox_pause"):
        table = f"{prefix}{name}"
        uniques = {each["name"]: each["column_names"] for each in inspector.get_unique_constraints(table)}
        about[name] = {
            "columns": columns(database, table),
            "key": inspector.get_pk_constraint(table)["constrained_columns"],
            "uniques": {str(key).removeprefix(prefix): value for key, value in uniques.items()},
            "indexes": {key.removeprefix(prefix): value for key, value in indexes(database, table).items()},
            "stored": stored(database, table),
        }
    return about


def stored(database: Any, table: str) -> list[str]:
    """How PostgreSQL stores a table; in SQLite whether ids are given but once."""
    sql = (
        f"SELECT sql FROM sqlite_master WHERE name = '{table}'"  # noqa: S608  a name of ours
        if connection.vendor == "sqlite"
        else f"SELECT unnest(reloptions) FROM pg_class WHERE relname = '{table}'"  # noqa: S608  as above
    )
    with database.connect() as reader:
        rows = [row[0] for row in reader.execute(text(sql))]
    return (
        ["AUTOINCREMENT" for row in rows if "AUTOINCREMENT" in row]
        if connection.vendor == "sqlite"
        else sorted(rows)
    )


def test_the_tables_are_those_of_sqlalchemy() -> None:
    """`migrate` makes what `create_all` makes: columns, keys, indexes and their conditions, storage."""
    database = engine()
    metadata = MetaData()
    outbox_tables(metadata, "alchemy_")
    metadata.create_all(database)
    try:
        by_django, by_sqlalchemy = described(database, "havn_"), described(database, "alchemy_")
        assert by_django == by_sqlalchemy
        assert len(by_django["outbox"]["columns"]) == 19
        assert by_django["outbox"]["indexes"]["outbox_order"][2] == "order_key is not null and state <> 'delivered'"
    finally:
        metadata.drop_all(database)
        database.dispose()


def test_the_models_are_those_of_the_migrations() -> None:
    """`makemigrations --check` finds nothing to do."""
    call_command("makemigrations", "havn", check=True, dry_run=True, verbosity=0)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL plans by size, and proves more")
def test_sqlite_serves_the_store_by_the_partial_indexes() -> None:
    """What claims and holds messages back finds them by Django's indexes, conditions and all."""
    from havn_ext.integrations.django.database import translated
    from havn_ext.outbox.statements import Statements

    claim = translated(Statements.of("sqlite", "havn_outbox", "havn_outbox_pause").claim)
    parameters: dict[str, Any] = {"account": "default", "kind": "user", "worker": "w", "now": 1}
    parameters |= {"batch": 1, "lease": 1}
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {claim}", parameters)
        plan = " ".join(str(row[3]) for row in cursor.fetchall())
    assert "havn_outbox_due" in plan
    assert "havn_outbox_order" in plan


def test_the_migration_goes_back() -> None:
    """The migration can be taken back, and made again."""
    call_command("migrate", "havn", "zero", verbosity=0)
    assert "havn_outbox" not in connection.introspection.table_names()
    call_command("migrate", "havn", verbosity=0)
    assert "havn_outbox" in connection.introspection.table_names()
