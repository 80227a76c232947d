"""What the page never shows in full: API keys, and any other header that lets somebody in."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["fingerprint", "masked", "masked_headers"]

_SHOWN: Final = 4
_DOTS: Final = "••••"
_PRIVATE: Final = frozenset({"authorization", "cookie", "proxy-authorization", "set-cookie", "x-api-key"})


def masked(api_key: str) -> str:
    """The first four characters and dots; of a key so short that they would tell it, dots alone."""
    return api_key[:_SHOWN] + _DOTS if len(api_key) > 2 * _SHOWN else _DOTS


def fingerprint(api_key: str) -> str:
    """Eight hexadecimal digits that tell companies apart, in addresses and beside masked keys."""
    return hashlib.sha256(api_key.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def masked_headers(headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """The headers as they may be shown and exported."""
    return [(name, masked(value) if name.lower() in _PRIVATE else value) for name, value in headers]
