"""One call to HAVN: make the request's bytes, sign them, send them until an answer stands, read it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from havn_ext import signing
from havn_ext._answers import error_for, is_success, json_object, unreadable
from havn_ext._steps import Answer, Flow, Request, Send, Sleep
from havn_ext.errors import HAVNError, HAVNNetworkError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from havn_ext._session import Session

__all__ = ["Observer", "exchange", "exchange_json"]

T = TypeVar("T")

Observer: TypeAlias = "Callable[[int, Mapping[str, str]], None]"
"""Takes the status and the headers (names in lower case) of an answer."""

logging.getLogger("havn").addHandler(logging.NullHandler())
logger = logging.getLogger("havn.client")


def exchange_json(
    session: Session,
    operation: Mapping[str, Any],
    read: Callable[[dict[str, Any], Answer], T],
    *,
    timeout: float | None = None,
    observe: Observer | None = None,
) -> Flow[T]:
    """A call that answers a JSON object, which `read` turns into a result."""
    return _watched(session, _exchange_json(session, operation, read, timeout, observe))


def exchange(
    session: Session,
    operation: Mapping[str, Any],
    *,
    timeout: float | None = None,
    observe: Observer | None = None,
) -> Flow[Answer]:
    """A call and its retries, up to the answer that stands.

    Args:
        session: The client's.
        operation: What `_get_kwargs` of the generated endpoint says: method, url, params, headers, json; and
            `content`, if the canonical bytes of the JSON are there already.
        timeout: Seconds for each phase of each try; None for the client's own.
        observe: Is told of every answer, whatever becomes of it.

    Raises:
        HAVNError: The error of the last try.
    """
    return _watched(session, _exchange(session, operation, timeout, observe))


def _watched(session: Session, flow: Flow[T]) -> Flow[T]:
    """The flow of a call: bare, unless hooks or a log want to know of it."""
    if session.watch is None and not logger.isEnabledFor(logging.INFO):
        return flow
    from havn_ext._watching import watched  # noqa: PLC0415  only for whoever watches

    return watched(session, flow)


def _exchange_json(
    session: Session,
    operation: Mapping[str, Any],
    read: Callable[[dict[str, Any], Answer], T],
    timeout: float | None,
    observe: Observer | None,
) -> Flow[T]:
    answer = yield from _exchange(session, operation, timeout, observe)
    body = json_object(answer)
    if body is None:
        raise unreadable(answer, "its answer is not a JSON object", session.secrets)
    return read(body, answer)


def _exchange(
    session: Session, operation: Mapping[str, Any], timeout: float | None, observe: Observer | None
) -> Flow[Answer]:
    request = _signed(session, operation)
    timeout = session.settings.timeout if timeout is None else timeout
    policy, clock = session.retry, session.clock
    began = clock.monotonic()
    left = policy.deadline
    retries = 0
    while True:
        outcome: HAVNError
        try:
            answer: Answer = yield Send(request, timeout, left)
        except HAVNNetworkError as error:
            outcome = error
        else:
            if observe is not None:
                observe(answer.status, answer.headers)
            if is_success(answer):
                return answer
            outcome = error_for(answer, session.secrets, clock.now())
        wait = policy.wait_before_retry(
            outcome, retries=retries, elapsed=clock.monotonic() - began, rng=session.rng
        )
        if wait is None:
            raise outcome
        retries += 1
        _log_retry(request, outcome, retries, wait)
        yield Sleep(wait, outcome)
        left = policy.deadline - (clock.monotonic() - began)
        if left <= 0:  # the sleep was longer than asked for
            raise outcome


def _log_retry(request: Request, cause: HAVNError, retry: int, wait: float) -> None:
    facts = {
        "havn_method": request.method,
        "havn_path": request.path,
        "havn_status": cause.status_code,
        "havn_attempts": retry,
        "havn_wait": wait,
        "havn_request_id": cause.request_id,
        "havn_error": type(cause).__name__,
    }
    logger.warning("%s %s: %s; retry %d in %.2f s", request.method, request.path, cause, retry, wait, extra=facts)


def _signed(session: Session, operation: Mapping[str, Any]) -> Request:
    """The request whose canonical bytes are both what is signed and what is sent."""
    content: bytes | None = operation.get("content")
    if content is None and "json" in operation:
        content = signing.canonical_json(operation["json"])
    headers = dict(operation.get("headers", ()))
    headers.pop("Content-Type", None)  # every request of a client has it
    headers["X-Signature"] = session.signer.sign(content or signing.EMPTY_BODY)
    return Request(
        operation["method"].upper(), operation["url"], operation.get("params"), headers, content, session.headers
    )
