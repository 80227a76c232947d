"""The worker: claims what is due, has it delivered, and writes down what became of it.

Everything of the network runs under asyncio, every call of the database in one thread. What is not written
down when a worker dies is due again when its leases lapse, for whichever worker looks first.
"""

from __future__ import annotations

import logging
import os
import random
import socket
from typing import TYPE_CHECKING, Final

from havn_ext._clock import SYSTEM_CLOCK, Clock
from havn_ext.errors import HAVNValidationError
from havn_ext.outbox.outcomes import Rules
from havn_ext.outbox.schedule import DAY, Schedule
from havn_ext.outbox.shift import Shift
from havn_ext.outbox.tally import Tally

if TYPE_CHECKING:
    from havn_ext.limits.limiter import AsyncLimiter
    from havn_ext.outbox.delivery import Sender
    from havn_ext.outbox.store import Store

__all__ = ["Worker"]

SHORTEST_LEASE: Final = 60.0
logger = logging.getLogger("havn.outbox")


class Worker:
    """Delivers what is in an outbox. Any number of workers on any number of machines share the work.

        worker = Worker(Store(SQLAlchemyDatabase("postgresql+psycopg:///shop")), ClientSender())
        asyncio.run(worker.run())

    Args:
        store: The outbox.
        sender: What brings messages to HAVN, and knows the accounts.
        concurrency: Calls at the same time.
        batch: Messages claimed at once; as soon as no more than half of them wait for a call, the next are.
        lease: Seconds for which a message is ours unless we renew; at least twice the sender's timeout. When
            None, 60 or four times the timeout, whichever is longer.
        poll: Seconds between two looks when nothing is due.
        schedule: When failed messages are tried again.
        key_retention: Seconds for which HAVN is trusted to know a payment id again; a transaction that it may
            have processed longer ago is not sent again by itself. HAVN says nowhere.
        limiter: What keeps the whole fleet within HAVN's rate limits.
        name: By which the outbox shows who has a lease; host and process when None.
        clock: For leases and waits.
        rng: The dice of the jitter.

    Raises:
        HAVNValidationError: A number makes no sense.
    """

    def __init__(
        self,
        store: Store,
        sender: Sender,
        *,
        concurrency: int = 16,
        batch: int = 64,
        lease: float | None = None,
        poll: float = 1.0,
        schedule: Schedule | None = None,
        key_retention: float = 30 * DAY,
        limiter: AsyncLimiter | None = None,
        name: str | None = None,
        clock: Clock = SYSTEM_CLOCK,
        rng: random.Random | None = None,
    ) -> None:
        lease = max(SHORTEST_LEASE, 4 * sender.timeout) if lease is None else lease
        _check(concurrency=concurrency, batch=batch, poll=poll, key_retention=key_retention)
        if lease < 2 * sender.timeout:
            raise HAVNValidationError(
                errors={"lease": f"must be at least {2 * sender.timeout:g}, twice as long as a call may take"}
            )
        self.store = store
        self.sender = sender
        self.concurrency = concurrency
        self.batch = batch
        self.lease = lease
        self.poll = poll
        self.limiter = limiter
        self.name = name or f"{socket.gethostname()}:{os.getpid()}"
        self.clock = clock
        self.rng = random.SystemRandom() if rng is None else rng
        self.rules = Rules(schedule=schedule or Schedule(), key_retention=key_retention, rng=self.rng)
        self._finished = Tally()
        self._shift: Shift | None = None

    @property
    def tally(self) -> Tally:
        """All that this worker has done, up to this moment."""
        total = Tally()
        total.add(self._finished)
        shift = self._shift  # looked at once, here and below: it may end in another thread meanwhile
        if shift is not None:
            total.add(shift.tally)
        return total

    async def run(self) -> Tally:
        """Works until `stop`; gives what was done."""
        logger.info("worker %s takes messages of %s", self.name, ", ".join(self.sender.accounts))
        return await self._work(Shift(self))

    async def run_once(self) -> Tally:
        """Claims one batch, sees it through, and gives what was done."""
        return await self._work(Shift(self, rounds=1))

    async def drain(self, max_seconds: float | None = None) -> Tally:
        """Works until nothing is due, or until it has taken `max_seconds`; gives what was done.

        Calls that are in flight then are finished, so that it may take longer by the sender's timeout. With
        `max_seconds` it waits for what the rate limit puts off, as far as there is time for it.
        """
        return await self._work(Shift(self, until_idle=True, seconds=max_seconds))

    def stop(self) -> None:
        """Finishes what is in flight and gives back the rest. Safe to call from any thread, and twice."""
        shift = self._shift
        if shift is not None:
            shift.stop()

    def nudge(self) -> None:
        """Looks for due messages now. Safe to call from any thread, running or not."""
        shift = self._shift
        if shift is not None:
            shift.nudge()

    async def _work(self, shift: Shift) -> Tally:
        if self._shift is not None:
            raise HAVNValidationError(errors={"worker": "is at work already: make another one"})
        self._shift = shift
        try:
            return await shift.work()
        finally:
            self._shift = None
            self._finished.add(shift.tally)
            await self.sender.close()


def _check(**numbers: float) -> None:
    errors = {name: f"must be greater than 0, not {value!r}" for name, value in numbers.items() if not value > 0}
    if errors:
        raise HAVNValidationError(errors=errors)
