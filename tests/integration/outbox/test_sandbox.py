"""From end to end: enqueued, delivered over HTTP, and counted once by the sandbox, whatever goes wrong."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs
import pytest
from outbox_support import sale
from sqlalchemy.orm import Session

from havn_ext import Hooks
from havn_ext.outbox import ClientSender, Outbox, Schedule
from havn_ext.sandbox import SandboxConfig, SandboxServer
from havn_ext.testing import SandboxCompany
from havn_ext.testing.control import Control

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from outbox_support import Place

    from havn_ext.outbox import Tally

Ledger: TypeAlias = Callable[[], list[str]]

REFERRAL = "HAVN-MJ-001"
SCHEDULE = Schedule(ladder=(1.0,) * 8)


@attrs.frozen
class Havn:
    """A sandbox, and the file in which it keeps what it has processed."""

    url: str
    control: Control
    file: Path


@pytest.fixture(scope="module")
def havn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Havn]:
    """The module's sandbox."""
    file = tmp_path_factory.mktemp("havn") / "havn.db"
    config = SandboxConfig(seed="none", database=file, rate_limits=False)
    with SandboxServer(config) as server, Control.of(server.url) as control:
        yield Havn(server.url, control, file)


@pytest.fixture
def shop(havn: Havn) -> SandboxCompany:
    """A company with referral codes."""
    company = SandboxCompany.new(havn.url, havn.control)
    company.seed()
    return company


@pytest.fixture
def ledger(havn: Havn, shop: SandboxCompany) -> Callable[[], list[str]]:
    """Reads the payments that the sandbox has stored, one entry a transaction, from its own file."""

    def read() -> list[str]:
        with closing(sqlite3.connect(havn.file)) as connection:
            rows = connection.execute(
                "SELECT payment_id FROM transactions JOIN companies ON companies.id = transactions.company"
                " WHERE api_key = ?",
                (shop.api_key,),
            )
            return sorted(row[0] for row in rows)

    return read


def sender(
    shop: SandboxCompany, *, webhook_secret: str | None = None, timeout: float = 5.0, hooks: Any = None
) -> ClientSender:
    """What brings messages to the sandbox."""
    secret = webhook_secret or shop.webhook_secret
    options: Any = {"api_key": shop.api_key, "webhook_secret": secret, "base_url": shop.url}
    return ClientSender({"default": options}, timeout=timeout, hooks=hooks)


def enqueue(place: Place, count: int, **fields: Any) -> None:
    """So many payments."""
    outbox = Outbox(clock=place.clock)
    with Session(place.engine) as session, session.begin():
        for number in range(count):
            outbox.transaction(session, **sale(number, referral_code=REFERRAL, **fields))


def work(place: Place, shop: SandboxCompany, **options: Any) -> Tally:
    """Drains again and again, letting time pass between, until nothing is left or nothing moves any more."""
    worker = place.worker(sender(shop, **options), schedule=SCHEDULE)
    for _ in range(12):
        asyncio.run(worker.drain())
        if not place.store.status(finished=False).depth:
            break
        place.pass_by(100)
    return worker.tally


def expected(count: int) -> list[str]:
    """The payments that were enqueued."""
    return sorted(f"pay_{number}" for number in range(count))


def test_payments_arrive(place: Place, havn: Havn, shop: SandboxCompany, ledger: Ledger) -> None:
    """What was enqueued is what the sandbox stores, byte for byte as it was signed, and HAVN's answer is kept."""
    enqueue(place, 40)
    tally = work(place, shop)
    assert (tally.delivered, tally.retried) == (40, 0)
    assert ledger() == expected(40)
    message = place.message("pay_0")
    assert message.last_status == 201
    assert '"total_commission": 120' in str(message.response)
    (request,) = shop.requests(operation="sendTransaction", text='"pay_0"', limit=1)
    logged = havn.control.ask("GET", f"requests/{request['id']}")
    assert str(message.payload) in str(logged["request"]["body"])


