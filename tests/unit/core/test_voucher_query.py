from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from havn_api.models.currency import CURRENCY_VALUES
from havn_api.models.sort_order import SORT_ORDER_VALUES
from havn_api.models.voucher_client_type import VOUCHER_CLIENT_TYPE_VALUES
from havn_api.models.voucher_sort_by import VOUCHER_SORT_BY_VALUES
from havn_api.models.voucher_type import VOUCHER_TYPE_VALUES
from havn_ext._checks import Problems
from havn_ext._voucher_query import _CHECKS, checked_query
from havn_ext.vouchers import VoucherQuery

WIB = timezone(timedelta(hours=7))

FLAGS = ("active", "is_valid", "is_expired")
WORDS: dict[str, set[Any]] = {
    "type": {*VOUCHER_TYPE_VALUES},
    "client_type": {*VOUCHER_CLIENT_TYPE_VALUES},
    "currency": {*CURRENCY_VALUES},
    "display_currency": {*CURRENCY_VALUES},
    "sort_by": {*VOUCHER_SORT_BY_VALUES},
    "sort_order": {*SORT_ORDER_VALUES},
}
DAYS = ("start_date_from", "start_date_to", "end_date_from", "end_date_to")
MOMENTS = ("created_from", "created_to")
NUMBERS = ("min_value", "max_value", "min_purchase_from", "min_purchase_to", "usage_limit_from", "usage_limit_to")


def check(**query: object) -> tuple[dict[str, Any], dict[str, str]]:
    """A checked query, and what is wrong with it."""
    problems = Problems()
    return checked_query(query, problems), problems.errors


def test_there_is_a_check_for_every_filter() -> None:
    """Every name of `VoucherQuery` has a check and a case here, and there are no others."""
    assert set(_CHECKS) == set(VoucherQuery.__annotations__)
    assert set(_CHECKS) == {*FLAGS, *WORDS, *DAYS, *MOMENTS, *NUMBERS, "search"}


@pytest.mark.parametrize("name", sorted(_CHECKS))
def test_none_is_left_out(name: str) -> None:
    """A filter that is None is not asked for."""
    assert check(**{name: None}) == ({}, {})


@pytest.mark.parametrize(
    ("name", "given", "wire"),
    [
        *[(name, flag, flag) for name in FLAGS for flag in (True, False)],
        *[(name, word, word) for name, words in WORDS.items() for word in sorted(words)],
        *[(name, number, number) for name in NUMBERS for number in (0, 1, 10**12)],
        ("search", "summer", "summer"),
        *[
            (name, given, day)
            for name in DAYS
            for given, day in (
                (date(2024, 6, 15), date(2024, 6, 15)),
                ("2024-06-15", date(2024, 6, 15)),
                (" 2024-06-15\n", date(2024, 6, 15)),
                (datetime(2024, 6, 15, 3, tzinfo=WIB), date(2024, 6, 14)),
                ("2024-06-15T03:00:00+07:00", date(2024, 6, 14)),
                ("2024-06-15T23:59:59", date(2024, 6, 15)),
            )
        ],
        *[
            (name, given, moment)
            for name in MOMENTS
            for given, moment in (
                (date(2024, 6, 15), date(2024, 6, 15)),
                ("2024-06-15", date(2024, 6, 15)),
                ("2024-06-15T10:00:00", datetime(2024, 6, 15, 10, tzinfo=UTC)),
                (datetime(2024, 6, 15, 10), datetime(2024, 6, 15, 10, tzinfo=UTC)),  # noqa: DTZ001  naive is the case
                (datetime(2024, 6, 15, 10, tzinfo=WIB), datetime(2024, 6, 15, 10, tzinfo=WIB)),
            )
        ],
    ],
)
def test_a_right_filter_goes_on_the_wire(name: str, given: object, wire: object) -> None:
    """Each accepted form of a filter is what the wire has for it."""
    checked, errors = check(**{name: given})
    assert (checked, type(checked[name]), errors) == ({name: wire}, type(wire), {})


@pytest.mark.parametrize(
    ("name", "given", "reason"),
    [
        *[(name, given, "must be True or False") for name in FLAGS for given in (1, 0, "true")],
        *[(name, given, "must be a str, not int") for name in WORDS for given in (1,)],
        *[(name, given, "must be one of") for name in WORDS for given in ("nonsense", "\x00", "Desc")],
        *[(name, given, "must be an int") for name in NUMBERS for given in (1.0, "1", True)],
        *[(name, -1, "must be at least 0") for name in NUMBERS],
        ("search", 5, "must be a str, not int"),
        *[
            (name, given, "must be a date")
            for name in (*DAYS, *MOMENTS)
            for given in ("soon", "15.06.2024", "2024-02-30", 20240615, 1.5, b"2024-06-15")
        ],
        *[(name, "0001-01-01T00:00:00+14:00", "before the year 1 or after 9999") for name in DAYS],
        *[(name, "9999-12-31T23:59:59-01:00", "before the year 1 or after 9999") for name in DAYS],
    ],
)
def test_a_wrong_filter_is_refused(name: str, given: object, reason: str) -> None:
    """A filter that HAVN could not read is named, with what it must be."""
    checked, errors = check(**{name: given})
    assert checked == {}
    assert list(errors) == [name]
    assert reason in errors[name]


def test_an_unknown_filter_is_refused() -> None:
    """A misspelt filter is named, with every filter that there is."""
    checked, errors = check(curency="USD", active=True)
    assert checked == {"active": True}
    assert list(errors) == ["curency"]
    assert all(name in errors["curency"] for name in VoucherQuery.__annotations__)


def test_everything_wrong_is_named_at_once() -> None:
    """One error lists every filter that is wrong."""
    _, errors = check(active=1, min_value=-1, sort_by="price", end_date_to="never", other=None)
    assert list(errors) == ["active", "min_value", "sort_by", "end_date_to", "other"]
