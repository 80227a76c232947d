"""Logged requests as an HTTP archive (HAR 1.2), which browsers' tools and proxies read."""

from __future__ import annotations

import base64
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

from havn_ext._version import __version__
from havn_ext.sandbox.inspector import replay
from havn_ext.sandbox.inspector.masking import masked_headers

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from havn_ext.sandbox.request_log import Entry

__all__ = ["archive"]

_UNKNOWN: Final = -1
"""HAR's number for a size or a time that nobody measured."""

_PHRASES: Final[Mapping[int | None, str]] = {status.value: status.phrase for status in HTTPStatus}


def archive(entries: Iterable[Entry], base_url: str) -> dict[str, Any]:
    """The archive, oldest request first, with API keys masked."""
    oldest_first = sorted(entries, key=lambda entry: entry.id)
    return {
        "log": {
            "version": "1.2",
            "creator": {"name": "HAVN sandbox", "version": __version__},
            "entries": [_entry(entry, base_url) for entry in oldest_first],
        }
    }


def _entry(entry: Entry, base_url: str) -> dict[str, Any]:
    milliseconds = round(entry.duration * 1000, 3)
    return {
        "startedDateTime": entry.at.isoformat(),
        "time": milliseconds,
        "request": _request(entry, base_url),
        "response": _response(entry),
        "cache": {},
        "timings": {"send": 0, "wait": milliseconds, "receive": 0},
    }


def _request(entry: Entry, base_url: str) -> dict[str, Any]:
    request: dict[str, Any] = {
        "method": entry.method,
        "url": base_url + replay.target(entry),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _pairs(masked_headers(entry.request_headers)),
        "queryString": _pairs(parse_qsl(entry.query, keep_blank_values=True)),
        "headersSize": _UNKNOWN,
        "bodySize": entry.request_body.size,
    }
    if entry.request_body.kept:
        mime_type = _content_type(entry.request_headers)
        request["postData"] = {"mimeType": mime_type, "text": entry.request_body.text}
    return request


def _response(entry: Entry) -> dict[str, Any]:
    return {
        "status": entry.status or 0,
        "statusText": _PHRASES.get(entry.status, ""),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _pairs(masked_headers(entry.answer_headers)),
        "content": _content(entry),
        "redirectURL": "",
        "headersSize": _UNKNOWN,
        "bodySize": entry.answer_body.size,
    }


def _content(entry: Entry) -> dict[str, Any]:
    """The answer's body; in base64 where it is no text."""
    content: dict[str, Any] = {"size": entry.answer_body.size, "mimeType": _content_type(entry.answer_headers)}
    try:
        return {**content, "text": entry.answer_body.kept.decode()}
    except UnicodeDecodeError:
        return {**content, "text": base64.b64encode(entry.answer_body.kept).decode(), "encoding": "base64"}


def _content_type(headers: Iterable[tuple[str, str]]) -> str:
    return next((value for name, value in headers if name.lower() == "content-type"), "")


def _pairs(pairs: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in pairs]
