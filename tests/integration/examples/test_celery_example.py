"""`examples/celery`: a payment is reported by a real worker, with a folder for a broker."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from integration.examples.conftest import Example, Sandbox

WORKER = "celery --app shop worker --beat --queues havn --loglevel INFO"


PAY = "python shop.py pay pay_1 99.90 ann@shop.example HAVN-MJ-001"


def reports(example: Example) -> str:
    """What has become of them."""
    return example.run("python shop.py reports")


def test_from_the_payment_to_the_commission(example: Example, sandbox: Sandbox) -> None:
    """Started first, the worker reports what is paid; and what was paid without it, with all of the broker lost."""
    with example.running(WORKER, ready="celery@.* ready"):
        assert reports(example) == ""
        assert example.run(PAY) == "pay_1 is paid\n"
        example.until(lambda: "pay_1 delivered" in reports(example), "the first payment is reported")
    example.run("python shop.py pay pay_2 10 ann@shop.example HAVN-MJ-001")
    assert "pay_2 pending" in reports(example)
    shutil.rmtree(example.folder / "broker")
    with example.running(WORKER, ready="celery@.* ready"):
        example.until(lambda: "pay_2 delivered" in reports(example), "the sweep finds the second payment")
    answers = sandbox.reported()
    assert {key: each["total_commission"] for key, each in answers.items()} == {"pay_1": 1200, "pay_2": 120}
    assert "Mary Jane HAVN-MJ-001 5 % 499.50 ¢ 500 ¢" in sandbox.page_of("pay_1")


@pytest.mark.parametrize(("amount", "reason"), [("ten", "amount: is not a decimal number"), ("0", "amount: ")])
def test_a_wrong_payment_is_kept_nowhere(example: Example, amount: str, reason: str) -> None:
    """What HAVN would refuse is named; neither order nor promise is kept."""
    assert reason in example.run(PAY.replace("99.90", amount), code=1)
    assert reports(example) == ""


def test_a_payment_counts_once(example: Example) -> None:
    """The gateway's webhook may come twice."""
    example.run(PAY)
    assert "paid already" in example.run(PAY, code=1)
    assert reports(example).split() == ["pay_1", "pending"]
