"""What a sale is worth and who earns what from it, computed again from the contract's words with fractions."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Final, TypeAlias

__all__ = ["PERCENTAGES", "Rates", "cents_of_sale", "half_up", "us_cents"]

Rates: TypeAlias = Mapping[str, Fraction]
"""US dollars for one unit (not minor unit) of each currency."""

PERCENTAGES: Final = (5, 3, 2, 1, 1)
"""Percent of the sale for levels 1 to 5."""

_DECIMALS: Final = {**dict.fromkeys(("IDR", "JPY", "KRW", "VND", "CLP", "ISK"), 0)}
_USUAL_DECIMALS: Final = 2


def half_up(exact: Fraction) -> int:
    """The nearest integer; of two that are as near, the larger one."""
    return math.floor(exact + Fraction(1, 2))


def us_cents(amount: int, currency: str, rates: Rates) -> int:
    """Minor units of a currency in US cents."""
    units = Fraction(amount, 10 ** _DECIMALS.get(currency, _USUAL_DECIMALS))
    return half_up(units * rates[currency] * 100)


def cents_of_sale(sale: Mapping[str, Any], rates: Rates | None) -> int | None:
    """The US cents that commissions are a share of; None when that takes a rate which nobody told us.

    Without `server_side_conversion` HAVN reads the amount as US cents, whatever `currency` says.
    """
    amount, currency = int(sale["amount"]), sale.get("currency") or "USD"
    if currency == "USD" or not sale.get("server_side_conversion"):
        return amount
    return None if rates is None else us_cents(amount, currency, rates)
