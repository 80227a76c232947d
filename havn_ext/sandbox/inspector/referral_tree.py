"""The referral tree of a company, in the order in which it is drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from havn_ext.sandbox.store import CompanyData, Row

__all__ = ["Node", "nodes"]


@attrs.frozen
class Node:
    """One associate.

    Args:
        associate: Its row.
        earned: US cents that it has earned.
        sales: How many commissions that took.
        has_children: Whether somebody stands below it; they follow at once.
        closes: For one without children: of how many of its uplines it ends the list of children.
    """

    associate: Row
    earned: int
    sales: int
    has_children: bool
    closes: int


def nodes(data: CompanyData) -> Iterator[Node]:
    """Every associate, each right before those below it; siblings in the order in which they came."""
    below = _by_upline(data)
    earnings = _earnings(data)
    pending = [(root, 0) for root in reversed(below.get(None, []))]
    while pending:
        associate, closes = pending.pop()
        children = below.get(associate["id"], [])
        earned, sales = earnings.get(associate["id"], (0, 0))
        yield Node(associate, earned, sales, bool(children), 0 if children else closes)
        ends = [closes + 1] + [0] * len(children)  # the last child ends the list, and what its parent would end
        pending.extend(zip(reversed(children), ends, strict=False))


def _by_upline(data: CompanyData) -> Mapping[str | None, list[Row]]:
    below: dict[str | None, list[Row]] = {}
    for associate in data.all("associates"):
        below.setdefault(associate["upline_id"], []).append(associate)
    return below


def _earnings(data: CompanyData) -> Mapping[str, tuple[int, int]]:
    """US cents and number of commissions by associate."""
    statement = """
        SELECT associate_id, SUM(usd_cents) AS cents, COUNT(*) AS sales
        FROM commissions WHERE company = :company GROUP BY associate_id
    """
    return {row["associate_id"]: (row["cents"], row["sales"]) for row in data.execute(statement, {})}
