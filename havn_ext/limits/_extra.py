"""The package that a store needs, and the extra that brings it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from havn_ext._extras import needed_by

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

__all__ = ["extra"]


def extra(name: str, package: str) -> AbstractContextManager[None]:
    """Around imports of the package of an extra, see `needed_by`."""
    return needed_by("this store", {package: name}.get)
