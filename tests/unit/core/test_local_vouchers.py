from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest

from havn_ext._local_vouchers import OTHER_NAMES, read_local_vouchers
from havn_ext.errors import HAVNValidationError
from havn_ext.models import Voucher

NOW = datetime(2024, 6, 15, 12, 0, tzinfo=UTC)

# A readable value for each field that a local voucher may have.
VALUES: dict[str, Any] = {
    "code": "LOCAL10",
    "serial": "7",
    "type": "DISCOUNT_FIXED",
    "value": 500,
    "min_purchase": 100,
    "max_purchase": 9000,
    "start_date": "2024-01-01",
    "end_date": "2024-12-31",
    "active": False,
    "client_type": "RECURRING",
    "description": "Ten off",
    "currency": "IDR",
    "usage_limit": 10,
    "current_usage": 3,
    "created_by": "shop",
    "created_date": "2023-12-31T10:00:00",
}
NAMES = [(field, other) for field, others in OTHER_NAMES.items() for other in others]


def read(*local: Any) -> list[Voucher]:
    """Local vouchers as they are at the moment of these tests."""
    return read_local_vouchers(local, NOW)


def errors_of(*local: Any) -> dict[str, str]:
    """What is wrong with local vouchers."""
    with pytest.raises(HAVNValidationError) as caught:
        read(*local)
    return caught.value.errors


@pytest.mark.parametrize("field", sorted(VALUES))
def test_every_field_has_havns_name(field: str) -> None:
    """A local voucher may be written in HAVN's own words."""
    (voucher,) = read({"code": "LOCAL", field: VALUES[field]})
    assert getattr(voucher, field) == VALUES[field]


def test_the_other_names_are_those_of_the_published_clients() -> None:
    """Each looser name of the contract is known."""
    assert sorted(other for _, other in NAMES) == [
        "created_at",
        "discount_value",
        "expires_at",
        "is_active",
        "max_usage",
        "max_uses",
        "maximum_amount",
        "minimum_amount",
        "name",
        "usage_count",
        "uses_count",
        "valid_from",
        "valid_until",
        "voucher_code",
    ]


@pytest.mark.parametrize(("field", "other"), NAMES)
def test_every_field_has_its_looser_names(field: str, other: str) -> None:
    """A looser name means the same field."""
    given = {other: VALUES[field]} if field == "code" else {"code": "LOCAL", other: VALUES[field]}
    (voucher,) = read(given)
    assert getattr(voucher, field) == VALUES[field]


@pytest.mark.parametrize(("field", "other"), NAMES)
def test_havns_name_wins(field: str, other: str) -> None:
    """Of two names for one field HAVN's counts, unless it holds None."""
    unreadable = object()
    (voucher,) = read({"code": "LOCAL", field: VALUES[field], other: unreadable})
    assert getattr(voucher, field) == VALUES[field]
    (voucher,) = read(
        {"code": "LOCAL", field: None, other: VALUES[field]} | ({} if field != "code" else {"code": None})
    )
    assert getattr(voucher, field) == VALUES[field]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (date(2024, 6, 15), "2024-06-15"),
        (datetime(2024, 6, 15, 10, 30), "2024-06-15T10:30:00"),  # noqa: DTZ001  a naive one is the case
        (datetime(2024, 6, 15, 10, 30, tzinfo=UTC), "2024-06-15T10:30:00+00:00"),
        (datetime(2024, 6, 15, tzinfo=timezone(timedelta(hours=7))), "2024-06-15T00:00:00+07:00"),
        ("2024-06-15T10:30:00Z", "2024-06-15T10:30:00Z"),
    ],
)
@pytest.mark.parametrize("field", ["start_date", "end_date", "created_date"])
def test_dates_may_be_objects(field: str, given: object, kept: str) -> None:
    """A date or datetime of the caller's is kept as ISO 8601 text."""
    (voucher,) = read({"code": "LOCAL", field: given})
    assert getattr(voucher, field) == kept


@pytest.mark.parametrize("field", ["value", "min_purchase", "max_purchase", "usage_limit", "current_usage"])
@pytest.mark.parametrize("given", [500, Decimal(500), Decimal("500.00"), Decimal("5E+2")])
def test_numbers_may_be_decimals(field: str, given: object) -> None:
    """A whole Decimal, as databases give it, is an int."""
    (voucher,) = read({"code": "LOCAL", field: given})
    assert (getattr(voucher, field), type(getattr(voucher, field))) == (500, int)


