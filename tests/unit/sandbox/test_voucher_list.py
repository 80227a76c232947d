from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sandbox_support import FIXED_VOUCHER, Caller, StillClock, rules, sandbox_in_process

from havn_ext.sandbox.companies import Company, open_data
from havn_ext.sandbox.spec import operations
from havn_ext.sandbox.voucher_list import FILTERS
from havn_ext.sandbox.vouchers import Voucher

NOW = datetime(2024, 6, 1, 8, 30, tzinfo=UTC)
DAYS = ["2024-05-31", "2024-06-01", "2024-06-02"]
SMALL = st.integers(0, 3)
COMMON = {
    "active": st.booleans(),
    "type": st.sampled_from(["DISCOUNT_PERCENTAGE", "DISCOUNT_FIXED"]),
    "client_type": st.sampled_from(["NEW_CUSTOMER", "RECURRING"]),
    "currency": st.sampled_from(["USD", "IDR", "JPY"]),
}
VOUCHER = st.fixed_dictionaries(
    {
        **COMMON,
        "client_type": st.none() | COMMON["client_type"],
        "value": SMALL,
        "usage_limit": st.none() | SMALL,
        "min_purchase": st.none() | SMALL,
        "max_purchase": st.none() | SMALL,
        "start_date": st.none() | st.sampled_from([*DAYS, "2024-06-01T08:30:00Z"]),
        "end_date": st.none() | st.sampled_from([*DAYS, "2024-06-01T08:29:59Z"]),
        "description": st.sampled_from(["Summer Sale", "winter", ""]),
        "created_date": st.sampled_from([f"{day}T12:00:00Z" for day in DAYS]),
    }
)
DATE_FILTERS = ["start_date_from", "start_date_to", "end_date_from", "end_date_to"]
NUMBER_FILTERS = [
    "min_value",
    "max_value",
    "min_purchase_from",
    "min_purchase_to",
    "usage_limit_from",
    "usage_limit_to",
]
SORT_KEYS = [
    "code",
    "type",
    "value",
    "start_date",
    "end_date",
    "created_date",
    "current_usage",
    "usage_limit",
    "min_purchase",
]
QUERY = st.fixed_dictionaries(
    {},
    optional={
        **COMMON,
        **{name: st.sampled_from(DAYS) for name in DATE_FILTERS},
        **{name: st.sampled_from([*DAYS, "2024-06-01T12:00:00Z"]) for name in ("created_from", "created_to")},
        **dict.fromkeys(NUMBER_FILTERS, SMALL),
        "search": st.sampled_from(["summer", "WINTER", "code-1", "zzz"]),
        "is_valid": st.booleans(),
        "is_expired": st.booleans(),
        "sort_by": st.sampled_from(SORT_KEYS),
        "sort_order": st.sampled_from(["asc", "desc"]),
        "page": st.integers(1, 3),
        "per_page": st.integers(1, 5),
    },
)


def moment(text: str, end: bool) -> str:
    """A date or moment as a text that sorts as time does."""
    if "T" in text:
        return text.replace("Z", ".000000")
    return text + ("T23:59:59.999999" if end else "T00:00:00.000000")


def oracle(voucher: dict[str, Any], query: dict[str, Any]) -> bool:
    """Whether a voucher belongs to the list, said a second time and in another way: texts in place of times."""
    now = moment("2024-06-01T08:30:00Z", end=False)
    start = voucher["start_date"] and moment(voucher["start_date"], end=False)
    end = voucher["end_date"] and moment(voucher["end_date"], end=True)
    created = moment(voucher["created_date"], end=False)
    expired = end is not None and end < now
    used_up = voucher["usage_limit"] == 0
    valid = voucher["active"] and not expired and not used_up and (start is None or start <= now)
    exact = {**voucher, "is_valid": valid, "is_expired": expired}
    ranges = {
        "start_date": start,
        "end_date": end,
        "created": created,
        "min_purchase": voucher["min_purchase"],
        "usage_limit": voucher["usage_limit"],
        "min_value": voucher["value"],
        "max_value": voucher["value"],
    }
    for name, wanted in query.items():
        stem = name.removesuffix("_from").removesuffix("_to")
        if name == "search":
            text = (voucher["code"] + " " + voucher["description"]).lower()
            fits = wanted.lower() in text
        elif name in exact and name not in ranges:
            fits = exact[name] == wanted
        elif stem in ranges:
            lower = name.endswith("_from") or name == "min_value"
            bound = moment(wanted, end=not lower) if isinstance(wanted, str) else wanted
            value = ranges[stem]
            fits = value is not None and (value >= bound if lower else value <= bound)
        else:
            continue
        if not fits:
            return False
    return True


def listed(having: list[dict[str, Any]], query: dict[str, Any]) -> dict[str, Any]:
    """The answer of a sandbox whose company has these vouchers."""
    clock = StillClock()
    clock.now = NOW
    with sandbox_in_process(seed="none", clock=clock) as havn:
        assert havn.app is not None
        store = havn.app.state.store
        data = open_data(store, Company(havn.key, havn.secret))
        data.insert("associates", id="asc_1", name="A", referral_code="HAVN-A-001", role="owner")
        for number, voucher in enumerate(having):
            data.insert("vouchers", **voucher, serial=f"vch_{number}", associate_id="asc_1")
        response = havn.get(params={k: str(v).lower() if isinstance(v, bool) else v for k, v in query.items()})
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body


