"""Any server that claims to be HAVN: where it is, who calls, and how much may be asked of it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final, Self

import attrs

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CREDENTIALS", "Server", "ServerError"]

CREDENTIALS: Final = ("HAVN_BASE_URL", "HAVN_API_KEY", "HAVN_WEBHOOK_SECRET")


class ServerError(Exception):
    """The environment does not name a server."""


@attrs.frozen
class Server:
    """Where a server is, and how much may be asked of it.

    Args:
        base_url: Where it is.
        api_key: Who calls.
        webhook_secret: The caller's secret.
        writes: Whether sales of one cent may be stored, to see whether a payment counts once.
        most_calls: Generated calls of each operation.
        most_wait: Seconds to wait for rate limits in all.
    """

    base_url: str
    api_key: str
    webhook_secret: str = attrs.field(repr=False)
    writes: bool = False
    most_calls: int = 150
    most_wait: float = 300

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """The server of HAVN_BASE_URL, HAVN_API_KEY and HAVN_WEBHOOK_SECRET.

        HAVN_CONTRACT_WRITES=1 allows to store; HAVN_CONTRACT_CALLS and HAVN_CONTRACT_WAIT change the bounds.

        Raises:
            ServerError: A variable is missing, or a bound is no number.
        """
        missing = [name for name in CREDENTIALS if not environment.get(name)]
        if missing:
            raise ServerError(f"set {', '.join(missing)}")
        base_url, api_key, secret = (environment[name] for name in CREDENTIALS)
        try:
            return cls(
                base_url.rstrip("/"),
                api_key,
                secret,
                writes=environment.get("HAVN_CONTRACT_WRITES") == "1",
                most_calls=int(environment.get("HAVN_CONTRACT_CALLS", "150")),
                most_wait=float(environment.get("HAVN_CONTRACT_WAIT", "300")),
            )
        except ValueError as error:
            raise ServerError(f"HAVN_CONTRACT_CALLS and HAVN_CONTRACT_WAIT are numbers: {error}") from error
