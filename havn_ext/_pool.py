"""Which HTTP client carries a call: the user's own, or one that is made on the first call and closed by us.

A pool of connections must not be shared by two processes or by two event loops. A forked child therefore
begins with none, and under asyncio each event loop gets one of its own.
"""

from __future__ import annotations

import os
import weakref
from _thread import allocate_lock  # `threading` costs a twentieth of all that building a client does
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

from havn_ext.config import DEFAULT_BASE_URL
from havn_ext.errors import HAVNError

if TYPE_CHECKING:
    import asyncio

    import httpx

Transport: TypeAlias = Literal["httpx", "aiohttp"]

_pools: weakref.WeakSet[SyncPool | AsyncPool] = weakref.WeakSet()


class SyncPool:
    """The `httpx.Client` of one client and of those derived from it.

    Args:
        base_url: Where HAVN is; None for the supplied client's own, or else HAVN's.
        supplied: The user's client, which is used as it is and never closed.
    """

    def __init__(self, base_url: str | None, supplied: httpx.Client | None) -> None:
        self.base_url = _base_url(base_url, supplied)
        self._supplied = supplied
        self._lock = allocate_lock()
        self._own: httpx.Client | None = None
        self._finalizer: weakref.finalize[..., SyncPool] | None = None
        self._closed = False
        _pools.add(self)

    @property
    def address(self) -> str:
        """What stands before every path, for people."""
        return self.base_url or _shown_base_url(self._supplied)

    def client(self) -> httpx.Client:
        """The client to send with."""
        _refuse_closed(self._supplied, closed=self._closed)
        return self._supplied or self._own or self._made()

    def _made(self) -> httpx.Client:
        from havn_ext._own_clients import make_client  # noqa: PLC0415  loaded by the first call, not by `import havn`

        with self._lock:
            _refuse_closed(None, closed=self._closed)  # meanwhile, by another thread
            if self._own is None:
                self._own = make_client()
                self._finalizer = weakref.finalize(self, self._own.close)
            return self._own

    def close(self) -> None:
        """Closes the connections that we opened; whoever drops a client unclosed gets the same, later."""
        with self._lock:
            self._closed = True
        if self._finalizer is not None:
            self._finalizer()

    def forget(self) -> None:
        """Lets go of a parent process's connections, unclosed: they are still the parent's."""
        self._lock = allocate_lock()
        self._own = None
        if self._finalizer is not None:
            self._finalizer.detach()


class AsyncPool:
    """The `httpx.AsyncClient` of one client and of those derived from it, one for each event loop.

    Args:
        base_url: Where HAVN is; None for the supplied client's own, or else HAVN's.
        supplied: The user's client, which is used as it is and never closed.
        transport: What carries the calls of our own clients.
    """

    def __init__(
        self, base_url: str | None, supplied: httpx.AsyncClient | None, transport: Transport = "httpx"
    ) -> None:
        self._transport: Transport = transport
        self.base_url = _base_url(base_url, supplied)
        self._supplied = supplied
        self._own: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, httpx.AsyncClient]
        self._own = weakref.WeakKeyDictionary()
        self._closed = False
        _pools.add(self)

    @property
    def address(self) -> str:
        """What stands before every path, for people."""
        return self.base_url or _shown_base_url(self._supplied)

    def client(self) -> httpx.AsyncClient:
        """The client to send with from the running event loop."""
        import asyncio  # noqa: PLC0415  a sync program never loads it

        _refuse_closed(self._supplied, closed=self._closed)
        loop = asyncio.get_running_loop()
        return self._supplied or self._own.get(loop) or self._made(loop)

    def _made(self, loop: asyncio.AbstractEventLoop) -> httpx.AsyncClient:
        from havn_ext._own_clients import make_async_client  # noqa: PLC0415  as above

        self._drop_ended()
        self._own[loop] = client = make_async_client(self._transport)
        return client

    def _drop_ended(self) -> None:
        """Lets go of the clients of ended event loops: they keep their loops alive and can no longer be closed."""
        for known in self._own.keyrefs():  # copied at once: the loop of another thread may begin meanwhile
            loop = known()
            if loop is not None and loop.is_closed():
                self._own.pop(loop, None)

    async def close(self) -> None:
        """Closes the connections that we opened in this event loop; those of an ended one are dropped."""
        import asyncio  # noqa: PLC0415  a sync program never loads it

        self._closed = True
        self._drop_ended()
        client = self._own.pop(asyncio.get_running_loop(), None)
        if client is not None:
            await client.aclose()

    def forget(self) -> None:
        """Lets go of a parent process's connections, unclosed: they are still the parent's."""
        self._own = weakref.WeakKeyDictionary()


def _base_url(base_url: str | None, supplied: httpx.Client | httpx.AsyncClient | None) -> str:
    """The prefix of every path; empty where the supplied client has a base URL of its own."""
    if base_url is None and supplied is not None and str(supplied.base_url):
        return ""
    return base_url or DEFAULT_BASE_URL


def _shown_base_url(supplied: httpx.Client | httpx.AsyncClient | None) -> str:
    """A supplied client's own, without the credentials and the query that may stand in it."""
    if supplied is None:
        return ""
    url = supplied.base_url
    return f"{url.scheme}://{url.netloc.decode('ascii')}{url.path}".rstrip("/")


def _refuse_closed(supplied: httpx.Client | httpx.AsyncClient | None, *, closed: bool) -> None:
    if closed or (supplied is not None and supplied.is_closed):
        raise HAVNError("the client is closed: make a new one, or call it before its `with` block ends")


def wrong_kind(supplied: object, *, asynchronous: bool) -> dict[str, str]:
    """What is wrong with a supplied client, as the `errors` of a `HAVNValidationError`."""
    if supplied is None:
        return {}
    import inspect  # noqa: PLC0415  costs as much as all the rest of building a client

    send = getattr(supplied, "send", None)
    if send is not None and inspect.iscoroutinefunction(send) is asynchronous:
        return {}
    wanted = "an httpx.AsyncClient" if asynchronous else "an httpx.Client"
    return {"http_client": f"must be {wanted}, not {type(supplied).__name__}"}


def wrong_transport(transport: object, supplied: object, *, asynchronous: bool) -> dict[str, str]:
    """What is wrong with the choice of a transport, as the `errors` of a `HAVNValidationError`."""
    if transport == "httpx":
        return {}
    if transport not in get_args(Transport):
        return {"transport": f"must be one of {', '.join(get_args(Transport))}"}
    if not asynchronous:
        return {"transport": "aiohttp is asynchronous: it takes the AsyncHAVNClient"}
    if supplied is not None:
        return {"transport": "must be left out with http_client, which has its own"}
    from importlib.util import find_spec  # noqa: PLC0415  only for whoever asks for it

    if find_spec("httpx_aiohttp") is None:
        return {"transport": "aiohttp needs an extra: pip install 'havn-sdk[aiohttp]'"}
    return {}


def _forget_all() -> None:
    for pool in _pools:
        pool.forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_all)
