"""Carries out the steps of a flow: `SyncDriver` blocks, `AsyncDriver` awaits. Nothing else differs."""

from __future__ import annotations

import inspect
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

import httpx

from havn_ext._redaction import redact
from havn_ext._steps import Answer, Emit, Flow, Invoke, Request, Send, Sleep, Step, Take
from havn_ext.errors import HAVNError, HAVNNetworkError, HAVNTimeoutError, HAVNValidationError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator

    from havn_ext._clock import Clock
    from havn_ext._pool import AsyncPool, SyncPool

T = TypeVar("T")

LARGEST_PORT: Final = 65_535


class _Course(Generic[T]):
    """A flow under way: the step it waits for, or the result it came to."""

    def __init__(self, flow: Flow[T]) -> None:
        self._flow = flow
        self.step: Step | None = None
        self._results: list[T] = []
        self.send(None)

    @property
    def result(self) -> T:
        """What the flow came to, once it has ended."""
        return self._results[0]

    def send(self, value: object) -> None:
        """Goes on with the outcome of the step."""
        try:
            self.step = self._flow.send(value)
        except StopIteration as end:
            self._end(end)

    def throw(self, error: HAVNNetworkError) -> None:
        """Goes on with the failure of the step, which the flow may handle."""
        try:
            self.step = self._flow.throw(error)
        except StopIteration as end:
            self._end(end)

    def _end(self, end: StopIteration) -> None:
        self.step = None
        self._results.append(end.value)

    def close(self) -> None:
        """Abandons the flow."""
        self._flow.close()


class SyncDriver:
    """Carries out flows in the calling thread."""

    def __init__(self, pool: SyncPool, clock: Clock) -> None:
        self._pool = pool
        self._clock = clock

    def run(self, flow: Flow[T]) -> T:
        """The result of a flow."""
        course = _Course(flow)
        while course.step is not None:
            self._advance(course, course.step)
        return course.result

    def iterate(self, flow: Flow[object]) -> Generator[Any, None, None]:
        """The items that a flow emits, as it comes to them."""
        course = _Course(flow)
        try:
            while course.step is not None:
                if isinstance(course.step, Emit):
                    yield course.step.item
                    course.send(None)
                else:
                    self._advance(course, course.step)
        finally:
            course.close()

    def _advance(self, course: _Course[Any], step: Step) -> None:
        try:
            outcome = self._perform(step)
        except HAVNNetworkError as error:  # the flow decides whether to try again; all else ends it
            course.throw(error)
        else:
            course.send(outcome)

    def _perform(self, step: Step) -> Any:  # noqa: ANN401  each kind of step has its own outcome
        match step:
            case Send():
                return self._send(step)
            case Sleep(seconds):
                self._clock.sleep(seconds)
                return None
            case Invoke(function, name, arguments):
                return _not_awaitable(function(*arguments), name)
            case Take(iterator, name, size):
                if not hasattr(iterator, "__next__"):
                    raise _must_be_awaited(name)
                items: list[Any] = list(islice(iterator, size))
                return items
            case Emit():
                raise TypeError("a flow that emits items must be iterated over")

    def _send(self, step: Send) -> Answer:
        client = self._pool.client()
        try:
            response = client.send(_build(client, step, self._pool.base_url), follow_redirects=False)
        except httpx.RequestError as error:
            raise failure(error, step.request) from error
        return _answer(response)


