"""The pytest plugin: fixtures that cost nothing until a test asks for one.

Only pytest is imported here, which runs already; all else loads with the first fixture. What the fixtures
give belongs to one test alone, so tests may run in any order and at the same time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from havn_ext.client import AsyncHAVNClient, HAVNClient
    from havn_ext.testing.company import SandboxCompany
    from havn_ext.testing.server import LocalSandbox

__all__ = ["async_havn_client", "havn_client", "havn_local_sandbox", "havn_sandbox"]


@pytest.fixture(scope="session")
def havn_local_sandbox() -> Iterator[LocalSandbox]:
    """The session's sandbox, in this process over real HTTP on a free port."""
    from havn_ext.testing.server import start_sandbox  # noqa: PLC0415  see above

    with start_sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def havn_sandbox(havn_local_sandbox: LocalSandbox) -> SandboxCompany:
    """A company of this test alone in the session's sandbox: url, api_key, webhook_secret, environ, seed()."""
    return havn_local_sandbox.company()


@pytest.fixture
def havn_client(havn_sandbox: SandboxCompany) -> Iterator[HAVNClient]:
    """A HAVNClient of the test's company."""
    with havn_sandbox.client() as client:
        yield client


@pytest.fixture
def async_havn_client(havn_sandbox: SandboxCompany) -> Iterator[AsyncHAVNClient]:
    """An AsyncHAVNClient of the test's company, for whatever runs the test's event loop, or loops."""
    from havn_ext.testing.loose_client import loose_async_client  # noqa: PLC0415  see above

    with loose_async_client(havn_sandbox) as client:
        yield client
