"""Answers as Starlette sends them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

if TYPE_CHECKING:
    from havn_ext.sandbox.messages import Answer

__all__ = ["json_response"]


def json_response(answer: Answer) -> JSONResponse:
    """An answer as it is sent."""
    return JSONResponse(answer.body, answer.status, answer.headers)
