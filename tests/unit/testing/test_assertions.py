"""The assertions: they hold when they should, and say what is nearly right when not."""

from __future__ import annotations

from typing import Any
from unittest.mock import ANY

import pytest
from hypothesis import given
from hypothesis import strategies as st

from havn_ext.testing import SentRequest, assert_not_sent, assert_sent, assert_transaction_reported


def sale(status: int | None = 201, **fields: Any) -> SentRequest:
    """The record of a transaction."""
    body = {"amount": 10000, "payment_gateway_transaction_id": "pay_1", "referral_code": "HAVN-MJ-001", **fields}
    return SentRequest(
        "POST", "/api/v1/webhook/transaction", "sendTransaction", {}, body, {}, attempt=1, status=status
    )


def listing(**query: Any) -> SentRequest:
    """The record of a list of vouchers."""
    return SentRequest("GET", "/api/v1/webhook/vouchers", "listVouchers", query, None, {}, attempt=1, status=200)


NAMES = st.sampled_from(["amount", "currency", "page", "email"])
VALUES = st.integers(0, 2) | st.sampled_from(["USD", "IDR"])
FIELDS = st.dictionaries(NAMES, VALUES)


def test_the_first_match_is_given() -> None:
    """An assertion that holds gives the request that it holds for."""
    records = [sale(amount=1), sale(amount=2, description="first"), sale(amount=2)]
    assert assert_sent(records, operation="sendTransaction", amount=2) is records[1]


def test_fields_of_the_query_count_like_fields_of_the_body() -> None:
    """What a GET asks for is asserted in the same way."""
    assert_sent([listing(page=2)], operation="listVouchers", page=2)


def test_none_is_a_field_that_was_not_sent() -> None:
    """None holds for an absent field, and for no other."""
    assert_sent([sale()], promo_code=None)
    with pytest.raises(AssertionError, match="amount: expected nothing, actual 10000"):
        assert_sent([sale()], amount=None)


def test_what_equals_everything_holds() -> None:
    """Fields are compared by `==`, so that matchers can be expected."""
    assert_sent([sale()], amount=ANY)


def test_the_near_miss_is_shown() -> None:
    """A failure shows the closest request, and each field that differs, expected and actual."""
    records = [listing(), sale(amount=1, referral_code="HAVN-XX-001"), sale(amount=9900)]
    with pytest.raises(AssertionError) as failure:
        assert_sent(records, operation="sendTransaction", amount=10000, referral_code="HAVN-MJ-001")
    assert str(failure.value).splitlines() == [
        (
            "no request was sent with operation='sendTransaction', amount=10000, referral_code='HAVN-MJ-001';"
            " the closest of 3:"
        ),
        "  sendTransaction (POST /api/v1/webhook/transaction), attempt 1, answered 201",
        "    amount: expected 10000, actual 9900",
    ]


def test_nothing_sent_is_said_so() -> None:
    """Without any request there is nothing near."""
    with pytest.raises(AssertionError, match=r"^no request was sent with anything: none was sent at all$"):
        assert_sent([])


def test_another_operation_is_the_furthest() -> None:
    """A request of the right operation is closer than one of another, however many fields differ."""
    records = [listing(amount=1, currency="USD"), sale(None, amount=3, currency="IDR")]
    with pytest.raises(AssertionError, match=r"\n  sendTransaction .*, no answer\n"):
        assert_sent(records, operation="sendTransaction", amount=1, currency="USD")


@pytest.mark.parametrize("check", [assert_sent, assert_not_sent])
def test_an_operation_must_exist(check: Any) -> None:
    """A misspelt operation is an error of the test, with the right names."""
    with pytest.raises(
        ValueError, match=r"one of createLoginLink, listVouchers, sendTransaction.*'send_transaction'"
    ):
        check([sale()], operation="send_transaction")


def test_what_must_not_be_sent_is_shown() -> None:
    """A request that should not be there fails the assertion, which shows it."""
    assert_not_sent([sale()], operation="sendTransaction", amount=1)
    with pytest.raises(AssertionError, match=r"^sent with amount=10000:\n  sendTransaction .*, answered 201$"):
        assert_not_sent([sale()], amount=10000)


@pytest.mark.parametrize("status", [200, 201])
def test_a_success_is_a_report(status: int) -> None:
    """A transaction is reported once HAVN has said so, be it for the first time or again."""
    record = sale(status)
    assert assert_transaction_reported([record], payment_id="pay_1", amount=10000) is record


@pytest.mark.parametrize(("status", "shown"), [(None, "nothing"), (503, "503"), (409, "409")])
def test_a_failure_is_no_report(status: int | None, shown: str) -> None:
    """A transaction that HAVN has not accepted is not reported, and the message says what came instead."""
    with pytest.raises(AssertionError, match=f"status: expected a success, actual {shown}"):
        assert_transaction_reported([sale(status)], payment_id="pay_1")


@given(st.lists(FIELDS, max_size=4), FIELDS)
def test_either_one_matches_or_each_difference_is_told(
    sent: list[dict[str, Any]], expected: dict[str, Any]
) -> None:
    """For all requests: the assertion holds if and only if one is as expected; else all that differs is named."""
    records = [listing(**fields) for fields in sent]
    wrong = [{name for name in expected if fields.get(name) != expected[name]} for fields in sent]
    if any(not names for names in wrong):
        assert_sent(records, **expected)
        with pytest.raises(AssertionError):
            assert_not_sent(records, **expected)
        return
    assert_not_sent(records, **expected)
    with pytest.raises(AssertionError) as failure:
        assert_sent(records, **expected)
    named = {line.strip().partition(":")[0] for line in str(failure.value).splitlines()[2:]}
    assert named == (min(wrong, key=len) if wrong else set())
