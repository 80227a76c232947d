"""Two sets of books: what the shop was paid, and what the sandbox has counted; and whether they agree. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Agreement", "Counted", "compare", "fair_shares"]

PERCENTAGES: Final = (5, 3, 2, 1, 1)
"""Of the sale, for the referrer and its four uplines, as HAVN documents it; not taken from the sandbox's code."""


@attrs.frozen
class Counted:
    """A payment as the sandbox has it.

    Attributes:
        amount: US cents.
        shares: (level, US cents) of each commission, by level.
    """

    amount: int
    shares: tuple[tuple[int, int], ...]


@attrs.frozen
class Agreement:
    """Where the books differ; all four are empty when they agree to the row.

    Attributes:
        lost: Paid, and not counted.
        strange: Counted, and never paid: rolled back, or made up.
        wrong: Counted with another amount.
        double: Counted with other commissions than one for each level.
    """

    payments: int
    lost: tuple[str, ...]
    strange: tuple[str, ...]
    wrong: tuple[str, ...]
    double: tuple[str, ...]

    @property
    def complaints(self) -> list[str]:
        """What is not as it should be, for people."""
        found = {
            "lost": self.lost,
            "counted, though never paid": self.strange,
            "counted with another amount": self.wrong,
            "with other commissions than one a level": self.double,
        }
        return [f"{len(keys)} {what}: {', '.join(keys[:5])}" for what, keys in found.items() if keys]


def fair_shares(amount: int) -> tuple[tuple[int, int], ...]:
    """The commissions of one sale of so many US cents, each rounded half up."""
    return tuple((level, (2 * amount * each + 100) // 200) for level, each in enumerate(PERCENTAGES, start=1))


def compare(payments: Mapping[str, int], ledger: Mapping[str, Counted]) -> Agreement:
    """Holds the shop's payments (US cents by payment id) against the sandbox's ledger."""
    both = sorted(payments.keys() & ledger.keys())
    return Agreement(
        payments=len(payments),
        lost=tuple(sorted(payments.keys() - ledger.keys())),
        strange=tuple(sorted(ledger.keys() - payments.keys())),
        wrong=tuple(key for key in both if ledger[key].amount != payments[key]),
        double=tuple(key for key in both if ledger[key].shares != fair_shares(ledger[key].amount)),
    )
