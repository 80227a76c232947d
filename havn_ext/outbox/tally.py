"""What a worker has done, counted."""

from __future__ import annotations

import attrs

__all__ = ["Tally"]


@attrs.define
class Tally:
    """Counts since some beginning.

    Attributes:
        claimed: Leases taken.
        delivered: Messages that HAVN said yes to.
        retried: Attempts that failed and will be repeated.
        dead: Messages that were given up.
        reconciled: Messages that wait for a person to look them up at HAVN.
        rate_limited: Calls that met a 429.
        released: Messages given back unsent.
        ambiguous: Attempts after which HAVN may have processed the message.
        paused: Accounts that were paused.
        fenced: Marks that came too late to count.
        lease_lost: Messages that went to another worker before they were sent.
    """

    claimed: int = 0
    delivered: int = 0
    retried: int = 0
    dead: int = 0
    reconciled: int = 0
    rate_limited: int = 0
    released: int = 0
    ambiguous: int = 0
    paused: int = 0
    fenced: int = 0
    lease_lost: int = 0

    def add(self, other: Tally) -> None:
        """Counts what another has counted."""
        for field in attrs.fields(Tally):
            setattr(self, field.name, getattr(self, field.name) + getattr(other, field.name))
