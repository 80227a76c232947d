"""Currencies: the FX table of a company, conversion with it, and the check of a client's own conversion."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from havn_ext.currency import minor_unit_digits, round_half_up, to_usd_cents

if TYPE_CHECKING:
    from collections.abc import Mapping

    from havn_ext.sandbox.messages import JsonObject
    from havn_ext.sandbox.store import CompanyData

__all__ = ["DEFAULT_RATES", "between", "mismatch", "rates", "set_rates", "usd_cents"]

DEFAULT_RATES: Final[Mapping[str, str]] = {
    "USD": "1",
    "EUR": "1.08",
    "GBP": "1.27",
    "IDR": "0.0000625",
    "SGD": "0.74",
    "MYR": "0.21",
    "THB": "0.028",
    "PHP": "0.0175",
    "VND": "0.00004",
    "JPY": "0.0067",
    "CNY": "0.14",
    "AUD": "0.66",
    "CAD": "0.73",
    "CHF": "1.12",
    "HKD": "0.128",
    "SEK": "0.095",
    "NOK": "0.093",
    "DKK": "0.145",
    "INR": "0.012",
    "KRW": "0.00075",
    "TWD": "0.031",
    "BRL": "0.19",
    "MXN": "0.055",
    "ZAR": "0.054",
    "TRY": "0.031",
    "RUB": "0.011",
}
"""US dollars for one unit of each currency of the contract: fixed, so that a test can rely on them."""

_LARGEST_AMOUNT: Final = 10**18
_DIGITS: Final = re.compile(r"[0-9]{1,18}")


def rates(data: CompanyData) -> dict[str, Decimal]:
    """US dollars for one unit of each currency."""
    return {row["currency"]: Decimal(row["usd_per_unit"]) for row in data.all("rates")}


def set_rates(data: CompanyData, usd_per_unit: Mapping[str, str]) -> None:
    """Set the rates of these currencies, as decimal strings; the others stay."""
    for currency, rate in usd_per_unit.items():
        statement = "UPDATE rates SET usd_per_unit = :rate WHERE company = :company AND currency = :currency"
        data.execute(statement, {"rate": rate, "currency": currency})


def usd_cents(data: CompanyData, amount: int, currency: str) -> int:
    """Minor units of a currency as US cents, by the company's FX table, half up."""
    return to_usd_cents(amount, currency, rates(data)[currency])


def between(data: CompanyData, amount: int, source: str, target: str) -> int:
    """Minor units of `source` as minor units of `target`, by the company's FX table, half up."""
    table = rates(data)
    rate = Fraction(table[source]) / Fraction(table[target])
    exact = amount * rate * 10 ** minor_unit_digits(target) / 10 ** minor_unit_digits(source)
    return round_half_up(exact.numerator, exact.denominator)


def mismatch(data: CompanyData, amount: int, subtotal: int | None, custom_fields: JsonObject) -> str | None:
    """Why a client's own conversion is not HAVN's to the cent; None when it is, or when there was none.

    HAVN converts `original_amount` (and `original_subtotal`) of the custom fields again with its own rate
    and compares the result with what was sent (HAVN integration flow).

    Args:
        data: The company's tables.
        amount: The amount that was sent, in US cents.
        subtotal: The subtotal that was sent, in US cents.
        custom_fields: The caller's own entries, with or without the fields of a conversion.
    """
    if not {"original_amount", "original_currency"} <= custom_fields.keys():
        return None
    currency = str(custom_fields["original_currency"]).upper()
    if currency not in rates(data):
        return "there is no rate for original_currency"
    for field, sent in (("original_amount", amount), ("original_subtotal", subtotal)):
        if field not in custom_fields or sent is None:
            continue
        original = _minor_units(custom_fields[field])
        if original is None:
            return f"{field} is not an amount in minor units"
        ours = usd_cents(data, original, currency)
        if ours != sent:
            return f"{field} comes to {ours} US cents, not {sent}"
    return None


def _minor_units(value: object) -> int | None:
    """A custom field (a string, a number or a bool) as an amount; None when it is none."""
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        return int(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return int(value) if 0 <= value <= _LARGEST_AMOUNT and value == int(value) else None
    return None
