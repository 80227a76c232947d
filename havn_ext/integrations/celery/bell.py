"""The bell: tells the workers that there may be something to do, without keeping anybody waiting."""

from __future__ import annotations

import logging
import os
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Bell"]

logger = logging.getLogger("havn.celery")


class Bell:
    """Rings in a thread of its own, at most once in a while, and for many nudges once.

    A ring that fails is logged and forgotten: the sweep comes anyway.

    Args:
        ring: Sends the message; may block, and may fail.
        pause: Seconds between two rings.
        sleep: What waits for so many seconds.
    """

    def __init__(
        self, ring: Callable[[], object], pause: float, *, sleep: Callable[[float], object] = time.sleep
    ) -> None:
        self._ring = ring
        self._pause = pause
        self._sleep = sleep
        self._ringers: dict[int, _Ringer] = {}

    def nudge(self) -> None:
        """Has it rung soon. Returns at once, raises nothing, and may be called from any thread and event loop."""
        # by process, for a fork takes no thread along and may copy a lock that is held
        ringer = self._ringers.setdefault(os.getpid(), _Ringer(self._ring_and_pause))
        try:
            ringer.want()
        except RuntimeError as error:  # no thread can be started any more: the process ends
            logger.warning("the workers were not nudged (%s): the next sweep finds what is due", error)

    def _ring_and_pause(self) -> None:
        try:
            self._ring()
        except Exception as error:  # noqa: BLE001  every broker has errors of its own
            logger.warning(
                "the broker took no message (%s): the next sweep finds what is due", type(error).__name__
            )
        self._sleep(self._pause)


class _Ringer:
    """The thread of one process, begun by the first nudge."""

    def __init__(self, ring: Callable[[], None]) -> None:
        self._ring = ring
        self._wanted = threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def want(self) -> None:
        self._wanted.set()
        with self._starting:
            if self._thread is None:
                thread = threading.Thread(target=self._run, name="havn-bell", daemon=True)
                thread.start()
                self._thread = thread

    def _run(self) -> None:
        while self._wanted.wait():
            self._wanted.clear()
            self._ring()
