from __future__ import annotations

from decimal import Decimal, localcontext
from typing import Any

import pytest

from havn_api.models import TransactionRequest
from havn_ext import _reading as reading
from havn_ext import models

SENT = TransactionRequest(amount=10_000, payment_gateway_transaction_id="txn", currency="EUR")


def transaction(raw: dict[str, Any], subtotal: int | None = None) -> models.TransactionResult:
    """The result of a transaction that was answered by `raw`."""
    return reading.transaction_result(raw, SENT, subtotal, "req_1", replayed=False)


def commission(raw: dict[str, Any]) -> models.Commission:
    """The only commission of an answer."""
    (found,) = transaction({"commissions": [raw]}).commissions
    return found


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (5, Decimal(5)),
        (0.05, Decimal("0.05")),
        ("0.05", Decimal("0.05")),
        (" 5 ", Decimal(5)),
        ("1E+30", Decimal("1E+30")),
        ("1E+31", None),
        ("1E-31", None),
        ("0E+999999999", None),
        (float("inf"), None),
        (float("nan"), None),
        ("NaN", None),
        ("five", None),
        ("", None),
        (True, None),
        (None, None),
        ([5], None),
        pytest.param(10**5000, None, id="long"),
    ],
)
def test_a_number_is_exact_or_none(value: object, read: Decimal | None) -> None:
    """A number is the Decimal of what HAVN wrote; what is none, or a monster, is None."""
    assert reading.number(value) == read


@pytest.mark.parametrize(
    ("value", "read"),
    [
        *[(value, 500) for value in (500, 500.0, "500", "500.00", "5E+2")],
        (10**40, 10**40),
        *[(value, None) for value in (500.5, "500.5", True, None, "1e999999", float("inf"), b"5", "")],
    ],
)
def test_an_integer_may_be_written_as_a_number(value: object, read: int | None) -> None:
    """A whole number is an int however HAVN writes it, and nothing is rounded."""
    assert (reading.integer(value), type(reading.integer(value))) == (read, type(read))


@pytest.mark.parametrize(
    ("raw", "rate", "percentage"),
    [
        ({"percentage": 5.0}, "0.05", "5"),
        ({"rate": 0.05}, "0.05", "5"),
        ({"rate": 0.05, "percentage": None}, "0.05", "5"),
        ({"rate": "0.0525"}, "0.0525", "5.25"),
        ({"rate": 0.05, "percentage": 5.0}, "0.05", "5"),
        ({"rate": 0.05, "percentage": 7}, "0.05", "7"),
        ({"percentage": 0}, "0", "0"),
    ],
)
def test_a_share_is_there_in_both_forms(raw: dict[str, Any], rate: str, percentage: str) -> None:
    """A commission has its rate and its percentage, whichever HAVN sent; sent ones stay as they are."""
    found = commission(raw)
    assert (found.rate, found.percentage) == (Decimal(rate), Decimal(percentage))


def test_a_share_is_exact_in_any_decimal_context() -> None:
    """A program that counts with few figures reads the same share."""
    with localcontext(prec=2):
        found = commission({"rate": 0.0525}), commission({"percentage": 5.25})
    assert [each.percentage for each in found] == [Decimal("5.25")] * 2
    assert [each.rate for each in found] == [Decimal("0.0525")] * 2


def test_a_commission_without_a_share_has_none() -> None:
    """Where HAVN says neither, nothing is made up but the cents and their currency."""
    assert commission({}) == models.Commission(amount=0, currency="USD")


def test_an_empty_answer_is_filled_from_what_was_sent() -> None:
    """Amount, currency and subtotal are the caller's where HAVN names none; what was not said is not known."""
    result = transaction({}, subtotal=12_500)
    assert result.transaction == models.Transaction(amount=10_000, currency="EUR", subtotal_transaction=12_500)
    assert result == models.TransactionResult(transaction=result.transaction, request_id="req_1")


def test_havns_own_words_win() -> None:
    """What HAVN says of a transaction beats what was sent."""
    answer = {
        "transaction": {"amount": 5000, "currency": "USD", "subtotal_transaction": 6000.0, "status": "failed"}
    }
    found = transaction(answer, subtotal=12_500).transaction
    assert (found.amount, found.currency, found.subtotal_transaction, found.failed) == (5000, "USD", 6000, True)


def test_a_missing_total_is_added_up() -> None:
    """Total and distribution follow from the commissions where HAVN leaves them out, and only there."""
    commissions = [{}, "junk", {"amount": 500}, None, {"amount": 300.0}]
    result = transaction({"commissions": commissions})
    assert (result.total_commission, result.commission_distributed, len(result.commissions)) == (800, True, 3)
    result = transaction({"commissions": commissions, "total_commission": 7, "commission_distributed": False})
    assert (result.total_commission, result.commission_distributed) == (7, False)


