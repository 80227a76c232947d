from __future__ import annotations

from datetime import UTC, date, datetime, time
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import amounts, days, discounting_vouchers, moments, vouchers

from havn_api.models.voucher_sort_by import VOUCHER_SORT_BY_VALUES
from havn_ext import vouchers as rules
from havn_ext.models import Voucher
from havn_ext.vouchers import VoucherQuery, discount, is_expired, is_usable, matches, ordered, parse_date

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

small = st.integers(0, 6)
bounds = days | moments

# Every filter of `VoucherQuery`, and what it may ask for.
ASKED: Final[Mapping[str, st.SearchStrategy[Any]]] = {
    **dict.fromkeys(("active", "is_valid", "is_expired"), st.booleans()),
    "type": st.sampled_from(["DISCOUNT_PERCENTAGE", "DISCOUNT_FIXED"]),
    "client_type": st.sampled_from(["NEW_CUSTOMER", "RECURRING"]),
    "currency": st.sampled_from(["USD", "IDR"]),
    "search": st.sampled_from(["local10", "sale", "STRASSE", "nothing like it"]),
    **dict.fromkeys(("start_date_from", "start_date_to", "end_date_from", "end_date_to"), days),
    **dict.fromkeys(("created_from", "created_to"), bounds),
    **dict.fromkeys(
        (
            "min_value",
            "max_value",
            "min_purchase_from",
            "min_purchase_to",
            "usage_limit_from",
            "usage_limit_to",
        ),
        small,
    ),
}
NO_FILTERS = {"sort_by", "sort_order", "display_currency"}


def day_begins(value: date | str | None) -> datetime | None:
    """The first moment of a date, in UTC; a date-time is its own."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value) if len(value) > len("2024-01-01") else date.fromisoformat(value)
        except ValueError:
            return None
    if value is None or isinstance(value, datetime):
        return value and (value if value.tzinfo else value.replace(tzinfo=UTC))
    return datetime.combine(value, time(0, 0, 0, 0, UTC))


def day_ends(value: date) -> datetime:
    """The last moment of a date, in UTC; a date-time is its own."""
    return value if isinstance(value, datetime) else datetime.combine(value, time(23, 59, 59, 999_999, UTC))


def since(own: str | None, bound: date) -> bool:
    """Whether a date lies in or after another one."""
    first, lowest = day_begins(own), day_begins(bound)
    return first is not None and lowest is not None and first >= lowest


def until(own: str | None, bound: date) -> bool:
    """Whether a date lies before or in another one."""
    first = day_begins(own)
    return first is not None and first <= day_ends(bound)


def at_least(own: int | None, bound: int) -> bool:
    """Whether there is a number, and it is not below a bound."""
    return own is not None and own >= bound


def at_most(own: int | None, bound: int) -> bool:
    """Whether there is a number, and it is not above a bound."""
    return own is not None and own <= bound


# What each filter asks for, by the words of the contract.
MEANING: Final[Mapping[str, Callable[[Voucher, Any, datetime], bool]]] = {
    "active": lambda voucher, wanted, _: voucher.active is wanted,
    "type": lambda voucher, wanted, _: voucher.type == wanted,
    "client_type": lambda voucher, wanted, _: voucher.client_type == wanted,
    "currency": lambda voucher, wanted, _: wanted == (voucher.configured_currency or voucher.currency),
    "search": lambda voucher, wanted, _: (
        wanted.casefold() in f"{voucher.code or ''}\n{voucher.description or ''}".casefold()
    ),
    "is_valid": lambda voucher, wanted, now: is_usable(voucher, now) is wanted,
    "is_expired": lambda voucher, wanted, now: is_expired(voucher, now) is wanted,
    "start_date_from": lambda voucher, wanted, _: since(voucher.start_date, wanted),
    "start_date_to": lambda voucher, wanted, _: until(voucher.start_date, wanted),
    "end_date_from": lambda voucher, wanted, _: since(voucher.end_date, wanted),
    "end_date_to": lambda voucher, wanted, _: until(voucher.end_date, wanted),
    "created_from": lambda voucher, wanted, _: since(voucher.created_date, wanted),
    "created_to": lambda voucher, wanted, _: until(voucher.created_date, wanted),
    "min_value": lambda voucher, wanted, _: at_least(voucher.value, wanted),
    "max_value": lambda voucher, wanted, _: at_most(voucher.value, wanted),
    "min_purchase_from": lambda voucher, wanted, _: at_least(voucher.min_purchase, wanted),
    "min_purchase_to": lambda voucher, wanted, _: at_most(voucher.min_purchase, wanted),
    "usage_limit_from": lambda voucher, wanted, _: at_least(voucher.usage_limit, wanted),
    "usage_limit_to": lambda voucher, wanted, _: at_most(voucher.usage_limit, wanted),
}


# ── discounts ────────────────────────────────────────────────────────────────────────────────────


@given(voucher=discounting_vouchers(), subtotal=amounts)
def test_a_discount_never_exceeds_the_price(voucher: Voucher, subtotal: int) -> None:
    """A discount is a whole number from nothing to the price."""
    off = discount(voucher, subtotal)
    assert type(off) is int
    assert 0 <= off <= subtotal


@given(voucher=discounting_vouchers(), subtotal=amounts)
def test_beyond_its_bounds_a_voucher_takes_nothing_off(voucher: Voucher, subtotal: int) -> None:
    """Below the smallest and above the largest purchase the discount is nothing."""
    too_small = voucher.min_purchase is not None and subtotal < voucher.min_purchase
    too_large = voucher.max_purchase is not None and subtotal > voucher.max_purchase
    if too_small or too_large:
        assert discount(voucher, subtotal) == 0


@given(value=st.integers(0, 10_000), subtotal=amounts)
def test_a_percentage_is_exact_half_up(value: int, subtotal: int) -> None:
    """A share is the only integer d with d - 1/2 <= exact value < d + 1/2."""
    off = discount(Voucher(type="DISCOUNT_PERCENTAGE", value=value), subtotal)
    exact = Fraction(subtotal * value, 10_000)
    assert off - Fraction(1, 2) <= exact < off + Fraction(1, 2)


@given(value=st.integers(0, 20_000), subtotal=amounts, more=amounts, share=st.integers(0, 20_000))
def test_a_percentage_is_monotonic(value: int, subtotal: int, more: int, share: int) -> None:
    """A higher price or a higher share never takes less off."""
    off = discount(Voucher(type="DISCOUNT_PERCENTAGE", value=value), subtotal)
    assert off <= discount(Voucher(type="DISCOUNT_PERCENTAGE", value=value), subtotal + more)
    assert off <= discount(Voucher(type="DISCOUNT_PERCENTAGE", value=value + share), subtotal)


# ── use ──────────────────────────────────────────────────────────────────────────────────────────


@given(voucher=vouchers, now=moments, limit=small, beyond=small)
def test_a_used_up_voucher_is_never_offered(voucher: Voucher, now: datetime, limit: int, beyond: int) -> None:
    """A voucher at its usage limit is never offered."""
    used_up = attrs.evolve(voucher, usage_limit=limit, current_usage=limit + beyond)
    assert not is_usable(used_up, now)
    assert not matches(used_up, {"is_valid": True}, now)


@given(voucher=vouchers, now=moments)
def test_an_expired_voucher_is_never_usable(voucher: Voucher, now: datetime) -> None:
    """What is past its end can't be used."""
    assert not (is_expired(voucher, now) and is_usable(voucher, now))


