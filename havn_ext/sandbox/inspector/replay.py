"""A logged request as it is sent once more: what of it is kept, in curl, in Python and by the resend button."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import quote

if TYPE_CHECKING:
    from havn_ext.sandbox.request_log import Entry

__all__ = ["API_KEY_HEADER", "headers", "target"]

API_KEY_HEADER: Final = "x-api-key"

_OF_THE_CONNECTION: Final = frozenset({
    "accept-encoding", "connection", "content-length", "expect", "host", "keep-alive", "te", "trailer",
    "transfer-encoding", "upgrade", "user-agent", "x-request-id",
})  # fmt: skip
"""What every sender makes anew."""


def headers(entry: Entry) -> list[tuple[str, str]]:
    """The request's headers without those of its connection."""
    return [(name, value) for name, value in entry.request_headers if name.lower() not in _OF_THE_CONNECTION]


def target(entry: Entry) -> str:
    """Path and query, with whatever a URL must not hold in percent escapes."""
    path = quote(entry.path, safe="/:@!$&'()*+,;=-._~%")
    query = quote(entry.query, safe="/?:@!$&'()*+,;=-._~%")
    return f"{path}?{query}" if query else path
