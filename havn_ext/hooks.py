"""Hooks: functions of the user's that are told, by frozen events, what becomes of each call and each of its tries.

For each call they are told, in this order: of every try `on_request` and then `on_response`, before every wait
between two tries `on_retry`, and once, whatever the call came to, `on_end`. What an event holds is fit for a
log: no body, no query, no credential, no e-mail address.

A hook is called where the call is made: in its thread, and under asyncio in its task; with threads, or with
`concurrency`, several at the same time. The call waits for it, so it should be quick. What it raises
(`Exception`, that is) is logged under `havn.client` with its traceback, and the call goes on as if nothing had
happened: a hook never costs a commission.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias, TypeVar, cast

import attrs

__all__ = ["CallEvent", "EndEvent", "Hooks", "RequestEvent", "ResponseEvent", "RetryEvent"]


@attrs.frozen(kw_only=True)
class CallEvent:
    """What every event says."""

    call_id: str
    """The same in all events of one call and in those of no other, such as `3f2a9c0d5e6b7a81`."""
    method: str
    """`GET` or `POST`."""
    path: str
    """Of the operation, and the same for all of its calls, such as `/api/v1/webhook/transaction`."""
    url: str
    """Address of the request, without its query."""
    test_mode: bool
    """Whether HAVN was asked to store nothing."""


@attrs.frozen(kw_only=True)
class RequestEvent(CallEvent):
    """A try is about to be sent."""

    attempt: int
    """Number of the try, from 1."""
    content_length: int
    """Bytes of the body; 0 if it has none."""


@attrs.frozen(kw_only=True)
class ResponseEvent(CallEvent):
    """A try is over: HAVN answered, or no answer came. A try that is cancelled has none."""

    attempt: int
    """Number of the try, from 1."""
    duration: float
    """Seconds that the try took."""
    status: int | None
    """HTTP status of the answer; None when none came."""
    request_id: str | None
    """HAVN's `X-Request-Id` of the answer, if it has one."""
    error: str | None
    """Class of the error that the try came to, such as `HAVNServerError`; None for a success."""
    reason: str | None
    """What that error says, without personal data; None for a success."""


@attrs.frozen(kw_only=True)
class RetryEvent(CallEvent):
    """A try has failed, and after a wait there will be another."""

    attempt: int
    """Number of the try that failed, from 1."""
    wait: float
    """Seconds until the next one."""
    status: int | None
    """HTTP status of the answer; None when none came."""
    request_id: str | None
    """HAVN's `X-Request-Id` of the answer, if it has one."""
    error: str
    """Class of the error, such as `HAVNRateLimitError`."""
    reason: str
    """What the error says, without personal data."""

    @property
    def rate_limited(self) -> bool:
        """Whether the wait is for HAVN's rate limit (429)."""
        return self.status == 429


@attrs.frozen(kw_only=True)
class EndEvent(CallEvent):
    """A call is over. There is exactly one for each call of which a `RequestEvent` was told."""

    attempts: int
    """How many tries were begun, from 1."""
    duration: float
    """Seconds that the call took, its waits included."""
    status: int | None
    """HTTP status of the last answer; None when none came to the last try."""
    request_id: str | None
    """HAVN's `X-Request-Id` of that answer, if it has one."""
    error: str | None
    """Class of what the caller gets raised, such as `HAVNTimeoutError`, or `CancelledError`; None for a result.
    With a `status` of 2xx HAVN has processed the call all the same.
    """
    reason: str | None
    """What that error says, without personal data; None for a result."""


Event = TypeVar("Event", RequestEvent, ResponseEvent, RetryEvent, EndEvent)
Hook: TypeAlias = Callable[[Event], object]
"""Told of an event. What it gives is ignored, but for an awaitable, which the async client awaits."""


@attrs.frozen(kw_only=True)
class Hooks:
    """Functions that belong together, such as those of a tracing library: `HAVNClient(hooks=Hooks(...))`.

    The `AsyncHAVNClient` also takes coroutine functions, and awaits them; when a call is cancelled it has no
    time for that, and only the plain functions are told of the end.

    Args:
        on_request: Told before every try.
        on_response: Told after every try.
        on_retry: Told before every wait between two tries.
        on_end: Told once a call, after everything else; of several bundles the first is told last.
    """

    on_request: Hook[RequestEvent] | None = None
    on_response: Hook[ResponseEvent] | None = None
    on_retry: Hook[RetryEvent] | None = None
    on_end: Hook[EndEvent] | None = None


def check(
    hooks: object, functions: Mapping[str, object], *, asynchronous: bool
) -> tuple[tuple[Hooks, ...], dict[str, str]]:
    """The hooks of a client, bundles first, and what is wrong with them as the `errors` of a `HAVNValidationError`.

    Args:
        hooks: A bundle, an iterable of bundles, or None.
        functions: The arguments `on_request` and so on, by name; None where there is none.
        asynchronous: Whether the client can await coroutine functions.
    """
    listed = [hooks] if isinstance(hooks, Hooks) or not isinstance(hooks, Iterable) else list(hooks)
    bundles = [each for each in listed if isinstance(each, Hooks)]
    strange = [each for each in listed if each is not None and not isinstance(each, Hooks)]
    errors: dict[str, str] = {}
    if strange:
        errors["hooks"] = f"must be a Hooks, or several, not {type(strange[0]).__name__}"
    named = [("hooks.", attrs.asdict(each, recurse=False)) for each in bundles] + [("", functions)]
    for prefix, each in named:
        for name, hook in each.items():
            if reason := _wrong(hook, asynchronous=asynchronous):
                errors[prefix + name] = reason
    if any(function is not None for function in functions.values()):
        bundles.append(Hooks(**cast("dict[str, Any]", functions)))
    return tuple(bundles), errors


def _wrong(hook: object, *, asynchronous: bool) -> str | None:
    if hook is None:
        return None
    if not callable(hook):
        return f"must be a function, not {type(hook).__name__}"
    if not asynchronous and inspect.iscoroutinefunction(hook):
        return "must be awaited, which takes the AsyncHAVNClient"
    return None
