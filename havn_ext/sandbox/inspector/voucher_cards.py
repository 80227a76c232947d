"""Vouchers as the page shows them: what each gives, on which terms, and how much of it is used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from havn_ext.sandbox import vouchers
from havn_ext.sandbox.inspector import money

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from havn_ext.sandbox.store import CompanyData
    from havn_ext.sandbox.vouchers import Voucher

__all__ = ["Card", "cards"]

_CUSTOMERS: Final[Mapping[str, str]] = {"NEW_CUSTOMER": "new customers", "RECURRING": "returning customers"}


@attrs.frozen
class Card:
    """One voucher.

    Args:
        voucher: The voucher itself.
        gives: The discount, in words.
        terms: When, for what and for whom it is good; one sentence each.
        usable: Whether it can be used now.
        state: `usable`, or why it is not.
    """

    voucher: Voucher
    gives: str
    terms: tuple[str, ...]
    usable: bool
    state: str


def cards(data: CompanyData, now: datetime) -> list[Card]:
    """The company's vouchers, in the order in which they were made."""
    return [_card(voucher, now) for voucher in vouchers.of_company(data)]


def _card(voucher: Voucher, now: datetime) -> Card:
    problem = voucher.problem(now)
    state = problem[0].removeprefix("voucher_").replace("_", " ") if problem else "usable"
    return Card(voucher, _discount(voucher), tuple(_terms(voucher)), problem is None, state)


def _discount(voucher: Voucher) -> str:
    if voucher.type == "DISCOUNT_FIXED":
        return f"{money.amount(voucher.value, voucher.currency)} off"
    return f"{voucher.value / 100:g} % off"


def _terms(voucher: Voucher) -> Iterator[str]:
    if voucher.min_purchase is not None:
        yield f"from {money.amount(voucher.min_purchase, voucher.currency)}"
    if voucher.max_purchase is not None:
        yield f"up to {money.amount(voucher.max_purchase, voucher.currency)}"
    if voucher.start_date is not None:
        yield f"since {voucher.start_date}"
    if voucher.end_date is not None:
        yield f"until {voucher.end_date}"
    if voucher.client_type is not None:
        yield f"for {_CUSTOMERS[voucher.client_type]} only"
