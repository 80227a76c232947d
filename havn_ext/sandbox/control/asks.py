"""What passes between the control API's routes and its rules."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final, TypeAlias

import attrs

from havn_ext.sandbox import companies
from havn_ext.sandbox.messages import Answer, RefusedError

if TYPE_CHECKING:
    from havn_ext.sandbox.box import Box
    from havn_ext.sandbox.companies import Company
    from havn_ext.sandbox.messages import JsonObject

__all__ = ["CONTRACT", "Ask", "Rule", "deleted", "done"]

CONTRACT: Final = "control.openapi.json"
"""The file that describes the control API."""


@attrs.frozen
class Ask:
    """A request that keeps the control API's contract.

    Args:
        box: The sandbox.
        path: The path's parameters, decoded.
        query: The query's parameters, decoded, with the contract's defaults.
        body: The JSON body without its nulls; empty when there is none.
    """

    box: Box
    path: JsonObject
    query: JsonObject
    body: JsonObject

    @property
    def scope(self) -> str | None:
        """The API key of the one company that is meant; None means all."""
        return self.query.get("company")

    @property
    def company(self) -> Company:
        """The company that is named, else the default one; refused with 404 when it cannot exist."""
        api_key = self.scope or self.box.config.api_key
        company = companies.find(self.box.store, api_key)
        if company is None:
            raise RefusedError(404, "No company has this API key")
        return company


Rule: TypeAlias = Callable[[Ask], Awaitable[Answer]]


def done(message: str, status: int = 200) -> Answer:
    """Something was done."""
    return Answer(status, {"success": True, "message": message})


def deleted(count: int) -> Answer:
    """So many were deleted."""
    return Answer(200, {"success": True, "deleted": count})