def test_a_local_voucher_is_on_unless_it_says_otherwise() -> None:
    """Applications without a switch mean every voucher."""
    (voucher,) = read({"code": "LOCAL"})
    assert (voucher.active, voucher.is_valid, voucher.is_expired, voucher.remaining_usage) == (
        True,
        True,
        False,
        None,
    )


@pytest.mark.parametrize(
    ("limit", "used", "left", "valid"), [(3, None, 3, True), (3, 2, 1, True), (3, 3, 0, False), (3, 4, 0, False)]
)
def test_uses_left_are_counted(limit: int, used: int | None, left: int, valid: bool) -> None:
    """What remains of a limit is computed, and is never below nothing."""
    (voucher,) = read({"code": "LOCAL", "max_uses": limit, "uses_count": used})
    assert (voucher.remaining_usage, voucher.is_valid) == (left, valid)


def test_a_voucher_is_judged_at_the_moment_given() -> None:
    """A voucher past its end is expired and invalid, whatever it claims."""
    for local in (
        {"code": "LOCAL", "valid_until": "2024-06-14"},
        Voucher(code="L", end_date="2024-06-14", is_valid=True),
    ):
        (voucher,) = read(local)
        assert (voucher.is_expired, voucher.is_valid) == (True, False)


def test_the_callers_entry_is_kept_whole() -> None:
    """`raw` holds the mapping as it was given, unknown names included; any mapping will do."""
    given = {"voucher_code": "LOCAL", "colour": "red", 7: None}
    (voucher,) = read(MappingProxyType(given))
    assert voucher.raw == given


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        *[(field, 5, "must be a str, not int") for field in ("code", "serial", "type", "client_type", "currency")],
        *[(field, b"x", "must be a str, not bytes") for field in ("description", "created_by")],
        *[
            (field, value, "whole number")
            for field in ("value", "min_purchase", "max_purchase", "usage_limit", "current_usage")
            for value in (
                1.5,
                1.0,
                "1",
                True,
                Decimal("0.5"),
                *map(Decimal, ("NaN", "sNaN", "Infinity", "-Infinity")),
            )
        ],
        *[
            (field, value, "must be a date")
            for field in ("start_date", "end_date", "created_date")
            for value in ("soon", "", 20240101, 1.5)
        ],
        *[("active", value, "must be True or False") for value in (1, "true", 0)],
        ("code", "", "is required"),
        ("code", None, "is required"),
    ],
)
def test_a_bad_value_is_named_by_position_and_field(field: str, value: object, reason: str) -> None:
    """What can't be read is named by the place of its voucher and by HAVN's name of the field."""
    errors = errors_of({"code": "FINE"}, {"code": "LOCAL", field: value})
    assert list(errors) == [f"local_vouchers[1].{field}"]
    assert reason in errors[f"local_vouchers[1].{field}"]


@pytest.mark.parametrize(("item", "kind"), [("LOCAL10", "str"), (None, "NoneType"), (5, "int"), (["code"], "list")])
def test_an_entry_is_a_mapping_or_a_voucher(item: object, kind: str) -> None:
    """An entry of another kind is named by its position."""
    assert errors_of({"code": "A"}, item) == {"local_vouchers[1]": f"must be a mapping or a Voucher, not {kind}"}


def test_everything_wrong_is_named_at_once() -> None:
    """One error lists every fault of every voucher."""
    assert list(
        errors_of({"value": 1.5}, {"code": "FINE"}, 5, {"code": "A", "is_active": 1, "expires_at": "x"})
    ) == [
        "local_vouchers[0].value",
        "local_vouchers[0].code",
        "local_vouchers[2]",
        "local_vouchers[3].end_date",
        "local_vouchers[3].active",
    ]


@pytest.mark.parametrize("local", [None, 5, "LOCAL10", {"code": "LOCAL10"}])
def test_local_vouchers_are_a_list(local: Any) -> None:
    """A callback that gives no list of vouchers is named, as the wrong entries of one are."""
    with pytest.raises(HAVNValidationError) as caught:
        read_local_vouchers(local, NOW)
    assert list(caught.value.errors) == ["local_vouchers"]


def test_any_iterable_of_vouchers_will_do() -> None:
    """A generator, such as a database cursor, is read once."""
    codes = ["A", "B"]
    read_ones = read_local_vouchers(({"code": code} for code in codes), NOW)
    assert [voucher.code for voucher in read_ones] == codes
