"""The outbox against a simple model: enqueue, roll back, claim, deliver, fail, lapse, jump, all interleaved."""

from __future__ import annotations

import random
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import httpx
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from outbox_support import LANES, Place, ids, place_in, sale, sqlite_database
from sqlalchemy.orm import Session

from havn_ext import errors
from havn_ext.outbox import HAVNOutboxConflictError, Outbox, Schedule
from havn_ext.outbox.outcomes import Rules

if TYPE_CHECKING:
    from havn_ext.outbox.messages import Claim, Mark

LEASE = 60.0
RETENTION = 1000.0
SAID = {"success": False}
ANSWERS: dict[str, Exception | None] = {
    "yes": None,
    "refused": errors.HAVNNotFoundError("no", status_code=404, response=SAID),
    "busy": errors.HAVNServerError("busy", status_code=503, response=SAID),
    "lost": errors.HAVNTimeoutError("lost", original_error=httpx.ReadTimeout("lost")),
    "limited": errors.HAVNRateLimitError("slow", status_code=429, retry_after=30, response=SAID),
    "unauthorised": errors.HAVNAuthError("who", status_code=401, response=SAID),
}
MEANWHILE = ["claimed", "cancelled", "retried", "dead"]
BLOCKING = {"pending", "dead", "reconcile"}
CHAINS = ("a", "b", None)


@attrs.define
class Model:
    """What we know of one message without looking."""

    id: int
    key: str
    amount: int
    chain: str | None
    state: str = "pending"
    attempts: int = 0
    epoch: int = 0
    due: float = 0.0
    created: float = 0.0
    leased: bool = False
    """Whether a worker has taken it and not given it back, be it that the lease has lapsed."""
    processed: bool = False
    """Whether HAVN has processed it at least once."""


