"""The request log: what was asked and what was answered, the newest exchanges, in memory.

It is capped twice, by exchanges and by the bytes that they take; the oldest go first.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Final, TypedDict, Unpack

import attrs

from havn_ext.sandbox.entries import VERDICTS, Body, Entry, Verdict

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

__all__ = ["VERDICTS", "Body", "Entry", "RequestLog", "Subscription", "Verdict", "Wanted"]


class Wanted(TypedDict, total=False):
    """Which entries are meant; what is absent does not matter.

    `company` is an API key in full, `text` is what `Entry.contains`, `since_id` leaves out that entry and
    all before it.
    """

    company: str
    operation: str
    status: int
    verdict: Verdict
    text: str
    since_id: int


_COMPARED: Final = frozenset({"company", "operation", "status", "verdict"})


class RequestLog:
    """The newest entries. It is written on the event loop, and may be read from any thread.

    Args:
        most_entries: How many are kept at the most.
        most_bytes: How many bytes of addresses, headers and bodies they may have together.
    """

    def __init__(self, most_entries: int = 1000, most_bytes: int = 16 * 1024 * 1024) -> None:
        self._most_entries = most_entries
        self._most_bytes = most_bytes
        self._entries: deque[Entry] = deque()
        self._weight = 0
        self._last_id = 0
        self._readers: set[Subscription] = set()

    @property
    def last_id(self) -> int:
        """Number of the newest entry there ever was; 0 before the first. Clearing does not change it."""
        return self._last_id

    def add(self, entry: Entry) -> Entry:
        """Keep an entry, and let go of the oldest ones beyond the caps; the entry with its number."""
        self._last_id += 1
        numbered = attrs.evolve(entry, id=self._last_id)
        self._entries.append(numbered)
        self._weight += numbered.weight
        while self._entries and (len(self._entries) > self._most_entries or self._weight > self._most_bytes):
            self._weight -= self._entries.popleft().weight
        for reader in list(self._readers):
            reader.offer(numbered)
        return numbered

    def get(self, entry_id: int) -> Entry | None:
        """The entry with this number; None when there is none, or none any more."""
        return next((entry for entry in list(self._entries) if entry.id == entry_id), None)

    def entries(self, limit: int | None = None, **wanted: Unpack[Wanted]) -> list[Entry]:
        """The entries that are wanted, newest first.

        Args:
            limit: How many at the most; None is no limit.
            wanted: Which.
        """
        found = [entry for entry in reversed(list(self._entries)) if _is_wanted(entry, wanted)]
        return found[:limit]

    def clear(self, company: str | None = None) -> int:
        """Forget the entries of a company, or all of them; how many there were."""
        before = len(self._entries)
        kept = [entry for entry in self._entries if company is not None and entry.company != company]
        self._entries = deque(kept)
        self._weight = sum(entry.weight for entry in kept)
        return before - len(kept)

    def subscribe(self, most_waiting: int = 1000) -> Subscription:
        """A reader of all entries that are added from now on; it is a context manager.

        Args:
            most_waiting: How many unread entries the reader may have before it is dropped.
        """
        return Subscription(self._readers, most_waiting)

    async def wait_for(self, timeout: float, **wanted: Unpack[Wanted]) -> Entry:  # noqa: ASYNC109  it is the caller's
        """The first entry that is wanted and added after `since_id`, or from now on.

        Args:
            timeout: How long to wait, in seconds.
            wanted: Which.

        Raises:
            TimeoutError: None came in time.
        """
        if "since_id" in wanted and (earlier := self.entries(**wanted)):
            return earlier[-1]
        with self.subscribe() as news:
            async with asyncio.timeout(timeout):
                return await news.first(wanted)


class Subscription:
    """Entries as they come: `with log.subscribe() as news: async for entry in news`.

    A reader that falls too far behind is dropped: it gets what waits for it, then the iteration ends with
    `fell_behind` true, and the reader should read the log anew.
    """

    def __init__(self, readers: set[Subscription], most_waiting: int) -> None:
        self._readers = readers
        self._most_waiting = most_waiting
        self._queue: asyncio.Queue[Entry | None] = asyncio.Queue()
        self.fell_behind = False

    def offer(self, entry: Entry) -> None:
        """Hand over an entry; the one too many ends the subscription."""
        if self._queue.qsize() < self._most_waiting:
            self._queue.put_nowait(entry)
            return
        self.fell_behind = True
        self._readers.discard(self)
        self._queue.put_nowait(None)

    async def first(self, wanted: Wanted) -> Entry:
        """The next entry that is wanted; TimeoutError when the subscription ends before."""
        async for entry in self:
            if _is_wanted(entry, wanted):
                return entry
        raise TimeoutError("The reader fell behind")

    def __enter__(self) -> Self:
        self._readers.add(self)
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._readers.discard(self)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Entry:
        entry = await self._queue.get()
        if entry is None:
            raise StopAsyncIteration
        return entry


def _is_wanted(entry: Entry, wanted: Wanted) -> bool:
    """Whether an entry is all that is wanted."""
    equal = all(getattr(entry, name) == value for name, value in wanted.items() if name in _COMPARED)
    return equal and entry.id > wanted.get("since_id", 0) and entry.contains(wanted.get("text", ""))
