"""The list of vouchers: each filter, order and page, against the client's own rules for local vouchers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from harness.spec import OPERATIONS, SPEC
from hypothesis import given, settings
from hypothesis import strategies as st

from havn_ext._reading import voucher_page
from havn_ext.vouchers import matches, ordered

if TYPE_CHECKING:
    from harness.target import Target

    from havn_ext.models import Voucher

SCHEMAS = SPEC["components"]["schemas"]
DAYS = st.sampled_from(["2019-12-31", "2020-01-01", "2020-01-03", "2020-01-05", "2020-12-31", "2021-01-01"])
FILTERS: dict[str, st.SearchStrategy[Any]] = {
    **dict.fromkeys(("active", "is_valid", "is_expired"), st.booleans()),
    "type": st.sampled_from(SCHEMAS["VoucherType"]["enum"]),
    "client_type": st.sampled_from(SCHEMAS["VoucherClientType"]["enum"]),
    "currency": st.sampled_from(["USD", "IDR", "EUR"]),
    "search": st.sampled_from(["", "s08", "USED", "five", "%", "_", "no such text"]),
    **dict.fromkeys(("start_date_from", "start_date_to", "end_date_from", "end_date_to"), DAYS),
    **dict.fromkeys(("created_from", "created_to"), DAYS | DAYS.map("{}T00:00:00Z".format)),
    **dict.fromkeys(("min_value", "max_value"), st.sampled_from([0, 500, 501, 1000, 2000, 50000, 10**30])),
    **dict.fromkeys(("min_purchase_from", "min_purchase_to"), st.sampled_from([0, 1999, 2000, 2001, 200000])),
    **dict.fromkeys(("usage_limit_from", "usage_limit_to"), st.sampled_from([0, 3, 4, 5, 100, 101])),
}
ORDER: dict[str, st.SearchStrategy[Any]] = {
    "sort_by": st.sampled_from(SCHEMAS["VoucherSortBy"]["enum"]),
    "sort_order": st.sampled_from(SCHEMAS["SortOrder"]["enum"]),
}
PAGE: dict[str, st.SearchStrategy[Any]] = {"page": st.integers(1, 5), "per_page": st.integers(1, 9)}
OF_DISPLAY = {"display_currency"}


def listed(shop: Target, **query: Any) -> tuple[list[Voucher], dict[str, Any]]:
    """The vouchers of a page, and what the answer says about the page."""
    sent = {name: str(value).lower() if isinstance(value, bool) else value for name, value in query.items()}
    exchange = shop.call("listVouchers", query=sent)
    assert exchange.status == 200, exchange.content
    return list(voucher_page(exchange.answer, None).data), exchange.answer["pagination"]


def everything(shop: Target) -> list[Voucher]:
    """All vouchers, in the order in which they were made."""
    return listed(shop, per_page=100, sort_by="created_date", sort_order="asc")[0]


def test_every_filter_is_tried() -> None:
    """No query parameter of the contract is left out here."""
    known = {each["name"] for each in OPERATIONS["listVouchers"].definition["parameters"] if each["in"] == "query"}
    assert {*FILTERS, *ORDER, *PAGE, *OF_DISPLAY} == known


@given(data=st.data())
def test_filters_keep_what_matches(shop: Target, data: st.DataObject) -> None:
    """A filtered list has every voucher that matches, once, and no other."""
    wanted = data.draw(st.fixed_dictionaries({}, optional=FILTERS))
    now = datetime.now(UTC)
    found, _ = listed(shop, **wanted, per_page=100)
    expected = [voucher.code for voucher in everything(shop) if matches(voucher, wanted, now)]
    assert sorted(str(voucher.code) for voucher in found) == sorted(map(str, expected))


@pytest.mark.parametrize("name", FILTERS)
def test_each_filter_tells_vouchers_apart(shop: Target, name: str) -> None:
    """Some value of each filter keeps some vouchers and not others, so a filter that is ignored is seen."""

    @given(value=FILTERS[name])
    def collect(value: object) -> None:
        found, _ = listed(shop, **{name: value}, per_page=100)
        counts.add(len(found))
        assert {voucher.code for voucher in found} == {
            voucher.code for voucher in everything(shop) if matches(voucher, {name: value}, datetime.now(UTC))
        }

    counts: set[int] = set()
    collect()
    assert len(counts) > 1


@given(order=st.fixed_dictionaries(ORDER))
def test_a_list_is_sorted_before_it_is_cut(shop: Target, order: dict[str, str]) -> None:
    """Vouchers come in the order asked for, those without the value last."""
    found, _ = listed(shop, **order, per_page=100)
    assert [voucher.code for voucher in found] == [voucher.code for voucher in ordered(everything(shop), **order)]


@settings(max_examples=30)
@given(order=st.fixed_dictionaries(ORDER), size=PAGE["per_page"])
def test_pages_make_the_whole_list(shop: Target, order: dict[str, str], size: int) -> None:
    """The pages one after the other are the list, nothing twice and nothing missing."""
    pages: list[Voucher] = []
    number, more = 1, True
    while more:
        found, place = listed(shop, **order, page=number, per_page=size)
        pages += found
        number, more = number + 1, place["has_next"]
    assert [voucher.code for voucher in pages] == [voucher.code for voucher in ordered(everything(shop), **order)]


@pytest.mark.parametrize("name", ["min_value", "max_value", "page", "usage_limit_to"])
def test_an_integer_may_have_many_digits(shop: Target, name: str) -> None:
    """A bound without a maximum in the contract has none."""
    listed(shop, **{name: 10**18})
    listed(shop, **{name: 10**30})


def test_amounts_are_shown_in_the_currency_asked_for(shop: Target) -> None:
    """`display_currency` converts amounts and names itself; a percentage and the configuration stay."""
    shown = {voucher.code: voucher for voucher in listed(shop, per_page=100, display_currency="IDR")[0]}
    fixed, percentage = shown["HAVN-AQNEO-S08-FIXED"], shown["HAVN-AQNEO-S08-ABC123"]
    assert (fixed.value, fixed.min_purchase, fixed.max_purchase) == (80_000, 320_000, 8_000_000)
    assert (fixed.currency, fixed.display_currency, fixed.configured_currency) == ("IDR", "IDR", "USD")
    assert percentage.value == 2000
