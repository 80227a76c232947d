"""Tells whoever needs the sandbox's packages, and lacks them, how to get them."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator

__all__ = ["sandbox_extra"]


@contextmanager
def sandbox_extra() -> Generator[None]:
    """Around imports of the sandbox.

    Raises:
        ModuleNotFoundError: A package of the extra is missing; the message says what to install.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package in {"", "havn_api", "havn_ext"}:  # a defect of ours, which no extra mends
            raise
        raise ModuleNotFoundError(
            f"{package} is missing, which HAVN's sandbox needs: pip install 'havn-sdk[sandbox]'", name=error.name
        ) from error
