"""Bounds on what a run asks of a server that is not ours: calls, and waits for its rate limits."""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING, Final

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.exchange import Exchange

__all__ = ["Pace"]

_LONGEST_WINDOW: Final = 3600.0
"""Seconds; a reset beyond is no moment but a mistake."""


@attrs.define
class Pace:
    """Calls no operation whose limit is used up before its window ends, and none too often.

    Args:
        most_calls: Generated calls of each operation.
        most_wait: Seconds to wait in all; an operation whose turn comes later is left alone.
        now: Tells the time, in seconds since 1970.
        sleep: Waits so many seconds.
    """

    most_calls: int
    most_wait: float
    now: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    waited: float = 0.0
    passed_over: Counter[str] = attrs.field(factory=Counter[str])
    _calls: Counter[tuple[str, bool]] = attrs.field(factory=Counter[tuple[str, bool]])
    _free_at: dict[str, float] = attrs.field(factory=dict[str, float])

    def admits(self, operation_id: str, *, valid: bool) -> bool:
        """Whether an operation may be called with one more generated case; waits for its turn.

        Half of the calls are for cases that keep the contract, half for those that break it.
        """
        kind = operation_id, valid
        if self._calls[kind] >= self.most_calls // 2 or not self.wait(operation_id):
            self.passed_over[operation_id] += 1
            return False
        self._calls[kind] += 1
        return True

    def wait(self, operation_id: str) -> bool:
        """Wait until an operation is free; False, at once, when that would take too long."""
        wait = max(0.0, self._free_at.get(operation_id, 0.0) - self.now())
        if self.waited + wait > self.most_wait:
            return False
        if wait:
            self.sleep(wait)
            self.waited += wait
        return True

    def learn(self, exchange: Exchange) -> None:
        """Remember when an operation is free again, from what its answer tells."""
        if exchange.status != 429 and exchange.headers.get("x-ratelimit-remaining") != "0":
            return
        now = self.now()
        moments = [
            now + float(exchange.headers["retry-after"]) if _is_number(exchange, "retry-after") else None,
            float(exchange.headers["x-ratelimit-reset"]) if _is_number(exchange, "x-ratelimit-reset") else None,
        ]
        told = [moment for moment in moments if moment is not None and moment - now < _LONGEST_WINDOW]
        self._free_at[exchange.operation.operation_id] = max(told, default=now + 60)


def _is_number(exchange: Exchange, header: str) -> bool:
    return exchange.headers.get(header, "").isdecimal()
