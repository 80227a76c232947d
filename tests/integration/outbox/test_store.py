"""The store keeps its promises in both databases."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from outbox_support import LANES, FakeSender, ids, sale
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError

from havn_ext import errors
from havn_ext.outbox import Outbox, SQLAlchemyDatabase, Store
from havn_ext.outbox.messages import Mark
from havn_ext.outbox.store import Purged

if TYPE_CHECKING:
    from outbox_support import Place


def enqueue(place: Place, *numbers: int | str, **fields: Any) -> list[int]:
    """One message for each number, in one transaction."""
    outbox = Outbox(clock=place.clock)
    with place.engine.begin() as connection:
        return [outbox.transaction(connection, **sale(number, **fields)) for number in numbers]


def claim(place: Place, batch: int = 10, worker: str = "w1", lease: float = 60.0) -> list[Any]:
    """Claims of all lanes."""
    return place.store.claim(LANES, batch, lease=lease, worker=worker)


def test_a_claimed_message_is_nobody_elses(place: Place) -> None:
    """While a lease lasts, no other worker gets the message; when it has lapsed, the next one does."""
    enqueue(place, 1, 2, 3)
    first = claim(place, batch=2)
    assert [each.epoch for each in first] == [1, 1]
    assert len(claim(place, worker="w2")) == 1
    assert claim(place, worker="w3") == []
    place.pass_by(61)
    again = claim(place, worker="w3")
    assert sorted(ids(again)) == sorted(each.id for each in place.store.list())
    assert {each.epoch for each in again} == {2}
    assert all(each.ambiguous_for is not None for each in again)


def test_a_claim_takes_no_more_than_a_batch(place: Place) -> None:
    """A batch is the most that is claimed, of all lanes together."""
    enqueue(place, *range(30))
    assert len(claim(place, batch=7)) == 7
    assert len(claim(place, batch=100)) == 23


def test_what_is_not_due_is_not_claimed(place: Place) -> None:
    """A message that is to be tried again at a time is not claimed before it."""
    enqueue(place, 1)
    (first,) = claim(place)
    place.store.mark([Mark(id=first.id, epoch=1, state="pending", delay=30, status=503, error="busy")])
    assert claim(place) == []
    place.pass_by(31)
    (second,) = claim(place)
    assert (second.attempts, second.claims, second.ambiguous_for) == (1, 2, None)
    stored = place.message("pay_1")
    assert (stored.last_status, stored.last_error) == (503, "busy")


@pytest.mark.parametrize("state", ["pending", "dead", "reconcile"])
def test_a_late_failure_does_not_count(place: Place, state: Any) -> None:
    """What an earlier lease says of a message is fenced off, unless HAVN said yes."""
    enqueue(place, 1)
    (old,) = claim(place)
    place.pass_by(61)
    (new,) = claim(place, worker="w2")
    assert place.store.mark([Mark(id=old.id, epoch=old.epoch, state=state, error="late")]) == set()
    assert place.message("pay_1").leased_by == "w2"
    assert place.store.mark([Mark(id=new.id, epoch=new.epoch, state="delivered")]) == {new.id}


@pytest.mark.parametrize("meanwhile", ["delivering", "dead", "cancelled", "reconcile"])
def test_a_late_success_always_counts(place: Place, meanwhile: Any) -> None:
    """What HAVN has said yes to is delivered, whatever became of the message meanwhile."""
    enqueue(place, 1)
    (old,) = claim(place)
    place.pass_by(61)
    if meanwhile == "cancelled":
        assert place.store.cancel([old.id]) == {old.id}
    else:
        (new,) = claim(place, worker="w2")
        if meanwhile != "delivering":
            place.store.mark([Mark(id=new.id, epoch=new.epoch, state=meanwhile, error="no")])
    assert place.store.mark([Mark(id=old.id, epoch=old.epoch, state="delivered", status=200)]) == {old.id}
    stored = place.message("pay_1")
    assert (stored.state, stored.last_error, stored.leased_by) == ("delivered", None, None)


def test_nothing_leads_away_from_delivered(place: Place) -> None:
    """A delivered message can neither be marked otherwise, nor cancelled, nor retried."""
    enqueue(place, 1)
    (only,) = claim(place)
    yes = Mark(id=only.id, epoch=1, state="delivered", response='{"success": true}')
    assert place.store.mark([yes, Mark(id=only.id, epoch=1, state="dead")]) == {only.id}
    assert place.store.mark([yes]) == set()
    assert place.store.retry([only.id]) == place.store.cancel([only.id]) == set()
    assert place.message("pay_1").response == '{"success": true}'


def test_leases_are_prolonged(place: Place) -> None:
    """A renewed lease lasts from now; one that went to another worker is not renewed, which the answer tells."""
    enqueue(place, 1, 2)
    held = claim(place)
    place.pass_by(50)
    assert place.store.renew([(held[0].id, 1)], lease=60) == {held[0].id}
    place.pass_by(20)
    assert ids(claim(place, worker="w2")) == [held[1].id]
    assert place.store.renew([(each.id, each.epoch) for each in held], lease=60) == {held[0].id}


def test_a_released_claim_leaves_no_trace(place: Place) -> None:
    """A message that is given back unsent has used up neither an attempt nor a claim."""
    enqueue(place, 1)
    for _ in range(20):
        (only,) = claim(place)
        assert (only.claims, only.attempts) == (1, 0)
        place.store.mark([Mark(id=only.id, epoch=only.epoch, state="pending", attempted=False)])


def test_two_workers_share_the_work(place: Place) -> None:
    """Workers that claim at the same time get different messages, and together all of them."""
    enqueue(place, *range(100))
    found: list[int] = []
    lock = threading.Lock()

    def work(name: str) -> None:
        database = SQLAlchemyDatabase(place.engine.url)
        store = Store(database, clock=place.clock)
        while claims := store.claim(LANES, 7, lease=60, worker=name):
            with lock:
                found.extend(ids(claims))
        database.close()

    threads = [threading.Thread(target=work, args=(f"w{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if place.is_sqlite:
        assert len(found) == 100
    else:  # those that others had locked were passed by, and are still there
        found += ids(claim(place, batch=1000))
    assert sorted(found) == sorted(each.id for each in place.store.list(limit=1000))


# ── order ────────────────────────────────────────────────────────────────────────────────────────


def test_one_after_the_other_by_order_key(place: Place) -> None:
    """Messages of one order key are claimed one at a time, in the order in which they were enqueued."""
    wanted = enqueue(place, 1, 2, 3, order_key="project 7")
    enqueue(place, "other", order_key="project 8")
    got = []
    for _ in wanted:
        first, *others = [each for each in claim(place) if each.id in wanted]
        assert others == []
        got.append(first.id)
        place.store.mark([Mark(id=first.id, epoch=first.epoch, state="delivered")])
    assert got == wanted


@pytest.mark.parametrize("end", ["retried", "cancelled"])
@pytest.mark.parametrize("state", ["dead", "reconcile"])
def test_a_dead_message_holds_those_behind_it(place: Place, state: Any, end: str) -> None:
    """What comes after a dead message of the same key waits, visibly, until that one is retried or cancelled."""
    first, second = enqueue(place, 1, 2, order_key="k")
    (held,) = claim(place)
    place.store.mark([Mark(id=held.id, epoch=held.epoch, state=state, error="unknown referral code")])
    assert claim(place) == []
    assert place.store.status().counts == {state: 1, "held": 1}
    if end == "cancelled":
        place.store.cancel([first])
    else:
        place.store.retry([first])
        (again,) = claim(place)
        assert again.id == first
        place.store.mark([Mark(id=first, epoch=again.epoch, state="delivered")])
    assert ids(claim(place)) == [second]


def test_those_that_wait_for_another_are_put_off_and_woken(place: Place) -> None:
    """Messages behind another are out of the way of claims, and the next is due once that one is delivered."""
    first, second, third = enqueue(place, 1, 2, 3, order_key="k")
    (other,) = enqueue(place, "other")
    assert place.store.put_off(LANES) == {second, third}
    assert place.store.put_off(LANES) == set()
    assert place.store.status().counts == {"due": 2, "held": 2}
    assert sorted(ids(claim(place))) == [first, other]
    place.store.mark([Mark(id=first, epoch=1, state="delivered")])
    assert ids(claim(place)) == [second]
    place.store.mark([Mark(id=second, epoch=1, state="dead")])
    place.store.put_off(LANES)
    place.store.cancel([second])
    assert ids(claim(place)) == [third]


def test_a_missed_wake_up_only_delays(place: Place) -> None:
    """A message that was put off is due again by itself."""
    first, second = enqueue(place, 1, 2, order_key="k")
    assert place.store.put_off(LANES) == {second}
    with place.engine.begin() as connection:
        connection.execute(text("UPDATE havn_outbox SET state = 'cancelled' WHERE id = :id"), {"id": first})
    assert claim(place) == []
    place.pass_by(6)
    assert ids(claim(place)) == [second]


def test_thousands_that_wait_for_one_do_not_slow_claims_down(place: Place) -> None:
    """Once they are put off, a claim no longer looks at messages behind a dead one; the index finds that one."""
    enqueue(place, *range(2000), order_key="k")
    (first,) = claim(place)
    place.store.mark([Mark(id=first.id, epoch=1, state="dead")])
    enqueue(place, "other")
    while place.store.put_off(LANES):
        pass
    due = "SELECT count(*) FROM havn_outbox WHERE state = 'pending' AND available_at <= :now"
    now = round(place.clock.now() * 1_000_000) if place.is_sqlite else round(time.time() * 1_000_000)
    with place.engine.connect() as connection:
        assert connection.execute(text(due), {"now": now}).scalar() == 1
    assert [each.key for each in claim(place)] == ["pay_other"]


def test_accounts_do_not_wait_for_one_another(place: Place) -> None:
    """The same order key of two accounts is two keys."""
    with place.engine.begin() as connection:
        for account in ("default", "other"):
            Outbox(account=account, clock=place.clock).transaction(connection, **sale(), order_key="k")
    assert len(place.store.claim([*LANES, ("other", "transaction")], 10, lease=60, worker="w")) == 2


# ── keepers ──────────────────────────────────────────────────────────────────────────────────────


def test_a_paused_account_waits(place: Place) -> None:
    """Nothing of a paused account is claimed until it is resumed; the first reason stays."""
    enqueue(place, 1)
    assert place.store.pause("default", "401 from HAVN")
    assert not place.store.pause("default", "again")
    assert claim(place) == []
    (pause,) = place.store.status().pauses
    assert (pause.account, pause.reason) == ("default", "401 from HAVN")
    assert place.store.resume("default")
    assert not place.store.resume("default")
    assert len(claim(place)) == 1


def test_the_status_says_where_messages_stand(place: Place) -> None:
    """Due, waiting, held, in delivery and every final state are told apart, with the oldest of each."""
    numbers = enqueue(place, *range(6))
    held = claim(place, batch=5)
    place.store.mark(
        [
            Mark(id=numbers[0], epoch=1, state="delivered"),
            Mark(id=numbers[1], epoch=1, state="dead", error="no"),
            Mark(id=numbers[2], epoch=1, state="pending", delay=100, ambiguous=True),
            Mark(id=numbers[3], epoch=1, state="reconcile"),
        ]
    )
    assert len(held) == 5
    place.pass_by(10)
    status = place.store.status()
    assert status.counts == {
        "delivered": 1,
        "dead": 1,
        "waiting": 1,
        "reconcile": 1,
        "delivering": 1,
        "due": 1,
    }
    assert (status.depth, status.ambiguous) == (3, 1)
    assert status.oldest_age == pytest.approx(10, abs=2)
    assert status.lag == pytest.approx(10, abs=2)
    assert set(place.store.status(finished=False).counts) == set(status.counts) - {"delivered"}


@pytest.mark.parametrize("said", ["a\0b", "half \ud800 pair"])
def test_whatever_havn_says_is_written_down(place: Place, said: str) -> None:
    """Words that no database can hold, and JSON can, stop neither the worker nor the other messages."""
    enqueue(place, 1, 2, 3)
    unfit = errors.HAVNBadRequestError(said, status_code=400, response={"message": said})
    refused = errors.HAVNAuthError(said, status_code=401, response={"message": said})
    worker = place.worker(FakeSender([unfit, lambda _: None, refused]), concurrency=1)
    asyncio.run(worker.drain())
    assert place.states() == {"pay_1": "dead", "pay_2": "delivered", "pay_3": "pending"}
    shown = said.replace("\0", "\ufffd").replace("\ud800", "\ufffd")
    assert shown in str(place.message("pay_1").last_error)
    assert shown in place.store.status().pauses[0].reason


def test_a_retry_starts_anew(place: Place) -> None:
    """A retried message is due at once, with all attempts before it, under the same key and payload."""
    (only,) = enqueue(place, 1)
    before = place.message("pay_1")
    (claimed,) = claim(place)
    assert place.store.retry([only]) == set(), "a worker has it"
    place.store.mark([Mark(id=only, epoch=claimed.epoch, state="dead", error="no", ambiguous=True)])
    assert place.store.retry_all("dead", account="another") == set()
    assert place.store.retry_all("dead") == {only}
    (again,) = claim(place)
    assert (again.attempts, again.claims) == (0, 1)
    assert (again.payload, again.key) == (before.payload, "pay_1")


@pytest.mark.parametrize("meanwhile", ["retried", "cancelled and retried", "dead and retried"])
def test_a_retry_forgets_no_lost_answer(place: Place, meanwhile: str) -> None:
    """What HAVN may have processed stays ambiguous, whoever has it sent again: else it may be sent too late."""
    (only,) = enqueue(place, 1)
    (lost,) = claim(place)
    if meanwhile == "dead and retried":
        place.store.mark([Mark(id=only, epoch=lost.epoch, state="dead", ambiguous=True)])
    place.pass_by(61)
    if meanwhile == "cancelled and retried":
        assert place.store.cancel([only]) == {only}
    assert place.store.retry([only]) == {only}
    (again,) = claim(place)
    assert again.ambiguous_for is not None


def test_a_look_at_havn_settles_what_was_ambiguous(place: Place) -> None:
    """Who retries a message that was to be looked up has done so: it is sent, and not put aside again."""
    (only,) = enqueue(place, 1)
    (claimed,) = claim(place)
    place.store.mark([Mark(id=only, epoch=claimed.epoch, state="reconcile", ambiguous=True)])
    assert place.store.retry([only]) == {only}
    assert claim(place)[0].ambiguous_for is None


def test_a_cancelled_message_is_not_delivered(place: Place) -> None:
    """A cancelled message is never claimed; one that a worker has can't be cancelled."""
    first, second = enqueue(place, 1, 2)
    claim(place, batch=1)
    assert place.store.cancel([first, second]) == {second}
    place.pass_by(1000)
    assert ids(claim(place)) == [first]
    place.store.mark([Mark(id=first, epoch=2, state="dead", error="no")])
    assert place.store.cancel_all("dead") == {first}


