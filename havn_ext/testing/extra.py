"""The packages that the sandbox needs: whatever it is, one extra brings it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from havn_ext._extras import needed_by

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

__all__ = ["sandbox_extra"]

_OURS: Final = frozenset({"", "havn_api", "havn_ext"})


def sandbox_extra() -> AbstractContextManager[None]:
    """Around imports of the sandbox, see `needed_by`."""
    return needed_by("HAVN's sandbox", lambda package: None if package in _OURS else "sandbox")
