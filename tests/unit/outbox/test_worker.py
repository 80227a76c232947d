"""The worker, with a sender that needs no network and a clock that stands still."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import Counter, deque
from typing import TYPE_CHECKING, Any
from unittest import mock

import attrs
import httpx
import pytest
from outbox_support import FakeSender, sale
from sqlalchemy.exc import OperationalError

from havn_ext import errors
from havn_ext.errors import HAVNValidationError
from havn_ext.limits.limiter import Refused
from havn_ext.outbox import HAVNOutboxError, Outbox, Schedule, Store, Worker
from havn_ext.outbox.delivery import Answered, Sent
from havn_ext.outbox.faults import Faults
from havn_ext.outbox.shift import Shift

if TYPE_CHECKING:
    from collections.abc import Callable

    from outbox_support import Place

    from havn_ext.outbox import Tally
    from havn_ext.outbox.messages import Claim

BUSY = errors.HAVNServerError("busy", status_code=503, response={"success": False})
SAID = {"success": False, "message": "no"}


def enqueue(place: Place, *numbers: int | str, account: str = "default", **fields: Any) -> None:
    """One message for each number."""
    outbox = Outbox(account=account, clock=place.clock)
    with place.engine.begin() as connection:
        for number in numbers:
            outbox.transaction(connection, **sale(number, **fields))


def drained(place: Place, sender: Any, **options: Any) -> Tally:
    """What a worker does until nothing is due."""
    return asyncio.run(place.worker(sender, **options).drain())


def test_all_that_is_due_is_delivered(place: Place) -> None:
    """Every due message is sent once and marked, in few transactions."""
    enqueue(place, *range(200))
    sender = FakeSender()
    tally = drained(place, sender, batch=64)
    assert (tally.claimed, tally.delivered) == (200, 200)
    assert sorted(sender.keys) == sorted(f"pay_{n}" for n in range(200))
    assert set(place.states().values()) == {"delivered"}
    assert sender.closed == 1


def test_one_round_is_one_batch(place: Place) -> None:
    """`run_once` claims one batch and sees it through."""
    enqueue(place, *range(10))
    worker = place.worker(FakeSender(), batch=4)
    tally = asyncio.run(worker.run_once())
    assert (tally.claimed, tally.delivered) == (4, 4)
    assert asyncio.run(worker.run_once()).claimed == 4
    assert worker.tally.delivered == 8


def test_a_failure_climbs_the_ladder(place: Place) -> None:
    """A failed message is tried again rung by rung, and is dead after the last, with the reason of the last."""
    enqueue(place, 1)
    sender = FakeSender([BUSY, BUSY, errors.HAVNServerError("still busy", status_code=500)])
    schedule = Schedule(ladder=(5.0, 30.0))
    for wait in (0, 5, 30):
        place.pass_by(wait + 0.001)
        assert drained(place, sender, schedule=schedule).claimed == 1
        assert drained(place, sender, schedule=schedule).claimed == 0
    message = place.message("pay_1")
    assert (message.state, message.attempts, message.last_status) == ("dead", 3, 500)
    assert message.last_error == "given up after 3 attempts: still busy (HTTP 500)"


def test_a_rate_limit_holds_all_calls_of_its_kind(place: Place) -> None:
    """After a 429 nothing of the kind is sent until HAVN says; no attempt is spent; other kinds go on."""
    enqueue(place, *range(20))
    with place.engine.begin() as connection:
        Outbox(clock=place.clock).user(connection, "a@shop.example", "A", key="user")
    limit = errors.HAVNRateLimitError("slow down", status_code=429, retry_after=20.0, response=SAID)
    sender = FakeSender([lambda claim: limit if claim.kind == "transaction" else None] * 2)
    tally = drained(place, sender, concurrency=1)
    assert (tally.rate_limited, tally.delivered, tally.retried) == (1, 1, 0)
    assert len(sender.sent) == 2
    place.pass_by(23)
    assert drained(place, sender, concurrency=1).delivered == 20
    assert {message.attempts for message in place.store.list()} == {1}


@pytest.mark.parametrize("status", [401, 403])
def test_refused_credentials_pause_the_account(place: Place, caplog: pytest.LogCaptureFixture, status: int) -> None:
    """After a 401 the account waits as a whole, loudly, with no attempt spent; another account goes on."""
    enqueue(place, *range(5))
    enqueue(place, "other", account="other")
    refused = errors.HAVNAuthError("bad signature", status_code=status, response=SAID)
    sender = FakeSender([lambda claim: refused if claim.account == "default" else None] * 6, ("default", "other"))
    tally = drained(place, sender, concurrency=1)
    assert (tally.paused, tally.delivered) == (1, 1)
    assert place.states() == {**{f"pay_{n}": "pending" for n in range(5)}, "pay_other": "delivered"}
    assert {message.attempts for message in place.store.list(state="pending")} == {0}
    assert "refuses the credentials of account default" in caplog.text
    assert [record.levelno for record in caplog.records if "refuses" in record.message] == [logging.CRITICAL]
    assert drained(place, sender).claimed == 0
    place.store.resume("default")
    sender.script.clear()
    assert drained(place, sender).delivered == 5


def test_what_was_claimed_before_a_401_is_not_sent_after_it(place: Place) -> None:
    """One refusal is enough: the rest of the batch is given back unsent, however the refusal came in."""
    enqueue(place, *range(20))
    refused = errors.HAVNAuthError("bad key", status_code=401, response=SAID)
    sender = FakeSender([refused] * 20)
    tally = drained(place, sender, concurrency=1)
    assert (len(sender.sent), tally.released, tally.paused) == (1, 20, 1)
    assert {message.claims for message in place.store.list()} == {0}


def test_what_nobody_foresaw_is_kept(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    """An error of our own making leaves the message pending and ambiguous, is logged, and stops nothing."""
    enqueue(place, 1, 2)
    tally = drained(place, FakeSender([ZeroDivisionError("oops")]), concurrency=1)
    assert (tally.retried, tally.ambiguous, tally.delivered) == (1, 1, 1)
    assert place.message("pay_1").last_error == "ZeroDivisionError: oops"
    assert "could not be sent" in caplog.text


def test_a_call_has_an_end(place: Place) -> None:
    """A call that takes longer than the timeout as a whole is given up, and HAVN may have processed it."""

    @attrs.define
    class Slow(FakeSender):
        async def send(self, claim: Claim, answers: list[Answered]) -> Sent:
            self.sent.append(claim)
            await asyncio.Event().wait()
            return await super().send(claim, answers)

    enqueue(place, 1)
    tally = drained(place, Slow(timeout=0.01), lease=60.0)
    assert (tally.retried, tally.ambiguous) == (1, 1)
    assert "within 0.01 s" in str(place.message("pay_1").last_error)


def test_a_lapsing_lease_is_not_used(place: Place) -> None:
    """A message whose lease ends before a call would have to is given back unsent."""
    enqueue(place, *range(3))
    sender = FakeSender(timeout=10.0)

    def slow(_claim: Claim) -> None:
        place.clock.pass_by(15)

    sender.script.extend([slow] * 2)
    tally = asyncio.run(place.worker(sender, lease=25.0, concurrency=1).run_once())
    assert (tally.delivered, tally.lease_lost, tally.released) == (1, 2, 2)
    assert {message.attempts for message in place.store.list(state="pending")} == {0}


def test_a_message_that_kills_its_workers_is_dead(place: Place) -> None:
    """After five lost claims a message is not sent a sixth time."""
    enqueue(place, 1)
    for _ in range(5):
        (claim,) = place.store.claim([("default", "transaction")], 1, lease=1, worker="doomed")
        assert claim.attempts == 0
        place.pass_by(2)
    sender = FakeSender()
    assert drained(place, sender).dead == 1
    assert sender.sent == []
    assert "poison: 5 workers" in str(place.message("pay_1").last_error)


@pytest.mark.parametrize("changed", ["replace(payload, '1000', '9000')", "payload || 'é'", "''", "NULL"])
def test_a_message_that_somebody_changed_is_dead(place: Place, changed: str) -> None:
    """A payload that is not what was enqueued is never signed, and stands in nobody's way."""
    enqueue(place, 1, 2)
    with place.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE havn_outbox SET payload = {changed} WHERE dedup_key = 'pay_1'")  # noqa: S608
    sender = FakeSender()
    assert drained(place, sender).dead == 1
    assert sender.keys == ["pay_2"]
    assert "hash differs" in str(place.message("pay_1").last_error)


