"""What every call of one client shares: settings, retry policy, rates and clock."""

from __future__ import annotations

import platform
import random
from functools import cached_property
from typing import TYPE_CHECKING, Final

import attrs

from havn_ext._clock import SYSTEM_CLOCK, Clock
from havn_ext._version import __version__
from havn_ext.signing import Signer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from havn_ext._watching import Watch
    from havn_ext.config import Settings
    from havn_ext.rates import RateSource
    from havn_ext.retry import RetryPolicy

__all__ = ["USER_AGENT", "Session"]

USER_AGENT: Final = f"havn-sdk/{__version__} python/{platform.python_version()}"


@attrs.frozen
class Session:
    """The unchanging surroundings of a call."""

    settings: Settings
    retry: RetryPolicy
    rates: RateSource | None = None
    watch: Watch | None = None
    """Who is told of every call; None is nobody."""
    clock: Clock = SYSTEM_CLOCK
    rng: random.Random = attrs.field(factory=random.SystemRandom, repr=False)
    """The dice of the jitter. The system's have no state, which forked children would draw from in step."""

    @cached_property
    def headers(self) -> Mapping[str, str]:
        """The headers of every request."""
        own = {
            "Accept": "application/json",
            "Content-Type": "application/json",
            "User-Agent": USER_AGENT,
            "X-API-Key": self.settings.api_key.reveal(),
        }
        return {**own, "X-Test-Mode": "true"} if self.settings.test_mode else own

    @cached_property
    def signer(self) -> Signer:
        """What signs every request."""
        return Signer(self.settings.webhook_secret.reveal())

    @property
    def secrets(self) -> tuple[str, str]:
        """What must never be printed, not even when HAVN echoes it."""
        return self.settings.webhook_secret.reveal(), self.settings.api_key.reveal()
