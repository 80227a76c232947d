"""Uvicorn's HTTP protocol, with a handle on the connection for the application."""

from __future__ import annotations

import socket
import struct
from typing import TYPE_CHECKING, Any, Final

from uvicorn.protocols.http.h11_impl import H11Protocol

from havn_ext.sandbox.cutting import STATE_KEY

if TYPE_CHECKING:
    import asyncio

    from uvicorn.config import Config
    from uvicorn.server import ServerState

__all__ = ["CuttableProtocol"]

_NO_LINGERING: Final = struct.pack("ii", 1, 0)
"""SO_LINGER with a time of 0: closing sends a reset and drops what was not sent yet."""


class CuttableProtocol(H11Protocol):
    """One connection; it hands itself to the application in the state of every scope."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, {**app_state, STATE_KEY: self}, _loop)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in H11Protocol
        """Take a connection, on which every answer leaves at once.

        Head and body are two writes. asyncio turns Nagle's algorithm off only where it finds the protocol
        number of TCP, which a socket of `socket.create_server` does not carry; the body would then wait for
        the caller's delayed acknowledgement of the head, some 40 ms.
        """
        connection: socket.socket = transport.get_extra_info("socket")
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().connection_made(transport)

    def reset(self) -> None:
        """Drop the connection at once, with a TCP reset."""
        connection: socket.socket = self.transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGERING)
        self.transport.abort()

    def close(self) -> None:
        """End the connection once everything was sent, as if the answer were complete."""
        self.transport.close()
