"""A call that is watched: the same steps as ever, told to hooks and to the log as they go by.

Nothing here is loaded, and no call costs more, as long as there are no hooks and nobody reads INFO records.
"""

from __future__ import annotations

import inspect
import logging
import secrets
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from havn_ext import hooks
from havn_ext._answers import request_id
from havn_ext._redaction import redact
from havn_ext._steps import Answer, Invoke, Request, Send, Sleep
from havn_ext.errors import HAVNError, HAVNNetworkError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from havn_ext._session import Session
    from havn_ext._steps import Flow, Step
    from havn_ext.hooks import Hooks

__all__ = ["Watch", "watched"]

T = TypeVar("T")

logger = logging.getLogger("havn.client")


@attrs.frozen
class Watch:
    """The hooks of a client, and what their events need to know of it."""

    hooks: tuple[Hooks, ...]
    base_url: str
    """What stands before every path, without credentials."""
    asynchronous: bool
    """Whether the client can await what a hook gives."""


def watched(session: Session, flow: Flow[T]) -> Flow[T]:
    """A flow of one call that gives, raises and asks of the driver what `flow` does, and is told of as it goes."""
    call = _Call(session)
    try:
        result = yield from call.steps(flow)
    except BaseException as error:
        yield from call.ended(error)
        raise
    yield from call.ended(None)
    return result


@attrs.frozen
class _Outcome:
    """What a try came to, until it is known what the call makes of it."""

    duration: float
    status: int | None
    request_id: str | None