def test_personal_data_goes_first_and_keys_later(place: Place) -> None:
    """After a week delivered messages lose payload and answer, after ninety days they go; dead ones stay."""
    done, dead = enqueue(place, 1, 2)
    claim(place)
    place.store.mark(
        [
            Mark(id=done, epoch=1, state="delivered", response="{}"),
            Mark(id=dead, epoch=1, state="dead", error="no"),
        ]
    )
    assert place.store.purge() == Purged(0, 0)
    place.pass_by(8 * 86_400)
    purged = place.store.purge()
    assert (purged.payloads, purged.messages) == (1, 0)
    stored = place.message("pay_1")
    assert (stored.payload, stored.response) == (None, None)
    assert enqueue(place, 1) == [done], "still known"
    place.pass_by(90 * 86_400)
    purged = place.store.purge()
    assert (purged.payloads, purged.messages) == (0, 1)
    assert place.message("pay_2").payload is not None


def test_payloads_may_go_at_once(place: Place) -> None:
    """A store that keeps no payloads takes them away with the delivery, and with nothing else."""
    store = Store(place.store.database, keep_payloads=0, clock=place.clock)
    done, failed = enqueue(place, 1, 2)
    claim(place)
    store.mark(
        [
            Mark(id=done, epoch=1, state="delivered", response="{}"),
            Mark(id=failed, epoch=1, state="pending", error="busy"),
        ]
    )
    assert (place.message("pay_1").payload, place.message("pay_1").response) == (None, None)
    assert place.message("pay_2").payload is not None