def test_what_havn_may_have_forgotten_is_left_to_a_person(place: Place) -> None:
    """A transaction that HAVN may have processed longer ago than it keeps keys is not sent again; a user is."""
    enqueue(place, 1)
    with place.engine.begin() as connection:
        Outbox(clock=place.clock).user(connection, "a@shop.example", "A", key="user")
    lost = errors.HAVNTimeoutError("lost", original_error=httpx.ReadTimeout("lost"))
    sender = FakeSender([lost, lost])
    assert drained(place, sender, key_retention=3600).ambiguous == 2
    place.pass_by(3700)
    tally = drained(place, sender, key_retention=3600)
    assert (tally.reconciled, tally.delivered) == (1, 1)
    assert place.states() == {"pay_1": "reconcile", "user": "delivered"}
    place.store.retry(message.id for message in place.store.list(key="pay_1"))
    assert drained(place, sender, key_retention=3600).delivered == 1


# ── the end of a shift ───────────────────────────────────────────────────────────────────────────


@attrs.define
class Gate(FakeSender):
    """A sender whose calls wait for a gate to open."""

    opened: asyncio.Event = attrs.field(factory=asyncio.Event)
    entered: asyncio.Event = attrs.field(factory=asyncio.Event)

    async def send(self, claim: Claim, answers: list[Answered]) -> Sent:
        """See `Sender`."""
        self.entered.set()
        await self.opened.wait()
        return await super().send(claim, answers)


