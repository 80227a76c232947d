"""Carries out the steps of a flow: `SyncDriver` blocks, `AsyncDriver` awaits. Nothing else differs."""

from __future__ import annotations

import inspect
import re
from contextvars import copy_context
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, TypeVar

import httpx

from havn_ext._redaction import MASK, redact
from havn_ext._requests import RequestBuilder, impossible
from havn_ext._steps import Answer, Emit, Finish, Flow, Invoke, Request, Send, Sleep, Start, Step, Take
from havn_ext.errors import HAVNError, HAVNNetworkError, HAVNTimeoutError, HAVNValidationError

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncGenerator, Callable, Collection, Coroutine, Generator
    from concurrent.futures import Future, ThreadPoolExecutor
    from threading import Event

    from havn_ext._clock import Clock
    from havn_ext._pool import AsyncPool, SyncPool

T = TypeVar("T")

_READ: Final = httpx.ByteStream(b"")
_QUOTED: Final = r"(?s)b(['\"]).*\1"
"""Bytes as an error shows them: a header that has no place in HTTP, such as a token with a line end."""


class _Course:
    """A flow under way that emits items: the step it waits for, None once it has ended."""

    def __init__(self, flow: Flow[object]) -> None:
        self._flow = flow
        self.step: Step | None = None
        self.send(None)

    def send(self, value: object) -> None:
        """Goes on with the outcome of the step."""
        try:
            self.step = self._flow.send(value)
        except StopIteration:
            self.step = None

    def throw(self, error: BaseException) -> None:
        """Goes on with the failure of the step, which the flow may handle."""
        try:
            self.step = self._flow.throw(error)
        except StopIteration:
            self.step = None

    def close(self) -> None:
        """Abandons the flow."""
        self._flow.close()


class SyncDriver:
    """Carries out flows in the calling thread."""

    def __init__(self, pool: SyncPool, clock: Clock) -> None:
        self._pool = pool
        self._clock = clock
        self._requests = RequestBuilder(pool.base_url)

    def run(self, flow: Flow[T]) -> T:
        """The result of a flow."""
        go_on: Callable[[Any], Step] = flow.send
        value: Any = None
        while True:
            try:
                step = go_on(value)
            except StopIteration as end:
                result: T = end.value
                return result
            try:
                value = self._perform(step)
                go_on = flow.send
            except StopIteration:  # of a user's function; no generator can hear of that
                raise
            except BaseException as error:  # noqa: BLE001  the flow hears of it, and decides or ends
                value, go_on = error, flow.throw

    def iterate(self, flow: Flow[object]) -> Generator[Any, None, None]:
        """The items that a flow emits, as it comes to them."""
        course = _Course(flow)
        crew = _Crew(self._pool, self._clock)
        at_once = False
        try:
            while course.step is not None:
                match course.step:
                    case Emit(items):
                        yield from items
                        course.send(None)
                    case Start(begun, most):
                        course.send(crew.start(begun, most))
                    case step:
                        self._advance(course, step)
        except KeyboardInterrupt:
            at_once = True
            raise
        finally:
            course.close()
            crew.dismiss(at_once=at_once)

    def _advance(self, course: _Course, step: Step) -> None:
        try:
            outcome = self._perform(step)
        except StopIteration:  # as above
            raise
        except BaseException as error:  # noqa: BLE001  the flow hears of it, and decides or ends
            course.throw(error)
        else:
            course.send(outcome)

    def _perform(self, step: Step) -> Any:  # noqa: ANN401  each kind of step has its own outcome
        if isinstance(step, Send):
            return self._send(step)
        match step:
            case Sleep(seconds, _):
                self._clock.sleep(seconds)
                return None
            case Invoke(function, name, arguments):
                return _not_awaitable(function(*arguments), name)
            case Take(iterator, name, size):
                if not hasattr(iterator, "__next__"):
                    raise _must_be_awaited(name)
                items: list[Any] = list(islice(iterator, size))
                return items
            case Finish(call):
                return call.result()
            case Emit() | Start():
                raise TypeError("a flow that emits items or starts others must be iterated over")

    def _send(self, step: Send) -> Answer:
        client = self._pool.client()
        try:
            response = client.send(self._requests.build(client, step), follow_redirects=False)
        except httpx.RequestError as error:
            raise failure(error, step.request) from _told(error)
        except RuntimeError:
            self._pool.client()  # says so if somebody has closed it meanwhile, which httpx calls by this name
            raise
        return _answer(response)


