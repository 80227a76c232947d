"""The pytest plugin, in test sessions of its own."""

from __future__ import annotations

import importlib.util
from typing import Any

import pytest

pytest_plugins = ["pytester"]

SYNC = """
    import pytest
    from havn import HAVNClient

    seen = []

    @pytest.mark.parametrize("number", range(3))
    def test_a_company_each(havn_sandbox, havn_client, havn_local_sandbox, number):
        havn_sandbox.seed()
        assert isinstance(havn_client, HAVNClient)
        assert havn_client.vouchers.validate("HAVN-AQNEO-S08-ABC123")
        assert havn_sandbox.url == havn_local_sandbox.url
        seen.append((havn_sandbox.url, havn_sandbox.api_key, havn_client))

    def test_afterwards():
        urls, keys, clients = zip(*seen)
        assert (len(set(urls)), len(set(keys))) == (1, 3)
        assert all(client._pool._closed for client in clients)
"""

ASYNC = """
    import asyncio

    seen = []

    def test_plain(async_havn_client, havn_sandbox):
        havn_sandbox.seed()
        for _ in range(2):
            assert asyncio.run(async_havn_client.vouchers.validate("HAVN-AQNEO-S08-ABC123"))
        seen.append(async_havn_client)

    def test_afterwards():
        assert seen[0]._pool._closed
"""

MARKED = """
    import pytest

    @pytest.fixture
    def anyio_backend():
        return "asyncio"

    @pytest.mark.{mark}
    async def test_marked(async_havn_client, havn_sandbox):
        havn_sandbox.seed()
        assert await async_havn_client.vouchers.validate("HAVN-AQNEO-S08-ABC123")
"""


def test_fixtures_are_the_tests_own(pytester: pytest.Pytester, session: Any) -> None:
    """One sandbox for the session, one company and one client for each test, closed after it."""
    pytester.makepyfile(SYNC)
    session("-W", "error").assert_outcomes(passed=4)


def test_fixtures_work_under_xdist(pytester: pytest.Pytester, session: Any) -> None:
    """Each worker has a sandbox of its own."""
    pytester.makepyfile("def test_one(havn_client): havn_client.vouchers.get_all()\ntest_two = test_one")
    session("-n", "2", "-p", "xdist.plugin").assert_outcomes(passed=2)


def test_the_async_client_needs_no_plugin(pytester: pytest.Pytester, session: Any) -> None:
    """With plain asyncio the async client works in several event loops, and nothing is left open."""
    pytester.makepyfile(ASYNC)
    session("-W", "error").assert_outcomes(passed=2)


@pytest.mark.parametrize(
    ("plugin", "mark"), [("anyio.pytest_plugin", "anyio"), ("pytest_asyncio.plugin", "asyncio")]
)
def test_the_async_client_fits_the_plugins(pytester: pytest.Pytester, session: Any, plugin: str, mark: str) -> None:
    """Under the plugins that run coroutines the same fixture works, and nothing is left open."""
    if importlib.util.find_spec(plugin.partition(".")[0]) is None:
        pytest.skip(f"{plugin} is not installed")
    pytester.makepyfile(MARKED.format(mark=mark))
    loop_of_fixtures = "-oasyncio_default_fixture_loop_scope=function"  # pytest-asyncio asks for it
    session("-p", plugin, "-W", "error", loop_of_fixtures if mark == "asyncio" else "-q").assert_outcomes(passed=1)


def test_a_session_without_the_fixtures_starts_nothing(pytester: pytest.Pytester, session: Any) -> None:
    """Until a test asks for a fixture, neither the sandbox nor an HTTP library is loaded."""
    pytester.makepyfile("""
        import sys

        def test_nothing():
            assert not {"httpx", "starlette", "uvicorn", "havn_ext.client", "havn_ext.sandbox"} & sys.modules.keys()
    """)
    session().assert_outcomes(passed=1)


def test_a_missing_extra_is_told_by_the_fixture(pytester: pytest.Pytester, session: Any) -> None:
    """A test that asks for a sandbox without its packages is told what to install."""
    pytester.makepyfile("""
        import sys
        sys.modules["uvicorn"] = None

        def test_one(havn_client): ...
    """)
    outcome = session()
    outcome.assert_outcomes(errors=1)
    outcome.stdout.fnmatch_lines(["*uvicorn is missing*pip install 'havn-sdk[[]sandbox]'*"])


def test_the_fixtures_introduce_themselves(session: Any) -> None:
    """`pytest --fixtures` lists the fixtures with what they are."""
    listed = session("--fixtures").stdout.str()
    for name in ("havn_sandbox", "havn_client", "async_havn_client", "havn_local_sandbox"):
        assert f"\n{name}" in listed
