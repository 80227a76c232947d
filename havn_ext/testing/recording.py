"""A record of what HAVN clients send, for tests to look at."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, overload

import attrs

from havn_ext._redaction import MASK
from havn_ext.testing.contract import operations
from havn_ext.testing.tap import listening

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from havn_ext._steps import Request

__all__ = ["SentRequest", "recorded_requests"]

_CREDENTIALS: Final = frozenset({"x-api-key", "x-signature"})


@attrs.frozen
class SentRequest:
    """One try of one call, as the SDK gave it to the HTTP library.

    Attributes:
        method: `GET` or `POST`.
        path: Below the base URL.
        operation: The contract's name of the call, such as `sendTransaction`.
        query: Parameters by name, before they become text.
        json: The body; None where there is none. A copy: changing it changes nothing else.
        headers: By name as sent; the API key and the signature are masked.
        attempt: Which try of its call it is, from 1, of those since the recording began.
        status: HTTP status of the answer; None as long as there is none, and for ever if none came.
    """

    method: str
    path: str
    operation: str | None
    query: Mapping[str, Any]
    json: Any
    headers: Mapping[str, str]
    attempt: int
    status: int | None = None


@contextmanager
def recorded_requests() -> Generator[Sequence[SentRequest]]:
    """Records every request that any HAVN client of the process sends while it is open.

        with recorded_requests() as records:
            client.vouchers.validate("HAVN-AQNEO-S08-ABC123")
        assert [record.operation for record in records] == ["validateVoucher"]

    The records grow as requests go out, from all threads and tasks, in the order of sending, and stay when
    the recording has ended. What is sent and what comes of it is the same as without.
    """
    records = _Records()
    with listening(records):
        yield records


class _Records(Sequence[SentRequest]):
    """The records so far; safe to read while requests go out."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._records: dict[int, SentRequest] = {}
        self._requests: list[Request] = []  # kept, so that no two have the same id
        self._tries: Counter[int] = Counter()

    def sending(self, request: Request) -> int:
        """Adds the record of a request."""
        with self._lock:
            number = len(self._requests)
            self._requests.append(request)
            self._tries[id(request)] += 1
            self._records[number] = _record(request, self._tries[id(request)])
            return number

    def answered(self, number: int, status: int) -> None:
        """Completes a record."""
        with self._lock:
            self._records[number] = attrs.evolve(self._records[number], status=status)

    def withdrawn(self, number: int) -> None:
        """Removes the record of what was never sent."""
        with self._lock:
            del self._records[number]

    @overload
    def __getitem__(self, index: int) -> SentRequest: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[SentRequest]: ...
    def __getitem__(self, index: int | slice) -> SentRequest | Sequence[SentRequest]:
        with self._lock:
            return tuple(self._records.values())[index]

    def __len__(self) -> int:
        return len(self._records)

    def __repr__(self) -> str:
        return f"recorded_requests: {list(self)!r}"


def _record(request: Request, attempt: int) -> SentRequest:
    return SentRequest(
        method=request.method,
        path=request.path,
        operation=operations().get((request.method, request.path)),
        query=dict(request.params or {}),
        json=None if request.content is None else json.loads(request.content),
        headers={
            name: MASK if name.lower() in _CREDENTIALS else value for name, value in request.all_headers.items()
        },
        attempt=attempt,
    )
