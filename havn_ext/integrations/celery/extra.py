"""Tells whoever needs Celery or SQLAlchemy, and lacks it, how to get it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Generator

__all__ = ["celery_extra"]

_EXTRAS: Final = {"celery": "celery", "kombu": "celery", "sqlalchemy": "outbox"}


@contextmanager
def celery_extra() -> Generator[None]:
    """Around imports of what the extras bring.

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
            f"{package} is missing, which HAVN's Celery tasks need: pip install 'havn-sdk[{extra}]'",
            name=error.name,
        ) from error
