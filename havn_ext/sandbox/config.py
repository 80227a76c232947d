"""What a sandbox can be told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal, TypeAlias

import attrs

__all__ = ["Clock", "SandboxConfig", "Seed", "utc_now"]

Clock: TypeAlias = Callable[[], datetime]
Seed: TypeAlias = Literal["demo", "none"]

DEFAULT_API_KEY: Final = "havn_test_key"
DEFAULT_WEBHOOK_SECRET: Final = "havn_test_secret"  # noqa: S105  public on purpose: it opens a mock only


def utc_now() -> datetime:
    """The system's time, in UTC."""
    return datetime.now(UTC)


@attrs.frozen
class SandboxConfig:
    """How a sandbox behaves; the defaults suit a test.

    Args:
        api_key: Key of the default company.
        webhook_secret: Its secret, with which its requests are signed.
        database: SQLite file that keeps the data; None keeps it in memory.
        seed: What a default company that is new starts with: `demo` data or `none`.
        rate_limits: Whether calls beyond the limits are refused (429). The headers are there either way.
        requests_per_minute: Limits by operationId. HAVN allows twenty logins a minute.
        default_requests_per_minute: Limit of every other operation.
        clock: Tells the time, in UTC; voucher dates and rate limits follow it.
    """

    api_key: str = attrs.field(default=DEFAULT_API_KEY, validator=attrs.validators.min_len(1))
    webhook_secret: str = attrs.field(
        default=DEFAULT_WEBHOOK_SECRET, repr=lambda _: "****", validator=attrs.validators.min_len(1)
    )
    database: Path | None = attrs.field(default=None, converter=attrs.converters.optional(Path))
    seed: Seed = attrs.field(default="demo", validator=attrs.validators.in_(("demo", "none")))
    rate_limits: bool = True
    requests_per_minute: Mapping[str, int] = attrs.field(factory=lambda: {"createLoginLink": 20})
    default_requests_per_minute: int = 600
    clock: Clock = utc_now
