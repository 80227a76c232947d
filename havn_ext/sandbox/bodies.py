"""Bodies: read up to a limit, parsed strictly, and freed of nulls."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, cast

from starlette.requests import ClientDisconnect

from havn_ext.sandbox.messages import Detail, RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.requests import Request

__all__ = ["parse", "read", "without_nulls"]

_LARGEST_BODY: Final = 1024 * 1024  # bytes
_DEEPEST: Final = 100
"""Levels of arrays and objects within each other; the contract has four, its validator's limit is 255."""


async def read(request: Request) -> bytes:
    """The body, in full.

    One that is too large is read to its end all the same, and thrown away: a client that is still sending
    would not hear the refusal.

    Raises:
        RefusedError: 400, larger than 1 MiB, or the client left before its end.
    """
    body = bytearray()
    size = 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size <= _LARGEST_BODY:
                body += chunk
    except ClientDisconnect as error:
        raise _refused("incomplete", "The body ends too early") from error
    if size > _LARGEST_BODY:
        raise _refused("size", f"The body is larger than {_LARGEST_BODY} bytes")
    return bytes(body)


def parse(raw: bytes, content_type: str) -> Any:  # noqa: ANN401  any JSON value
    """The JSON value of a body.

    Accepted is only what can be written again as UTF-8 JSON: that leaves out NaN and numbers beyond a
    double, half of a surrogate pair, and nesting deeper than a hundred levels.

    Raises:
        RefusedError: 400, not JSON, or not labelled as JSON.
    """
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise _refused("content_type", "The body's Content-Type is not application/json")
    try:
        document = json.loads(raw.decode())
        json.dumps(document, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError) as error:
        raise _refused("json", "The body is not valid JSON in UTF-8") from error
    if _is_deeper_than(_DEEPEST, document):
        raise _refused("json", f"The body is nested deeper than {_DEEPEST} levels")
    return document


def _is_deeper_than(most: int, document: object) -> bool:
    level = [document]
    for _ in range(most):
        level = [inner for value in level for inner in _inside(value)]
    return any(isinstance(value, (dict, list)) for value in level)


def _inside(value: object) -> Iterable[object]:
    match value:
        case dict():
            return cast("dict[str, object]", value).values()
        case list():
            return cast("list[object]", value)
        case _:
            return ()


def without_nulls(document: Any) -> Any:  # noqa: ANN401  any JSON value
    """The value with every null field left out, at every level: in a request, null means absent."""
    match document:
        case dict():
            fields = cast("dict[str, Any]", document)
            return {key: without_nulls(value) for key, value in fields.items() if value is not None}
        case list():
            return [without_nulls(item) for item in cast("list[object]", document)]
        case _:
            return document


def _refused(rule: str, message: str) -> RefusedError:
    return RefusedError(400, message, error="malformed_body", details=(Detail("body", "", rule, message),))
