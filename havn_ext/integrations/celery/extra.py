"""The packages that the tasks need, and the extras that bring them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from havn_ext._extras import needed_by

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

__all__ = ["celery_extra"]

_EXTRAS: Final = {"celery": "celery", "kombu": "celery", "sqlalchemy": "outbox"}


def celery_extra() -> AbstractContextManager[None]:
    """Around imports of what the extras bring, see `needed_by`."""
    return needed_by("HAVN's Celery tasks", _EXTRAS.get)
