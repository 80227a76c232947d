"""Cutting a connection, for which neither HTTP nor ASGI has a word: a message of our own, and who obeys it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

import attrs

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["STATE_KEY", "Connection", "Cut", "Cutter"]

STATE_KEY: Final = "havn_sandbox.connection"
"""Where a server puts the connection, in the state of a scope."""

_CUT: Final = "havn_sandbox.cut"


class Connection(Protocol):
    """What a server must be able to do."""

    def reset(self) -> None:
        """Drop the connection at once, with a TCP reset."""

    def close(self) -> None:
        """End the connection once everything was sent, as if the answer were complete."""


@attrs.frozen
class Cut:
    """An ASGI response that ends the connection.

    Args:
        reset: With a TCP reset; else in an orderly way.
    """

    reset: bool

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        """Ask the cutter to cut."""
        await send({"type": _CUT, "reset": self.reset})


class Cutter:
    """Cuts the connection when the application says so.

    Called in process there is none: then the application raises what httpx raises at a cut connection,
    `httpx.ReadError` for a reset and `httpx.RemoteProtocolError` for an end that came too early.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on but the wish to cut."""

        async def send_or_cut(message: Message) -> None:
            if message["type"] == _CUT:
                await _cut(scope, receive, reset=message["reset"])
            else:
                await send(message)

        await self._app(scope, receive, send_or_cut)


async def _cut(scope: Scope, receive: Receive, *, reset: bool) -> None:
    """Cut, and wait until the server knows it, so that it does not miss the rest of the answer."""
    connection: Connection | None = scope.get("state", {}).get(STATE_KEY)
    if connection is None:
        _raise_what_httpx_raises(reset=reset)
    elif reset:
        connection.reset()
    else:
        connection.close()
    while (await receive())["type"] != "http.disconnect":
        pass


def _raise_what_httpx_raises(*, reset: bool) -> None:
    import httpx  # noqa: PLC0415  only here; a server has no use for it

    if reset:
        raise httpx.ReadError("The sandbox reset the connection on purpose")
    raise httpx.RemoteProtocolError("The sandbox ended the answer too early on purpose")