class OutboxMachine(RuleBasedStateMachine):
    """Two workers whose every step may be delayed, and people who retry and cancel."""

    @initialize(meanwhile=st.sampled_from([None, *MEANWHILE]))
    def open(self, meanwhile: str | None) -> None:
        """A new outbox, whose first worker may have slept through its lease already."""
        self.stack = ExitStack()
        folder = self.stack.enter_context(tempfile.TemporaryDirectory())
        self.place: Place = self.stack.enter_context(place_in(sqlite_database(Path(folder))))
        self.outbox = Outbox(clock=self.place.clock)
        self.verdicts = Rules(
            schedule=Schedule(ladder=(10.0, 100.0)), key_retention=RETENTION, rng=random.Random(0)
        )
        self.messages: dict[str, Model] = {}
        self.held: list[Claim] = []
        self.unmarked: list[tuple[Claim, Mark]] = []
        self.paused = False
        for number, chain in enumerate(CHAINS):  # so that a short run has something to go wrong with
            self.enqueue_one(number, 1000, chain, commit=True)
        if meanwhile is not None:
            self.claim_batch("w1", 100)
            self.overtake_one(self.held.pop(), "yes", meanwhile)

    def teardown(self) -> None:
        """Close it."""
        if hasattr(self, "stack"):
            self.stack.close()

    @property
    def now(self) -> float:
        """The time."""
        return self.place.clock.now()

    def of(self, message_id: int) -> Model:
        """The model of a message."""
        return next(each for each in self.messages.values() if each.id == message_id)

    # ── the application ──────────────────────────────────────────────────────────────────────────────

    @rule(
        number=st.integers(0, 8),
        amount=st.sampled_from([1000, 2000]),
        chain=st.sampled_from(CHAINS),
        commit=st.booleans(),
    )
    def enqueue(self, number: int, amount: int, chain: str | None, commit: bool) -> None:
        """A payment id is one message; another payload is refused; a rollback leaves nothing."""
        self.enqueue_one(number, amount, chain, commit=commit)

    def enqueue_one(self, number: int, amount: int, chain: str | None, *, commit: bool) -> None:
        """Enqueues, and looks at what comes of it."""
        key = f"pay_{number}"
        known = self.messages.get(key)
        with Session(self.place.engine) as session, session.begin() as transaction:
            try:
                found = self.outbox.transaction(session, **sale(number, amount=amount), order_key=chain)
            except HAVNOutboxConflictError as conflict:
                assert known is not None
                refused = (conflict.message_id, known.amount == amount)
                assert refused == (known.id, False)
                return
            assert known is None or (known.id, known.amount) == (found, amount)
            if not commit:
                transaction.rollback()
            elif known is None:
                self.messages[key] = Model(found, key, amount, chain, due=self.now, created=self.now)

    # ── workers ──────────────────────────────────────────────────────────────────────────────────────

    def claimable(self) -> set[int]:
        """What a claim may take now, by the model alone."""
        if self.paused:
            return set()
        return {
            each.id
            for each in self.messages.values()
            if each.state == "pending" and each.due <= self.now and self.first_of(each.chain, each) is each
        }

    def first_of(self, chain: str | None, alone: Model | None = None) -> Model | None:
        """The message that all others of a chain wait for; one of no chain stands alone."""
        if chain is None:
            return alone
        of_chain = [each for each in self.messages.values() if each.chain == chain and each.state in BLOCKING]
        return min(of_chain, key=lambda each: each.id, default=None)

    def woken(self, ended: set[int]) -> None:
        """Whoever comes next in their chains was put off no longer."""
        for message_id in ended:
            first = self.first_of(self.of(message_id).chain)
            untouched = first is not None and (first.state, first.leased, first.attempts) == ("pending", False, 0)
            if first is not None and untouched and first.due > self.now:
                first.due = first.created

    @rule()
    def put_off(self) -> None:
        """Those that wait for another are looked at later, and others are left alone."""
        wanted = {
            each.id
            for each in self.messages.values()
            if each.state == "pending"
            and each.due <= self.now
            and not each.leased
            and self.first_of(each.chain, each) is not each
        }
        assert self.place.store.put_off(LANES) == wanted
        for message_id in wanted:
            model = self.of(message_id)
            model.due = self.now + min(300.0, max(5.0, self.now - model.created))

    @rule(worker=st.sampled_from(["w1", "w2"]), batch=st.integers(1, 4))
    def claim(self, worker: str, batch: int) -> None:
        """A claim takes what is due, and nothing that anybody holds or that waits for another."""
        self.claim_batch(worker, batch)

    def claim_batch(self, worker: str, batch: int) -> None:
        """Claims, and looks at what is taken."""
        wanted = self.claimable()
        claims = self.place.store.claim(LANES, batch, lease=LEASE, worker=worker)
        assert set(ids(claims)) <= wanted
        assert len(claims) == min(batch, len(wanted))
        for claim in claims:
            model = self.of(claim.id)
            assert claim.intact
            assert claim.epoch > model.epoch
            assert claim.attempts == model.attempts
            model.epoch, model.due, model.leased = claim.epoch, self.now + LEASE, True
        self.held += claims

    @precondition(lambda self: self.held)
    @rule(data=st.data(), answer=st.sampled_from(sorted(ANSWERS)))
    def deliver(self, data: Any, answer: str) -> None:
        """A worker sends what it holds, however old its lease; the mark may come much later."""
        self.deliver_one(self.held.pop(data.draw(st.integers(0, len(self.held) - 1))), answer)

    def deliver_one(self, claim: Claim, answer: str) -> None:
        """Sends a message, if it may be sent, and keeps the mark for later."""
        mark = self.verdicts.before_sending(claim)
        if mark is None:
            error = ANSWERS[answer]
            if error is None:
                mark = self.verdicts.of_result(claim, {"success": True}, 200).mark
            else:
                verdict = self.verdicts.of_error(claim, error)
                mark = verdict.mark
                if verdict.effect == "pause":
                    self.place.store.pause("default", "401")
                    self.paused = True
            if answer in {"yes", "lost"}:
                self.of(claim.id).processed = True
        self.unmarked.append((claim, mark))

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def die(self, data: Any) -> None:
        """A worker forgets what it holds."""
        self.held.pop(data.draw(st.integers(0, len(self.held) - 1)))

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def renew(self, data: Any) -> None:
        """A lease is prolonged while it is the newest, and the message still pending and held."""
        claim = data.draw(st.sampled_from(self.held))
        model = self.of(claim.id)
        ours = self.place.store.renew([(claim.id, claim.epoch)], lease=LEASE)
        if model.state == "pending" and model.epoch == claim.epoch:
            assert ours == {claim.id}
            model.due = self.now + LEASE
        else:
            assert ours == set()

    @precondition(lambda self: self.unmarked)
    @rule(data=st.data(), count=st.integers(1, 3))
    def mark(self, data: Any, count: int) -> None:
        """Marks count for the newest lease alone; a yes counts always."""
        self.mark_these(
            [
                self.unmarked.pop(data.draw(st.integers(0, len(self.unmarked) - 1)))
                for _ in range(min(count, len(self.unmarked)))
            ]
        )

    @precondition(lambda self: self.held)
    @rule(
        data=st.data(),
        answer=st.sampled_from(sorted(ANSWERS)),
        meanwhile=st.sampled_from(MEANWHILE),
    )
    def overtake(self, data: Any, answer: str, meanwhile: str) -> None:
        """A worker sleeps through its lease, others go on with the message, and then its answer comes in.

        All of it happens without this rule as well, but so rarely that a lost late success was not seen.
        """
        self.overtake_one(self.held.pop(data.draw(st.integers(0, len(self.held) - 1))), answer, meanwhile)

    def overtake_one(self, claim: Claim, answer: str, meanwhile: str) -> None:
        """Lets a lease lapse, something happen to the message meanwhile, and then the answer come in."""
        self.place.pass_by(LEASE + 1)
        if meanwhile in {"cancelled", "retried"}:
            self.decide_on(self.of(claim.id), retry=meanwhile == "retried")
        else:
            self.claim_batch("w3", 100)
            if meanwhile == "dead":
                for other in [each for each in self.held if each.id == claim.id]:
                    self.held.remove(other)
                    self.deliver_one(other, "refused")
                    self.mark_these([self.unmarked.pop()])
        self.deliver_one(claim, answer)
        self.mark_these([self.unmarked.pop()])

    def mark_these(self, chosen: list[tuple[Claim, Mark]]) -> None:
        """Marks, in one transaction, and looks which of them count."""
        wanted: set[int] = set()
        for claim, mark in chosen:
            model = self.of(claim.id)
            late = not (model.state == "pending" and model.epoch == claim.epoch)
            if model.state == "delivered" or (late and mark.state != "delivered"):
                continue
            wanted.add(claim.id)
            model.state = mark.state
            model.attempts += mark.attempted
            model.leased = False
            if mark.state == "pending":
                model.due = self.now + mark.delay
        assert self.place.store.mark([mark for _, mark in chosen]) == wanted
        self.woken({each for each in wanted if self.of(each).state == "delivered"})

    # ── time and people ──────────────────────────────────────────────────────────────────────────────

    @rule(seconds=st.sampled_from([61.0, 11.0, 120.0, 1100.0]))
    def pass_by(self, seconds: float) -> None:
        """Time goes on."""
        self.place.pass_by(seconds)

    @rule(seconds=st.sampled_from([5.0, 300.0]))
    def jump_back(self, seconds: float) -> None:
        """The machine's clock is set back: messages wait longer, and nothing is lost."""
        self.place.pass_by(-seconds)

    @rule()
    def resume(self) -> None:
        """Somebody mends the credentials."""
        assert self.place.store.resume("default") == self.paused
        self.paused = False

    def held_by_a_worker(self, model: Model) -> bool:
        """Whether a lease on it lasts, by the store's own word."""
        message = self.place.message(model.key)
        return message.state == "pending" and message.leased_by is not None and model.due > self.now

    @precondition(lambda self: self.messages)
    @rule(data=st.data(), retry=st.booleans())
    def decide(self, data: Any, retry: bool) -> None:
        """Somebody retries or cancels a message: not one that is delivered, nor one that a worker has."""
        self.decide_on(data.draw(st.sampled_from(list(self.messages.values()))), retry=retry)

    def decide_on(self, model: Model, *, retry: bool) -> None:
        """Retries or cancels, if that is possible."""
        free = not self.held_by_a_worker(model)
        act = self.place.store.retry if retry else self.place.store.cancel
        possible = model.state != "delivered" and free and (retry or model.state != "cancelled")
        assert act([model.id]) == ({model.id} if possible else set())
        if possible:
            model.state = "pending" if retry else "cancelled"
            model.epoch += 1
            model.leased = False
            if retry:
                model.attempts, model.due = 0, self.now
            else:
                self.woken({model.id})

    # ── what always holds ────────────────────────────────────────────────────────────────────────────

    @invariant()
    def agrees_with_the_model(self) -> None:
        """The outbox has what was committed, each message where the model has it."""
        if not hasattr(self, "messages"):
            return
        assert self.place.states() == {key: model.state for key, model in self.messages.items()}
        for message in self.place.store.list():
            model = self.messages[message.key]
            assert (message.attempts, message.payload is not None) == (model.attempts, True)
            assert message.claims >= 0

    @invariant()
    def delivered_means_processed(self) -> None:
        """What is delivered was processed by HAVN."""
        if hasattr(self, "messages"):
            assert all(each.processed for each in self.messages.values() if each.state == "delivered")


TestOutbox = OutboxMachine.TestCase
TestOutbox.settings = settings(stateful_step_count=40, deadline=None)
