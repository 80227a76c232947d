"""The states of a message, and every way from one to another.

                 claim                            2xx
    ┌─────────┐ ───────────────▶ ┌────────────┐ ─────────────────────────────▶ ┌───────────┐
    │ pending │                  │ delivering │                                │ delivered │◀─┐
    └─────────┘ ◀─────────────── └────────────┘                                └───────────┘  │
      ▲     │    retry at a time,   │       │ refused for good,                               │
      │     │    released, paused,  │       │ or out of attempts  ┌──────┐      a late 2xx     │
      │     │    lease lapsed       │       └───────────────────▶ │ dead │ ────────────────────┤
      │     │                       │ answer lost longer ago      └──────┘                     │
      │     │ cancel                │ than HAVN keeps keys     ┌───────────┐                   │
      │     │                       └────────────────────────▶ │ reconcile │ ──────────────────┤
      │     ▼                                                  └───────────┘                   │
      │  ┌───────────┐ ◀── cancel ── dead, reconcile                                           │
      │  │ cancelled │ ────────────────────────────────────────────────────────────────────────┘
      │  └───────────┘
      └── retry ── dead, reconcile, cancelled

A message in delivery is a pending one under a lease: `leased_by` names the worker and `available_at` is the
moment at which the lease lapses and the message is due again. Nobody has to clean up behind a dead worker.
What HAVN has said yes to is delivered, whatever was thought of the message meanwhile, and nothing leads away
from there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias, get_args

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["BLOCKING", "CHANGES", "PURGEABLE", "RETRYABLE", "STATES", "Kind", "State", "allowed"]

State: TypeAlias = Literal["pending", "delivered", "dead", "cancelled", "reconcile"]
"""As stored."""

Kind: TypeAlias = Literal["transaction", "user"]
"""What a message reports."""

STATES: Final[tuple[State, ...]] = get_args(State)
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)

CHANGES: Final[Mapping[State, frozenset[State]]] = {
    "pending": frozenset({"pending", "delivered", "dead", "cancelled", "reconcile"}),
    "dead": frozenset({"pending", "delivered", "cancelled"}),
    "reconcile": frozenset({"pending", "delivered", "cancelled"}),
    "cancelled": frozenset({"pending", "delivered"}),
    "delivered": frozenset(),
}

BLOCKING: Final[tuple[State, ...]] = ("pending", "dead", "reconcile")
"""A message in one of these holds back those of the same order key that come after it."""

RETRYABLE: Final[tuple[State, ...]] = ("pending", "dead", "reconcile", "cancelled")
"""What `retry` makes due at once."""

PURGEABLE: Final[tuple[State, ...]] = ("delivered", "cancelled")
"""What is over, and may be forgotten in time."""


def allowed(before: State, after: State) -> bool:
    """Whether a message may go from one state to another."""
    return after in CHANGES[before]
