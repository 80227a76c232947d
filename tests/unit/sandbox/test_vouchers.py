from __future__ import annotations

from contextlib import nullcontext
from datetime import UTC, datetime
from typing import Any

import attrs
import pytest
from sandbox_support import FIXED_VOUCHER, PERCENT_VOUCHER, VALIDATE, Caller, rules

from havn_ext.sandbox import vouchers
from havn_ext.sandbox.messages import RefusedError
from havn_ext.sandbox.store import CompanyData
from havn_ext.sandbox.vouchers import Voucher

VOUCHER = Voucher(
    serial="vch_001",
    associate_id="asc_001",
    code="HAVN-A-B-C",
    type="DISCOUNT_PERCENTAGE",
    value=1000,
    currency="USD",
    usage_limit=None,
    current_usage=0,
    min_purchase=None,
    max_purchase=None,
    start_date=None,
    end_date=None,
    active=True,
    client_type=None,
    description="",
    created_date="2024-01-01T00:00:00Z",
)


def at(text: str) -> datetime:
    """A moment in UTC."""
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(
    ("end_date", "now", "expired"),
    [
        ("2024-06-01", "2024-06-01T23:59:59.999999Z", False),
        ("2024-06-01", "2024-06-02T00:00:00Z", True),
        ("2024-06-01T12:00:00Z", "2024-06-01T12:00:00Z", False),
        ("2024-06-01T12:00:00Z", "2024-06-01T12:00:01Z", True),
        ("2024-06-01T12:00:00+07:00", "2024-06-01T05:00:01Z", True),
        (None, "9999-12-31T00:00:00Z", False),
    ],
)
def test_an_end(end_date: str | None, now: str, expired: bool) -> None:
    """A voucher ends with its last day in UTC, or just after its last moment; without an end never."""
    voucher = attrs.evolve(VOUCHER, end_date=end_date)
    assert voucher.is_expired(at(now)) is expired
    assert voucher.is_valid(at(now)) is not expired


@pytest.mark.parametrize(
    ("start_date", "now", "started"),
    [
        ("2024-06-01", "2024-05-31T23:59:59Z", False),
        ("2024-06-01", "2024-06-01T00:00:00Z", True),
        ("2024-06-01T12:00:00Z", "2024-06-01T11:59:59Z", False),
        (None, "0001-01-01T00:00:00Z", True),
    ],
)
def test_a_start(start_date: str | None, now: str, started: bool) -> None:
    """A voucher starts with its first day in UTC, or in its first moment."""
    voucher = attrs.evolve(VOUCHER, start_date=start_date)
    assert voucher.has_started(at(now)) is started
    assert voucher.is_valid(at(now)) is started


@pytest.mark.parametrize(
    ("limit", "used", "remaining", "percentage", "valid"),
    [
        (None, 7, None, None, True),
        (3, 0, 3, 0.0, True),
        (3, 1, 2, 33.33, True),
        (3, 3, 0, 100.0, False),
        (0, 0, 0, None, False),
    ],
)
def test_usage(limit: int | None, used: int, remaining: int | None, percentage: float | None, valid: bool) -> None:
    """Uses left and the share spent follow from the limit; a voucher at its limit cannot be used."""
    voucher = attrs.evolve(VOUCHER, usage_limit=limit, current_usage=used)
    assert (voucher.remaining_usage, voucher.usage_percentage) == (remaining, percentage)
    assert voucher.is_valid(at("2024-06-01T00:00:00Z")) is valid


@pytest.mark.parametrize(
    ("client_type", "customer_type", "accepted"),
    [
        (None, "NEW_CUSTOMER", True),
        (None, "RECURRING", True),
        ("NEW_CUSTOMER", "NEW_CUSTOMER", True),
        ("NEW_CUSTOMER", "RETURNING_CUSTOMER", False),
        ("NEW_CUSTOMER", "RECURRING", False),
        ("RECURRING", "NEW_CUSTOMER", False),
        ("RECURRING", "RETURNING_CUSTOMER", True),
        ("RECURRING", "RECURRING", True),
    ],
)
def test_the_customers_that_a_voucher_is_meant_for(
    client_type: str | None, customer_type: str, accepted: bool
) -> None:
    """A voucher for recurring customers is good for returning ones, whatever the two are called."""
    voucher = attrs.evolve(VOUCHER, client_type=client_type)
    with nullcontext() if accepted else pytest.raises(RefusedError, match="other customers"):
        vouchers.check_customer(voucher, customer_type, path="/promo_code")


