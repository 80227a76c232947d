"""Retries without waiting: a clock that goes on by what would have been waited, in place of the machine's."""

from __future__ import annotations

import asyncio
import threading
from contextlib import ExitStack
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import wraps
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from havn_ext._clock import SYSTEM_CLOCK, Clock

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

__all__ = ["UnwaitedTime", "no_waiting", "sandbox_now"]

Function = TypeVar("Function", bound="Callable[..., Any]")


class UnwaitedTime(Clock):
    """Real time plus the waits that were skipped.

    Calls that run at the same time wait at the same time: each thread and each task is ahead by its own
    waits alone, as it would be if they were real.

    Attributes:
        waits: Seconds of each wait that was skipped, in all threads and tasks, in the order of their beginning.
    """

    def __init__(self) -> None:
        self.waits: list[float] = []
        self._lock = threading.Lock()
        self._furthest = 0.0

    def now(self) -> float:
        """Seconds since 1970-01-01 UTC, in this thread or task."""
        return super().now() + self._ahead

    def monotonic(self) -> float:
        """Seconds since some moment, in this thread or task; goes on by each skipped wait."""
        return super().monotonic() + self._ahead

    def latest(self) -> float:
        """Seconds since 1970-01-01 UTC in the thread or task that has skipped most."""
        return super().now() + self._furthest

    def sleep(self, seconds: float) -> None:
        """Skips a wait; returns at once."""
        ahead = self._ahead + seconds
        _AHEAD.set((self, ahead))
        with self._lock:
            self.waits.append(seconds)
            self._furthest = max(self._furthest, ahead)

    def sleep_unless(self, event: threading.Event, seconds: float) -> None:
        """Skips a wait, whether or not the event is set."""
        del event
        self.sleep(seconds)

    async def sleep_async(self, seconds: float) -> None:
        """Skips a wait; lets other tasks have their turn."""
        self.sleep(seconds)
        await asyncio.sleep(0)

    @property
    def _ahead(self) -> float:
        clock, seconds = _AHEAD.get()
        return seconds if clock is self else 0.0


_AHEAD: Final[ContextVar[tuple[UnwaitedTime | None, float]]] = ContextVar("_AHEAD", default=(None, 0.0))
"""By how many seconds, and of which clock, the running thread or task is ahead of real time."""


class _NoWaiting:
    """What `no_waiting()` gives: opens a new `UnwaitedTime` each time that it is entered."""

    def __init__(self) -> None:
        self._open: list[ExitStack] = []

    def __enter__(self) -> UnwaitedTime:
        time, stack = UnwaitedTime(), ExitStack()
        stack.enter_context(SYSTEM_CLOCK.replaced_by(time))
        self._open.append(stack)
        return time

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._open.pop().close()

    def __call__(self, function: Function) -> Function:
        """The function, never waiting: each call has a time of its own."""

        @wraps(function)
        def unwaited(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401  whatever the function takes and gives
            with no_waiting():
                return function(*args, **kwargs)

        @wraps(function)
        async def unwaited_async(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401  as above
            with no_waiting():
                return await function(*args, **kwargs)

        return cast("Function", unwaited_async if iscoroutinefunction(function) else unwaited)


def no_waiting() -> _NoWaiting:
    """While it is open, no HAVN client of the process waits between tries, whenever it was made.

        with no_waiting() as time:
            client.transactions.send(10000, "pay_1", customer_id="c_1")  # answered by 429, two seconds
        assert time.waits == [2.0]

    Time moves by what would have been waited, so that a retry policy gives up when it would have. Only the
    waits of retries are skipped: an answer takes as long as it takes. Also a decorator of functions and
    coroutine functions. If several are open, the one that was opened last counts.
    """
    return _NoWaiting()


def sandbox_now() -> datetime:
    """The time in UTC for a sandbox in this process: it moves on with the waits that its clients skip."""
    clock = SYSTEM_CLOCK.current
    return datetime.fromtimestamp(clock.latest() if isinstance(clock, UnwaitedTime) else clock.now(), UTC)
