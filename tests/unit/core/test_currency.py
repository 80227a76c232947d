from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from havn_ext.currency import (
    Conversion,
    exchange_rate,
    minor_unit_digits,
    recorded_conversion,
    round_half_up,
    to_major_units,
    to_minor_units,
    to_usd_cents,
)
from havn_ext.errors import HAVNValidationError

NO_NUMBERS = [
    (99.99, "not float"),
    (True, "not bool"),
    (None, "not NoneType"),
    (b"1", "not bytes"),
    ("", "is not a decimal number"),
    ("12,50", "is not a decimal number"),
    ("ten", "is not a decimal number"),
    ("1E+9999999999999999999", "is not a decimal number"),
    (Decimal("NaN"), "finite"),
    ("sNaN", "finite"),
    ("Infinity", "finite"),
    (-Decimal("Infinity"), "finite"),
    ("1E+999999999", "too large"),
    ("0E+999999999", "too large"),
    (Decimal("1E-999999999"), "too small"),
    (10**21, "too large"),
    ("1." + "0" * 39 + "1", "too long"),
]


@pytest.mark.parametrize(
    ("currency", "digits"),
    [
        *[(code, 0) for code in ("IDR", "JPY", "KRW", "VND", "CLP", "ISK")],
        *[(code, 3) for code in ("BHD", "JOD", "KWD", "OMR", "TND")],
        *[(code, 2) for code in ("USD", "EUR", "GBP", "SGD", "MYR", "THB", "PHP", "CNY", "INR", "TWD")],
        ("idr", 0),
        ("Kwd", 3),
    ],
)
def test_minor_units_are_havns(currency: str, digits: int) -> None:
    """A currency has the decimals that HAVN counts, in any case."""
    assert minor_unit_digits(currency) == digits


@pytest.mark.parametrize("currency", ["", "US", "USDT", "US1", "U D", "ÜSD", "€€€", "IDR\n"])
def test_a_currency_is_three_letters(currency: str) -> None:
    """What is no code of three ASCII letters has no decimals to guess."""
    with pytest.raises(HAVNValidationError) as caught:
        minor_unit_digits(currency)
    assert caught.value.errors == {"currency": "must be a code of three letters, such as IDR"}


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("99.99", "USD", 9999),
        (Decimal("99.9"), "USD", 9990),
        (150_000, "IDR", 150_000),
        ("150000.00", "IDR", 150_000),
        ("1.5E+5", "IDR", 150_000),
        ("1.234", "KWD", 1234),
        ("-0.01", "USD", -1),
        ("-0", "USD", 0),
        (10**20, "USD", 10**22),
    ],
)
def test_whole_units_become_minor_units(amount: Decimal | str | int, currency: str, minor: int) -> None:
    """An amount in units of a currency has one number of minor units."""
    assert to_minor_units(amount, currency) == minor


@pytest.mark.parametrize(
    ("amount", "currency"), [("0.001", "USD"), ("150000.5", "IDR"), ("1.2345", "KWD"), ("-0.005", "USD")]
)
def test_an_amount_finer_than_the_smallest_unit_is_refused(amount: str, currency: str) -> None:
    """Nothing is rounded away on the quiet."""
    with pytest.raises(HAVNValidationError, match=f"finer than the smallest unit of {currency}") as caught:
        to_minor_units(amount, currency)
    assert list(caught.value.errors) == ["amount"]


@pytest.mark.parametrize(("value", "reason"), NO_NUMBERS)
def test_an_amount_is_an_exact_number(value: Any, reason: str) -> None:
    """Floats, switches, non-numbers and monsters are no amounts."""
    with pytest.raises(HAVNValidationError, match=reason) as caught:
        to_minor_units(value, "USD")
    assert list(caught.value.errors) == ["amount"]


@pytest.mark.parametrize(
    ("value", "reason"), [*NO_NUMBERS, ("0", "greater than 0"), (-1, "greater than 0"), ("-0.5", "greater than 0")]
)
def test_a_rate_is_an_exact_positive_number(value: Any, reason: str) -> None:
    """A rate that is no exact number above 0 is refused, alone and inside a conversion."""
    with pytest.raises(HAVNValidationError, match=reason) as caught:
        exchange_rate(value)
    assert list(caught.value.errors) == ["exchange_rate"]
    with pytest.raises(HAVNValidationError, match=reason):
        to_usd_cents(1, "IDR", value)


def test_forty_figures_are_not_too_many() -> None:
    """A number may have forty figures, and keeps them all."""
    assert str(exchange_rate("1." + "0" * 38 + "1")) == "1." + "0" * 38 + "1"


@pytest.mark.parametrize("value", ["0.0000625", Decimal("0.0000625"), " 0.0000625 "])
def test_a_rate_is_a_decimal_afterwards(value: Decimal | str) -> None:
    """A checked rate is a Decimal with every figure that was given."""
    rate = exchange_rate(value)
    assert isinstance(rate, Decimal)
    assert rate == Decimal("0.0000625")