FAULTS: dict[str, dict[str, Any]] = {
    "the answer is lost": {"kind": "reset_after", "nth": 3, "times": 6},
    "the answer is cut": {"kind": "truncated", "nth": 2, "times": 6},
    "the answer is empty": {"kind": "empty", "nth": 2, "times": 6},
    "the connection breaks": {"kind": "reset_before", "nth": 2, "times": 6},
    "a storm of 503": {"kind": "status", "status": 503, "times": 30, "retry_after": 2},
    "a proxy's page": {"kind": "html", "times": 10},
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_what_goes_wrong_is_made_good(
    place: Place, shop: SandboxCompany, ledger: Ledger, fault: dict[str, Any]
) -> None:
    """Whatever happens to requests and answers, every payment is stored exactly once and ends up delivered."""
    shop.add_fault(**fault)
    enqueue(place, 20)
    tally = work(place, shop)
    assert tally.delivered == 20
    assert tally.retried > 0
    assert (tally.ambiguous > 0) == (fault["kind"] != "status")
    assert ledger() == expected(20)


def test_a_rate_limit_slows_down_and_spends_nothing(place: Place, shop: SandboxCompany, ledger: Ledger) -> None:
    """A storm of 429 delays the messages and costs none of them an attempt."""
    shop.add_fault("status", status=429, times=5, retry_after=7)
    enqueue(place, 20)
    tally = work(place, shop)
    assert (tally.delivered, tally.retried, tally.rate_limited) == (20, 0, 5)
    assert {message.attempts for message in place.store.list()} == {1}
    assert ledger() == expected(20)


def test_a_revoked_secret_pauses_until_resumed(place: Place, shop: SandboxCompany, ledger: Ledger) -> None:
    """With a wrong secret everything waits; with the right one and a resume everything is delivered."""
    enqueue(place, 20)
    tally = work(place, shop, webhook_secret="somebody_elses")
    assert (tally.delivered, tally.paused, tally.dead) == (0, 1, 0)
    (pause,) = place.store.status().pauses
    assert "HAVN_WEBHOOK_SECRET" in pause.reason
    assert "somebody_elses" not in pause.reason
    assert ledger() == []
    place.store.resume("default")
    assert work(place, shop).delivered == 20
    assert ledger() == expected(20)


def test_slow_answers_are_given_up_and_counted_once(place: Place, shop: SandboxCompany, ledger: Ledger) -> None:
    """A call that drips for longer than the timeout is given up, sent again, and counted once."""
    shop.add_fault("slow_drip", duration=60, times=2)
    enqueue(place, 4)
    tally = work(place, shop, timeout=2.0)
    assert tally.delivered == 4
    assert tally.ambiguous >= 2
    assert ledger() == expected(4)


REFUSED: dict[str, tuple[dict[str, Any], int]] = {
    "unknown referral code": ({"referral_code": "HAVN-NO-999"}, 404),
    "unknown voucher": ({"promo_code": "HAVN-A-S08-NONE", "subtotal_transaction": 2000}, 404),
}


@pytest.mark.parametrize(("fields", "status"), REFUSED.values(), ids=REFUSED)
def test_a_refusal_is_dead_with_havns_reason(
    place: Place, shop: SandboxCompany, fields: dict[str, Any], status: int
) -> None:
    """What HAVN refuses for good is dead after one attempt, and says why."""
    outbox = Outbox(clock=place.clock)
    with Session(place.engine) as session, session.begin():
        outbox.transaction(session, **sale(**fields))
    assert work(place, shop).dead == 1
    message = place.message("pay_1")
    assert (message.state, message.attempts, message.last_status) == ("dead", 1, status)
    assert message.last_error


def test_a_payment_that_havn_has_otherwise_is_dead(place: Place, shop: SandboxCompany) -> None:
    """A payment id that HAVN has with another payload is a conflict, and dead."""
    with shop.client() as client:
        client.transactions.send(**sale(0, amount=9999))
    enqueue(place, 1)
    assert work(place, shop).dead == 1
    assert place.message("pay_0").last_status == 409


@pytest.mark.parametrize(("factor", "state"), [(1, "delivered"), (2, "dead")])
def test_a_conversion_is_checked_at_delivery(place: Place, shop: SandboxCompany, factor: int, state: str) -> None:
    """A conversion by HAVN's own rate is delivered; by another it is dead, from the stored payload alone."""
    rate = shop.rates["IDR"] * factor
    outbox = Outbox(rates={"IDR": rate}, clock=place.clock)
    with Session(place.engine) as session, session.begin():
        outbox.transaction(session, **sale(amount=1_000_000, currency="IDR"))
    work(place, shop)
    message = place.message("pay_1")
    assert message.state == state
    if state == "dead":
        assert f"1000000 IDR to {6250 * factor} US cents" in str(message.last_error)


def test_an_owner_is_there_before_the_first_sale(place: Place, shop: SandboxCompany) -> None:
    """Of one order key the user is synced before the transaction is reported, and both are."""
    outbox = Outbox(clock=place.clock)
    with Session(place.engine) as session, session.begin():
        outbox.user(session, "ann@shop.example", "Ann", is_owner=True, order_key="project 7")
        outbox.transaction(session, **sale(), order_key="project 7")
    assert work(place, shop).delivered == 2
    operations = [request["operation"] for request in shop.requests()]
    assert sorted(operations, reverse=True) == ["syncUsers", "sendTransaction"]
    assert operations[0] == "sendTransaction", "the newest is first"


def test_two_workers_deliver_once(place: Place, shop: SandboxCompany, ledger: Ledger) -> None:
    """Two workers at the same outbox send every message once."""
    enqueue(place, 60)

    async def scenario() -> None:
        workers = [place.worker(sender(shop), batch=8, name=f"w{number}") for number in range(2)]
        await asyncio.gather(*(worker.drain() for worker in workers))
        for worker in workers:
            await worker.drain()
        assert sum(worker.tally.delivered for worker in workers) == 60

    asyncio.run(scenario())
    assert len(shop.requests(operation="sendTransaction", limit=500)) == 60
    assert ledger() == expected(60)


def test_a_worker_may_change_its_event_loop(place: Place, shop: SandboxCompany) -> None:
    """One worker serves one `asyncio.run` after the other, as a task queue has it."""
    worker = place.worker(sender(shop))
    rounds: list[Callable[[], Any]] = [worker.drain, worker.run_once, worker.drain]
    for number, run in enumerate(rounds):
        with Session(place.engine) as session, session.begin():
            Outbox(clock=place.clock).transaction(session, **sale(number))
        assert asyncio.run(run()).delivered == 1


def test_hooks_see_what_the_worker_sends(place: Place, shop: SandboxCompany) -> None:
    """Hooks of the sender are told of every delivery, one call each, also after its connections were renewed."""
    told: list[Any] = []
    bundles = (Hooks(on_end=listener) for listener in (told.append,))
    enqueue(place, 3)
    work(place, shop, hooks=bundles)
    assert [(event.path, event.status, event.attempts) for event in told] == [
        ("/api/v1/webhook/transaction", 201, 1)
    ] * 3
