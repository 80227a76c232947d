from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from havn_ext.currency import (
    Conversion,
    exchange_rate,
    minor_unit_digits,
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
    ("1." + "0" * 40 + "1", "too long"),
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


@pytest.mark.parametrize("value", ["0.0000625", Decimal("0.0000625"), " 0.0000625 "])
def test_a_rate_is_a_decimal_afterwards(value: Decimal | str) -> None:
    """A checked rate is a Decimal with every figure that was given."""
    rate = exchange_rate(value)
    assert isinstance(rate, Decimal)
    assert rate == Decimal("0.0000625")


@pytest.mark.parametrize("amount", [1.0, 99.5, True, Decimal(1), "1", None])
def test_minor_units_are_a_whole_number(amount: Any) -> None:
    """What is counted in minor units is an int: nothing else is converted, and nothing is guessed."""
    with pytest.raises(HAVNValidationError, match="whole number of minor units"):
        to_usd_cents(amount, "USD", Decimal(1))
    with pytest.raises(HAVNValidationError, match="whole number of minor units"):
        to_major_units(amount, "USD")


def test_a_negative_amount_is_not_converted() -> None:
    """Half up is said of amounts from 0; a negative one is refused."""
    with pytest.raises(HAVNValidationError, match="0 or more"):
        to_usd_cents(-1, "USD", Decimal(1))


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