@given(voucher=vouchers, now=moments, later=moments)
def test_an_expired_voucher_stays_expired(voucher: Voucher, now: datetime, later: datetime) -> None:
    """No later moment brings a voucher back, in whichever zone it is told."""
    now, later = sorted([now, later])
    assert is_expired(voucher, later) or not is_expired(voucher, now)


# ── filters ──────────────────────────────────────────────────────────────────────────────────────


def test_every_filter_is_asked_for() -> None:
    """The table of this file knows every name of `VoucherQuery`, and so do the rules."""
    assert set(ASKED) | NO_FILTERS == set(VoucherQuery.__annotations__)
    assert set(ASKED) == set(rules._FILTERS)


@pytest.mark.parametrize("name", sorted(ASKED))
@given(data=st.data(), voucher=vouchers, now=moments)
def test_a_filter_lets_through_what_it_asks_for(
    name: str, data: st.DataObject, voucher: Voucher, now: datetime
) -> None:
    """A filter lets a voucher through exactly when the contract's words say so."""
    wanted = data.draw(ASKED[name])
    assert matches(voucher, {name: wanted}, now) is MEANING[name](voucher, wanted, now)


@pytest.mark.parametrize("name", sorted(ASKED.keys() - {"is_valid", "is_expired"}))
@given(data=st.data(), now=moments)
def test_a_voucher_that_lacks_the_value_never_matches(name: str, data: st.DataObject, now: datetime) -> None:
    """Whatever is asked of a value, a voucher without it is not among the answers."""
    assert not matches(Voucher(), {name: data.draw(ASKED[name])}, now)


@given(voucher=vouchers, query=st.fixed_dictionaries({}, optional=dict(ASKED)), now=moments)
def test_filters_add_up(voucher: Voucher, query: dict[str, Any], now: datetime) -> None:
    """A query lets through what each of its filters lets through."""
    each = [matches(voucher, {name: wanted}, now) for name, wanted in query.items()]
    assert matches(voucher, query, now) is all(each)


# ── order ────────────────────────────────────────────────────────────────────────────────────────


def value_of(voucher: Voucher, sort_by: str) -> Any:
    """What a voucher is sorted by."""
    value = getattr(voucher, sort_by)
    if sort_by == "end_date" and value is not None and (parsed := parse_date(value)) is not None:
        return day_ends(parsed) if not isinstance(parsed, datetime) else day_begins(parsed)
    return day_begins(value) if sort_by in {"start_date", "created_date", "end_date"} else value


def test_every_sort_key_of_the_contract_is_known() -> None:
    """Whatever the contract sorts by, local vouchers are sorted by."""
    assert set(rules._SORT_KEYS) == VOUCHER_SORT_BY_VALUES


@pytest.mark.parametrize("sort_by", sorted(VOUCHER_SORT_BY_VALUES))
@given(listed=st.lists(vouchers, max_size=8), order=st.sampled_from(["asc", "desc", None]))
def test_sorting(sort_by: str, listed: list[Voucher], order: str | None) -> None:
    """Sorting loses nothing, puts what lacks the value last, orders the rest, and keeps equals as they were."""
    position = {id(voucher): at for at, voucher in enumerate(listed)}
    sorted_ = ordered(listed, sort_by, order)
    assert sorted(map(id, sorted_)) == sorted(map(id, listed))
    keys = [value_of(voucher, sort_by) for voucher in sorted_]
    present = [key for key in keys if key is not None]
    assert keys == present + [None] * (len(keys) - len(present))
    for (one, key), (other, following) in pairwise(zip(sorted_, keys, strict=True)):
        if key == following:
            assert position[id(one)] < position[id(other)]
        elif following is not None:
            assert (key < following) is (order == "asc")


@given(text=st.text(st.characters()) | st.text("0123456789-:TWZ+. ", max_size=32))
def test_reading_a_date_never_fails(text: str) -> None:
    """Any text is a date, a date-time or neither."""
    assert parse_date(text) is None or isinstance(parse_date(text), date)