def test_a_stop_finishes_what_is_in_flight(place: Place) -> None:
    """On a stop the calls in flight are finished and marked, and the rest is given back, free for others."""
    enqueue(place, *range(50))

    async def scenario() -> None:
        gate = Gate()
        worker = place.worker(gate, concurrency=4, batch=50)
        running = asyncio.create_task(worker.run())
        await gate.entered.wait()
        worker.stop()
        worker.stop()
        gate.opened.set()
        tally = await running
        assert (tally.claimed, tally.delivered, tally.released) == (50, 4, 46)

    asyncio.run(scenario())
    assert place.store.status().counts == {"delivered": 4, "due": 46}
    assert {message.claims for message in place.store.list(state="pending")} == {0}


def test_a_stop_gives_the_rest_back_while_calls_hang(place: Place) -> None:
    """What was not begun is free for others at once, and does not wait for the calls that are in flight."""
    enqueue(place, *range(50))

    async def scenario() -> None:
        gate = Gate()
        worker = place.worker(gate, concurrency=4, batch=50)
        running = asyncio.create_task(worker.run())
        await gate.entered.wait()
        worker.stop()
        async with asyncio.timeout(10):
            while place.store.status().counts["due"] < 46:  # noqa: ASYNC110  it is told by the database alone
                await asyncio.sleep(0.01)
        assert place.store.status().counts == {"due": 46, "delivering": 4}
        assert not running.done()
        gate.opened.set()
        assert (await running).delivered == 4

    asyncio.run(scenario())


def test_a_stop_before_the_start_counts(place: Place) -> None:
    """A worker at rest takes a stop and a nudge without complaint, and still works afterwards."""
    worker = place.worker(FakeSender())
    worker.stop()
    worker.nudge()
    enqueue(place, 1)
    assert asyncio.run(worker.drain()).delivered == 1


