"""`havn outbox …` on a database that SQLAlchemy leads to, with accounts from the environment."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import attrs
from sqlalchemy import MetaData, inspect
from sqlalchemy.exc import ProgrammingError, SQLAlchemyError

from havn_ext.cli.outbox_commands import CommandError, carry_out, show
from havn_ext.errors import HAVNValidationError
from havn_ext.limits import rate_table
from havn_ext.outbox.database import SQLAlchemyDatabase
from havn_ext.outbox.delivery import ClientSender, account_variable, environment_accounts
from havn_ext.outbox.store import Store
from havn_ext.outbox.tables import outbox_tables

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from sqlalchemy import Engine, Table

    from havn_ext.cli.outbox_commands import Surroundings

__all__ = ["run"]


def run(options: argparse.Namespace) -> int:
    """Carry out the subcommand that `options` name; the exit code."""
    try:
        carry_out(options, _Surroundings(options), {"create-tables": _create_tables})
    except CommandError as error:
        sys.stderr.write(f"havn outbox: {error}\n")
        return error.code
    return 0


@attrs.frozen
class _Surroundings:
    """See `Surroundings`."""

    options: argparse.Namespace
    errors: tuple[type[Exception], ...] = (SQLAlchemyError,)
    defect: type[Exception] = ProgrammingError
    migrating: str = "havn outbox create-tables"

    def store(self) -> Store:
        """See `Surroundings`."""
        database = SQLAlchemyDatabase(self.options.database)
        return Store(database, prefix=self.options.prefix, schema=self.options.schema)

    def rates(self) -> tuple[Engine, Table] | None:
        """See `Surroundings`."""
        engine = SQLAlchemyDatabase(self.options.database).engine
        if engine.dialect.name != "postgresql":
            return None
        table = rate_table(MetaData(schema=self.options.schema), self.options.prefix)
        if not inspect(engine).has_table(table.name, table.schema):
            engine.dispose()
            raise CommandError(f"there is no table {table.fullname} to count calls in: {self.migrating} makes it")
        return engine, table

    def sender(self, accounts: Sequence[str] | None, timeout: float) -> ClientSender:
        """See `Surroundings`."""
        found = environment_accounts(accounts or ["default"], os.environ)
        missing = {
            account_variable(variable, name): "is missing"
            for name, options in found.items()
            for option, variable in (("api_key", "HAVN_API_KEY"), ("webhook_secret", "HAVN_WEBHOOK_SECRET"))
            if options.get(option) == ""
        }
        if missing:
            raise HAVNValidationError(errors=missing)
        return ClientSender(found, timeout=timeout)


def _create_tables(store: Store, options: argparse.Namespace, surroundings: Surroundings) -> None:
    del store, surroundings
    database = SQLAlchemyDatabase(options.database)
    metadata = MetaData(schema=options.schema)
    tables: list[Table] = list(outbox_tables(metadata, options.prefix))
    if database.dialect == "postgresql":
        tables.append(rate_table(metadata, options.prefix))
    with database.begin() as connection:  # all or nothing: no later run would add an index to a table that is there
        metadata.create_all(connection)
    database.close()
    show({"tables": [table.fullname for table in tables]}, options, "the tables are there")
