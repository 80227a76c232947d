"""The addresses of the pages, for routes and links alike."""

from __future__ import annotations

from typing import Final

import attrs

__all__ = ["PAGES", "ROOT", "Page"]

ROOT: Final = "/_sandbox/inspector"


@attrs.frozen
class Page:
    """One of the pages that the bar at the top leads to."""

    name: str
    path: str


PAGES: Final = (
    Page("Requests", "/"),
    Page("Associates", f"{ROOT}/associates"),
    Page("Transactions", f"{ROOT}/transactions"),
    Page("Vouchers", f"{ROOT}/vouchers"),
)