class _Crew:
    """The threads of one iteration; there are none until a flow is started."""

    def __init__(self, pool: SyncPool, clock: Clock) -> None:
        self._pool = pool
        self._clock = clock
        self._work: tuple[ThreadPoolExecutor, _CrewDriver] | None = None

    def start(self, flow: Flow[Any], most: int) -> Future[Any]:
        """Begins a flow in a thread, in the caller's context."""
        if self._work is None:
            from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415  few programs need threads

            threads = ThreadPoolExecutor(most, thread_name_prefix="havn")
            self._work = threads, _CrewDriver(self._pool, self._clock)
        threads, driver = self._work
        return threads.submit(copy_context().run, driver.run, flow)

    def dismiss(self, *, at_once: bool) -> None:
        """Drops what has not begun, and waits for the rest.

        Args:
            at_once: Not to wait. Then each flow under way ends with the try that it is at, or in its sleep.
        """
        if self._work is not None:
            threads, driver = self._work
            if at_once:
                driver.left.set()
            threads.shutdown(wait=not at_once, cancel_futures=True)


class _CrewDriver(SyncDriver):
    """Carries out flows in the threads of a crew, until nobody is left who waits for them."""

    def __init__(self, pool: SyncPool, clock: Clock) -> None:
        from threading import Event  # noqa: PLC0415  as above

        super().__init__(pool, clock)
        self.left: Event = Event()

    def _perform(self, step: Step) -> Any:  # noqa: ANN401  as above
        if isinstance(step, Sleep):
            self._clock.sleep_unless(self.left, step.seconds)
            return None
        if self.left.is_set():
            from concurrent.futures import CancelledError  # noqa: PLC0415  as above

            raise CancelledError("whoever began it was interrupted")
        return super()._perform(step)


class AsyncDriver:
    """Carries out flows as coroutines."""

    def __init__(self, pool: AsyncPool, clock: Clock) -> None:
        self._pool = pool
        self._clock = clock
        self._requests = RequestBuilder(pool.base_url)

    async def run(self, flow: Flow[T]) -> T:
        """The result of a flow."""
        go_on: Callable[[Any], Step] = flow.send
        value: Any = None
        while True:
            try:
                step = go_on(value)
            except StopIteration as end:
                result: T = end.value
                return result
            try:
                value = await self._perform(step)
                go_on = flow.send
            except BaseException as error:  # noqa: BLE001  as above
                value, go_on = error, flow.throw

    async def iterate(self, flow: Flow[object]) -> AsyncGenerator[Any, None]:
        """The items that a flow emits, as it comes to them."""
        course = _Course(flow)
        tasks: dict[asyncio.Task[Any], None] = {}  # those whose outcome nobody has heard of
        try:
            while course.step is not None:
                match course.step:
                    case Emit(items):
                        for item in items:
                            yield item
                        course.send(None)
                    case Start(begun, _):
                        task = _task(self.run(begun))
                        tasks[task] = None
                        course.send(task)
                    case Finish(call) as step:
                        await self._advance(course, step)
                        del tasks[call]
                    case step:
                        await self._advance(course, step)
        finally:
            course.close()
            await _abandon(tasks)

    async def _advance(self, course: _Course, step: Step) -> None:
        try:
            outcome = await self._perform(step)
        except BaseException as error:  # noqa: BLE001  the flow hears of it, and decides or ends
            course.throw(error)
        else:
            course.send(outcome)

    async def _perform(self, step: Step) -> Any:  # noqa: ANN401  each kind of step has its own outcome
        if isinstance(step, Send):
            return await self._send(step)
        match step:
            case Sleep(seconds, _):
                await self._clock.sleep_async(seconds)
                return None
            case Invoke(function, _, arguments):
                outcome = function(*arguments)
                return await outcome if inspect.isawaitable(outcome) else outcome
            case Take(iterator, _, size):
                return await _take(iterator, size)
            case Finish(call):
                return await call
            case Emit() | Start():
                raise TypeError("a flow that emits items or starts others must be iterated over")

    async def _send(self, step: Send) -> Answer:
        client = self._pool.client()
        try:
            response = await client.send(self._requests.build(client, step), follow_redirects=False)
        except httpx.RequestError as error:
            raise failure(error, step.request) from _told(error)
        except RuntimeError:
            self._pool.client()  # says so if somebody has closed it meanwhile, which httpx calls by this name
            raise
        return _answer(response)


