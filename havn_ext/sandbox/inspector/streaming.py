"""Server-sent events (WHATWG HTML, 9.2) of the log's new entries."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from havn_ext.sandbox.request_log import Entry, RequestLog, Subscription, Wanted

__all__ = ["events"]

_SILENCE: Final = 15  # seconds after which a comment shows whether anybody still listens


async def events(log: RequestLog, wanted: Wanted, render: Callable[[Entry], str]) -> AsyncGenerator[str]:
    """An event for every wanted entry after `since_id`, oldest first, until the reader falls too far behind."""
    with log.subscribe() as news:
        for entry in reversed(log.entries(**wanted)):
            yield _event(entry, render)
        while not news.fell_behind:
            new = await _next(news, wanted)
            yield ": still here\n\n" if new is None else _event(new, render)


async def _next(news: Subscription, wanted: Wanted) -> Entry | None:
    """The next wanted entry; None after a silence, or when there will be no more."""
    try:
        async with asyncio.timeout(_SILENCE):
            return await news.first(wanted)
    except TimeoutError:
        return None


def _event(entry: Entry, render: Callable[[Entry], str]) -> str:
    lines = "".join(f"data: {line}\n" for line in render(entry).splitlines())
    return f"id: {entry.id}\n{lines}\n"
