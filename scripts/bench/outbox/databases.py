"""Where the outbox is measured: a database of its own on a PostgreSQL server, and an SQLite file.

Both keep what they have committed through a power cut: PostgreSQL as it is set up, SQLite written ahead (WAL)
with synchronous=FULL. SQLite's file is in the folder of `TMPDIR`; where that is memory (tmpfs), a commit costs
nearly nothing, and the ratios mean little.
"""

from __future__ import annotations

import os
import tempfile
import uuid
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from bench.figures import Unavailable
from sqlalchemy import create_engine, event, make_url, text
from sqlalchemy.exc import OperationalError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from sqlalchemy import Engine

    Place: TypeAlias = Callable[[], AbstractContextManager[Engine]]

SERVER: Final = "HAVN_TEST_POSTGRES"
SETTINGS: Final = ("server_version", "fsync", "synchronous_commit", "shared_buffers", "autovacuum")


@contextmanager
def postgresql() -> Iterator[Engine]:
    """A new database on the server of `HAVN_TEST_POSTGRES`, gone at the end.

    Raises:
        Unavailable: There is no such server.
    """
    name = f"havn_bench_{uuid.uuid4().hex[:12]}"
    maintenance = create_engine(server(), isolation_level="AUTOCOMMIT")
    try:
        with maintenance.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
    except OperationalError as error:
        raise Unavailable(f"no PostgreSQL: {str(error).partition(chr(10))[0]}") from error
    engine = create_engine(make_url(server()).set(database=name))
    try:
        yield engine
    finally:
        engine.dispose()
        with maintenance.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        maintenance.dispose()


@contextmanager
def sqlite() -> Iterator[Engine]:
    """A new file, gone at the end."""
    with tempfile.TemporaryDirectory(prefix="havn-bench-") as folder:
        engine = create_engine(f"sqlite:///{Path(folder) / 'shop.db'}")
        event.listen(engine, "connect", _settle)
        try:
            yield engine
        finally:
            engine.dispose()


def _settle(connection: Any, _record: object) -> None:  # noqa: ANN401  a connection of the driver
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")


def server() -> str:
    """The address of the PostgreSQL server."""
    return os.environ.get(SERVER, "postgresql+psycopg:///test")


def facts() -> dict[str, str]:
    """What the figures depend on beside the machine: versions and settings."""
    with sqlite() as engine, engine.connect() as connection:
        found = {"SQLite": f"{connection.scalar(text('SELECT sqlite_version()'))}, WAL, synchronous=FULL"}
    maintenance = create_engine(server())
    try:
        with maintenance.connect() as connection:
            settings = {name: str(connection.scalar(text(f"SHOW {name}"))) for name in SETTINGS}
    except OperationalError:
        return found
    finally:
        maintenance.dispose()
    version = settings.pop("server_version").partition(" ")[0]
    return {**found, "PostgreSQL": f"{version}, {', '.join(f'{name}={value}' for name, value in settings.items())}"}