@pytest.mark.parametrize("amount", [1.0, 99.5, True, Decimal(1), "1", None])
def test_minor_units_are_a_whole_number(amount: Any) -> None:
    """What is counted in minor units is an int: nothing else is converted, and nothing is guessed."""
    fault = {"amount": f"must be an int, a whole number of minor units, not {type(amount).__name__}"}
    with pytest.raises(HAVNValidationError) as caught:
        to_usd_cents(amount, "USD", Decimal(1))
    assert caught.value.errors == fault
    with pytest.raises(HAVNValidationError) as caught:
        to_major_units(amount, "USD")
    assert caught.value.errors == fault


def test_a_negative_amount_is_not_converted() -> None:
    """Half up is said of amounts from 0; a negative one is refused."""
    with pytest.raises(HAVNValidationError) as caught:
        to_usd_cents(-1, "USD", Decimal(1))
    assert caught.value.errors == {"amount": "must be 0 or more"}


@pytest.mark.parametrize(
    ("numerator", "denominator", "rounded"),
    [(0, 1, 0), (1, 2, 1), (3, 2, 2), (5, 2, 3), (49, 100, 0), (50, 100, 1)],
)
def test_a_half_goes_up(numerator: int, denominator: int, rounded: int) -> None:
    """A half is rounded upwards, and not to the even neighbour."""
    assert round_half_up(numerator, denominator) == rounded


@pytest.mark.parametrize(
    ("amount", "currency", "rate", "cents"),
    [
        (1_000_000, "IDR", "0.0000625", 6250),
        (150_000, "IDR", "0.0000633", 950),  # 949.5
        (150_000, "IDR", "0.00006329", 949),  # 949.35
        (10_000, "EUR", "1.0850", 10_850),
        (1_000, "KWD", "3.255", 326),  # 325.5
        (100, "EUR", "1.005", 101),  # 100.5, which as a float is less
        (10**18 + 1, "USD", "1", 10**18 + 1),  # which no float is
        (15_000, "JPY", "0.0067", 10_050),
        (12_345, "USD", "1", 12_345),
        (1, "IDR", "0.0000625", 0),
        (0, "IDR", "0.0000625", 0),
    ],
)
def test_a_conversion_is_exact_to_the_cent(amount: int, currency: str, rate: str, cents: int) -> None:
    """Minor units become US cents by the rate for a whole unit, half up."""
    assert to_usd_cents(amount, currency, Decimal(rate)) == cents


def test_a_conversion_says_what_it_was_made_from() -> None:
    """The audit fields hold the original amount, its currency and the rate without an exponent."""
    conversion = Conversion(1_000_000, "IDR", Decimal("6.25E-5"))
    assert (conversion.amount, conversion.subtotal) == (6250, None)
    assert conversion.audit_fields == {
        "original_amount": 1_000_000,
        "original_currency": "IDR",
        "exchange_rate": "0.0000625",
    }


def test_a_conversion_with_a_subtotal_says_both() -> None:
    """The price before the discount is converted by the same rate, and kept for the audit."""
    conversion = Conversion(800_000, "IDR", Decimal("0.0000625"), 1_000_000)
    assert (conversion.amount, conversion.subtotal) == (5000, 6250)
    assert conversion.audit_fields["original_subtotal"] == 1_000_000


AUDIT = {"original_amount": 1_000_000, "original_currency": "IDR", "exchange_rate": "0.0000625"}
CONVERTED = {"amount": 6250, "currency": "USD", "custom_fields": {**AUDIT, "plan": "pro"}}


def test_a_recorded_conversion_is_read_back() -> None:
    """The audit fields of a sale on the wire lead back to its conversion, with a subtotal and without."""
    for fields in (AUDIT, {**AUDIT, "plan": "pro"}):
        found = recorded_conversion({**CONVERTED, "custom_fields": fields})
        assert found == Conversion(1_000_000, "IDR", Decimal("0.0000625"))
    discounted = {**CONVERTED, "custom_fields": {**AUDIT, "original_subtotal": 2_000_000}}
    assert recorded_conversion(discounted) == Conversion(1_000_000, "IDR", Decimal("0.0000625"), 2_000_000)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {**CONVERTED, "amount": 6249},
        {**CONVERTED, "amount": None},
        {**CONVERTED, "currency": "IDR"},
        {"amount": 6250, "custom_fields": AUDIT},
        {**CONVERTED, "custom_fields": None},
        {**CONVERTED, "custom_fields": {"plan": "pro"}},
        *[{**CONVERTED, "custom_fields": {k: v for k, v in AUDIT.items() if k != name}} for name in AUDIT],
        *[{**CONVERTED, "custom_fields": {**AUDIT, name: "ten"}} for name in AUDIT],
        {**CONVERTED, "custom_fields": {**AUDIT, "exchange_rate": 0.0000625}},
        {**CONVERTED, "custom_fields": {**AUDIT, "original_currency": 7}},
        {**CONVERTED, "custom_fields": {**AUDIT, "original_currency": ["I", "D", "R"]}},
    ],
)
def test_entries_that_only_look_like_a_conversion_are_none(body: dict[str, Any]) -> None:
    """Where the amount is not what comes of the entries, they are the caller's own, whatever they are called."""
    assert recorded_conversion(body) is None
