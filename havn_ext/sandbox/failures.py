"""Failures without a cause in the request: those on purpose, and the sandbox's own."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from havn_ext.sandbox.messages import RefusedError

__all__ = ["defect", "failure"]

_TELLS_WHEN: Final = frozenset({429, 503})
"""Statuses that say when to try again."""


def failure(status: int, reason: str, retry_after: int = 1) -> RefusedError:
    """The answer with this error status.

    Args:
        status: From 400 to 599.
        reason: Who wanted it so, in a sentence.
        retry_after: Seconds, for the header `Retry-After` of a 429 or 503.
    """
    headers = {"Retry-After": str(retry_after)} if status in _TELLS_WHEN else {}
    error = "server_error" if status >= 500 else None
    return RefusedError(status, f"{_phrase(status)}: {reason}", error=error, headers=headers)


def defect() -> RefusedError:
    """The answer when the sandbox itself is at fault."""
    return RefusedError(500, "This is a defect of the sandbox, not of the request; see its log")


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase if status in list(HTTPStatus) else f"Status {status}"
