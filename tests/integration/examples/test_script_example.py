"""`examples/script`: a file of orders is reported, and what is wrong with it is said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from integration.examples.conftest import Example, Sandbox

COMMAND = "python report_orders.py orders.csv"
README = """\
txn_001: 100.00 USD paid, commission 12.00 USD over 5 levels
txn_002: 1500000 IDR paid, commission 11.26 USD over 5 levels
txn_003: 80.00 USD paid, commission 9.60 USD over 5 levels
txn_004: 25.50 USD paid, commission 0.00 USD over 0 levels
4 of 4 orders are with HAVN
"""


def test_orders_are_reported_once(example: Example, sandbox: Sandbox) -> None:
    """The file of the example is reported as its README shows; once more changes nothing."""
    assert example.run(COMMAND) == README
    assert README in (example.folder / "README.md").read_text(encoding="utf-8")
    assert example.run(COMMAND).count("known already") == 4
    assert "Mary Jane HAVN-MJ-001 5 % 500.00 ¢ 500 ¢" in sandbox.page_of("pay_1001")


def test_a_bad_order_keeps_nobody_back(example: Example, sandbox: Sandbox) -> None:
    """Orders that can't be reported are named with their rows; all others are reported."""
    orders = example.folder / "orders.csv"
    text = orders.read_text(encoding="utf-8")
    orders.write_text(text.replace("1500000,IDR", "many,IDR").replace("80.00,USD,100.00", "80.00,USD,60.00"))
    printed = example.run(COMMAND, code=1)
    assert "row 2, pay_1002: amount: is not a decimal number" in printed
    assert "row 3, pay_1003: subtotal_transaction" in printed
    assert "2 of 4 orders" in printed
    assert list(sandbox.reported()) == ["pay_1001", "pay_1004"]


def test_test_mode_stores_nothing(example: Example, sandbox: Sandbox) -> None:
    """With --test-mode HAVN answers as usual, and keeps nothing."""
    assert example.run(COMMAND, "--test-mode").endswith("4 of 4 orders would be with HAVN\n")
    assert "known already" not in example.run(COMMAND)
    assert len(sandbox.reported()) == 4


def test_what_havn_records_as_failed_is_no_success(example: Example, sandbox: Sandbox) -> None:
    """An order that HAVN has stored as FAILED is named; the others are reported."""

    def fail(answer: dict[str, Any]) -> None:
        if answer["transaction"]["currency"] == "IDR":
            answer["transaction"]["status"] = "FAILED"

    with sandbox.saying(fail) as address:
        printed = example.run(COMMAND, code=1, HAVN_BASE_URL=address)
    assert "row 2, pay_1002: HAVN recorded it as FAILED" in printed
    assert "3 of 4 orders are with HAVN" in printed


@pytest.mark.parametrize(
    ("text", "credentials", "reason"),
    [
        (None, True, "No such file"),
        ("payment_id,email\n", True, "lacks the columns amount, currency"),
        ("", True, "lacks the columns"),
        ("\xff", True, "codec can't decode"),
        ("good", False, "webhook_secret: is missing"),
    ],
)
def test_wrong_use_is_said(example: Example, text: str | None, credentials: bool, reason: str) -> None:
    """A file that is missing or none, and missing credentials, end with usage and exit code 2."""
    orders = example.folder / "orders.csv"
    if text is None:
        orders.unlink()
    elif text != "good":
        orders.write_text(text, encoding="latin-1")
    changes = {} if credentials else {"HAVN_WEBHOOK_SECRET": None}
    assert reason in example.run(COMMAND, code=2, **changes)
