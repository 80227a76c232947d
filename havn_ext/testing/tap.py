"""Listens between the drivers and the HTTP library, in every client of the process, while anybody listens."""

from __future__ import annotations

import threading
from contextlib import ExitStack, contextmanager
from functools import wraps
from typing import TYPE_CHECKING, Final, Protocol
from unittest.mock import patch

from havn_ext._drivers import AsyncDriver, SyncDriver
from havn_ext.errors import HAVNError, HAVNNetworkError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Generator
    from typing import Any

    from havn_ext._steps import Answer, Request, Send

__all__ = ["Listener", "listening"]


class Listener(Protocol):
    """Hears of every request, in the thread or task that sends it."""

    def sending(self, request: Request) -> int:
        """A request goes out; gives a number for what follows. Tries of one call share one request object."""
        ...

    def answered(self, number: int, status: int) -> None:
        """An answer came."""
        ...

    def withdrawn(self, number: int) -> None:
        """The request could not be sent at all."""
        ...


@contextmanager
def listening(listener: Listener) -> Generator[None]:
    """Lets a listener hear of all requests that go out from now on, until the context ends."""
    _tap.add(listener)
    try:
        yield
    finally:
        _tap.remove(listener)


class _Tap:
    """Sits in the drivers' classes from the first listener to the last, so that old clients are heard too."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._fitted = ExitStack()
        self._listeners: tuple[Listener, ...] = ()

    def add(self, listener: Listener) -> None:
        """Begins to tell a listener."""
        with self._lock:
            if not self._listeners:
                self._fit()
            self._listeners = (*self._listeners, listener)

    def remove(self, listener: Listener) -> None:
        """Ends telling a listener."""
        with self._lock:
            self._listeners = tuple(each for each in self._listeners if each is not listener)
            if not self._listeners:
                self._fitted.close()

    def _fit(self) -> None:
        """Wraps what sends. One place of the SDK's that reaches into another, so that the core knows no tests."""
        for driver, wrapped in ((SyncDriver, self._heard), (AsyncDriver, self._heard_async)):
            self._fitted.enter_context(patch.object(driver, "_send", wrapped(vars(driver)["_send"])))

    def _heard(self, send: Callable[[SyncDriver, Send], Answer]) -> Callable[[SyncDriver, Send], Answer]:
        @wraps(send)
        def heard(driver: SyncDriver, step: Send) -> Answer:
            with self._announced(step.request) as answered:
                return answered(send(driver, step))

        return heard

    def _heard_async(
        self, send: Callable[[AsyncDriver, Send], Coroutine[Any, Any, Answer]]
    ) -> Callable[[AsyncDriver, Send], Coroutine[Any, Any, Answer]]:
        @wraps(send)
        async def heard(driver: AsyncDriver, step: Send) -> Answer:
            with self._announced(step.request) as answered:
                return answered(await send(driver, step))

        return heard

    @contextmanager
    def _announced(self, request: Request) -> Generator[Callable[[Answer], Answer]]:
        """Tells the listeners of a request, and through what it gives, of the answer."""
        told = [(listener, listener.sending(request)) for listener in self._listeners]

        def answered(answer: Answer) -> Answer:
            for listener, number in told:
                listener.answered(number, answer.status)
            return answer

        try:
            yield answered
        except HAVNNetworkError:
            raise
        except HAVNError:  # all else that the drivers raise: there is no such request, or no client to send it
            for listener, number in told:
                listener.withdrawn(number)
            raise


_tap: Final = _Tap()
