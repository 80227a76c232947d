"""Where every cent of a sale went: to each level of the tree, to rounding, and to the platform."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import attrs

from havn_ext.sandbox import commissions

if TYPE_CHECKING:
    from havn_ext.sandbox.store import CompanyData, Row

__all__ = ["Level", "Split", "split"]


@attrs.frozen
class Level:
    """What one level was due and what it got.

    Args:
        number: 1 for the owner of the referral code, 5 for its fourth upline.
        percentage: Percent of the sale.
        associate: Who holds it; None when the tree ends before, or the sale earns nobody anything.
        exact: Its share in US cents, before rounding.
        paid: US cents that the associate got.
    """

    number: int
    percentage: int
    associate: Row | None
    exact: Decimal
    paid: int

    @property
    def by_rounding(self) -> Decimal:
        """US cents that rounding left with the platform; negative when it gave some."""
        return self.exact - self.paid if self.associate else Decimal(0)


@attrs.frozen
class Split:
    """A sale of `sale` US cents, shared out: `paid + unclaimed + by_rounding + rest == sale`, exactly."""

    sale: int
    levels: tuple[Level, ...]

    @property
    def paid(self) -> int:
        """What the associates got."""
        return sum(level.paid for level in self.levels)

    @property
    def exact(self) -> Decimal:
        """What all five levels are due, before rounding."""
        return sum((level.exact for level in self.levels), Decimal(0))

    @property
    def unclaimed(self) -> Decimal:
        """The shares of levels that nobody holds."""
        return sum((level.exact for level in self.levels if level.associate is None), Decimal(0))

    @property
    def by_rounding(self) -> Decimal:
        """What rounding left with the platform, over all levels; negative when it gave some."""
        return sum((level.by_rounding for level in self.levels), Decimal(0))

    @property
    def rest(self) -> Decimal:
        """What no level has a share of."""
        return self.sale - self.exact


def split(data: CompanyData, transaction: Row) -> Split:
    """How a recorded transaction was shared out, from the rows of its commissions."""
    paid = {row["level"]: row for row in data.all("commissions", transaction_id=transaction["id"])}
    return Split(
        transaction["usd_cents"],
        tuple(
            _level(data, transaction["usd_cents"], number, percentage, paid.get(number))
            for number, percentage in enumerate(commissions.PERCENTAGES, start=1)
        ),
    )


def _level(data: CompanyData, sale: int, number: int, percentage: int, commission: Row | None) -> Level:
    associate = commission and data.find("associates", id=commission["associate_id"])
    exact = Decimal(sale * percentage).scaleb(-2)
    return Level(number, percentage, associate, exact, commission["usd_cents"] if commission else 0)
