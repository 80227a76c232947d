"""Where exchange rates come from when the client converts: a mapping, or a function of the caller's own.

HAVN converts again with its own rate and refuses anything but the exact cent, so a rate is only good if it
is HAVN's. Where there is no agreed rate, let HAVN convert: `server_side_conversion=True`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from decimal import Decimal

__all__ = ["Rate", "RateSource"]

Rate = Decimal | str | int
"""US dollars for one unit (not minor unit) of a currency: `"0.0000625"` for IDR. Never a float."""

RateSource = Mapping[str, Rate] | Callable[[str], Rate | Awaitable[Rate]]
"""Rates by ISO 4217 code in upper case; or a function of the code, which the async client also awaits."""