@given(st.lists(VOUCHER, max_size=8), QUERY)
def test_a_list_is_what_its_filters_say(vouchers: list[dict[str, Any]], query: dict[str, Any]) -> None:
    """Every filter, order and page agrees with a second telling of the rules."""
    having = [{**each, "code": f"CODE-{n}"} for n, each in enumerate(vouchers)]
    expected = [each for each in having if oracle(each, query)]
    key = query.get("sort_by", "created_date")
    with_value = [each for each in expected if _sort_value(each, key) is not None]
    without = [each for each in expected if _sort_value(each, key) is None]
    descending = query.get("sort_order", "desc") == "desc"
    ordered = sorted(with_value, key=lambda each: _sort_value(each, key), reverse=descending) + without
    page, per_page = query.get("page", 1), query.get("per_page", 10)
    answer = listed(having, query)
    assert [each["code"] for each in answer["data"]] == [
        each["code"] for each in ordered[(page - 1) * per_page :][:per_page]
    ]
    assert answer["pagination"] == {
        "page": page,
        "limit": per_page,
        "per_page": per_page,
        "total": len(expected),
        "total_pages": -(-len(expected) // per_page),
        "has_prev": page > 1,
        "has_next": len(ordered) > page * per_page,
    }


def _sort_value(voucher: dict[str, Any], key: str) -> Any:
    value = voucher.get(key, 0)
    if value is not None and key in {"start_date", "end_date", "created_date"}:
        return moment(value, end=key == "end_date")
    return value


def test_every_filter_of_the_contract_is_applied() -> None:
    """No query parameter of the contract is accepted and then ignored."""
    listing = next(each for each in operations() if each.operation_id == "listVouchers")
    parameters = {each.name for each in listing.parameters if each.location == "query"}
    assert parameters - set(FILTERS) == {"page", "per_page", "sort_by", "sort_order", "display_currency"}


def test_the_demo_vouchers(havn: Caller) -> None:
    """Unless asked otherwise the list is by creation, newest first, ten on a page."""
    answer = havn.get().json()
    codes = [each["code"].rpartition("-")[2] for each in answer["data"]]
    assert codes == ["RUPIAH", "LIMIT5", "NEWONLY", "FIXED", "INACTIVE", "USEDUP", "EXPIRED", "ABC123"]


def test_a_voucher_is_shown_in_full(havn: Caller) -> None:
    """Every field of the contract is there, with what follows from the clock and the use."""
    voucher = havn.get(params={"search": "usedup"}).json()["data"][0]
    assert voucher["associate"]["referral_code"] == "HAVN-MJ-001"
    assert voucher["affiliates_url"] == f"https://shop.example/login?ref=HAVN-MJ-001&vc={voucher['code']}"
    assert (voucher["is_valid"], voucher["is_expired"]) == (False, False)
    assert (voucher["remaining_usage"], voucher["usage_percentage"]) == (0, 100.0)
    assert (voucher["currency"], voucher["configured_currency"], voucher["display_currency"]) == ("USD",) * 3
    listing = next(each for each in operations() if each.operation_id == "listVouchers")
    schema = listing.replies["200"].body.definition["properties"]["data"]["items"]
    assert set(voucher) == set(schema["properties"])


def test_amounts_in_another_currency(havn: Caller) -> None:
    """display_currency converts the bounds and a fixed value, never a percentage, and says so."""
    query = {"display_currency": "IDR", "sort_by": "code", "sort_order": "asc"}
    shown = {each["code"]: each for each in havn.get(params=query).json()["data"]}
    fixed = shown[FIXED_VOUCHER]
    assert (fixed["value"], fixed["min_purchase"], fixed["max_purchase"]) == (80000, 320_000, 8_000_000)
    assert (fixed["currency"], fixed["configured_currency"], fixed["display_currency"]) == ("IDR", "USD", "IDR")
    assert shown["HAVN-AQNEO-S08-ABC123"]["value"] == 2000
    assert shown["HAVN-AQNEO-S08-RUPIAH"]["value"] == 50000


@pytest.mark.parametrize("text", ["2016-12-31T23:59:60Z", "0000-01-01"])
def test_a_moment_that_cannot_be_held_is_refused(havn: Caller, text: str) -> None:
    """A leap second and the year 0 are good RFC 3339, but no moment for the sandbox: 400, never a 500."""
    response = havn.get(params={"created_from": text})
    assert response.status_code == 400
    assert rules(response) == [("/created_from", "moment")]


@pytest.mark.parametrize("text", ["2020-01-01t00:00:00z", "2020-01-01T07:00:00+07:00", "2020-01-01"])
def test_moments_in_every_spelling(havn: Caller, text: str) -> None:
    """Lower case and offsets are as good as a Z."""
    assert havn.get(params={"created_from": text}).json()["pagination"]["total"] == 8
    assert havn.get(params={"created_to": text}).json()["pagination"]["total"] == 1


def test_the_pages_make_up_the_list(havn: Caller) -> None:
    """Page after page comes every voucher, once and in the order of the whole list."""
    whole = havn.get(params={"per_page": 100}).json()["data"]
    pages = [havn.get(params={"page": page, "per_page": 2}).json() for page in range(1, len(whole) // 2 + 2)]
    assert [voucher for page in pages for voucher in page["data"]] == whole
    assert len(whole) > 4
    assert len(pages[1]["data"]) == 2


def test_a_page_beyond_the_last_is_empty(havn: Caller) -> None:
    """There is nothing on it, and there is something before it."""
    answer = havn.get(params={"page": 10**17}).json()
    assert answer["data"] == []
    assert (answer["pagination"]["has_prev"], answer["pagination"]["has_next"]) == (True, False)


def test_every_field_of_a_voucher_is_a_column(havn: Caller) -> None:
    """The record and the table agree, so none is lost between them."""
    assert havn.app is not None
    columns = havn.app.state.store.connection.execute("SELECT * FROM vouchers").fetchone()
    assert {field.name for field in attrs.fields(Voucher)} == set(columns) - {"company"}