class Ending(Worker):
    """A worker whose shift ends between two looks at it, as one in another thread may see it."""

    looks: deque[Shift | None]

    @property
    def _shift(self) -> Shift | None:
        return self.looks.popleft()

    @_shift.setter
    def _shift(self, shift: Shift | None) -> None:
        self.looks = deque([shift])


def test_a_shift_may_end_while_it_is_nudged(place: Place) -> None:
    """Whoever nudges, stops or counts from another thread, as after a commit, has no part in the end of a shift."""
    worker = Ending(place.store, FakeSender())
    for call in (worker.nudge, worker.stop, lambda: worker.tally):
        worker.looks = deque([Shift(worker), None])
        call()
    gone = Shift(worker)
    gone._loop = asyncio.new_event_loop()
    gone._loop.close()
    with mock.patch.object(gone._loop, "is_closed", return_value=False):  # it was a moment ago
        gone.nudge()


def test_a_nudge_is_quicker_than_a_look(place: Place) -> None:
    """A nudge after a commit wakes a worker that would look again in an hour."""

    async def scenario() -> None:
        sender = Gate()
        sender.opened.set()
        worker = place.worker(sender, poll=3600.0)
        outbox = Outbox(clock=place.clock)
        running = asyncio.create_task(worker.run())
        while worker.tally.claimed == 0 and not sender.entered.is_set():
            with place.engine.begin() as connection:
                outbox.transaction(connection, **sale())
            worker.nudge()
            await asyncio.sleep(0)
            await asyncio.wait_for(sender.entered.wait(), 10)
        worker.stop()
        assert (await running).delivered == 1

    asyncio.run(scenario())


def test_a_drain_ends_in_time(place: Place) -> None:
    """A drain claims nothing after its time is up, and gives back what it has not begun."""
    enqueue(place, *range(30))

    def slow(_claim: Claim) -> None:
        place.clock.pass_by(1)

    sender = FakeSender([slow] * 30, timeout=1.0)
    tally = asyncio.run(place.worker(sender, concurrency=1, batch=10, lease=100.0).drain(5))
    assert tally.delivered + tally.released == tally.claimed
    assert 5 <= tally.delivered < 30
    assert place.store.status().counts == {"delivered": tally.delivered, "due": 30 - tally.delivered}


def test_a_drain_that_waits_for_answers_ends_in_time(place: Place) -> None:
    """What a drain holds and has not begun is given back at the end of its time, not only what is due."""
    enqueue(place, *range(30))

    def slow(_claim: Claim) -> None:
        place.clock.pass_by(1)

    sender = FakeSender([slow] * 30, timeout=1.0)
    tally = asyncio.run(place.worker(sender, concurrency=1, lease=100.0).drain(5))
    assert (tally.claimed, tally.delivered, tally.released) == (30, 5, 25)
    assert place.store.status().counts == {"delivered": 5, "due": 25}


def test_one_after_the_other_without_waiting(place: Place) -> None:
    """Messages of one order key go out in their order within one drain, each after the answer to the last."""
    enqueue(place, *range(8), order_key="k")
    sender = FakeSender()
    assert drained(place, sender).delivered == 8
    assert sender.keys == [f"pay_{n}" for n in range(8)]


def test_a_worker_works_once_at_a_time(place: Place) -> None:
    """A worker that is at work refuses to begin again."""

    async def scenario() -> None:
        gate = Gate()
        worker = place.worker(gate)
        running = asyncio.create_task(worker.run())
        await gate.entered.wait()
        with pytest.raises(HAVNValidationError, match="at work already"):
            await worker.drain()
        gate.opened.set()
        worker.stop()
        await running

    enqueue(place, 1)
    asyncio.run(scenario())


# ── a database in trouble ────────────────────────────────────────────────────────────────────────


