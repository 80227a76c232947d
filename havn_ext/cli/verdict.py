"""What came of one check of `havn doctor`."""

from __future__ import annotations

from typing import Literal, TypeAlias

import attrs

__all__ = ["Check", "State"]

State: TypeAlias = Literal["ok", "warning", "failed", "skipped"]


@attrs.frozen
class Check:
    """One thing that was looked at.

    Attributes:
        name: What.
        state: How it is.
        finding: What was found.
        advice: What to do about it.
        unreachable: Whether it failed because no answer came.
    """

    name: str
    state: State
    finding: str
    advice: str | None = None
    unreachable: bool = False
