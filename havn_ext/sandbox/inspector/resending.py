"""A logged request sent once more, through the application itself."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from havn_ext.sandbox.inspector import replay

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from havn_ext.sandbox.request_log import Entry, RequestLog

__all__ = ["send_again"]

_REQUEST_ID = "x-request-id"


async def send_again(app: ASGIApp, log: RequestLog, entry: Entry, base_url: str) -> Entry | None:
    """Send the request with the same headers and bytes.

    Returns:
        Its new entry in the log; None when the log does not have it (any more).
    """
    import httpx  # noqa: PLC0415  the sandbox starts without it

    request_id = uuid.uuid4().hex
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in replay.headers(entry)]
    last_id = log.last_id
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, timeout=None) as client:  # noqa: S113  it never leaves the process
        await client.request(
            entry.method,
            base_url + replay.target(entry),
            headers=[*headers, (_REQUEST_ID.encode(), request_id.encode())],
            content=entry.request_body.kept or None,
        )
    sent = log.entries(since_id=last_id)
    return next((each for each in sent if (_REQUEST_ID, request_id) in each.request_headers), None)
