"""Tells whoever needs a package that an extra brings, and lacks it, how to get it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Generator

__all__ = ["outbox_extra"]

_EXTRAS: Final = {"sqlalchemy": "outbox", "prometheus_client": "prometheus", "opentelemetry": "otel"}


@contextmanager
def outbox_extra() -> Generator[None]:
    """Around imports of what an extra brings.

    Raises:
        ModuleNotFoundError: A package is missing; the message says what to install.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        extra = _EXTRAS.get(package)
        if extra is None:  # a defect of ours, which no extra mends
            raise
        raise ModuleNotFoundError(
            f"{package} is missing, which HAVN's outbox needs: pip install 'havn-sdk[{extra}]'", name=error.name
        ) from error
