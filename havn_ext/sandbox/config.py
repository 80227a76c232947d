"""What a sandbox can be told."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import attrs

if TYPE_CHECKING:
    from havn_ext.sandbox.faults import FaultRule

__all__ = ["HAVNS_LIMITS", "OPERATION_IDS", "Clock", "SandboxConfig", "Seed", "utc_now"]

Clock: TypeAlias = Callable[[], datetime]
Seed: TypeAlias = Literal["demo", "none"]

OPERATION_IDS: Final = ("sendTransaction", "syncUsers", "validateVoucher", "listVouchers", "createLoginLink")
"""The operations of the contract, known before it is loaded."""

DEFAULT_API_KEY: Final = "havn_test_key"
DEFAULT_WEBHOOK_SECRET: Final = "havn_test_secret"  # noqa: S105  public on purpose: it opens a mock only


HAVNS_LIMITS: Final[Mapping[str, int]] = MappingProxyType({"createLoginLink": 20})
"""Calls a minute that HAVN's documents speak of."""


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
        faults: What goes wrong from the start.
        allowed_hosts: Names, without ports, that the page and /_sandbox go by besides this machine's own.
        log_entries: How many exchanges the request log keeps at the most.
        log_bytes: How many bytes of addresses, headers and bodies it keeps at the most.
    """

    api_key: str = attrs.field(default=DEFAULT_API_KEY, validator=attrs.validators.min_len(1))
    webhook_secret: str = attrs.field(
        default=DEFAULT_WEBHOOK_SECRET, repr=lambda _: "****", validator=attrs.validators.min_len(1)
    )
    database: Path | None = attrs.field(default=None, converter=attrs.converters.optional(Path))
    seed: Seed = attrs.field(default="demo", validator=attrs.validators.in_(("demo", "none")))
    rate_limits: bool = True
    requests_per_minute: Mapping[str, int] = HAVNS_LIMITS
    default_requests_per_minute: int = 600
    clock: Clock = utc_now
    faults: Sequence[FaultRule] = ()
    allowed_hosts: Sequence[str] = ()
    log_entries: int = 1000
    log_bytes: int = 16 * 1024 * 1024
