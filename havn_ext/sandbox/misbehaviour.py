"""Misbehaviour: what a fault makes of an answer, as ASGI responses."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final, TypeAlias

import attrs
from starlette.responses import HTMLResponse, Response

from havn_ext.sandbox.cutting import Cut

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from havn_ext.sandbox.faults import Fault, FaultKind

__all__ = ["INSTEAD", "spoilt"]

_Spoil: TypeAlias = Callable[[Response, "Fault"], "ASGIApp"]

_PIECES: Final = 50  # of a body that drips
_PROXY_PAGE: Final = """<html>
<head><title>502 Bad Gateway</title></head>
<body><center><h1>502 Bad Gateway</h1></center><hr><center>nginx</center></body>
</html>
"""


INSTEAD: Final[Mapping[FaultKind, ASGIApp]] = {
    "html": HTMLResponse(_PROXY_PAGE, 502),
    "reset_before": Cut(reset=True),
}
"""What answers in HAVN's place, without the call being processed."""


def spoilt(response: Response, fault: Fault) -> ASGIApp:
    """The answer as the fault lets it through."""
    spoil = _SPOILERS.get(fault.kind)
    return spoil(response, fault) if spoil else response


def _lost(_response: Response, _fault: Fault) -> ASGIApp:
    return Cut(reset=True)


def _empty(response: Response, _fault: Fault) -> ASGIApp:
    return Response(b"", response.status_code, _headers(response))


def _mislabelled(response: Response, _fault: Fault) -> ASGIApp:
    return Response(response.body, response.status_code, _headers(response), media_type="text/plain")


def _headers(response: Response) -> dict[str, str]:
    """The headers of a response without those that describe its body."""
    return {name: value for name, value in response.headers.items() if not name.startswith("content-")}


@attrs.frozen
class _Truncated:
    """The head of an answer and half of its body; then the connection ends."""

    whole: Response

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = bytes(self.whole.body)
        await _send_head(self.whole, send)
        await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
        await Cut(reset=False)(scope, receive, send)


@attrs.frozen
class _Dripping:
    """An answer whose body comes a few bytes at a time, for as long as the caller listens."""

    whole: Response
    duration: float

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        body = bytes(self.whole.body)
        size = -(-len(body) // _PIECES)
        await _send_head(self.whole, send)
        for start in range(0, len(body), size):
            if await _hangs_up_within(self.duration / _PIECES, receive):
                return
            await send({"type": "http.response.body", "body": body[start : start + size], "more_body": True})
        await send({"type": "http.response.body"})


async def _hangs_up_within(seconds: float, receive: Receive) -> bool:
    """Let time pass; whether the caller hangs up meanwhile, which ends it."""
    try:
        async with asyncio.timeout(seconds):
            while (await receive())["type"] != "http.disconnect":
                pass
    except TimeoutError:
        return False
    return True


async def _send_head(response: Response, send: Send) -> None:
    head = {"type": "http.response.start", "status": response.status_code, "headers": response.raw_headers}
    await send(head)


_SPOILERS: Final[Mapping[FaultKind, _Spoil]] = {
    "reset_after": _lost,
    "empty": _empty,
    "wrong_content_type": _mislabelled,
    "truncated": lambda response, _fault: _Truncated(response),
    "slow_drip": lambda response, fault: _Dripping(response, fault.duration),
}
