"""Tells whoever needs a package that an extra brings, and lacks it, how to get it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

__all__ = ["needed_by"]


@contextmanager
def needed_by(what: str, extra_of: Callable[[str], str | None]) -> Generator[None]:
    """Around imports of what extras bring.

    Args:
        what: What needs them, for people.
        extra_of: The extra that brings a package; None if none does, and its lack is a defect of ours.

    Raises:
        ModuleNotFoundError: A package is missing; the message says what to install.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        extra = extra_of(package)
        if extra is None:
            raise
        raise ModuleNotFoundError(
            f"{package} is missing, which {what} needs: pip install 'havn-sdk[{extra}]'", name=error.name
        ) from error