class Troubled(Store):
    """A store whose database is gone for some calls."""

    trouble: dict[str, int]
    calls: Counter[str]

    @classmethod
    def of(cls, place: Place, **trouble: int) -> Troubled:
        """The store of a place, whose methods fail so many times at first."""
        store = cls(place.store.database, clock=place.clock)
        store.trouble = trouble
        store.calls = Counter()
        return store

    def _maybe_fail(self, name: str) -> None:
        self.calls[name] += 1
        if self.calls[name] <= self.trouble.get(name, 0):
            raise OperationalError("statement", {}, Exception("server closed the connection"))

    def claim(self, *args: Any, **kwargs: Any) -> Any:
        """See `Store`."""
        self._maybe_fail("claim")
        return super().claim(*args, **kwargs)

    def mark(self, *args: Any, **kwargs: Any) -> Any:
        """See `Store`."""
        self._maybe_fail("mark")
        return super().mark(*args, **kwargs)

    def renew(self, *args: Any, **kwargs: Any) -> Any:
        """See `Store`."""
        self._maybe_fail("renew")
        return super().renew(*args, **kwargs)

    def pause(self, *args: Any, **kwargs: Any) -> Any:
        """See `Store`."""
        self._maybe_fail("pause")
        return super().pause(*args, **kwargs)


def until(worker: Any, reached: Callable[[], bool]) -> Tally:
    """Runs a worker until something is so."""

    async def scenario() -> Tally:
        running = asyncio.create_task(worker.run())
        async with asyncio.timeout(30):
            while not reached() and not running.done():  # noqa: ASYNC110  what is waited for is in a database
                await asyncio.sleep(0.01)
        worker.stop()
        tally: Tally = await running
        return tally

    return asyncio.run(scenario())


