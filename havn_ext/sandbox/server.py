"""The sandbox over real HTTP, in a thread of its own."""

from __future__ import annotations

import asyncio
import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Final, cast

import attrs
import uvicorn

from havn_ext.sandbox.app import create_app
from havn_ext.sandbox.config import SandboxConfig
from havn_ext.sandbox.protocol import CuttableProtocol

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from starlette.types import ASGIApp, Receive, Scope, Send

__all__ = ["SandboxServer"]

_PATIENCE: Final = 2  # seconds that requests under way get when the server stops
_LOOPBACK: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  no address that a client could ask for


class SandboxServer:
    """A sandbox that serves while it is started; a context manager.

        with SandboxServer() as sandbox:
            client = HAVNClient(sandbox.api_key, sandbox.webhook_secret, base_url=sandbox.url)

    Args:
        config: How the sandbox behaves.
        host: Address to listen on; the control API may be reached by it.
        port: Port to listen on; 0 takes a free one.
    """

    def __init__(self, config: SandboxConfig | None = None, *, host: str = "127.0.0.1", port: int = 0) -> None:
        self._config = config or SandboxConfig()
        self._host = host
        self._port = port
        self._running: _Running | None = None

    @property
    def url(self) -> str:
        """Where it serves, without a slash at the end; with port 0 known once it is started."""
        host = _LOOPBACK.get(self._host, self._host)
        host = f"[{host}]" if ":" in host else host
        return f"http://{host}:{self._running.port if self._running else self._port}"

    @property
    def api_key(self) -> str:
        """Key of the default company."""
        return self._config.api_key

    @property
    def webhook_secret(self) -> str:
        """Secret of the default company."""
        return self._config.webhook_secret

    def start(self) -> None:
        """Serve; returns once requests are answered. Harmless when it serves already.

        Raises:
            OSError: The address cannot be listened on, for instance because it is taken.
            StoreError: The database file cannot be used.
            FaultError: A configured fault cannot happen.
        """
        if self._running is None:
            self._running = _Running(self._config, self._host, self._port)

    def stop(self) -> None:
        """End the thread and close the database. Harmless when stopped.

        Requests under way get two seconds, then their connections are reset.
        """
        running, self._running = self._running, None
        if running is not None:
            running.stop()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()


class _Running:
    """A server in its thread, from the moment in which it serves."""

    def __init__(self, config: SandboxConfig, host: str, port: int) -> None:
        listener = _listen(host, port)
        self.port: int = listener.getsockname()[1]
        try:
            app = create_app(attrs.evolve(config, allowed_hosts=(*config.allowed_hosts, host)))
        except BaseException:
            listener.close()
            raise
        settings = uvicorn.Config(
            _Interruptible(app),
            http=CuttableProtocol,
            lifespan="on",
            ws="none",
            log_config=None,  # logging belongs to the program around
            access_log=False,
            server_header=False,
        )
        self._server = _Server(settings)
        self._thread = threading.Thread(
            target=self._server.run, args=([listener],), name="havn-sandbox", daemon=True
        )
        self._thread.start()
        self._server.serving.wait()

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join()


class _Interruptible:
    """The application, of which a request that the server cuts off ends without a word.

    Uvicorn would write a traceback for each, though nothing is wrong with ending a sandbox while a page is open.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with suppress(asyncio.CancelledError):
            await self._app(scope, receive, send)


class _Server(uvicorn.Server):
    """A server that tells when it serves, and that does not wait for ever when it stops."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.serving = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.serving.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        impatience = asyncio.get_running_loop().call_later(_PATIENCE, self._cut_off)
        await super().shutdown(sockets)
        impatience.cancel()

    def _cut_off(self) -> None:
        """Reset every connection, then end what was going to answer there."""
        for connection in list(self.server_state.connections):
            cast("CuttableProtocol", connection).reset()
        for task in self.server_state.tasks:
            task.cancel()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family)
