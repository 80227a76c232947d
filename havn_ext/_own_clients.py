"""The httpx clients that we make ourselves, for a user who supplies none."""

from __future__ import annotations

import os
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.request import getproxies

import httpx

from havn_ext._shards import IDLE_SECONDS, MOST_CONNECTIONS, AsyncShardedTransport, ShardedTransport
from havn_ext.errors import HAVNError

if TYPE_CHECKING:
    import ssl
    from collections.abc import Generator

    from havn_ext._pool import Transport

__all__ = ["make_async_client", "make_client"]


class _Cookies(httpx.Cookies):
    """A jar that is opened only for an answer that sets a cookie, which HAVN's do not."""

    def extract_cookies(self, response: httpx.Response) -> None:
        if "set-cookie" in response.headers:
            super().extract_cookies(response)


class _LeanJar:
    """Gives both kinds of client a jar of ours, in place of the one that httpx looks into after every answer."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401  those of httpx
        super().__init__(**options)
        self._jar = _Cookies()

    @property
    def cookies(self) -> httpx.Cookies:
        """The cookies that HAVN, or something in front of it, has set."""
        return self._jar

    @cookies.setter
    def cookies(self, cookies: Any) -> None:  # noqa: ANN401  whatever httpx takes
        self._jar = _Cookies(cookies)


class _Client(_LeanJar, httpx.Client):
    pass


class _AsyncClient(_LeanJar, httpx.AsyncClient):
    pass


def make_client() -> httpx.Client:
    """A blocking client; through the environment's proxies, if there are any."""
    context = _tls_context()
    if _proxies():
        with _blamed("HTTP_PROXY, HTTPS_PROXY or ALL_PROXY"):
            return _Client(verify=context)
    return _Client(transport=ShardedTransport(context))


def make_async_client(transport: Transport) -> httpx.AsyncClient:
    """An asynchronous client for the running event loop; through the environment's proxies, if there are any."""
    context = _tls_context()
    if transport == "aiohttp":
        return _AsyncClient(transport=_aiohttp_transport(context))
    if _proxies():
        with _blamed("HTTP_PROXY, HTTPS_PROXY or ALL_PROXY"):
            return _AsyncClient(verify=context)
    return _AsyncClient(transport=AsyncShardedTransport(context))


def _proxies() -> bool:
    return not getproxies().keys().isdisjoint(("http", "https", "all"))


def _tls_context() -> ssl.SSLContext:
    """The one of this process: loading the certificates takes longer than anything else in making a client."""
    with _blamed("SSL_CERT_FILE or SSL_CERT_DIR"):
        return _context_for(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))


@contextmanager
def _blamed(variables: str) -> Generator[None]:
    """Names the variables at fault. What is wrong with an address is not quoted: some hold a password."""
    try:
        yield
    except (OSError, ImportError) as error:
        raise HAVNError(f"{variables} of the environment can't be used: {error}") from error
    except (ValueError, httpx.InvalidURL):
        raise HAVNError(f"{variables} of the environment can't be used: it is no address of a proxy") from None


@lru_cache(maxsize=8)
def _context_for(_file: str | None, _directory: str | None) -> ssl.SSLContext:
    return httpx.create_ssl_context()  # which reads the two variables itself


def _aiohttp_transport(context: ssl.SSLContext) -> httpx.AsyncBaseTransport:
    """The transport of httpx that is aiohttp. Its session keeps no cookies: those are the client's."""
    from aiohttp import ClientSession, DummyCookieJar, TCPConnector  # noqa: PLC0415  only the extra brings it
    from httpx_aiohttp import AiohttpTransport  # noqa: PLC0415  as above

    connector = TCPConnector(ssl=context, limit=MOST_CONNECTIONS, keepalive_timeout=IDLE_SECONDS)
    # Asked to look at the environment, aiohttp does so for every request, and in a thread.
    session = ClientSession(connector=connector, cookie_jar=DummyCookieJar(), trust_env=_proxies())
    return AiohttpTransport(verify=context, client=session)
