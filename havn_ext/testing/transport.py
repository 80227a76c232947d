"""The sandbox as an httpx transport: no socket, no port, no second process."""

from __future__ import annotations

import asyncio
import weakref
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, cast

import anyio
import httpx
from anyio.from_thread import start_blocking_portal

from havn_ext.testing.extra import sandbox_extra
from havn_ext.testing.waiting import sandbox_now

if TYPE_CHECKING:
    from concurrent.futures import Future

    from starlette.applications import Starlette

    from havn_ext.sandbox import SandboxConfig

__all__ = ["SandboxTransport"]


class SandboxTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """A sandbox with its own data, straight behind an `httpx.Client` or an `httpx.AsyncClient`.

        with SandboxTransport() as transport:
            http_client = httpx.Client(transport=transport)
            client = HAVNClient(transport.api_key, transport.webhook_secret, http_client=http_client)

    The sandbox lives on an event loop in a thread of its own: any number of clients, threads and event loops
    may use it at once, and blocking calls work inside a running event loop too. The read timeout of a
    request holds; the host is whatever the client says. Closing an httpx client that has it closes it.

    Args:
        config: How the sandbox behaves; by default with demo data, and a clock that goes on under `no_waiting`.

    Raises:
        ModuleNotFoundError: The extra `havn-sdk[sandbox]` is missing.
        StoreError: The database file of `config` cannot be used.
    """

    def __init__(self, config: SandboxConfig | None = None) -> None:
        with sandbox_extra():
            from havn_ext.sandbox import SandboxConfig, create_app  # noqa: PLC0415  the extra may be missing
        config = config or SandboxConfig(clock=sandbox_now)
        self.api_key = config.api_key
        self.webhook_secret = config.webhook_secret
        self._open(create_app(config))

    def _open(self, app: Starlette) -> None:
        self._asgi = httpx.ASGITransport(app)
        with ExitStack() as stack:
            self._portal = stack.enter_context(start_blocking_portal())
            lifespan = app.router.lifespan_context(app)
            stack.enter_context(self._portal.wrap_async_context_manager(lifespan))
            # Whoever drops it unclosed gets the same later, at the latest while threads still run: this one has to.
            self._finalizer = weakref.finalize(self, stack.pop_all().close)
        self._closed = False

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The sandbox's answer; blocks the thread.

        Raises:
            httpx.ReadTimeout: It took longer than the request's read timeout.
            RuntimeError: The transport is closed.
        """
        request.read()
        return self._start(request).result()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The sandbox's answer. Raises what `handle_request` does."""
        await request.aread()
        return await asyncio.wrap_future(self._start(request))

    def close(self) -> None:
        """Ends the sandbox; its data is gone, unless `config` named a file. Harmless when it is closed."""
        self._closed = True
        self._finalizer()

    async def aclose(self) -> None:
        """As `close`, without blocking the event loop."""
        await asyncio.to_thread(self.close)

    def _start(self, request: httpx.Request) -> Future[httpx.Response]:
        if self._closed:
            raise RuntimeError("the SandboxTransport is closed, and its sandbox gone: make a new one")
        return self._portal.start_task_soon(self._answer, request)

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        """The answer, read to its end: neither a thread nor another event loop could read on from here."""
        limits: dict[str, Any] = request.extensions.get("timeout", {})
        try:
            with anyio.fail_after(limits.get("read")):
                response = await self._asgi.handle_async_request(request)
                stream = cast("httpx.AsyncByteStream", response.stream)  # what an ASGITransport gives
                content = b"".join([part async for part in stream])
        except TimeoutError as error:
            raise httpx.ReadTimeout("the sandbox did not answer in time", request=request) from error
        return httpx.Response(response.status_code, headers=response.headers, content=content)
