"""What passes between the pipeline and the business rules: one call in, one answer or refusal out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import attrs

if TYPE_CHECKING:
    from datetime import datetime

    from havn_ext.sandbox.store import CompanyData

__all__ = ["Answer", "Call", "Detail", "Handler", "JsonObject", "RefusedError"]

JsonObject: TypeAlias = Mapping[str, Any]

_KINDS: Final[Mapping[int, str]] = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    408: "timed_out",
    409: "conflict",
    422: "unprocessable",
    429: "rate_limited",
    500: "sandbox_defect",
}


@attrs.frozen
class Call:
    """An authenticated request that keeps the contract.

    Args:
        data: The tables of the calling company.
        body: The JSON body without its nulls (absent and null mean the same); empty for a GET.
        query: The query's parameters, decoded, with the contract's defaults.
        now: When the call is processed, in UTC.
        base_url: Where the caller reached the sandbox, without a slash at the end.
    """

    data: CompanyData
    body: JsonObject
    query: JsonObject
    now: datetime
    base_url: str


@attrs.frozen
class Answer:
    """A status, a JSON body, and headers beyond the usual ones."""

    status: int
    body: JsonObject
    headers: Mapping[str, str] = attrs.field(factory=dict[str, str])

    def with_headers(self, headers: Mapping[str, str]) -> Answer:
        """The same answer with these headers added."""
        return attrs.evolve(self, headers={**self.headers, **headers})


Handler: TypeAlias = Callable[[Call], Answer]


@attrs.frozen
class Detail:
    """One fault of a request.

    Args:
        location: `body`, `query` or `header`; `in` on the wire.
        path: JSON pointer to the field, or `/` and the parameter's name.
        rule: The schema keyword or the business rule that was broken.
        message: What is wrong; never the value itself, which may be an e-mail address or a secret.
    """

    location: str
    path: str
    rule: str
    message: str

    def as_json(self) -> dict[str, str]:
        """The entry of the error body's `details`."""
        return {"in": self.location, "path": self.path, "rule": self.rule, "message": self.message}


class RefusedError(Exception):
    """A request that HAVN refuses; it undoes whatever its call has written.

    Args:
        status: HTTP status of the answer.
        message: A sentence for people.
        error: Kind of fault for programs; follows from the status unless given.
        details: Every fault that was found.
        headers: Headers that the answer needs, such as `Allow`.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        error: str | None = None,
        details: tuple[Detail, ...] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.details = details
        body = {
            "success": False,
            "error": error or _KINDS.get(status, "error"),
            "message": message,
            "details": [detail.as_json() for detail in details],
        }
        self.answer = Answer(status, body, headers or {})

    @classmethod
    def at(cls, path: str, *, status: int, rule: str, message: str) -> RefusedError:
        """A refusal because of one field of the body."""
        return cls(status, message, details=(Detail("body", path, rule, message),))