class _Call:
    """What is known of a call under way."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._clock = session.clock
        self._watch = session.watch
        self._began = self._clock.monotonic()
        self._try_began = self._began
        self._attempts = 0
        self._request: Request | None = None
        self._last: _Outcome | None = None
        self._untold = False
        self._call_id = secrets.token_hex(8)

    def steps(self, flow: Flow[T]) -> Flow[T]:
        """Passes the steps of a flow on, and tells of each before it is done."""
        go_on: Callable[[Any], Step] = flow.send
        value: Any = None
        while True:
            try:
                step = go_on(value)
            except StopIteration as end:
                result: T = end.value
                return result
            yield from self._before(step)
            try:
                value = yield step
                go_on = flow.send
            except BaseException as error:  # noqa: BLE001  whatever it is, the flow hears of it
                value, go_on = error, flow.throw
            if isinstance(step, Send):
                self._note(value)

    def ended(self, error: BaseException | None) -> Flow[None]:
        """Tells what the call came to.

        Args:
            error: What the caller gets raised. While an exit is under way nothing can be awaited any more.
        """
        if self._request is None:  # the call had no bytes to send, and has raised why
            return
        may_wait = error is None or isinstance(error, Exception)
        try:
            yield from self._tell_response(error, may_wait=may_wait)
        except BaseException as cut_short:
            yield from self._tell_end(cut_short, may_wait=False)
            raise
        yield from self._tell_end(error, may_wait=may_wait)

    def _tell_end(self, error: BaseException | None, *, may_wait: bool) -> Flow[None]:
        duration = self._clock.monotonic() - self._began
        outcome = self._last or _Outcome(duration, None, None)
        cut_short: BaseException | None = None
        try:
            self._log(outcome, duration, error)
        except BaseException as raised:  # noqa: BLE001  raised again, once the hooks have been told
            error = cut_short = raised
            may_wait = False
        if self._watch is not None:
            event = hooks.EndEvent(
                **self._common(),
                attempts=self._attempts,
                duration=duration,
                status=outcome.status,
                request_id=outcome.request_id,
                error=None if error is None else type(error).__name__,
                reason=None if error is None else self._reason(error),
            )
            yield from self._tell([each.on_end for each in reversed(self._watch.hooks)], event, may_wait=may_wait)
        if cut_short is not None:
            raise cut_short

    def _before(self, step: Step) -> Flow[None]:
        match step:
            case Send(request):
                yield from self._tell_request(request)
            case Sleep(wait, cause):
                yield from self._tell_response(cause)
                yield from self._tell_retry(wait, cause)
            case _:
                pass

    def _tell_request(self, request: Request) -> Flow[None]:
        self._request = request
        self._attempts += 1
        self._last = None
        if self._attempts == 1 and logger.isEnabledFor(logging.DEBUG):
            from havn_ext._bodies import request_text  # noqa: PLC0415  only for whoever reads DEBUG records

            self._debug("sends", request_text(request, self._session.secrets))
        if self._watch is not None:
            event = hooks.RequestEvent(
                **self._common(), attempt=self._attempts, content_length=len(request.content or b"")
            )
            yield from self._tell([each.on_request for each in self._watch.hooks], event)
        self._try_began = self._clock.monotonic()

    def _note(self, came: object) -> None:
        """Keeps what a try came to: an answer, a network error, or what else ended the call."""
        duration = self._clock.monotonic() - self._try_began
        if isinstance(came, Answer):
            name = request_id(came)
            masked = None if name is None else redact(name, self._session.secrets)
            self._last = _Outcome(duration, came.status, masked)
            if logger.isEnabledFor(logging.DEBUG):
                from havn_ext._bodies import answer_text  # noqa: PLC0415  only for whoever reads DEBUG records

                self._debug(f"answered {came.status}:", answer_text(came, self._session.secrets))
        else:
            self._last = _Outcome(duration, None, None)
        self._untold = isinstance(came, (Answer, HAVNNetworkError))

    def _tell_response(self, error: BaseException | None, *, may_wait: bool = True) -> Flow[None]:
        """Tells of the last try, now that it is known what the call makes of it; once."""
        untold, self._untold = self._untold, False
        if untold and self._last is not None and self._watch is not None:
            event = hooks.ResponseEvent(
                **self._common(),
                attempt=self._attempts,
                duration=self._last.duration,
                status=self._last.status,
                request_id=self._last.request_id,
                error=None if error is None else type(error).__name__,
                reason=None if error is None else self._reason(error),
            )
            yield from self._tell([each.on_response for each in self._watch.hooks], event, may_wait=may_wait)

    def _tell_retry(self, wait: float, cause: HAVNError) -> Flow[None]:
        if self._watch is not None and self._last is not None:
            event = hooks.RetryEvent(
                **self._common(),
                attempt=self._attempts,
                wait=wait,
                status=self._last.status,
                request_id=self._last.request_id,
                error=type(cause).__name__,
                reason=self._reason(cause),
            )
            yield from self._tell([each.on_retry for each in self._watch.hooks], event)

    def _tell(self, told: list[Any], event: object, *, may_wait: bool = True) -> Flow[None]:
        """Calls hooks, None among them, one after the other; what any of them raises is logged and no more.

        What ends the call meanwhile keeps none of them from being told; from then on nothing is awaited.
        """
        for place, hook in enumerate(told):
            if hook is None:
                continue
            try:
                awaitable = self._called(hook, event)
                if awaitable is None:
                    continue
                if may_wait and self._watch is not None and self._watch.asynchronous:
                    yield Invoke(_awaited, "hooks", (hook, awaitable))
                    continue
                if inspect.iscoroutine(awaitable):
                    awaitable.close()
                if may_wait:
                    logger.error("the hook %s must be awaited, which takes the AsyncHAVNClient", _name(hook))
            except BaseException:
                yield from self._tell(told[place + 1 :], event, may_wait=False)
                raise

    def _called(self, hook: Callable[[object], object], event: object) -> Awaitable[object] | None:
        try:
            given = hook(event)
            return given if inspect.isawaitable(given) else None
        except BaseException as error:  # the call is worth more than what watches it
            if _ends_the_call(error):
                raise
            logger.exception("the hook %s failed; the call goes on", _name(hook))
            return None

    def _common(self) -> dict[str, Any]:
        assert self._request is not None  # noqa: S101  nothing is told before the first try
        assert self._watch is not None  # noqa: S101  or to nobody
        return {
            "call_id": self._call_id,
            "method": self._request.method,
            "path": self._request.path,
            "url": self._watch.base_url + self._request.path,
            "test_mode": self._session.settings.test_mode,
        }

    def _reason(self, error: BaseException) -> str:
        said = error.message if isinstance(error, HAVNError) else str(error)
        return redact(said, self._session.secrets)

    def _log(self, outcome: _Outcome, duration: float, error: BaseException | None) -> None:
        """One line a call."""
        assert self._request is not None  # noqa: S101  as above
        if not logger.isEnabledFor(logging.INFO):
            return
        kind = None if error is None else type(error).__name__
        facts = {
            "havn_method": self._request.method,
            "havn_path": self._request.path,
            "havn_status": outcome.status,
            "havn_attempts": self._attempts,
            "havn_duration": duration,
            "havn_request_id": outcome.request_id,
            "havn_error": kind,
        }
        logger.info(
            "%s %s: %s%s, %d %s, %.3f s, request %s",
            self._request.method,
            self._request.path,
            outcome.status or "no answer",
            f" {kind}" if kind else "",
            self._attempts,
            "attempt" if self._attempts == 1 else "attempts",
            duration,
            outcome.request_id or "-",
            extra=facts,
        )

    def _debug(self, what: str, body: str) -> None:
        assert self._request is not None  # noqa: S101  as above
        method, path = self._request.method, self._request.path
        facts = {"havn_method": method, "havn_path": path, "havn_attempts": self._attempts, "havn_body": body}
        logger.debug("%s %s %s %s", method, path, what, body, extra=facts)


async def _awaited(hook: object, given: Awaitable[object]) -> None:
    try:
        await given
    except BaseException as error:
        if _ends_the_call(error):
            raise
        logger.exception("the hook %s failed; the call goes on", _name(hook))


def _ends_the_call(error: BaseException) -> bool:
    """Whether what a hook raised is meant for the caller: an exit, or the cancellation of the caller's own task."""
    if isinstance(error, Exception):
        return False
    import asyncio  # noqa: PLC0415  a sync program never loads it, unless it comes to this

    if not isinstance(error, asyncio.CancelledError):
        return True
    try:
        task = asyncio.current_task()
    except RuntimeError:  # no event loop in this thread
        return False
    return task is not None and task.cancelling() > 0


def _name(hook: object) -> str:
    return getattr(hook, "__qualname__", type(hook).__name__)
