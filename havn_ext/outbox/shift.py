"""One stretch of a worker's work, from its first claim until all that it holds is delivered or given back.

    claim ──▶ queue ──▶ deliver (so many at a time) ──▶ marks ──▶ flush
      ▲                                                            │
      └──────────────── room, a nudge, or time to look ◀───────────┘
                     renew: all that is held, every third of a lease

The claiming loop decides when it ends; the others end after it, the flushing one last.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Final, ParamSpec, TypeVar

import attrs

from havn_ext.errors import HAVNError, HAVNTimeoutError
from havn_ext.outbox.delivery import OPERATIONS
from havn_ext.outbox.outcomes import Verdict, released
from havn_ext.outbox.states import KINDS
from havn_ext.outbox.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from havn_ext.limits.limiter import AsyncLimiter, Refused
    from havn_ext.outbox.delivery import Answered, Sent
    from havn_ext.outbox.messages import Claim, Mark
    from havn_ext.outbox.states import Kind
    from havn_ext.outbox.worker import Worker

__all__ = ["Shift"]

P = ParamSpec("P")
T = TypeVar("T")
Lane = tuple[str, "Kind"]

FLUSH_SECONDS: Final = 0.05
FLUSH_MARKS: Final = 64
PUT_OFF_SECONDS: Final = 5.0
SHORTEST_PAUSE: Final = 0.1
LONGEST_PAUSE: Final = 5.0
LIMITER_SECONDS: Final = 5.0
COMPLAINT_SECONDS: Final = 60.0
LAST_FLUSHES: Final = 5
"""Tries of the last flush; the database is gone then, and others will find the messages when the leases lapse."""

logger = logging.getLogger("havn.outbox")


@attrs.define
class _Held:
    """A message that we have a lease on."""

    claim: Claim
    since: float
    """When it was claimed, on our monotonic clock."""
    until: float
    """When the lease lapses, likewise; never later than in the database."""
    lost: bool = False


class Shift:
    """One stretch of work.

    Args:
        worker: Whose it is.
        rounds: How often to claim; None for no end.
        until_idle: Whether to end when nothing is due.
        seconds: How long to go on claiming; None for no end.
    """

    def __init__(
        self, worker: Worker, *, rounds: int | None = None, until_idle: bool = False, seconds: float | None = None
    ) -> None:
        self.tally = Tally()
        self._worker = worker
        self._store = worker.store
        self._faults = worker.store.faults
        self._clock = worker.clock
        self._rounds = rounds
        self._until_idle = until_idle
        self._ends_at = None if seconds is None else worker.clock.monotonic() + seconds
        self._lanes: deque[Lane] = deque((account, kind) for account in worker.sender.accounts for kind in KINDS)
        self._closed_until: dict[Lane, float] = {}
        self._claims_refused: dict[str, float] = {}
        self._back_at = -math.inf
        """When all that the rate limit put off is due again, as far as it is within our time."""
        self._put_off_at = self._complain_again_at = worker.clock.monotonic()
        self._held: dict[tuple[int, int], _Held] = {}
        self._marks: list[Mark] = []
        self._mark_troubles = 0
        self._trouble: Exception | None = None
        self._queue: asyncio.Queue[_Held | None] = asyncio.Queue()
        self._wake = asyncio.Event()
        self._room = asyncio.Event()
        self._stopping = asyncio.Event()
        self._ended = asyncio.Event()
        self._marked = asyncio.Event()
        self._full = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = ThreadPoolExecutor(1, "havn-outbox")

    def stop(self) -> None:
        """See `Worker.stop`."""
        self._from_any_thread(self._stop)

    def nudge(self) -> None:
        """See `Worker.nudge`."""
        self._from_any_thread(self._wake.set)

    def _from_any_thread(self, function: Callable[[], None]) -> None:
        loop = self._loop
        if loop is None:
            function()  # nobody waits for the events yet
        else:
            with suppress(RuntimeError):  # the loop is closed: nobody waits for them any more
                loop.call_soon_threadsafe(function)

    def _stop(self) -> None:
        self._stopping.set()
        self._wake.set()
        self._room.set()

    async def work(self) -> Tally:
        """Does the work; gives what was done."""
        self._loop = asyncio.get_running_loop()
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._flush_until_ended())
                renewing = group.create_task(self._renew_for_ever())
                deliveries = [
                    group.create_task(self._deliver_from_queue()) for _ in range(self._worker.concurrency)
                ]
                await self._claim_until_told()
                self._give_back_queued()
                for _ in deliveries:
                    self._queue.put_nowait(None)
                await asyncio.wait(deliveries)
                self._ended.set()
                self._marked.set()
                self._full.set()
                renewing.cancel()
        except BaseExceptionGroup as group:  # one of them has failed, which ended the others
            raise group.exceptions[0] from None
        finally:
            self._thread.submit(self._store.database.leave_thread)
            self._thread.shutdown()
        if self._trouble is not None:
            raise self._trouble
        return self.tally

    async def _in_thread(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        assert self._loop is not None  # noqa: S101  set by `work`, which all of this is part of
        return await self._loop.run_in_executor(self._thread, partial(function, *args, **kwargs))

    # ── claiming ─────────────────────────────────────────────────────────────────────────────────────

    async def _claim_until_told(self) -> None:
        troubles = rounds = 0
        while not self._is_over(rounds):
            self._wake.clear()
            if self._mark_troubles:  # what is claimed now could not be marked either
                if self._until_idle:
                    return
                await self._until_woken()
                continue
            looked_at = self._clock.monotonic()
            try:
                found = await self._claim(self._worker.batch)
            except self._store.transient as error:
                if self._rounds is not None or self._until_idle:
                    self._trouble = error  # raised when what is in flight has ended and is written down
                    return
                troubles += 1
                await self._pause("claim", error, troubles, self._stopping)
                continue
            rounds, troubles = rounds + 1, 0
            if self._until_idle and not found and not self._held and looked_at >= self._back_at:
                return
            if found < self._worker.batch:
                await self._until_woken()
            await self._until_room()

    def _is_over(self, rounds: int) -> bool:
        return self._is_ending() or (self._rounds is not None and rounds >= self._rounds)

    def _is_ending(self) -> bool:
        """Whether nothing is to be begun any more."""
        return self._stopping.is_set() or (self._ends_at is not None and self._clock.monotonic() >= self._ends_at)

    async def _claim(self, room: int) -> int:
        began = self._clock.monotonic()
        open_lanes = [lane for lane in self._lanes if self._closed_until.get(lane, began) <= began]
        self._lanes.rotate(-1)
        if began >= self._put_off_at:
            found = await self._in_thread(self._store.put_off, open_lanes)
            self._put_off_at = began if found else began + PUT_OFF_SECONDS  # perhaps there are more
        claims = await self._in_thread(
            self._store.claim, open_lanes, room, lease=self._worker.lease, worker=self._worker.name
        )
        self._faults.hit("after_claim")
        self.tally.claimed += len(claims)
        for claim in claims:
            held = _Held(claim, began, began + self._worker.lease)
            self._held[claim.id, claim.epoch] = held
            self._queue.put_nowait(held)
        return len(claims)

    async def _until_woken(self) -> None:
        """Waits for a nudge, a stop, or the time to look again."""
        if self._until_idle and self._held:
            await self._wake.wait()  # comes when what is held is settled
        elif self._rounds is None:
            jitter = self._worker.rng.uniform(0.8, 1.2)  # so that workers don't look in step
            await _set_within(self._wake, self._worker.poll * jitter)

    async def _until_room(self) -> None:
        """Waits until there is work for half a batch, which is what is left to do during the next claim."""
        while self._queue.qsize() > self._worker.batch // 2 and not self._stopping.is_set():
            self._room.clear()
            await self._room.wait()

    def _give_back_queued(self) -> None:
        """Those that were not begun when the end came; with a limited number of rounds, none."""
        if not self._stopping.is_set() and self._ends_at is None and self._trouble is None:
            return
        while not self._queue.empty():
            held = self._queue.get_nowait()
            if held is not None:
                self._settle(held, released(held.claim))

    # ── delivering ───────────────────────────────────────────────────────────────────────────────────

    async def _deliver_from_queue(self) -> None:
        while (held := await self._queue.get()) is not None:
            self._room.set()
            self._settle(held, await self._delivered(held))

    async def _delivered(self, held: _Held) -> Mark | None:
        """What becomes of a message; None when it is no longer ours."""
        claim = held.claim
        mark = self._worker.rules.before_sending(claim)
        if mark is not None:
            return mark
        if held.since <= self._claims_refused.get(claim.account, -math.inf):
            return released(claim)  # it was claimed before HAVN refused the credentials
        wait = await self._wait_for_turn(claim)
        if wait is not None:
            return released(claim, wait)
        if held.lost:
            self.tally.lease_lost += 1
            return None
        if held.until - self._clock.monotonic() <= self._worker.sender.timeout:
            self.tally.lease_lost += 1
            return released(claim)
        verdict = await self._send(claim)
        await self._follow(claim, verdict)
        return verdict.mark

    async def _wait_for_turn(self, claim: Claim) -> float | None:
        """Waits as the rate limit asks; seconds after which to try again when it is not our turn at all."""
        lane = (claim.account, claim.kind)
        closed_for = self._closed_until.get(lane, 0.0) - self._clock.monotonic()
        if closed_for > 0:
            return closed_for
        if self._is_ending():  # the claiming loop may be waiting for this very message
            return 0.0
        if self._worker.limiter is None:
            return None
        slot = await self._reserved(self._worker.limiter, claim)
        if not isinstance(slot, (int, float)):
            self._closed_until[lane] = self._clock.monotonic() + slot.ask_again_in
            return float(slot.ask_again_in)
        return 0.0 if await _set_within(self._stopping, slot) or self._is_ending() else None

    async def _send(self, claim: Claim) -> Verdict:
        answers: list[Answered] = []
        self._faults.hit("before_send")
        try:
            sent = await self._sent_in_time(claim, answers)
        except Exception as error:
            if not isinstance(error, HAVNError):
                logger.exception("message %d could not be sent", claim.id)
            verdict = self._worker.rules.of_error(claim, error)
        else:
            verdict = self._worker.rules.of_result(claim, sent.raw, sent.status)
        self._faults.hit("after_send")
        await self._observe(claim, answers)
        return verdict

    async def _reserved(self, limiter: AsyncLimiter, claim: Claim) -> float | Refused:
        """A slot; without the limiter's store any time will do, for HAVN's own 429 still holds us back."""
        try:
            async with asyncio.timeout(LIMITER_SECONDS):
                return await limiter.reserve(claim.account, OPERATIONS[claim.kind])
        except Exception as error:  # noqa: BLE001  of whichever library the store has; no commission is lost by it
            self._miss_limiter(error)
            return 0.0

    async def _observe(self, claim: Claim, answers: list[Answered]) -> None:
        """Tells the limiter what came back; what became of the message stands, whatever the limiter says."""
        if self._worker.limiter is None:
            return
        try:
            async with asyncio.timeout(LIMITER_SECONDS):
                for answer in answers:
                    await self._worker.limiter.observe(claim.account, OPERATIONS[claim.kind], *answer)
        except Exception as error:  # noqa: BLE001  as above
            self._miss_limiter(error)

    def _miss_limiter(self, error: Exception) -> None:
        now = self._clock.monotonic()
        if now >= self._complain_again_at:
            self._complain_again_at = now + COMPLAINT_SECONDS
            logger.warning(
                "the rate limiter fails, so that only HAVN's own answers slow us down: %s: %s",
                type(error).__name__,
                _first_line(error),
            )

    async def _sent_in_time(self, claim: Claim, answers: list[Answered]) -> Sent:
        timeout = self._worker.sender.timeout
        try:
            async with asyncio.timeout(timeout):
                return await self._worker.sender.send(claim, answers)
        except TimeoutError as error:
            message = f"HAVN did not answer within {timeout:g} s; the call is safe to repeat"
            raise HAVNTimeoutError(message, original_error=error) from error

    async def _follow(self, claim: Claim, verdict: Verdict) -> None:
        """Lets the verdict on one message count for the others."""
        mark = verdict.mark
        if verdict.effect == "hold":
            self.tally.rate_limited += 1
            lane = (claim.account, claim.kind)
            until = self._clock.monotonic() + mark.delay
            self._closed_until[lane] = max(until, self._closed_until.get(lane, until))
        elif verdict.effect == "pause":
            self._claims_refused[claim.account] = self._clock.monotonic()
            await self._pause_account(claim.account, mark.error or "")

    async def _pause_account(self, account: str, reason: str) -> None:
        try:
            new = await self._in_thread(self._store.pause, account, reason)
        except self._store.transient as error:
            logger.warning("account %s could not be paused: %s", account, error)
            return
        if new:
            self.tally.paused += 1
            logger.critical(
                "HAVN refuses the credentials of account %s: its messages wait until `havn outbox resume %s`. %s",
                account,
                account,
                reason,
            )

    # ── marking ──────────────────────────────────────────────────────────────────────────────────────

    def _settle(self, held: _Held, mark: Mark | None) -> None:
        """Takes note of what becomes of a message; a later flush writes it down."""
        if mark is None:
            self._let_go(held.claim.id, held.claim.epoch)
            self._wake.set()  # a drain that waits for this one alone would wait for ever
            return
        self._count(mark)
        _log(held.claim, mark)
        self._marks.append(mark)
        self._marked.set()
        if len(self._marks) >= FLUSH_MARKS:
            self._full.set()

    def _count(self, mark: Mark) -> None:
        tally = self.tally
        tally.ambiguous += mark.ambiguous
        match mark.state:
            case "delivered":
                tally.delivered += 1
            case "dead":
                tally.dead += 1
            case "reconcile":
                tally.reconciled += 1
            case _ if mark.attempted:
                tally.retried += 1
            case _:
                tally.released += 1

    async def _flush_until_ended(self) -> None:
        while not (self._ended.is_set() and (not self._marks or self._mark_troubles >= LAST_FLUSHES)):
            await self._marked.wait()
            await _set_within(self._full, FLUSH_SECONDS)
            await self._flush()

    async def _flush(self) -> None:
        """Writes down the marks that there are, or keeps them for later."""
        marks, self._marks = self._marks, []
        if not self._ended.is_set():
            self._marked.clear()
            self._full.clear()
        if not marks:
            return
        self._faults.hit("before_mark")
        try:
            counted = await self._in_thread(self._store.mark, marks)
        except self._store.transient as error:
            self._marks = marks + self._marks
            self._marked.set()
            self._mark_troubles += 1
            self._wake.set()
            await self._pause("mark", error, self._mark_troubles, self._ended)
            return
        self._mark_troubles = 0
        self._faults.hit("after_mark")
        self.tally.fenced += sum(mark.id not in counted for mark in marks)
        self._expect_back(mark.delay for mark in marks if mark.state == "pending" and not mark.attempted)
        freed = [self._let_go(mark.id, mark.epoch) for mark in marks]
        if any(freed) or not self._held:
            self._wake.set()

    def _expect_back(self, delays: Iterable[float]) -> None:
        """Has a drain wait for what was put off for the rate limit, if that is due again before its time is up."""
        if self._ends_at is not None:
            now, ends_at = self._clock.monotonic(), self._ends_at
            self._back_at = max([self._back_at, *(now + each for each in delays if now + each < ends_at)])

    def _let_go(self, message_id: int, epoch: int) -> bool:
        """Forgets a message; gives whether others may have waited for it."""
        held = self._held.pop((message_id, epoch), None)
        return held is not None and held.claim.ordered

    # ── renewing ─────────────────────────────────────────────────────────────────────────────────────

    async def _renew_for_ever(self) -> None:
        while True:
            await asyncio.sleep(self._worker.lease / 3)
            if self._held:
                await self.renew()

    async def renew(self) -> None:
        """Prolongs the leases of all that is held, and finds out which of them are lost."""
        held, began = dict(self._held), self._clock.monotonic()
        try:
            ours = await self._in_thread(self._store.renew, held, lease=self._worker.lease)
        except self._store.transient as error:
            logger.warning("leases could not be renewed: %s", _first_line(error))
            return
        newest = dict(held.keys())  # one that lapsed and that we have claimed again is held twice
        for (message_id, epoch), each in held.items():
            if message_id in ours and epoch == newest[message_id]:
                each.until = began + self._worker.lease
            else:
                each.lost = True

    async def _pause(self, what: str, error: Exception, troubles: int, cut_short: asyncio.Event) -> None:
        """Waits for the database to come back, longer each time."""
        seconds = min(LONGEST_PAUSE, SHORTEST_PAUSE * 2**troubles)
        logger.warning("the database did not %s: %s; again in %.1f s", what, _first_line(error), seconds)
        if cut_short.is_set():
            await asyncio.sleep(SHORTEST_PAUSE)
        else:
            await _set_within(cut_short, seconds)


async def _set_within(event: asyncio.Event, seconds: float | None) -> bool:
    """Waits for an event; whether it came within so many seconds."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True


def _log(claim: Claim, mark: Mark) -> None:
    if mark.state in {"dead", "reconcile"}:
        logger.error("message %d (%s) is %s: %s", claim.id, claim.kind, mark.state, mark.error)
    elif mark.attempted and mark.state == "pending":
        logger.warning(
            "message %d (%s), attempt %d: %s; again in %.0f s",
            claim.id,
            claim.kind,
            claim.attempts + 1,
            mark.error,
            mark.delay,
        )


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
