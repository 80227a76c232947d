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

logger = logging.getLogger("havn")
logger.addHandler(logging.NullHandler())


def exchange_json(
    session: Session,
    operation: Mapping[str, Any],
    read: Callable[[dict[str, Any], Answer], T],
    *,
    timeout: float | None = None,
    observe: Observer | None = None,
) -> Flow[T]:
    """A call that answers a JSON object, which `read` turns into a result."""
    answer = yield from exchange(session, operation, timeout=timeout, observe=observe)
    body = json_object(answer)
    if body is None:
        raise unreadable(answer, "its answer is not a JSON object")
    return read(body, answer)


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
        operation: What `_get_kwargs` of the generated endpoint says: method, url, params, headers, json.
        timeout: Seconds for each phase of each try; None for the client's own.
        observe: Is told of every answer, whatever becomes of it.

    Raises:
        HAVNError: The error of the last try.
    """
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
        logger.warning("%s %s: %s; retry %d in %.2f s", request.method, request.path, outcome, retries, wait)
        yield Sleep(wait)
        left = policy.deadline - (clock.monotonic() - began)
        if left <= 0:  # the sleep was longer than asked for
            raise outcome


def _signed(session: Session, operation: Mapping[str, Any]) -> Request:
    """The request whose canonical bytes are both what is signed and what is sent."""
    content = signing.canonical_json(operation["json"]) if "json" in operation else None
    headers = dict(operation.get("headers", ()))
    headers.pop("Content-Type", None)  # every request of a client has it
    headers["X-Signature"] = session.signer.sign(content or signing.EMPTY_BODY)
    return Request(
        operation["method"].upper(), operation["url"], operation.get("params"), headers, content, session.headers
    )