class AsyncDriver:
    """Carries out flows as coroutines."""

    def __init__(self, pool: AsyncPool, clock: Clock) -> None:
        self._pool = pool
        self._clock = clock

    async def run(self, flow: Flow[T]) -> T:
        """The result of a flow."""
        course = _Course(flow)
        while course.step is not None:
            await self._advance(course, course.step)
        return course.result

    async def iterate(self, flow: Flow[object]) -> AsyncGenerator[Any, None]:
        """The items that a flow emits, as it comes to them."""
        course = _Course(flow)
        try:
            while course.step is not None:
                if isinstance(course.step, Emit):
                    yield course.step.item
                    course.send(None)
                else:
                    await self._advance(course, course.step)
        finally:
            course.close()

    async def _advance(self, course: _Course[Any], step: Step) -> None:
        try:
            outcome = await self._perform(step)
        except HAVNNetworkError as error:  # the flow decides whether to try again; all else ends it
            course.throw(error)
        else:
            course.send(outcome)

    async def _perform(self, step: Step) -> Any:  # noqa: ANN401  each kind of step has its own outcome
        match step:
            case Send():
                return await self._send(step)
            case Sleep(seconds):
                await self._clock.sleep_async(seconds)
                return None
            case Invoke(function, _, arguments):
                outcome = function(*arguments)
                return await outcome if inspect.isawaitable(outcome) else outcome
            case Take(iterator, _, size):
                return await _take(iterator, size)
            case Emit():
                raise TypeError("a flow that emits items must be iterated over")

    async def _send(self, step: Send) -> Answer:
        client = self._pool.client()
        try:
            response = await client.send(_build(client, step, self._pool.base_url), follow_redirects=False)
        except httpx.RequestError as error:
            raise failure(error, step.request) from error
        return _answer(response)


async def _take(iterator: Any, size: int) -> list[Any]:  # noqa: ANN401  either kind of iterator
    if not hasattr(iterator, "__anext__"):
        return list(islice(iterator, size))
    items: list[Any] = []
    while len(items) < size:
        try:
            items.append(await anext(iterator))
        except StopAsyncIteration:
            break
    return items


def _not_awaitable(outcome: object, name: str) -> object:
    if inspect.isawaitable(outcome):
        if inspect.iscoroutine(outcome):
            outcome.close()
        raise _must_be_awaited(name)
    return outcome


def _must_be_awaited(name: str) -> HAVNValidationError:
    return HAVNValidationError(errors={name: "must be awaited, which takes the AsyncHAVNClient"})


def _build(client: httpx.Client | httpx.AsyncClient, step: Send, base_url: str) -> httpx.Request:
    """The request as the client would build it, so that its own params, headers and auth stay honoured."""
    request = step.request
    try:
        built = client.build_request(
            request.method,
            base_url + request.path,
            params=request.params,
            headers=request.headers,
            content=request.content,
            timeout=_timeout(client.timeout, step),
        )
    except (httpx.InvalidURL, UnicodeError) as error:
        raise _impossible(str(error)) from None
    if (built.url.port or 0) > LARGEST_PORT:
        raise _impossible(f"there is no port {built.url.port}")
    return built


def _impossible(reason: str) -> HAVNValidationError:
    return HAVNValidationError(errors={"request": redact(f"can't be sent over HTTP: {reason}")})


def _timeout(own: httpx.Timeout, step: Send) -> httpx.Timeout:
    """The limits of each phase: the call's, or else the supplied client's own, and never past the deadline."""
    if step.timeout is not None:
        return httpx.Timeout(min(step.timeout, step.left))
    clipped = {phase: min(limit or step.left, step.left) for phase, limit in own.as_dict().items()}
    return httpx.Timeout(**clipped)


def _answer(response: httpx.Response) -> Answer:
    # httpx gives header names in lower case, which is what Answer promises.
    return Answer(response.status_code, dict(response.headers), response.content)


def failure(error: httpx.RequestError, request: Request) -> HAVNError:
    """Our error for one of the HTTP library, which from here on carries neither credentials nor body."""
    error.request = httpx.Request(request.method, request.path)
    if isinstance(error, (httpx.UnsupportedProtocol, httpx.LocalProtocolError)):
        return _impossible(str(error))
    call = f"{request.method} {request.path}"
    if isinstance(error, httpx.DecodingError):
        what = f"HAVN's answer to {call} could not be decoded"
    elif isinstance(error, httpx.TimeoutException):
        what = f"HAVN did not answer {call} in time"
    else:
        what = f"HAVN did not answer {call} at all"
    kind = HAVNTimeoutError if isinstance(error, httpx.TimeoutException) else HAVNNetworkError
    message = redact(f"{what} ({type(error).__name__}: {error}); the call is safe to repeat")
    return kind(message, original_error=error)
