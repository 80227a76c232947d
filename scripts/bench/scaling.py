"""What a call costs with more and more of them at once: ours, and by hand."""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, Final

import attrs
from bench import asynchronous, blocking
from bench.figures import Unavailable
from bench.rounds import Spread, take_turns, timed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from bench.rounds import Turn

    Contender = Callable[..., AbstractContextManager[Turn]]

LEVELS: Final = (1, 4, 16, 64, 256)
"""Calls at once."""

ROUNDS: Final = 7


@attrs.frozen
class Curve:
    """Microseconds of CPU time a call at each level, the median of the rounds."""

    name: str
    points: dict[int, float]


@attrs.frozen
class Panel:
    """Curves that belong into one picture."""

    title: str
    curves: tuple[Curve, ...]


def scaling(url: str, levels: Sequence[int] = LEVELS, rounds: int = ROUNDS) -> Iterator[Panel]:
    """Measures one panel after the other: threads, then asyncio."""
    yield Panel("threads", _curves(url, levels, rounds, "threads", _THREADS))
    yield Panel("asyncio", _curves(url, levels, rounds, "at_once", _TASKS))


_THREADS: Final[dict[str, Contender]] = {
    "havn": blocking.own_client,
    "raw httpx": blocking.raw_httpx,
}
_TASKS: Final[dict[str, Contender]] = {
    "havn": asynchronous.own_client,
    "havn[aiohttp]": partial(asynchronous.own_client, transport="aiohttp"),
    "raw httpx": asynchronous.raw_httpx,
    "raw httpx + sniffio": partial(asynchronous.raw_httpx, sniffio=True),
}


def _curves(
    url: str, levels: Sequence[int], rounds: int, degree: str, contenders: dict[str, Contender]
) -> tuple[Curve, ...]:
    found: dict[str, dict[int, float]] = {}
    for level in levels:
        for name, cost in _costs(url, level, rounds, degree, contenders):
            found.setdefault(name, {})[level] = cost
    return tuple(Curve(name, points) for name, points in found.items())


def _costs(
    url: str, level: int, rounds: int, degree: str, contenders: dict[str, Contender]
) -> Iterator[tuple[str, float]]:
    with ExitStack() as stack:
        turns: dict[str, Turn] = {}
        for name, contender in contenders.items():
            try:
                turns[name] = stack.enter_context(contender(url, **{degree: level}))
            except Unavailable:
                continue
        calls = max(2 * level, 32)
        costs = take_turns([timed(turn, calls) for turn in turns.values()], rounds)
        for name, of_side in zip(turns, costs, strict=True):
            yield name, Spread.of([cost.cpu * 1e6 for cost in of_side]).median
