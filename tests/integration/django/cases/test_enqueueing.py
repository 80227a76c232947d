"""Enqueueing in `transaction.atomic`."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import AsyncClient, Client, TestCase, override_settings
from integration.django.shop.alchemy import engine
from integration.django.shop.models import Order
from outbox_support import sale

from havn_ext import HAVNValidationError
from havn_ext.integrations.django import Outbox, outbox, store
from havn_ext.outbox.errors import HAVNOutboxConflictError, HAVNOutboxError


@pytest.fixture
def fresh() -> Outbox:
    """An outbox that nobody listens to."""
    return Outbox()


def keys() -> list[str]:
    """The payment ids in the outbox."""
    return sorted(message.key for message in store().list())


def test_order_and_message_commit_together() -> None:
    """A view's order and its message are both there afterwards, the message as it will be sent."""
    answer = Client().post("/orders/pay_1", {"amount": 1000})
    assert answer.status_code == 201
    assert Order.objects.get().payment_id == "pay_1"
    (message,) = store().list()
    assert answer.json() == {"message": message.id}
    assert (message.state, message.account, message.kind) == ("pending", "default", "transaction")
    assert message.payload == (
        '{"amount":1000,"currency":"USD","customer_email":"ann@shop.example","customer_type":"NEW_CUSTOMER",'
        '"payment_gateway_transaction_id":"pay_1","referral_code":"HAVN-MJ-001"}'
    )


def test_they_are_rolled_back_together() -> None:
    """An order that is rolled back leaves nothing."""
    assert Client().post("/orders/pay_1", {"amount": 1000, "refused": "1"}).status_code == 402
    assert (Order.objects.count(), keys()) == (0, [])


def test_an_asynchronous_view_enqueues_in_a_thread() -> None:
    """`sync_to_async` around the atomic block serves asynchronous views."""

    async def post() -> Any:
        return await AsyncClient().post("/async-orders/pay_1", {"amount": 1000})

    assert asyncio.run(post()).status_code == 201
    assert (Order.objects.count(), keys()) == (1, ["pay_1"])


def test_a_savepoint_takes_its_message_along() -> None:
    """A message of an inner block that is rolled back is gone; that of the outer one stays."""
    with transaction.atomic():
        outbox.transaction(**sale(1))
        with transaction.atomic():
            outbox.transaction(**sale(2))
            transaction.set_rollback(True)
    assert keys() == ["pay_1"]


def test_the_row_is_that_of_sqlalchemy() -> None:
    """The same call gives the same row, whichever way it was enqueued."""
    from sqlalchemy import text
    from sqlalchemy.orm import Session

    from havn_ext.outbox import Outbox as SQLAlchemyOutbox

    options: dict[str, Any] = {"order_key": "project", "referral_code": " havn-mj-001 "}
    with transaction.atomic():
        outbox.transaction(**sale("a", **options))
    database = engine()
    with Session(database) as session, session.begin():
        SQLAlchemyOutbox().transaction(session, **sale("b", **options))
    with database.connect() as reader:
        rows = [dict(row._mapping) for row in reader.execute(text("SELECT * FROM havn_outbox ORDER BY id"))]
    database.dispose()
    by_django, by_sqlalchemy = rows
    assert by_django["payload"].replace("pay_a", "pay_b") == by_sqlalchemy["payload"]
    assert abs(by_django["created_at"] - by_sqlalchemy["created_at"]) < 3_600_000_000
    own = {"id", "dedup_key", "payload", "payload_sha256", "created_at", "available_at"}
    assert {name: by_django[name] for name in by_django.keys() - own} == {
        name: by_sqlalchemy[name] for name in by_sqlalchemy.keys() - own
    }


def test_one_payment_is_one_message() -> None:
    """The same call again is the same message; the same id with another payload is a conflict."""
    with transaction.atomic():
        first = outbox.transaction(**sale(1))
        assert outbox.transaction(**sale(1)) == first
        with pytest.raises(HAVNOutboxConflictError, match="with another payload") as caught:
            outbox.transaction(**sale(1, amount=2000))
        assert (caught.value.message_id, caught.value.key) == (first, "pay_1")
        outbox.transaction(**sale(2))
    assert keys() == ["pay_1", "pay_2"]


def test_a_bad_call_fails_now() -> None:
    """What the direct call would refuse is refused, with every fault named, and nothing is written."""
    with transaction.atomic():
        with pytest.raises(HAVNValidationError) as caught:
            outbox.transaction(amount=0, payment_gateway_transaction_id="x" * 201, order_key="x" * 201)
        assert caught.value.errors.keys() >= {"amount", "payment_gateway_transaction_id", "order_key"}
        with pytest.raises(HAVNValidationError, match="email"):
            outbox.user("nobody", "Ann")
        with pytest.raises(TypeError, match="unexpected keyword argument 'colour'"):
            outbox.transaction(**sale(colour="red"))
    assert keys() == []


def test_users_keep_their_order() -> None:
    """Every user is a message of its own; those of one address share an order key, unless they are given one."""
    with transaction.atomic():
        outbox.user("ann@shop.example", "Ann", is_owner=True)
        outbox.user("Ann@shop.example", "Ann B.")
        outbox.user("bob@shop.example", "Bob", key="bob", order_key="project")
        outbox.user("bob@shop.example", "Bob", key="bob", order_key="project")
    bob, *anns = store().list()
    assert (bob.key, bob.order_key) == ("bob", "project")
    assert len(anns) == 2
    assert len({message.order_key for message in anns}) == 1
    assert "ann" not in str(anns[0].order_key)


