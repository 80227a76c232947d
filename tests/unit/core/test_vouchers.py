from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from havn_ext.errors import HAVNValidationError
from havn_ext.models import Voucher
from havn_ext.vouchers import (
    discount,
    is_expired,
    is_havn_voucher_code,
    is_usable,
    is_valid_referral_code,
    matches,
    ordered,
    parse_date,
)

NOW = datetime(2024, 6, 15, 12, 0, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
WIB = timezone(timedelta(hours=7))


@pytest.mark.parametrize(
    ("code", "ours"),
    [
        ("HAVN-AQNEO-S08-ABC123", True),
        ("havn-aqneo-s08-abc123", True),
        ("Havn-x", True),
        ("HAVN-", True),
        ("HAVN", False),
        ("HAVN_X", False),
        (" HAVN-X", False),
        ("XHAVN-1", False),
        ("LOCAL10", False),
        ("ＨＡＶＮ-X", False),  # noqa: RUF001  full-width letters are the case
        ("", False),
        (None, False),
    ],
)
def test_a_havn_voucher_begins_with_the_prefix(code: str | None, ours: bool) -> None:
    """A voucher is HAVN's if its code begins with `HAVN-`, in any case."""
    assert is_havn_voucher_code(code) is ours
    assert Voucher(code=code).is_havn is ours


@pytest.mark.parametrize(
    ("code", "valid"),
    [
        ("HAVN-MJ-001", True),
        ("havn-mj-001", True),
        ("HAVN-A-001", True),
        ("HAVN-ABCDEFGHIJ-001", True),
        ("HAVN-MJ-" + "1" * 42, True),
        ("HAVN-MJ-" + "1" * 43, False),
        ("HAVN-ABCDEFGHIJK-001", False),
        ("HAVN-MJ-01", False),
        ("HAVN--001", False),
        ("HAVN-MJ-001\n", False),
        (" HAVN-MJ-001", False),
        ("HAVN-MJ-001 ", False),
        ("HAVN-M1-001", False),
        ("HAVN-MJ-00A", False),
        ("HAVN-MJ-\u0660\u0660\u0661", False),
        ("HAVN-ÉA-001", False),
        ("HAVN-ß-001", False),
        ("HAVN-\u0131-001", False),
        ("HAVN-AQNEO-S08-ABC123", False),
        ("SHOP-MJ-001", False),
        ("", False),
        (None, False),
    ],
)
def test_a_referral_code_has_one_form(code: str | None, valid: bool) -> None:
    """A referral code is `HAVN-`, one to ten ASCII letters, `-` and three or more ASCII digits, fifty in all."""
    assert is_valid_referral_code(code) is valid


@pytest.mark.parametrize(
    ("kind", "value", "subtotal", "off"),
    [
        ("DISCOUNT_PERCENTAGE", 2000, 10_000, 2000),
        ("DISCOUNT_PERCENTAGE", 2500, 2, 1),  # 0.5
        ("DISCOUNT_PERCENTAGE", 2499, 2, 0),
        ("DISCOUNT_PERCENTAGE", 10_000, 999, 999),
        ("DISCOUNT_PERCENTAGE", 15_000, 999, 999),
        ("DISCOUNT_FIXED", 500, 10_000, 500),
        ("DISCOUNT_FIXED", 500, 499, 499),
        ("DISCOUNT_FIXED", 0, 499, 0),
    ],
)
def test_a_discount_is_exact(kind: str, value: int, subtotal: int, off: int) -> None:
    """A percentage is rounded half up, a fixed amount stays, and neither exceeds the price."""
    voucher = Voucher(type=kind, value=value)
    assert discount(voucher, subtotal) == voucher.discount_for(subtotal) == off


@pytest.mark.parametrize(("subtotal", "off"), [(99, 0), (100, 10), (200, 10), (201, 0)])
def test_the_bounds_of_a_purchase_belong_to_it(subtotal: int, off: int) -> None:
    """A voucher is good for its smallest and its largest purchase, and takes nothing off beyond them."""
    assert discount(Voucher(type="DISCOUNT_FIXED", value=10, min_purchase=100, max_purchase=200), subtotal) == off


@pytest.mark.parametrize("subtotal", [-1, 1.0, True, "100", None])
def test_a_subtotal_is_an_amount(subtotal: Any) -> None:
    """What is no whole number of minor units has no discount."""
    with pytest.raises(HAVNValidationError) as caught:
        discount(Voucher(type="DISCOUNT_FIXED", value=10), subtotal)
    assert caught.value.errors == {"subtotal": "must be a whole number of minor units, 0 or more"}


@pytest.mark.parametrize(
    "voucher",
    [
        Voucher(),
        Voucher(type="DISCOUNT_FIXED"),
        Voucher(value=10),
        Voucher(type="BUY_ONE_GET_ONE", value=10),
        Voucher(type="discount_fixed", value=10),
        Voucher(type="DISCOUNT_FIXED", value=-1),
    ],
)
def test_an_unknown_discount_is_not_guessed(voucher: Voucher) -> None:
    """A type or value that the SDK does not know is an error, not a discount of nothing."""
    with pytest.raises(HAVNValidationError, match="no known discount") as caught:
        discount(voucher, 100)
    assert list(caught.value.errors) == ["voucher"]


@pytest.mark.parametrize(
    ("end", "last"),
    [
        ("2024-06-15", datetime(2024, 6, 15, 23, 59, 59, 999_999, tzinfo=UTC)),
        ("2024-06-15T12:00:00Z", NOW),
        ("2024-06-15T12:00:00", NOW),
        ("2024-06-15 12:00:00", NOW),
        (" 2024-06-15T12:00:00Z\n", NOW),
        ("2024-06-15T19:00:00+07:00", NOW),
        ("2024-06-15T12:00:00Z", NOW.astimezone(WIB)),
    ],
)
def test_a_voucher_lasts_until_its_end(end: str, last: datetime) -> None:
    """An end is the last moment of use; a day lasts until it is over in UTC, and a naive time is UTC."""
    voucher = Voucher(end_date=end)
    assert (is_expired(voucher, last), is_expired(voucher, last + MICROSECOND)) == (False, True)
    assert (is_usable(voucher, last), is_usable(voucher, last + MICROSECOND)) == (True, False)


@pytest.mark.parametrize(
    ("start", "first"),
    [
        ("2024-06-15", datetime(2024, 6, 15, tzinfo=UTC)),
        ("2024-06-15T12:00:00Z", NOW),
        ("2024-06-15T12:00:00", NOW),
        ("2024-06-15T19:00:00+07:00", NOW),
    ],
)
def test_a_voucher_begins_with_its_start(start: str, first: datetime) -> None:
    """A start is the first moment of use; a day begins at midnight UTC."""
    voucher = Voucher(start_date=start)
    assert (voucher.usable_at(first - MICROSECOND), voucher.usable_at(first)) == (False, True)


@pytest.mark.parametrize("end", [None, "soon", "", "2024-02-30"])
def test_an_end_that_cannot_be_read_is_none(end: str | None) -> None:
    """A voucher without a readable end never expires."""
    assert not is_expired(Voucher(end_date=end), datetime.max.replace(tzinfo=UTC))


@pytest.mark.parametrize(
    ("voucher", "usable"),
    [
        (Voucher(), True),
        (Voucher(active=True), True),
        (Voucher(active=False), False),
        (Voucher(usage_limit=1), True),
        (Voucher(usage_limit=1, current_usage=0), True),
        (Voucher(usage_limit=1, current_usage=1), False),
        (Voucher(usage_limit=1, current_usage=2), False),
        (Voucher(usage_limit=0), False),
        (Voucher(current_usage=10**6), True),
    ],
)
def test_a_voucher_is_usable_while_on_and_not_used_up(voucher: Voucher, usable: bool) -> None:
    """Only the switch, the limit and the dates keep a voucher from use."""
    assert is_usable(voucher, NOW) is usable


@pytest.mark.parametrize("wanted", ["locAL", "OFF", "strasse", "STRASSE", "ß"])
def test_search_knows_no_case(wanted: str) -> None:
    """Text is found in the code or the description, whatever its case."""
    assert matches(Voucher(code="LOCAL10", description="Ten off in Hauptstraße"), {"search": wanted}, NOW)


@pytest.mark.parametrize("voucher", [Voucher(code="LOCAL"), Voucher(description="Local"), Voucher()])
@pytest.mark.parametrize("wanted", ["x", "xx", "none"])
def test_search_finds_nothing_in_what_is_not_there(voucher: Voucher, wanted: str) -> None:
    """A voucher that lacks a code or a description is not found by it."""
    assert not matches(voucher, {"search": wanted}, NOW)


def test_a_filter_that_is_none_asks_for_nothing() -> None:
    """None is the same as leaving the filter out, and what only sorts or shows is no filter."""
    query = {"active": None, "search": None, "sort_by": "code", "sort_order": "asc", "display_currency": "IDR"}
    assert matches(Voucher(), query, NOW)


def test_the_configured_currency_counts() -> None:
    """A voucher is found by the currency that it was configured in, not the one that it is shown in."""
    voucher = Voucher(configured_currency="IDR", currency="USD")
    assert matches(voucher, {"currency": "IDR"}, NOW)
    assert not matches(voucher, {"currency": "USD"}, NOW)


def test_the_order_of_no_sort_is_the_order_given() -> None:
    """Without `sort_by` nothing moves."""
    listed = [Voucher(code="B"), Voucher(code="A")]
    assert ordered(iter(listed), None) == listed


@pytest.mark.parametrize(
    ("order", "codes"),
    [("asc", ["a", "b", "c", "-"]), ("desc", ["c", "b", "a", "-"]), (None, ["c", "b", "a", "-"])],
)
def test_a_day_ends_after_its_moments(order: str | None, codes: list[str]) -> None:
    """Sorted by end, a day stands where it is over; descending is the default."""
    listed = [
        Voucher(code="-"),
        Voucher(code="c", end_date="2024-06-16T00:00:00Z"),
        Voucher(code="a", end_date="2024-06-15T23:00:00Z"),
        Voucher(code="b", end_date="2024-06-15"),
    ]
    assert [voucher.code for voucher in ordered(listed, "end_date", order)] == codes


@pytest.mark.parametrize("text", ["", "soon", "2024-13-01", "2024-06-15T25:00", "\ud800", "2024-06-15T12:00+25:00"])
def test_what_is_no_date_is_none(text: str) -> None:
    """Text that is not ISO 8601 is no date, and no error."""
    assert parse_date(text) is None
