"""The packages that the outbox needs, and the extras that bring them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from havn_ext._extras import needed_by

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

__all__ = ["outbox_extra"]

_EXTRAS: Final = {"sqlalchemy": "outbox", "prometheus_client": "prometheus", "opentelemetry": "otel"}


def outbox_extra() -> AbstractContextManager[None]:
    """Around imports of what an extra brings, see `needed_by`."""
    return needed_by("HAVN's outbox", _EXTRAS.get)
