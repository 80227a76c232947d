"""Amounts as people write them."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from havn_ext.currency import minor_unit_digits, to_major_units

__all__ = ["amount", "cents", "exact_cents"]

_MINUS: Final = "\N{MINUS SIGN}"


def amount(minor_units: int, currency: str) -> str:
    """Minor units with their currency: `(50000, "IDR")` is `IDR 50,000`."""
    return f"{currency} {to_major_units(minor_units, currency):,.{minor_unit_digits(currency)}f}"


def cents(usd_cents: int) -> str:
    """US cents as dollars: 123456 is `$1,234.56`."""
    sign = _MINUS if usd_cents < 0 else ""
    return f"{sign}${Decimal(abs(usd_cents)).scaleb(-2):,.2f}"


def exact_cents(value: Decimal) -> str:
    """US cents with their hundredths: `499.95 ¢`; a loss has a minus sign."""
    sign = _MINUS if value < 0 else ""
    return f"{sign}{abs(value):,.2f} ¢"
