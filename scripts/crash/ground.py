"""The shop's database: one of its own for every trial, in SQLite or in PostgreSQL, gone afterwards."""

from __future__ import annotations

import os
import uuid
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from sqlalchemy import create_engine, event, make_url, text
from sqlalchemy.exc import OperationalError

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from sqlalchemy import Engine

__all__ = ["ENGINES", "EngineName", "connect", "database", "unreachable"]

EngineName: TypeAlias = Literal["sqlite", "postgresql"]
ENGINES: Final[tuple[EngineName, ...]] = ("sqlite", "postgresql")
SERVER: Final = make_url(os.environ.get("HAVN_TEST_POSTGRES", "postgresql+psycopg:///test"))


def connect(address: str) -> Engine:
    """An engine as a shop would have it: in SQLite with a write-ahead log, synchronised with the disk."""
    engine = create_engine(address, pool_pre_ping=True, **_options(address))
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def _(connection: Any, _record: object) -> None:  # noqa: ANN401  the driver's own
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")

    return engine


def _options(address: str) -> dict[str, dict[str, float]]:
    return {"connect_args": {"timeout": 60.0}} if address.startswith("sqlite") else {}


@contextmanager
def database(engine: EngineName, folder: Path) -> Generator[str]:
    """The address of a new and empty database, which is gone at the end."""
    if engine == "sqlite":
        yield f"sqlite:///{folder / 'shop.db'}"
        return
    name = f"havn_crash_{uuid.uuid4().hex[:12]}"
    server = create_engine(SERVER, isolation_level="AUTOCOMMIT", pool_pre_ping=True)
    try:
        with server.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        try:
            yield SERVER.set(database=name).render_as_string(hide_password=False)
        finally:
            with server.connect() as connection:
                connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    finally:
        server.dispose()


def unreachable(engine: EngineName) -> str | None:
    """Why a kind of database can't be had here; None when it can."""
    if engine == "sqlite":
        return None
    server = create_engine(SERVER)
    try:
        server.connect().close()
    except OperationalError as error:
        return f"no PostgreSQL at {SERVER.render_as_string()}: {str(error).partition(chr(10))[0]}"
    finally:
        server.dispose()
    return None