def test_a_worker_outlives_its_database(
    place: Place, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the database is gone the worker waits and says so; nothing is sent twice, nothing is forgotten."""
    monkeypatch.setattr("havn_ext.outbox.shift.SHORTEST_PAUSE", 0.001)
    enqueue(place, *range(5))
    sender = FakeSender()
    troubled = attrs.evolve(place, store=Troubled.of(place, claim=3, mark=3))
    tally = until(troubled.worker(sender), lambda: set(place.states().values()) == {"delivered"})
    assert (tally.delivered, len(sender.sent)) == (5, 5)
    assert "the database did not claim" in caplog.text
    assert "the database did not mark" in caplog.text


def test_a_drain_says_that_its_database_is_gone(place: Place) -> None:
    """A drain, which somebody waits for, fails when it can't claim."""
    troubled = attrs.evolve(place, store=Troubled.of(place, claim=1))
    with pytest.raises(OperationalError):
        drained(troubled, FakeSender())


def test_a_drain_without_its_database_finishes_what_is_in_flight(place: Place) -> None:
    """A drain that can't claim any more says so when what it has begun is delivered and written down."""
    enqueue(place, 1, 2)
    gate = Gate()

    class Leaving(Troubled):
        def claim(self, *args: Any, **kwargs: Any) -> Any:
            if self.calls["claim"]:
                gone.set()
                raise OperationalError("statement", {}, Exception("server closed the connection"))
            return super().claim(*args, **kwargs)

    gone = threading.Event()

    async def scenario() -> None:
        troubled = attrs.evolve(place, store=Leaving.of(place))
        draining = asyncio.create_task(troubled.worker(gate, batch=1).drain())
        assert await asyncio.to_thread(gone.wait, 10)
        gate.opened.set()
        with pytest.raises(OperationalError):
            await draining

    asyncio.run(scenario())
    assert place.states() == {"pay_1": "delivered", "pay_2": "pending"}


def test_a_database_that_stays_away_does_not_hold_the_end(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """When nothing can be written down at the end, the worker ends; the leases lapse and others find the rest."""
    monkeypatch.setattr("havn_ext.outbox.shift.SHORTEST_PAUSE", 0.001)
    enqueue(place, 1)
    troubled = attrs.evolve(place, store=Troubled.of(place, mark=1_000))
    asyncio.run(troubled.worker(FakeSender()).run_once())
    assert place.store.status().counts == {"delivering": 1}


def test_a_defect_is_not_hidden(place: Place) -> None:
    """An error that waiting would not mend ends the worker at once, and says what to do."""
    place.store._sql = attrs.evolve(place.store._sql, mark="no statement")
    enqueue(place, 1)
    with pytest.raises(HAVNOutboxError, match=r"syntax error.*havn outbox create-tables"):
        drained(place, FakeSender())


def test_nothing_is_claimed_that_could_not_be_marked(place: Place) -> None:
    """While marks cannot be written no more is claimed, so that a death sends no more than that again."""
    enqueue(place, *range(400))
    troubled = attrs.evolve(place, store=Troubled.of(place, mark=1_000))
    sender = FakeSender()
    asyncio.run(troubled.worker(sender, batch=5).drain())
    assert 5 <= len(sender.keys) <= 200  # the first marks are written, and fail, when there are 64 of them
    assert place.store.status().counts["due"] == 400 - len(sender.keys)


def test_a_renewed_lease_lasts(place: Place) -> None:
    """What waits for longer than a lease stays ours as long as it is renewed, and is delivered."""
    enqueue(place, 1, 2)

    async def scenario() -> None:
        gate = Gate()
        worker = place.worker(gate, lease=25.0, concurrency=1)
        running = asyncio.create_task(worker.run_once())
        await gate.entered.wait()
        assert worker._shift is not None
        for _ in range(3):
            place.pass_by(15)
            await worker._shift.renew()
        assert place.store.claim([("default", "transaction")], 9, lease=1, worker="other") == []
        gate.opened.set()
        assert (await running).delivered == 2

    asyncio.run(scenario())


def test_a_lost_lease_is_noticed(place: Place) -> None:
    """A message that another worker has taken over is not sent by the first, whose late answers still count."""
    enqueue(place, 1, 2)

    async def scenario() -> None:
        gate = Gate()
        worker = place.worker(gate, lease=25.0, concurrency=1)
        running = asyncio.create_task(worker.run_once())
        await gate.entered.wait()
        place.pass_by(30)
        assert len(place.store.claim([("default", "transaction")], 9, lease=100, worker="other")) == 2
        assert worker._shift is not None
        await worker._shift.renew()
        gate.opened.set()
        tally = await running
        assert (tally.delivered, tally.lease_lost, gate.keys) == (1, 1, ["pay_1"])

    asyncio.run(scenario())
    assert place.states() == {"pay_1": "delivered", "pay_2": "pending"}
    assert place.message("pay_2").leased_by == "other"


def test_an_old_lease_is_not_renewed_with_a_new_one(place: Place) -> None:
    """A message that a worker claims again, its lease having lapsed, is sent for the new lease alone."""
    enqueue(place, 1, 2)

    async def scenario() -> None:
        gate = Gate()
        worker = place.worker(gate, lease=25.0, concurrency=1)
        running = asyncio.create_task(worker.run())
        await gate.entered.wait()
        place.pass_by(30)
        async with asyncio.timeout(10):
            while worker.tally.claimed < 4:  # noqa: ASYNC110  it looks again by itself
                await asyncio.sleep(0.01)
        assert worker._shift is not None
        await worker._shift.renew()
        gate.opened.set()
        async with asyncio.timeout(10):
            while set(place.states().values()) != {"delivered"}:  # noqa: ASYNC110  the database alone tells
                await asyncio.sleep(0.01)
        worker.stop()
        await running
        assert Counter(gate.keys)["pay_2"] == 1

    asyncio.run(scenario())


def test_a_drain_ends_without_what_it_lost(place: Place) -> None:
    """A drain does not wait for a message that has gone to another worker."""
    enqueue(place, 1)

    class Waiting(FakeLimiter):
        async def reserve(self, account: str, operation: str) -> Any:
            asked.set()
            await lost.wait()
            return await super().reserve(account, operation)

    asked, lost = asyncio.Event(), asyncio.Event()

    async def scenario() -> None:
        sender = FakeSender()
        worker = place.worker(sender, lease=25.0, limiter=Waiting())
        draining = asyncio.create_task(worker.drain())
        await asked.wait()
        place.pass_by(30)
        assert len(place.store.claim([("default", "transaction")], 9, lease=100, worker="other")) == 1
        assert worker._shift is not None
        await worker._shift.renew()
        lost.set()
        tally = await asyncio.wait_for(draining, 10)
        assert (tally.lease_lost, sender.sent) == (1, [])

    asyncio.run(scenario())


def test_leases_are_renewed_by_themselves(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    """As long as a worker holds something it renews, also after the database was gone for a while."""
    enqueue(place, 1)
    store = Troubled.of(place, renew=2)
    troubled = attrs.evolve(place, store=store)
    worker = troubled.worker(FakeSender(timeout=0.01), lease=0.03, limiter=FakeLimiter(3600.0))
    tally = until(worker, lambda: store.calls["renew"] >= 4)
    assert (tally.released, tally.lease_lost) == (1, 0)
    assert "leases could not be renewed" in caplog.text


# ── the limiter ──────────────────────────────────────────────────────────────────────────────────


class FakeLimiter:
    """Gives slots by a script, and keeps what it was told."""

    def __init__(self, *slots: Any) -> None:
        self.slots = list(slots)
        self.told: list[tuple[Any, ...]] = []

    async def reserve(self, account: str, operation: str) -> Any:
        """The next slot of the script, then any time."""
        self.told.append((account, operation))
        return self.slots.pop(0) if self.slots else 0.0

    async def observe(self, account: str, operation: str, status: int, headers: Any) -> None:
        """Keeps the answer."""
        self.told.append((account, operation, status, dict(headers)))


def test_the_limiter_is_asked_and_told(place: Place) -> None:
    """Each call has a slot reserved before it, and what HAVN answered is told afterwards."""

    @attrs.define
    class Answering(FakeSender):
        async def send(self, claim: Claim, answers: list[Answered]) -> Sent:
            answers.append(Answered(200, {"x-ratelimit-remaining": "3"}))
            return await super().send(claim, answers)

    enqueue(place, 1)
    limiter = FakeLimiter(0.01)
    drained(place, Answering(), limiter=limiter)
    assert limiter.told == [
        ("default", "sendTransaction"),
        ("default", "sendTransaction", 200, {"x-ratelimit-remaining": "3"}),
    ]


def test_a_refused_slot_gives_the_message_back(place: Place) -> None:
    """Without a slot nothing is sent: the messages come back when the limiter says, with no attempt spent."""
    enqueue(place, 1, 2)
    sender = FakeSender()
    tally = drained(place, sender, limiter=FakeLimiter(Refused(9.0)), concurrency=1)
    assert (tally.released, sender.sent) == (2, [])
    place.pass_by(10)
    assert drained(place, sender, limiter=FakeLimiter()).delivered == 2


@pytest.mark.parametrize(("seconds", "delivered"), [(30, 2), (5, 0), (None, 0)])
def test_a_drain_waits_for_the_rate_limit_while_it_has_time(
    place: Place, seconds: float | None, delivered: int
) -> None:
    """What is put off for the limit within a drain's time is the drain's; a later one has what is beyond."""
    enqueue(place, 1, 2)

    class Patient(Store):
        def claim(self, *args: Any, **kwargs: Any) -> Any:
            found = super().claim(*args, **kwargs)
            if not found:
                place.clock.pass_by(1)  # the time that a worker waits before it looks again
            return found

    patient = attrs.evolve(place, store=Patient(place.store.database, clock=place.clock))
    worker = patient.worker(FakeSender(), limiter=FakeLimiter(Refused(9.0)), concurrency=1, lease=100.0)
    began = place.clock.monotonic()
    tally = asyncio.run(worker.drain(seconds))
    assert (tally.delivered, tally.dead) == (delivered, 0)
    assert place.clock.monotonic() - began < 12


class BrokenLimiter(FakeLimiter):
    """Its store is gone, or does not answer."""

    def __init__(self, *where: str, hangs: bool = False) -> None:
        super().__init__()
        self.where, self.hangs = where, hangs

    async def reserve(self, account: str, operation: str) -> Any:
        """Fails, if it is to."""
        await self.fail("reserve")
        return await super().reserve(account, operation)

    async def observe(self, account: str, operation: str, status: int, headers: Any) -> None:
        """Fails, if it is to."""
        await self.fail("observe")
        await super().observe(account, operation, status, headers)

    async def fail(self, where: str) -> None:
        """Fails here, if it is to."""
        if where in self.where:
            if self.hangs:
                await asyncio.Event().wait()
            raise ConnectionError("the store of the limiter is gone")


@pytest.mark.parametrize("hangs", [False, True])
@pytest.mark.parametrize("where", ["reserve", "observe"])
def test_a_limiter_that_fails_costs_no_message(
    place: Place, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, where: str, hangs: bool
) -> None:
    """Without the limiter's store messages are delivered and marked as ever, once, and the log says so, once."""
    monkeypatch.setattr("havn_ext.outbox.shift.LIMITER_SECONDS", 0.01)

    @attrs.define
    class Answering(FakeSender):
        async def send(self, claim: Claim, answers: list[Answered]) -> Sent:
            answers.append(Answered(200, {}))
            return await super().send(claim, answers)

    enqueue(place, 1, 2, 3)
    sender = Answering()
    tally = drained(place, sender, limiter=BrokenLimiter(where, hangs=hangs))
    assert (tally.delivered, len(sender.sent)) == (3, 3)
    assert [record.message for record in caplog.records if "limiter fails" in record.message] == [
        caplog.records[0].message
    ]


# ── crashes ──────────────────────────────────────────────────────────────────────────────────────


class Died(BaseException):
    """In place of a SIGKILL."""


def died() -> None:
    """Dies."""
    raise Died


@pytest.mark.parametrize(
    ("point", "sent"),
    [
        ("after_claim", 0),
        ("before_send", 0),
        ("after_send", 1),
        ("before_mark", 1),
        ("mid_mark", 1),
        ("after_mark", 1),
    ],
)
def test_a_crash_loses_nothing(place: Place, point: Any, sent: int) -> None:
    """Wherever a worker dies, the message is delivered by the next one once the lease has lapsed."""
    enqueue(place, 1)
    sender = FakeSender()
    store = Store(place.store.database, clock=place.clock, faults=Faults(point, die=died))
    with pytest.raises(Died):
        asyncio.run(attrs.evolve(place, store=store).worker(sender).run_once())
    assert len(sender.sent) == sent
    place.pass_by(61)
    again = drained(place, sender)
    assert again.claimed == (point != "after_mark")
    assert place.states() == {"pay_1": "delivered"}
    assert len(sender.sent) == sent + (point != "after_mark")
    if again.claimed:
        assert sender.sent[-1].ambiguous_for is not None


# ── settings ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"concurrency": 0}, "concurrency"),
        ({"batch": 0}, "batch"),
        ({"poll": 0}, "poll"),
        ({"key_retention": -1}, "key_retention"),
        ({"lease": 9.9}, "lease"),
    ],
)
def test_senseless_settings_are_refused(place: Place, options: Any, named: str) -> None:
    """A number that makes no sense is refused by name."""
    with pytest.raises(HAVNValidationError) as caught:
        place.worker(FakeSender(), **options)
    assert caught.value.errors.keys() == {named}


@pytest.mark.parametrize(("timeout", "lease"), [(5.0, 60.0), (30.0, 120.0)])
def test_a_lease_outlasts_a_call(place: Place, timeout: float, lease: float) -> None:
    """The usual lease is a minute, or four times as long as a call may take."""
    assert place.worker(FakeSender(timeout=timeout)).lease == lease
