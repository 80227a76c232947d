"""An async client that belongs to no event loop, for those who set up and tear down outside of one."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx
from anyio.from_thread import start_blocking_portal

if TYPE_CHECKING:
    from collections.abc import Generator

    from havn_ext.client import AsyncHAVNClient
    from havn_ext.testing.company import SandboxCompany

__all__ = ["loose_async_client"]


@contextmanager
def loose_async_client(company: SandboxCompany) -> Generator[AsyncHAVNClient]:
    """An async client of a company, for any event loop and any number of them; closed at the end.

    It keeps no connection between calls. So nothing is left over when a test's event loop ends, and the
    client can be closed in another loop, whether or not one is running here.
    """
    http_client = httpx.AsyncClient(limits=httpx.Limits(max_keepalive_connections=0))
    client = company.async_client(http_client=http_client)
    try:
        yield client
    finally:
        with start_blocking_portal() as portal:
            portal.call(client.close)
            portal.call(http_client.aclose)
