"""One request and its answer, as they went over the wire."""

from __future__ import annotations

import json
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import attrs

from harness.signer import body_of
from harness.spec import OPERATIONS, Operation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from schemathesis import Case
    from schemathesis.core.transport import Response

__all__ = ["Exchange"]


@attrs.frozen(slots=False)
class Exchange:
    """What was sent and what came back.

    Args:
        operation: What was called.
        valid: Whether the request was generated to keep the contract (True) or to break it (False); None
            when it was written by hand.
        query: The query as it was sent, by name.
        sent: The body as it was sent, parsed; None when there was none or it was no JSON.
        status: HTTP status of the answer.
        headers: Headers of the answer, names in lower case.
        content: Body of the answer.
    """

    operation: Operation
    valid: bool | None
    query: Mapping[str, str]
    sent: Any
    status: int
    headers: Mapping[str, str]
    content: bytes = attrs.field(repr=False)

    @classmethod
    def of(cls, case: Case[Any], response: Response) -> Exchange:
        """The exchange of a case of Schemathesis."""
        meta = case.meta
        return cls(
            operation=OPERATIONS[case.operation.definition.raw["operationId"]],
            valid=None if meta is None else meta.generation.mode.is_positive,
            query=dict(parse_qsl(urlsplit(response.request.url or "").query, keep_blank_values=True)),
            sent=_parsed(body_of(response.request)),
            status=response.status_code,
            headers={name.lower(): values[0] for name, values in response.headers.items()},
            content=response.content,
        )

    @property
    def accepted(self) -> bool:
        """Whether the status is a success."""
        return 200 <= self.status < 300

    @cached_property
    def answer(self) -> Any:
        """The body of the answer, parsed; None when it is no JSON."""
        return _parsed(self.content)

    @property
    def rules_broken(self) -> set[str]:
        """The rules that the details of a refusal name, as the sandbox writes them."""
        details = self.answer.get("details") if isinstance(self.answer, dict) else None
        return {str(each.get("rule")) for each in details or [] if isinstance(each, dict)}


def _parsed(content: bytes) -> Any:
    try:
        return json.loads(content) if content else None
    except (ValueError, RecursionError):
        return None
