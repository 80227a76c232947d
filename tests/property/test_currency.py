from __future__ import annotations

import json
from decimal import Decimal, localcontext
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st
from strategies import amounts, currencies, rates

from havn_ext.currency import Conversion, minor_unit_digits, to_major_units, to_minor_units, to_usd_cents


def exact_cents(amount: int, currency: str, rate: Decimal) -> Fraction:
    """The US cents of an amount, before rounding."""
    return Fraction(amount, 10 ** minor_unit_digits(currency)) * Fraction(rate) * 100


@given(amount=st.integers(-(10**18), 10**18), currency=currencies)
def test_minor_units_round_trip(amount: int, currency: str) -> None:
    """Minor units become a Decimal of units and come back unchanged, as a Decimal and as text."""
    units = to_major_units(amount, currency)
    assert type(units) is Decimal
    assert units.as_tuple().exponent == -minor_unit_digits(currency)
    assert to_minor_units(units, currency) == to_minor_units(str(units), currency) == amount


@given(amount=amounts, currency=currencies, rate=rates)
def test_a_conversion_rounds_the_exact_value_half_up(amount: int, currency: str, rate: Decimal) -> None:
    """The cents are the only integer c with c - 1/2 <= exact value < c + 1/2."""
    cents = to_usd_cents(amount, currency, rate)
    assert type(cents) is int
    assert cents - Fraction(1, 2) <= exact_cents(amount, currency, rate) < cents + Fraction(1, 2)


@given(amount=amounts, more=amounts, currency=currencies, rate=rates)
def test_a_higher_amount_never_gives_fewer_cents(amount: int, more: int, currency: str, rate: Decimal) -> None:
    """Conversion is monotonic in the amount."""
    assert to_usd_cents(amount, currency, rate) <= to_usd_cents(amount + more, currency, rate)


@given(amount=amounts, currency=currencies, rate=rates, other=rates)
def test_a_higher_rate_never_gives_fewer_cents(amount: int, currency: str, rate: Decimal, other: Decimal) -> None:
    """Conversion is monotonic in the rate."""
    low, high = sorted([rate, other])
    assert to_usd_cents(amount, currency, low) <= to_usd_cents(amount, currency, high)


@given(amount=amounts, rest=amounts, currency=currencies, rate=rates)
def test_a_sale_cut_in_two_differs_by_a_cent_at_most(amount: int, rest: int, currency: str, rate: Decimal) -> None:
    """Converting two parts and converting their sum are no more than one cent apart."""
    parts = to_usd_cents(amount, currency, rate) + to_usd_cents(rest, currency, rate)
    assert abs(parts - to_usd_cents(amount + rest, currency, rate)) <= 1


@given(amount=amounts)
def test_a_dollar_is_a_dollar(amount: int) -> None:
    """US cents at a rate of 1 stay as they are."""
    assert to_usd_cents(amount, "USD", Decimal(1)) == amount


@given(
    conversion=st.builds(
        Conversion,
        original_amount=amounts,
        original_currency=currencies,
        rate=rates,
        original_subtotal=st.none() | amounts,
    )
)
def test_the_audit_fields_are_enough_to_convert_again(conversion: Conversion) -> None:
    """From the audit fields as JSON carries them, HAVN comes to the same cents; no float is among them."""
    audit = json.loads(json.dumps(conversion.audit_fields))
    rate = Decimal(audit["exchange_rate"])
    assert rate == conversion.rate
    assert to_usd_cents(audit["original_amount"], audit["original_currency"], rate) == conversion.amount
    assert ("original_subtotal" in audit) is (conversion.subtotal is not None)
    if conversion.subtotal is not None:
        assert to_usd_cents(audit["original_subtotal"], audit["original_currency"], rate) == conversion.subtotal
    assert {type(value) for value in audit.values()} <= {int, str}


@given(amount=amounts, currency=currencies, rate=rates, precision=st.integers(1, 5))
def test_the_callers_decimal_context_never_matters(
    amount: int, currency: str, rate: Decimal, precision: int
) -> None:
    """A program that counts with few figures gets the same cents and the same units."""
    with localcontext(prec=precision):
        narrow = to_usd_cents(amount, currency, rate), to_minor_units(to_major_units(amount, currency), currency)
    assert narrow == (to_usd_cents(amount, currency, rate), amount)
