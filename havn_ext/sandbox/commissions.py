"""Commissions: what each level of the tree earns from a sale.

HAVN transaction webhook: level 1, the owner of the referral code, earns 5 % of the sale, its uplines 3, 2,
1 and 1 %. Each level is rounded by itself to the US cent, half up; what rounding gives or takes is the
platform's gain or loss, and a level that comes to 0 cents is listed all the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs

from havn_ext.currency import round_half_up
from havn_ext.sandbox import associates

if TYPE_CHECKING:
    from havn_ext.sandbox.store import CompanyData, Row

__all__ = ["PERCENTAGES", "Share", "described", "distribute", "shares"]

PERCENTAGES: Final = (5, 3, 2, 1, 1)
"""Percent of the sale for levels 1 to 5."""


@attrs.frozen
class Share:
    """What one level earns: `percentage` percent of the sale, `usd_cents` US cents."""

    level: int
    percentage: int
    usd_cents: int


def shares(usd_cents: int) -> list[Share]:
    """The shares of a sale of so many US cents, level 1 first."""
    return [
        Share(level, percentage, round_half_up(usd_cents * percentage, 100))
        for level, percentage in enumerate(PERCENTAGES, start=1)
    ]


def distribute(data: CompanyData, transaction_id: str, referrer: Row, usd_cents: int) -> None:
    """Credit the referrer and its uplines, as many levels as there are associates, five at the most."""
    for share, associate in zip(shares(usd_cents), associates.lineage(data, referrer), strict=False):
        data.insert(
            "commissions",
            id=data.next_id("com"),
            transaction_id=transaction_id,
            associate_id=associate["id"],
            **attrs.asdict(share),
        )


def described(commission: Row) -> dict[str, Any]:
    """A commission as the contract shows it, with both names that HAVN's versions use for the share."""
    return {
        "commission_id": commission["id"],
        "associate_id": commission["associate_id"],
        "level": commission["level"],
        "percentage": float(commission["percentage"]),
        "rate": commission["percentage"] / 100,
        "amount": commission["usd_cents"],
        "currency": "USD",
        "type": "REFERRAL",
        "direction": "CREDIT",
        "status": "pending",
    }
