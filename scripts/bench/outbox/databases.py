"""Where the outbox is measured: a database of its own on a PostgreSQL server, and an SQLite file.

Both keep what they have committed through a power cut: PostgreSQL as it is set up, SQLite written ahead (WAL)
with synchronous=FULL. SQLite's file is in the folder of `TMPDIR`; where that is memory (tmpfs), a commit costs
nearly nothing, and the ratios mean little. How long a commit takes decides much: whatever stands beside it in the
transaction counts for more where it is quick. `slow_postgresql` has commits as slow as those of a common disk.
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
from sqlalchemy.exc import OperationalError, ProgrammingError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from sqlalchemy import Engine

    Place: TypeAlias = Callable[[], AbstractContextManager[Engine]]

SERVER: Final = "HAVN_TEST_POSTGRES"
SLOW_COMMIT: Final = 300
"""Microseconds that PostgreSQL is told to wait, and the machine's timers make half a millisecond of.

With them an INSERT's transaction takes 0.9 to 1.0 ms, as where the bounds were found.
"""
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
def slow_postgresql() -> Iterator[Engine]:
    """The same with commits that take `SLOW_COMMIT` longer, as on a disk that writes through.

    Raises:
        Unavailable: There is no such server, or it lets nobody but its superuser do that.
    """
    with postgresql() as engine:
        event.listen(engine, "connect", _slow_down)
        try:
            engine.connect().close()
        except ProgrammingError as error:
            raise Unavailable(f"commits can't be slowed down: {str(error).partition(chr(10))[0]}") from error
        yield engine


def _slow_down(connection: Any, _record: object) -> None:  # noqa: ANN401  a connection of the driver
    with connection.cursor() as cursor:
        cursor.execute(f"SET commit_delay = {SLOW_COMMIT}")
        cursor.execute("SET commit_siblings = 0")  # else only while others commit too
    connection.commit()


@contextmanager
def default_sqlite() -> Iterator[Engine]:
    """A new file, gone at the end, that nobody has set anything for: a rollback journal, and synchronous=FULL."""
    with tempfile.TemporaryDirectory(prefix="havn-bench-") as folder:
        engine = create_engine(f"sqlite:///{Path(folder) / 'shop.db'}")
        try:
            yield engine
        finally:
            engine.dispose()


@contextmanager
def sqlite() -> Iterator[Engine]:
    """The same, written ahead."""
    with default_sqlite() as engine:
        event.listen(engine, "connect", _settle)
        yield engine


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