def test_a_purge_goes_on_until_all_is_gone(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """A purge takes batch after batch."""
    monkeypatch.setattr("havn_ext.outbox.store.PURGE_BATCH", 3)
    enqueue(place, *range(10))
    place.store.cancel(each.id for each in place.store.list())
    purged = place.store.purge(keep_keys=0, keep_payloads=0)
    assert (purged.payloads, purged.messages) == (10, 10)


def waits_for_a_lock(place: Place) -> bool:
    """Whether a session of this PostgreSQL database waits for another."""
    waiting = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with place.engine.connect() as connection:
        return connection.execute(text(waiting)).first() is not None


@pytest.mark.parametrize("keep", [{"keep_payloads": 0}, {"keep_payloads": 86_400, "keep_keys": 0}])
def test_a_purge_takes_nothing_that_is_retried_meanwhile(place: Place, keep: dict[str, float]) -> None:
    """A message that somebody has made due again while the purge waited for it keeps its payload, and is there."""
    (only,) = enqueue(place, 1)
    place.store.cancel([only])
    place.pass_by(60)
    purge = threading.Thread(target=place.store.purge, kwargs=keep)
    with place.store.database.transaction() as execute:  # as `retry` does, which has not committed yet
        rows = {"rows": f'[{{"row_id": {only}}}]'}
        assert execute(place.store._sql.retry, place.store._at(**rows)) == [(only,)]
        purge.start()
        while not (place.is_sqlite or waits_for_a_lock(place)):
            time.sleep(0.01)
    purge.join(10)
    (again,) = claim(place)
    assert again.intact


def test_messages_are_found(place: Place) -> None:
    """Messages are listed newest first, by state, account, kind and key; one is shown by its id."""
    first, second = enqueue(place, 1, 2)
    assert [each.id for each in place.store.list()] == [second, first]
    assert [each.id for each in place.store.list(limit=1)] == [second]
    assert [each.id for each in place.store.list(key="pay_1", state="pending", kind="transaction")] == [first]
    assert place.store.list(kind="user") == place.store.list(account="x") == place.store.list(state="dead") == []
    shown = place.store.show(first)
    assert shown is not None
    assert shown.key == "pay_1"
    assert place.store.show(10_000) is None


# ── transactions ─────────────────────────────────────────────────────────────────────────────────


def test_a_failed_transaction_leaves_nothing(place: Place) -> None:
    """What fails half-way is rolled back, and the next one works."""
    enqueue(place, 1)

    def fail() -> None:
        with place.store.database.transaction() as execute:
            execute("UPDATE havn_outbox SET state = 'dead'", {})
            execute("SELECT * FROM no_such_table", {})

    with pytest.raises(Exception, match="no_such_table"):
        fail()
    assert place.states() == {"pay_1": "pending"}


def test_a_listener_may_begin_sqlites_transactions(place: Place) -> None:
    """An engine whose owner begins SQLite's transactions by an event works as any other."""
    if not place.is_sqlite:
        pytest.skip("of SQLite alone")
    event.listen(place.engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    enqueue(place, 1)
    assert len(claim(place)) == 1


def test_a_lost_connection_is_transient(place: Place) -> None:
    """The error of a database that is gone is one of those after which a worker tries again."""
    assert issubclass(OperationalError, place.store.transient)
