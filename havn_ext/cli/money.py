"""Amounts as the commands print them."""

from __future__ import annotations

from havn_ext.currency import to_major_units

__all__ = ["money"]


def money(amount: int | None, currency: str | None) -> str | None:
    """Minor units as people write them: `100.00 USD`; None stays None."""
    if amount is None:
        return None
    return f"{to_major_units(amount, currency or 'USD'):,f} {currency or 'USD'}"
