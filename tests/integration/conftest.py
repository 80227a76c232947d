from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import pytest
from outbox_support import REQUIRED, postgres_database, sqlite_database

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sqlalchemy import URL


@pytest.fixture(scope="session")
def postgres() -> Iterator[URL]:
    """The session's PostgreSQL database."""
    with postgres_database() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> URL:
    """A database of either kind: a test that takes it holds for both."""
    found: URL = sqlite_database(tmp_path) if request.param == "sqlite" else request.getfixturevalue("postgres")
    return found


@pytest.fixture
def session(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Callable[..., pytest.RunResult]:
    """Runs pytest in the test's folder and a process of its own, with no plugin but ours."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, sys.path)))
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    return lambda *options: pytester.runpytest_subprocess("-p", "havn_ext.testing.plugin", *options)


@pytest.fixture
def redis_address() -> Iterator[str]:
    """A Redis that has counted no call of the account `default`, neither before the test nor after it."""
    import redis

    address = os.environ.get("HAVN_TEST_REDIS", "redis://127.0.0.1:6379/15")
    client: Any = redis.Redis.from_url(address)

    def forget() -> None:
        for key in client.scan_iter("havn:rate:default:*"):
            client.delete(key)

    try:
        forget()
    except redis.RedisError as error:
        if os.environ.get(REQUIRED) == "1":
            pytest.fail(f"no Redis: {error}")
        pytest.skip(f"no Redis: {error}")
    yield address
    forget()
    client.close()
