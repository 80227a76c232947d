"""Tells whoever makes a store, and lacks its package, how to get it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator

__all__ = ["extra"]


@contextmanager
def extra(name: str, package: str) -> Generator[None]:
    """Around imports of the package of an extra.

    Raises:
        ModuleNotFoundError: The package is missing; the message says what to install.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != package:  # a defect elsewhere, which no extra mends
            raise
        raise ModuleNotFoundError(
            f"{package} is missing, which this store needs: pip install 'havn-sdk[{name}]'", name=error.name
        ) from error
