"""What is done to the processes: each blow, where it strikes, and what it must leave alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

import attrs
from crash.ground import ENGINES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crash.ground import EngineName

__all__ = ["BLOWS", "Blow"]

Outside = Literal["kill", "stop", "term", "cut"]


@attrs.frozen(kw_only=True)
class Blow:
    """One column of the matrix.

    Attributes:
        name: Of the cell.
        about: When it strikes, for people.
        worker: Where workers die by themselves: `HAVN_OUTBOX_FAULT` without its seed.
        extra: The same for the points of `crash.worker`.
        shop: The same for the shop.
        migration: Whether `create-tables` is what dies.
        outside: What the harness does to workers: kill -9 them; stop one for longer than its lease; ask one to
            end; or cut its connections to the database.
        faults: What the sandbox does meanwhile.
        celery: Whether workers of Celery are tried as well: not where the harness counts on what only
            `havn outbox run` says at its end.
        resends: Whether a blow may lead to messages that are sent again.
        most: Blows of a cell at the most, where each takes long.
        engines: The databases that it can happen with.
    """

    name: str
    about: str
    worker: str | None = None
    extra: str | None = None
    shop: str | None = None
    migration: bool = False
    outside: Outside | None = None
    faults: tuple[Mapping[str, Any], ...] = ()
    celery: bool = True
    resends: bool = True
    most: int | None = None
    engines: tuple[EngineName, ...] = ENGINES


_SLOW: Final = {"kind": "delay", "delay": 0.1}
_REFUSING: Final = {"kind": "status", "status": 503, "probability": 0.3, "retry_after": 1}
_LOSING: Final = {"kind": "reset_after", "probability": 0.1}

BLOWS: Final[tuple[Blow, ...]] = (
    Blow(name="before_claim", about="before a claim", extra="before_claim:0.2"),
    Blow(name="after_claim", about="after the claim has committed", worker="after_claim:0.4"),
    Blow(name="before_send", about="before a request", worker="before_send:0.04"),
    Blow(name="before_read", about="processed, the answer not read yet", extra="before_read:0.04"),
    Blow(name="after_send", about="the answer read, not settled yet", worker="after_send:0.04"),
    Blow(name="before_mark", about="before marks are written", worker="before_mark:0.4"),
    Blow(name="mid_mark", about="marks written, not committed", worker="mid_mark:0.4"),
    Blow(name="after_mark", about="marks committed, not known yet", worker="after_mark:0.4"),
    Blow(name="in_renew", about="leases renewed, not committed", worker="in_renew:1", faults=(_SLOW,)),
    Blow(name="before_commit", about="the shop: enqueued, not committed", shop="before_commit:0.05", resends=False),
    Blow(name="after_commit", about="the shop: committed, not answered", shop="after_commit:0.05", resends=False),
    Blow(
        name="migration",
        about="after each statement of create-tables",
        migration=True,
        celery=False,
        resends=False,
        most=1,
    ),
    Blow(name="random", about="kill -9 from outside, at any time", outside="kill"),
    Blow(name="storm", about="the same, 30 % 503s, 10 % lost answers", outside="kill", faults=(_REFUSING, _LOSING)),
    Blow(
        name="stop",
        about="SIGSTOP for longer than the lease",
        outside="stop",
        faults=(_SLOW,),
        celery=False,
        most=4,
    ),
    Blow(name="term", about="SIGTERM under load", outside="term", celery=False, resends=False, most=20),
    Blow(
        name="cut",
        about="connections to PostgreSQL terminated",
        outside="cut",
        most=40,
        engines=("postgresql",),
    ),
)
"""All that is done. Probabilities are of each time that a worker comes by: a few dozen messages live in between."""
