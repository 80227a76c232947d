"""Entries of the request log: one request and its answer, as facts and as JSON.

A webhook secret is never in an entry, since none is ever sent; the API key is, and masks itself as JSON.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias, get_args

import attrs

from havn_ext.sandbox import moments

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from havn_ext.sandbox.messages import Detail

__all__ = ["LARGEST_BODY", "VERDICTS", "Body", "Entry", "Headers", "Verdict"]

Verdict: TypeAlias = Literal["ok", "replayed", "unauthorized", "invalid", "refused", "limited", "fault", "defect"]
"""What became of a request: `invalid` breaks the contract, `refused` breaks a rule, `defect` is our own."""

VERDICTS: Final[tuple[Verdict, ...]] = get_args(Verdict)

Headers: TypeAlias = tuple[tuple[str, str], ...]

LARGEST_BODY: Final = 64 * 1024  # bytes
_SHOWN_OF_A_KEY: Final = 4  # characters


@attrs.frozen
class Body:
    """A body, or its beginning: what is beyond 64 KiB is not kept.

    Args:
        kept: Its first bytes.
        size: How many bytes it had.
    """

    kept: bytes = b""
    size: int = 0

    @classmethod
    def of(cls, content: bytes) -> Body:
        """The body with this content."""
        return cls(content[:LARGEST_BODY], len(content))

    @property
    def truncated(self) -> bool:
        """Whether its end is missing."""
        return self.size > len(self.kept)

    @property
    def text(self) -> str:
        r"""What is kept, as text; bytes that are not UTF-8 are written as `\xff`."""
        return self.kept.decode("utf-8", "backslashreplace")

    def described(self) -> dict[str, Any]:
        """The body as JSON."""
        return {"text": self.text, "size": self.size, "truncated": self.truncated}


@attrs.frozen
class Entry:
    """One request and its answer.

    Args:
        at: When it came, by the sandbox's clock.
        duration: From its arrival to the last byte of the answer, in real seconds.
        company: The API key of the company that it is of; None when no company has the key.
        method: The HTTP method.
        path: Where it went.
        query: The query as it was sent, without the question mark.
        operation: The operationId; None when the contract knows no such path or method.
        status: That of the answer, also of one that a fault lost; None when there was none.
        verdict: What became of it.
        request_headers: As they came, names in lower case.
        request_body: As it came.
        canonical: What its signature should be over; None when the body is no JSON or was not read.
        signature: What is wrong with its signature or API key.
        validation: Everything else that is wrong with it.
        answer_headers: Those that were sent.
        answer_body: What was sent, or lost by a fault.
        fault: The fault that struck, as in the header `X-Sandbox-Fault`; None when none did.
        id: Its number in the log, from 1; given by the log.
    """

    at: datetime
    duration: float
    company: str | None
    method: str
    path: str
    query: str
    operation: str | None
    status: int | None
    verdict: Verdict
    request_headers: Headers = ()
    request_body: Body = Body()
    canonical: Body | None = None
    signature: tuple[Detail, ...] = ()
    validation: tuple[Detail, ...] = ()
    answer_headers: Headers = ()
    answer_body: Body = Body()
    fault: str | None = None
    id: int = 0

    @property
    def weight(self) -> int:
        """Characters and bytes of whatever a caller can make long."""
        bodies = (self.request_body, self.answer_body, self.canonical or Body())
        headers = (text for header in (*self.request_headers, *self.answer_headers) for text in header)
        return sum(map(len, (self.path, self.query, *headers, *(body.kept for body in bodies))))

    def contains(self, text: str) -> bool:
        """Whether the path, the query, a body or an answer's header has this text in it, in any case."""
        wanted = text.casefold()
        headers = (value for _, value in self.answer_headers)
        places = (self.path, self.query, self.request_body.text, self.answer_body.text, *headers)
        return any(wanted in place.casefold() for place in places)

    def summary(self) -> dict[str, Any]:
        """The entry as JSON without its headers, bodies and details; its API key masked."""
        return {
            "id": self.id,
            "at": moments.stamp(self.at),
            "duration": self.duration,
            "company": self.company and _masked(self.company),
            "method": self.method,
            "path": self.path,
            "query": self.query,
            "operation": self.operation,
            "status": self.status,
            "verdict": self.verdict,
            "fault": self.fault,
        }

    def described(self) -> dict[str, Any]:
        """The entry as JSON; its API key masked."""
        return {
            **self.summary(),
            "request": {
                "headers": [
                    [name, _masked(value) if name == "x-api-key" else value] for name, value in self.request_headers
                ],
                "body": self.request_body.described(),
            },
            "canonical": self.canonical and self.canonical.described(),
            "signature": [detail.as_json() for detail in self.signature],
            "validation": [detail.as_json() for detail in self.validation],
            "answer": {
                "headers": [list(pair) for pair in self.answer_headers],
                "body": self.answer_body.described(),
            },
        }


def _masked(key: str) -> str:
    """An API key of which only the beginning can be read."""
    return f"{key[:_SHOWN_OF_A_KEY]}****"
