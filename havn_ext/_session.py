"""What every call of one client shares: settings, retry policy, rates and clock."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import attrs

from havn_ext._clock import SYSTEM_CLOCK, Clock

if TYPE_CHECKING:
    from havn_ext.config import Settings
    from havn_ext.rates import RateSource
    from havn_ext.retry import RetryPolicy

__all__ = ["Session"]


@attrs.frozen
class Session:
    """The unchanging surroundings of a call."""

    settings: Settings
    retry: RetryPolicy
    rates: RateSource | None = None
    clock: Clock = SYSTEM_CLOCK
    rng: random.Random = attrs.field(factory=random.SystemRandom, repr=False)
    """The dice of the jitter. The system's have no state, which forked children would draw from in step."""

    @property
    def secrets(self) -> tuple[str, str]:
        """What must never be printed, not even when HAVN echoes it."""
        return self.settings.webhook_secret.reveal(), self.settings.api_key.reveal()
