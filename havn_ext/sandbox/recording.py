"""Recording: every exchange with HAVN's side of the sandbox becomes one entry of the request log."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

import attrs

from havn_ext.sandbox.entries import LARGEST_BODY, Body, Entry, Headers

if TYPE_CHECKING:
    from datetime import datetime

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from havn_ext.sandbox.config import Clock
    from havn_ext.sandbox.entries import Verdict
    from havn_ext.sandbox.messages import Answer, Detail, RefusedError
    from havn_ext.sandbox.request_log import RequestLog

__all__ = ["Recorder", "Trace"]

_TRACE: Final = "havn_sandbox.trace"
_VERDICTS: Final[dict[int, Verdict]] = {401: "unauthorized", 429: "limited"}
_OWN_PAGES: Final = ("/", "/_sandbox")


@attrs.define
class Trace:
    """What is learnt about a request on its way.

    Args:
        company: The API key of the company that it is of.
        operation: The operationId.
        canonical: The canonical form of its body.
        valid: Whether it is signed and keeps the contract, so that only a rule can refuse it.
        verdict: What becomes of it, as far as is known; a request that gets nowhere is invalid.
        signature: What is wrong with its signature or API key.
        validation: Everything else that is wrong with it.
        fault: The fault that strikes it.
        lost: The answer that a fault keeps from the caller.
    """

    company: str | None = None
    operation: str | None = None
    canonical: bytes | None = None
    valid: bool = False
    verdict: Verdict = "invalid"
    signature: tuple[Detail, ...] = ()
    validation: tuple[Detail, ...] = ()
    fault: str | None = None
    lost: Response | None = None

    @classmethod
    def of(cls, request: Request) -> Trace:
        """The trace of a request that is being recorded."""
        trace: Trace = request.scope[_TRACE]
        return trace

    def refused(self, refusal: RefusedError) -> None:
        """Note why the request is refused."""
        verdict = _VERDICTS.get(refusal.answer.status, "invalid")
        self.verdict = "refused" if self.valid else verdict
        if self.verdict == "unauthorized":
            self.signature = refusal.details
        else:
            self.validation = refusal.details

    def answered(self, answer: Answer) -> None:
        """Note that the request succeeds."""
        self.verdict = "replayed" if "Idempotent-Replayed" in answer.headers else "ok"


class Recorder:
    """Writes the log; the sandbox's own pages are left out.

    An entry is there before the caller has the whole answer, so that who asks next finds it. A body that
    nobody asked for is read before the answer, so that the entry has it.
    """

    def __init__(self, app: ASGIApp, log: RequestLog, clock: Clock) -> None:
        self._app = app
        self._log = log
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and write down what became of it."""
        if scope["type"] != "http" or is_own_page(scope["path"]):
            await self._app(scope, receive, send)
            return
        recording = _Recording(scope, receive, send, self._log, self._clock())
        try:
            await self._app({**scope, _TRACE: recording.trace}, recording.receive, recording.send)
        finally:
            recording.finish()


def is_own_page(path: str) -> bool:
    """Whether a path is the sandbox's own, not HAVN's."""
    return path in _OWN_PAGES or path.startswith("/_sandbox/")


class _Capture:
    """A body as it passes by, of which the beginning is kept."""

    def __init__(self) -> None:
        self._kept = bytearray()
        self._size = 0

    def take(self, chunk: bytes) -> None:
        self._kept += chunk[: LARGEST_BODY - len(self._kept)]
        self._size += len(chunk)

    @property
    def body(self) -> Body:
        return Body(bytes(self._kept), self._size)


class _Recording:
    """One exchange under way: passes messages on, and keeps what they say."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, log: RequestLog, at: datetime) -> None:
        self.trace = Trace()
        self._scope = scope
        self._receive = receive
        self._send = send
        self._log = log
        self._at = at
        self._start = time.perf_counter()
        self._asked_in_full = False
        self._finished = False
        self._request = _Capture()
        self._answer = _Capture()
        self._status: int | None = None
        self._headers: Headers = ()

    async def receive(self) -> Message:
        message = await self._receive()
        self._request.take(message.get("body", b""))
        self._asked_in_full = not message.get("more_body", False)
        return message

    async def send(self, message: Message) -> None:
        while not self._asked_in_full:
            await self.receive()
        if message["type"] == "http.response.start":
            self._status = message["status"]
            self._headers = _decoded(message["headers"])
        self._answer.take(message.get("body", b""))
        if message["type"] != "http.response.start" and not message.get("more_body", False):
            self.finish()
        await self._send(message)

    def finish(self) -> None:
        """Write the entry, once."""
        if not self._finished:
            self._finished = True
            self._log.add(self._entry())

    def _entry(self) -> Entry:
        trace = self.trace
        return Entry(
            at=self._at,
            duration=time.perf_counter() - self._start,
            company=trace.company,
            method=self._scope["method"],
            path=self._scope["path"],
            query=self._scope["query_string"].decode("latin-1"),
            operation=trace.operation,
            status=trace.lost.status_code if trace.lost else self._status,
            verdict="fault" if trace.fault else trace.verdict,
            request_headers=_decoded(self._scope["headers"]),
            request_body=self._request.body,
            canonical=None if trace.canonical is None else Body.of(trace.canonical),
            signature=trace.signature,
            validation=trace.validation,
            answer_headers=_decoded(trace.lost.raw_headers) if trace.lost else self._headers,
            answer_body=Body.of(bytes(trace.lost.body)) if trace.lost else self._answer.body,
            fault=trace.fault,
        )


def _decoded(headers: list[tuple[bytes, bytes]]) -> Headers:
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in headers)
