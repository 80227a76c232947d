"""The way of a call, written once: a generator that yields steps, which a driver carries out.

A resource describes a call as a `Flow`. It decides everything (checks, signing, retries, reading) and
touches nothing: to send, to wait, or to call a function of the user's it yields a step. `_drivers` has the
two drivers, one blocking and one for asyncio, and they are all that differs between the two clients.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

if TYPE_CHECKING:
    from havn_ext.errors import HAVNError

T = TypeVar("T")


class Request(NamedTuple):
    """One signed request; the bytes are made once and sent unchanged by every try."""

    method: str
    path: str
    params: Mapping[str, Any] | None
    headers: Mapping[str, str]
    """Those of this request alone, its signature among them."""
    content: bytes | None
    common: Mapping[str, str] = MappingProxyType({})
    """The headers of every request of a client: always the same object, so that they are merged once."""

    @property
    def all_headers(self) -> dict[str, str]:
        """Everything that the SDK sends as headers."""
        return {**self.common, **self.headers}

    def __repr__(self) -> str:
        return f"Request({self.method} {self.path})"  # the rest is credentials and personal data


class Answer(NamedTuple):
    """What came back, as plain data."""

    status: int
    headers: Mapping[str, str]
    """Found by name in any case."""
    content: bytes


class Send(NamedTuple):
    """Sends a request. Gives an `Answer`, or throws `HAVNNetworkError` into the flow."""

    request: Request
    timeout: float | None
    """Seconds for each phase of the exchange; None leaves it to a user-supplied client."""
    left: float
    """Seconds until the deadline of the call, which no phase may pass."""


class Sleep(NamedTuple):
    """Waits before another try. Gives None."""

    seconds: float
    cause: HAVNError
    """What the try before came to."""


class Invoke(NamedTuple):
    """Calls a function of the user's, which may be a coroutine function under asyncio. Gives its result."""

    function: Callable[..., Any]
    name: str
    """What the user passed it as, to say so when it is of no use to this client."""
    arguments: tuple[Any, ...] = ()


class Take(NamedTuple):
    """Takes the next items of a user's iterator, sync or (under asyncio) async. Gives a list, short at the end."""

    iterator: Any
    name: str
    """What the user passed it as, to say so when it is of no use to this client."""
    size: int


class Emit(NamedTuple):
    """Hands results to whoever iterates over the flow, one by one. Gives None."""

    items: Iterable[Any]


class Start(NamedTuple):
    """Begins another flow beside this one, in a task or a thread. Gives what `Finish` takes."""

    flow: Generator[Any, Any, Any]
    at_once: int
    """The most that will ever be under way at the same time."""


class Finish(NamedTuple):
    """Waits for a flow that was started. Gives its result, or throws what ended it."""

    call: Any


Step = Send | Sleep | Invoke | Take | Emit | Start | Finish
Flow = Generator[Step, Any, T]