def _task(work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
    import asyncio  # noqa: PLC0415  a sync program never loads it

    return asyncio.get_running_loop().create_task(work)


async def _abandon(tasks: Collection[asyncio.Task[Any]]) -> None:
    """Ends what is still under way, and hears of its errors so that nobody else has to."""
    if tasks:
        import asyncio  # noqa: PLC0415  as above

        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


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
    if hasattr(outcome, "__await__"):
        if inspect.iscoroutine(outcome):
            outcome.close()
        raise _must_be_awaited(name)
    return outcome


def _must_be_awaited(name: str) -> HAVNValidationError:
    return HAVNValidationError(errors={name: "must be awaited, which takes the AsyncHAVNClient"})


def _answer(response: httpx.Response) -> Answer:
    response.stream = _READ  # httpx's refers back to the response; without it all of the exchange is freed at once
    return Answer(response.status_code, response.headers, response.content)


def failure(error: httpx.RequestError, request: Request) -> HAVNError:
    """Our error for one of the HTTP library, which from here on carries neither credentials nor body."""
    error.request = httpx.Request(request.method, request.path)
    if isinstance(error, httpx.UnsupportedProtocol):
        return impossible(str(error))
    if _is_illegal(error):
        return impossible(re.sub(_QUOTED, MASK, str(error)))
    call = f"{request.method} {request.path}"
    if isinstance(error, httpx.DecodingError):
        what = f"HAVN's answer to {call} could not be decoded"
    elif isinstance(error, httpx.PoolTimeout):
        what = f"{call} was not sent: no connection of this client became free in time"
    elif _is_timeout(error):
        what = f"HAVN did not answer {call} in time"
    else:
        what = f"HAVN did not answer {call} at all"
    kind = HAVNTimeoutError if _is_timeout(error) else HAVNNetworkError
    message = redact(f"{what} ({type(error).__name__}: {error}); the call is safe to repeat")
    return kind(message, original_error=error)


def _told(error: httpx.RequestError) -> httpx.RequestError | None:
    """What a traceback may show as the cause: not an error that quotes a header, whoever's it is."""
    return None if _is_illegal(error) else error


def _is_illegal(error: httpx.RequestError) -> bool:
    """Whether h11 refuses to write a request. All else of that name is a connection in the wrong state."""
    return isinstance(error, httpx.LocalProtocolError) and str(error).startswith("Illegal ")


def _is_timeout(error: httpx.RequestError) -> bool:
    """Whether time ran out. httpx-aiohttp also calls a connection that was lost on the way a `ConnectTimeout`."""
    foreign = type(error.__cause__).__module__.partition(".")[0] == "aiohttp"
    return isinstance(error, httpx.TimeoutException) and (not foreign or isinstance(error.__cause__, TimeoutError))