def test_a_use_beyond_the_limit_is_refused_by_the_count_itself(havn: Caller) -> None:
    """Even who has read an older state of the voucher cannot use it beyond its limit."""
    assert havn.app is not None
    data = CompanyData(havn.app.state.store, 1)
    stale = vouchers.find(data, "HAVN-AQNEO-S08-LIMIT5", path="/promo_code")
    for _ in range(5):
        vouchers.use(data, stale, path="/promo_code")
    with pytest.raises(RefusedError, match="used up"):
        vouchers.use(data, stale, path="/promo_code")


@pytest.mark.parametrize(
    ("body", "status", "faults"),
    [
        ({"voucher_code": PERCENT_VOUCHER}, 200, None),
        ({"voucher_code": PERCENT_VOUCHER.lower()}, 200, None),
        ({"voucher_code": "HAVN-NO-SUCH"}, 404, [("/voucher_code", "unknown_voucher")]),
        ({"voucher_code": "HAVN-AQNEO-S08-EXPIRED"}, 400, [("/voucher_code", "voucher_expired")]),
        ({"voucher_code": "HAVN-AQNEO-S08-USEDUP"}, 400, [("/voucher_code", "voucher_used_up")]),
        ({"voucher_code": "HAVN-AQNEO-S08-INACTIVE"}, 400, [("/voucher_code", "voucher_inactive")]),
        ({"voucher_code": "HAVN-AQNEO-S08-NEWONLY"}, 200, None),
        ({"voucher_code": FIXED_VOUCHER, "amount": 2000}, 200, None),
        ({"voucher_code": FIXED_VOUCHER, "amount": 50000.0}, 200, None),
        ({"voucher_code": FIXED_VOUCHER, "amount": 1999}, 422, [("/amount", "voucher_min_purchase")]),
        ({"voucher_code": FIXED_VOUCHER, "amount": 50001}, 422, [("/amount", "voucher_max_purchase")]),
        ({"voucher_code": FIXED_VOUCHER, "amount": 320_000, "currency": "IDR"}, 200, None),
        (
            {"voucher_code": FIXED_VOUCHER, "amount": 319_000, "currency": "IDR"},
            422,
            [("/amount", "voucher_min_purchase")],
        ),
    ],
)
def test_validation(havn: Caller, body: dict[str, Any], status: int, faults: list[tuple[str, str]] | None) -> None:
    """200 usable, 404 unknown, 400 unusable, 422 amount out of terms, converted where currencies differ."""
    response = havn.post(VALIDATE, body)
    assert response.status_code == status
    assert (response.json()["message"] == "Voucher is valid") if faults is None else (rules(response) == faults)


def test_validation_uses_nothing_up(havn: Caller) -> None:
    """A voucher is as good after a thousand checks as before."""
    for _ in range(6):
        havn.post(VALIDATE, {"voucher_code": "HAVN-AQNEO-S08-LIMIT5"})
    assert havn.get(params={"search": "LIMIT5"}).json()["data"][0]["remaining_usage"] == 5


def test_a_voucher_follows_the_clock(havn: Caller, clock: Any) -> None:
    """Validity is of the moment: the voucher that has expired now was good before its end."""
    clock.now = datetime(2020, 12, 31, 23, 59, 59, tzinfo=UTC)
    assert havn.post(VALIDATE, {"voucher_code": "HAVN-AQNEO-S08-EXPIRED"}).status_code == 200
    clock.advance(1)
    assert havn.post(VALIDATE, {"voucher_code": "HAVN-AQNEO-S08-EXPIRED"}).status_code == 400
    clock.now = datetime(2019, 12, 31, tzinfo=UTC)
    assert rules(havn.post(VALIDATE, {"voucher_code": PERCENT_VOUCHER})) == [
        ("/voucher_code", "voucher_not_started")
    ]
