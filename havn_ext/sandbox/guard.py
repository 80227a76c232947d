"""The guard of the sandbox's own pages: who may not sit at this machine does not get to them.

A page on the web may make a browser call 127.0.0.1, in plain sight or with a name of its own that resolves to
it (DNS rebinding). The first shows in `Origin` or `Sec-Fetch-Site`, the second in `Host`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from starlette.datastructures import Headers

from havn_ext.sandbox.messages import RefusedError
from havn_ext.sandbox.recording import is_own_page
from havn_ext.sandbox.responses import json_response

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.types import ASGIApp, Receive, Scope, Send

__all__ = ["Guard"]

_HOST: Final = re.compile(r"(?:\[(?P<ipv6>[0-9a-fA-F:.]+)\]|(?P<name>[A-Za-z0-9._-]+))(?::[0-9]*)?")
"""`Host = uri-host [ ":" port ]` (RFC 9110 7.2), and nothing more lenient: no user, no path."""

_THIS_MACHINE: Final = frozenset({"localhost", "127.0.0.1", "::1"})


class Guard:
    """Refuses (403) requests for the sandbox's own pages that come by a foreign name or from a foreign page.

    Args:
        app: What is guarded.
        hosts: Names by which the sandbox may be reached besides this machine's own, without ports.
    """

    def __init__(self, app: ASGIApp, hosts: Iterable[str]) -> None:
        self._app = app
        self._hosts = _THIS_MACHINE | {host.lower() for host in hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        app = self._app
        if scope["type"] == "http" and is_own_page(scope["path"]):
            complaint = self._complaint(Headers(scope=scope))
            if complaint is not None:
                app = json_response(RefusedError(403, complaint).answer)
        await app(scope, receive, send)

    def _complaint(self, headers: Headers) -> str | None:
        """Why a request is refused; None when it is not."""
        host = headers.get("Host", "")
        if _name(host) not in self._hosts:
            return "This Host is not known here; `havn sandbox --allow-host` makes it so"
        origin = headers.get("Origin")
        if origin is not None and origin.partition("://")[2] != host:
            return "Another page must not call the sandbox's own pages"
        if headers.get("Sec-Fetch-Site") == "cross-site":
            return "Another site must not call the sandbox's own pages"
        return None


def _name(host: str) -> str | None:
    """The name in a Host header, without port and brackets, in lower case; None when it is no such header."""
    match = _HOST.fullmatch(host)
    return match and (match["ipv6"] or match["name"]).lower()
