from __future__ import annotations

from fractions import Fraction
from math import floor
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sandbox_support import REFERRAL, TRANSACTION, Caller, sale

from havn_ext.sandbox import conversion
from havn_ext.sandbox.spec import operations

if TYPE_CHECKING:
    from havn_ext.sandbox.store import CompanyData

CURRENCIES = st.sampled_from(sorted(conversion.DEFAULT_RATES))
DIGITS = {"IDR": 0, "JPY": 0, "KRW": 0, "VND": 0}

tables_are_only_read = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def major(amount: int, currency: str) -> Fraction:
    """Minor units as units of the currency."""
    return Fraction(amount, 10 ** DIGITS.get(currency, 2))


@tables_are_only_read
@given(amount=st.integers(0, 1_000_000_000), source=CURRENCIES, target=CURRENCIES)
def test_conversion_is_exact_to_the_last_unit(data: CompanyData, amount: int, source: str, target: str) -> None:
    """Any currency converts into any other as fractions say, rounded half up once at the end."""
    rates = {currency: Fraction(rate) for currency, rate in conversion.DEFAULT_RATES.items()}
    exact = major(amount, source) * rates[source] / rates[target] * 10 ** DIGITS.get(target, 2)
    assert conversion.between(data, amount, source, target) == floor(exact + Fraction(1, 2))


@tables_are_only_read
@given(amount=st.integers(0, 1_000_000_000), currency=CURRENCIES)
def test_us_cents_are_a_conversion_like_any_other(data: CompanyData, amount: int, currency: str) -> None:
    """Converting to US cents and converting to USD are the same."""
    assert conversion.usd_cents(data, amount, currency) == conversion.between(data, amount, currency, "USD")


def test_every_currency_of_the_contract_has_a_rate() -> None:
    """The FX table knows exactly the currencies that a request may name."""
    listing = next(each for each in operations() if each.operation_id == "listVouchers")
    currency = next(each for each in listing.parameters if each.name == "currency")
    assert set(conversion.DEFAULT_RATES) == set(currency.schema.definition["enum"])


def test_havn_converts_a_raw_amount(havn: Caller) -> None:
    """With server_side_conversion commissions are in US cents and the transaction keeps the raw amount."""
    body = sale(amount=1_000_000, currency="IDR", server_side_conversion=True, referral_code=REFERRAL)
    answer = havn.post(TRANSACTION, body).json()
    assert answer["transaction"]["amount"] == 1_000_000
    assert answer["transaction"]["currency"] == "IDR"
    assert answer["commissions"][0]["amount"] == 313  # 5 % of 62.50 dollars, 312.5 cents, half up
    assert answer["currency"] == "USD"


def test_without_conversion_any_amount_is_read_as_us_cents(havn: Caller) -> None:
    """A currency other than USD without server_side_conversion counts as US cents, and the answer warns."""
    answer = havn.post(TRANSACTION, sale(amount=10000, currency="IDR", referral_code=REFERRAL)).json()
    assert answer["commissions"][0]["amount"] == 500
    assert "IDR without server_side_conversion was read as US cents" in answer["message"]


def converted(amount: int = 6250, **fields: object) -> dict[str, Any]:
    """A sale of a million rupiah that the client converted to US cents by itself."""
    custom = {"original_amount": 1_000_000, "original_currency": "IDR", "exchange_rate": "0.0000625", **fields}
    return sale(amount=amount, referral_code=REFERRAL, custom_fields=custom)


def test_an_exact_conversion_of_the_client_counts(havn: Caller) -> None:
    """A client's own conversion that comes to HAVN's cent pays commissions."""
    answer = havn.post(TRANSACTION, converted()).json()
    assert answer["transaction"]["status"] == "success"
    assert answer["commissions"][0]["amount"] == 313


@pytest.mark.parametrize(
    "body",
    [
        converted(6249),
        converted(6251),
        converted(original_amount="1000001x"),
        converted(original_amount=True),
        converted(original_amount=1_000_000.5),
        converted(original_amount=-1_000_000),
        converted(original_amount=10**4000),
        converted(original_amount=1e300),
        converted(original_currency="XXX"),
        converted(original_currency=7),
        converted(original_subtotal=2_000_000) | {"subtotal_transaction": 6250},
    ],
    ids=lambda body: str(body["custom_fields"])[:60],
)
def test_a_conversion_off_by_a_cent_fails(havn: Caller, body: dict[str, Any]) -> None:
    """Anything but HAVN's exact cent leaves the transaction FAILED: recorded, and nothing distributed."""
    response = havn.post(TRANSACTION, body)
    answer = response.json()
    assert response.status_code == 201
    assert answer["transaction"]["status"] == "FAILED"
    assert answer["commissions"] == []
    assert answer["commission_distributed"] is False
    assert "conversion is not exact" in answer["message"]


@pytest.mark.parametrize(
    "body",
    [
        converted(original_amount="1000000"),
        converted(original_amount=1_000_000.0),
        converted(original_currency="idr"),
        converted(original_subtotal=2_000_000),  # nothing to compare it with
        converted(original_subtotal=1_000_000) | {"subtotal_transaction": 6250},
        sale(custom_fields={"original_amount": 1}),
        sale(custom_fields={"original_currency": "IDR"}),
        converted(1) | {"server_side_conversion": True},
    ],
    ids=lambda body: str(body["custom_fields"])[:60],
)
def test_a_conversion_that_is_exact_or_absent_succeeds(havn: Caller, body: dict[str, Any]) -> None:
    """Numbers and digit strings both count; with half of the fields, or HAVN's own conversion, none is checked."""
    assert havn.post(TRANSACTION, body).json()["transaction"]["status"] == "success"


def test_a_failed_conversion_uses_no_voucher(havn: Caller) -> None:
    """The voucher of a FAILED transaction keeps its use."""
    code = "HAVN-AQNEO-S08-LIMIT5"
    answer = havn.post(TRANSACTION, converted(1) | {"promo_code": code}).json()
    assert answer["transaction"]["status"] == "FAILED"
    listed = havn.get(params={"search": code}).json()["data"]
    assert listed[0]["current_usage"] == 0


def test_a_failed_transaction_is_answered_again(havn: Caller) -> None:
    """Repeating a FAILED transaction answers the same failure; it does not try again."""
    first = havn.post(TRANSACTION, converted(1))
    again = havn.post(TRANSACTION, converted(1))
    assert again.json() == first.json()
    assert again.status_code == 200
