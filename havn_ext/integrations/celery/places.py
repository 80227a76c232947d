"""Where the tasks find their database: an engine for each process, for connections don't survive a fork."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from havn_ext.errors import HAVNValidationError
from havn_ext.integrations.celery.extra import celery_extra
from havn_ext.outbox.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import URL, Engine

    from havn_ext.outbox.database import SQLAlchemyDatabase

__all__ = ["stores"]


def stores(
    database: Engine | URL | str | None, store: Callable[[], Store] | None, prefix: str, schema: str | None
) -> Callable[[], Store]:
    """What gives each task an outbox to work with.

    Args:
        database: An engine or an address.
        store: What makes an outbox, in place of a database.
        prefix: What the names of the tables begin with.
        schema: The schema that they are in.

    Raises:
        HAVNValidationError: Both are given, or neither.
        HAVNOutboxError: It is a database that no outbox can be in.
    """
    if (database is None) == (store is None):
        raise HAVNValidationError(errors={"database": "pass either database or store"})
    if store is not None:
        if not callable(store):
            reason = f"must be a function that makes a Store, not a {type(store).__name__}: each task has its own"
            raise HAVNValidationError(errors={"store": reason})
        return store
    assert database is not None  # noqa: S101  one of the two is there
    here = _by_process(database)
    return lambda: Store(here(), prefix=prefix, schema=schema)


def _by_process(given: Engine | URL | str) -> Callable[[], SQLAlchemyDatabase]:
    """Gives a database that uses the engine of the process that asks."""
    with celery_extra():
        from sqlalchemy import Engine  # noqa: PLC0415  not needed by whoever passes a store, as with Django

        from havn_ext.outbox.database import SQLAlchemyDatabase  # noqa: PLC0415  the same

    engines = {os.getpid(): SQLAlchemyDatabase(given).engine}  # connects to nothing; a wrong address is told now

    def after_fork() -> Engine:
        if not isinstance(given, Engine):
            return SQLAlchemyDatabase(given).engine
        given.dispose(close=False)  # leaves the parent's connections to the parent
        return given

    def here() -> SQLAlchemyDatabase:
        process = os.getpid()
        engine = engines.get(process) or engines.setdefault(process, after_fork())
        return SQLAlchemyDatabase(engine)

    return here