def test_there_must_be_an_atomic_block() -> None:
    """Outside of `atomic`, and in one of another database, enqueueing is refused."""
    with pytest.raises(HAVNOutboxError, match="no atomic block on the database 'default'"):
        outbox.transaction(**sale())
    with transaction.atomic(using="other"), pytest.raises(HAVNOutboxError, match="no atomic block"):
        outbox.transaction(**sale())
    with transaction.atomic(), pytest.raises(HAVNOutboxError, match="and not in 'other'"):
        outbox.transaction(**sale(), using="other")
    with transaction.atomic():
        outbox.transaction(**sale(), using="default")
    assert keys() == ["pay_1"]


def test_the_outbox_may_be_in_another_database() -> None:
    """`DATABASE` says where the outbox is; blocks of that database count, and no others."""
    with override_settings(HAVN={"API_KEY": "k", "WEBHOOK_SECRET": "s", "DATABASE": "other"}):
        with transaction.atomic(), pytest.raises(HAVNOutboxError, match="no atomic block on the database 'other'"):
            outbox.transaction(**sale())
        with transaction.atomic(using="other"):
            outbox.transaction(**sale(), using="other")
            assert keys() == ["pay_1"]
            transaction.set_rollback(True, using="other")
    assert keys() == []


def test_an_account_must_be_known() -> None:
    """An account that the settings don't have would never be delivered, and is refused."""
    with transaction.atomic(), pytest.raises(HAVNOutboxError, match=r"has no 'east'"):
        Outbox("east").transaction(**sale())
    with pytest.raises(HAVNValidationError, match="account"):
        Outbox("")
    with override_settings(HAVN={"API_KEY": "k", "WEBHOOK_SECRET": "s", "ACCOUNTS": {"east": {}}}):
        with transaction.atomic():
            Outbox("east").transaction(**sale())
        assert store().list()[0].account == "east"


def test_sales_are_converted_by_the_rates_of_the_settings() -> None:
    """With `RATES` the converted amount is what is stored."""
    with override_settings(HAVN={"API_KEY": "k", "WEBHOOK_SECRET": "s", "RATES": {"IDR": "0.0000625"}}):
        with transaction.atomic():
            outbox.transaction(**sale(amount=160_000, currency="IDR"))
        payload = str(store().list()[0].payload)
    assert '"amount":1000,"currency":"USD"' in payload


def test_a_commit_wakes_the_worker(fresh: Outbox) -> None:
    """Whoever listens is told after the commit, once for each new message, and never of what was rolled back."""
    woken: list[list[str]] = []
    fresh.on_commit(lambda: woken.append(keys()))
    with transaction.atomic():
        fresh.transaction(**sale(1))
        assert woken == []
    assert woken == [["pay_1"]]
    with transaction.atomic():
        fresh.transaction(**sale(1))
        transaction.set_rollback(True)
    with transaction.atomic():
        fresh.transaction(**sale(2))
        transaction.set_rollback(True)
    assert woken == [["pay_1"]]


def test_a_failing_listener_does_not_fail_the_order(fresh: Outbox, caplog: pytest.LogCaptureFixture) -> None:
    """What a listener raises after the commit is logged, and not raised in the view."""

    def fail() -> None:
        raise ZeroDivisionError

    fresh.on_commit(fail)
    with transaction.atomic():
        fresh.transaction(**sale(1))
    assert keys() == ["pay_1"]
    assert "nudge" in caplog.text


def test_the_same_payment_from_many_threads_is_one_message() -> None:
    """Eight threads that enqueue the same payment at the same time get the same id."""
    ids: list[int] = []
    together = threading.Barrier(8)

    def enqueue() -> None:
        together.wait()
        try:
            with transaction.atomic():
                ids.append(outbox.transaction(**sale()))
        finally:
            connection.close()

    threads = [threading.Thread(target=enqueue) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ids) == 8
    assert len(set(ids)) == 1


class TestUnderTestCase(TestCase):
    """The rules hold under Django's TestCase, whose own atomic blocks would not be there in production."""

    databases = {"default", "other"}  # noqa: RUF012  as Django has it

    def test_its_own_block_does_not_count(self) -> None:
        """What fails in production for want of an atomic block fails in the test."""
        with pytest.raises(HAVNOutboxError, match="no atomic block"):
            outbox.transaction(**sale())

    def test_blocks_within_do(self) -> None:
        """What was enqueued in a block of the test's own is seen by the store, and gone after the test."""
        with transaction.atomic(durable=True):
            outbox.transaction(**sale())
        self.assertEqual(keys(), ["pay_1"])  # noqa: PT009  as whoever uses TestCase writes

    def test_nudges_are_captured(self) -> None:
        """A nudge is one of the callbacks that `captureOnCommitCallbacks` captures."""
        fresh, woken = Outbox(), list[bool]()
        fresh.on_commit(lambda: woken.append(True))
        with self.captureOnCommitCallbacks(execute=True), transaction.atomic():
            fresh.transaction(**sale())
        assert woken == [True]
