"""The services that the limits are tried on: real ones on this machine, or a reason why not."""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING, NoReturn

import pytest
import redis
import sqlalchemy as sa

from havn_ext.limits import rate_table

if TYPE_CHECKING:
    from collections.abc import Iterator

REDIS = os.environ.get("HAVN_TEST_REDIS", "redis://127.0.0.1:6379/15")
POSTGRES = os.environ.get("HAVN_TEST_POSTGRES", "postgresql+psycopg:///test")


def unreachable(service: str, error: Exception) -> NoReturn:
    """Skips, or fails where the services are required."""
    reason = f"{service} is not reachable: {type(error).__name__}"
    if os.environ.get("HAVN_REQUIRE_SERVICES") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture
def redis_prefix() -> Iterator[tuple[str, str]]:
    """Address and a prefix of this test's own in a Redis that answers; its keys are deleted afterwards."""
    prefix = f"havn_test:{secrets.token_hex(8)}:"
    with redis.Redis.from_url(REDIS, socket_connect_timeout=2) as client:
        try:
            client.ping()
        except redis.RedisError as error:
            unreachable("Redis", error)
        yield REDIS, prefix
        if keys := list(client.scan_iter(f"{prefix}*")):
            client.delete(*keys)


@pytest.fixture
def rates() -> Iterator[tuple[str, sa.Table]]:
    """Address and a table of this test's own in a PostgreSQL that answers, dropped afterwards."""
    engine = sa.create_engine(POSTGRES, connect_args={"connect_timeout": 2})
    table = rate_table(sa.MetaData(), prefix=f"Havn test {secrets.token_hex(8)} ")
    try:
        table.create(engine)
    except sa.exc.OperationalError as error:
        engine.dispose()
        unreachable("PostgreSQL", error)
    yield POSTGRES, table
    table.drop(engine)
    engine.dispose()