@pytest.mark.parametrize(("answered", "success"), [(True, True), (False, False), (None, True), ("no", True)])
def test_an_answer_is_a_success_unless_it_says_no(answered: object, success: bool) -> None:
    """A 2xx status is a success; only `success: false` contradicts it."""
    raw = {"success": answered}
    results = transaction(raw), reading.user_sync_result(raw, None), reading.bulk_sync_result(raw, None)
    assert {result.success for result in (*results, reading.voucher_page(raw, None))} == {success}


def test_a_users_code_may_stand_with_the_associate() -> None:
    """The referral code is the answer's own, or else its associate's."""
    associate = {"referral_code": "HAVN-SE-002"}
    assert reading.user_sync_result({"associate": associate}, None).referral_code == "HAVN-SE-002"
    both = {"associate": associate, "referral_code": "HAVN-MJ-001"}
    assert reading.user_sync_result(both, None).referral_code == "HAVN-MJ-001"


@pytest.mark.parametrize(
    ("raw", "counts"),
    [
        ({}, (0, 0, 0)),
        ({"results": [{}, {}], "errors": [{}]}, (3, 2, 1)),
        ({"results": [{}], "summary": {"total": 5, "success": 3, "errors": 2}}, (5, 3, 2)),
        ({"results": [{}], "summary": {"total": 5, "success": 3, "failed": 2}}, (5, 3, 2)),
        ({"summary": {"errors": 0, "failed": 2}}, (0, 0, 0)),
        ({"summary": "none"}, (0, 0, 0)),
    ],
)
def test_a_bulk_call_is_counted(raw: dict[str, Any], counts: tuple[int, int, int]) -> None:
    """The counts are HAVN's, with either name for the failures, or else those of the lists."""
    summary = reading.bulk_sync_result(raw, None).summary
    assert (summary.total, summary.success, summary.errors) == counts


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ({"referral_code": "HAVN-A-001", "results": [{"referral_code": "HAVN-B-001"}]}, "HAVN-A-001"),
        ({"results": [{}, {"referral_code": "HAVN-B-001"}, {"referral_code": "HAVN-C-001"}]}, "HAVN-B-001"),
        ({"results": [{}]}, None),
    ],
)
def test_a_bulk_call_has_the_first_code(raw: dict[str, Any], code: str | None) -> None:
    """The code for the next batch is HAVN's, or else that of the first user who has one."""
    assert reading.bulk_sync_result(raw, None).referral_code == code


@pytest.mark.parametrize(
    ("raw", "place"),
    [
        ({}, (1, 10, 0, 0, False, False)),
        ({"page": 2, "limit": 20, "total": 41}, (2, 20, 41, 3, True, True)),
        ({"page": 3, "per_page": 20, "total": 41}, (3, 20, 41, 3, True, False)),
        ({"page": 1, "limit": 5, "per_page": 20, "total": 10}, (1, 5, 10, 2, False, True)),
        ({"page": 0, "limit": 0, "total": 11}, (1, 10, 11, 2, False, True)),
        ({"page": 1, "total_pages": 9, "has_next": False, "has_prev": True}, (1, 10, 0, 9, True, False)),
    ],
)
def test_a_page_knows_its_place(raw: dict[str, Any], place: tuple[int, int, int, int, bool, bool]) -> None:
    """What HAVN leaves out of a pagination follows from the rest."""
    found = reading.voucher_page({"pagination": raw}, None).pagination
    assert (found.page, found.per_page, found.total, found.total_pages, found.has_prev, found.has_next) == place
    assert found.limit == found.per_page


@pytest.mark.parametrize(("data", "total", "pages"), [([], 0, 0), ([{}, {}], 2, 1)])
def test_a_list_without_a_pagination_is_one_page(data: list[Any], total: int, pages: int) -> None:
    """A list that says nothing of pages is all there is."""
    found = reading.voucher_page({"data": data}, None).pagination
    assert (found.page, found.total, found.total_pages, found.has_next) == (1, total, pages, False)


@pytest.mark.parametrize(
    ("raw", "url"),
    [
        ({"data": {"redirect_url": "https://app.havn.com/login?token=t"}}, "https://app.havn.com/login?token=t"),
        *[({"data": {"redirect_url": url}}, None) for url in (None, 5, ["https://app.havn.com"])],
        *[({"data": data}, None) for data in (None, "https://app.havn.com", 5)],
        ({"data": {}}, None),
        ({}, None),
    ],
)
def test_a_login_link_is_its_address(raw: dict[str, Any], url: str | None) -> None:
    """The address is read from the link, and None when there is none."""
    assert reading.login_url(raw) == url
