"""The import name that HAVN's documents use: everything here is `havn_ext`'s."""

from __future__ import annotations

from typing import TYPE_CHECKING

import havn_ext

if TYPE_CHECKING:
    from havn import exceptions as exceptions
    from havn_ext import *  # noqa: F403  the same names, and no others

__all__: list[str] = []
__all__ += havn_ext.__all__


if not TYPE_CHECKING:  # to a checker a misspelt name would be anything

    def __getattr__(name: str) -> object:
        if name == "exceptions":  # as with the published client, `import havn` is enough for it
            from importlib import import_module  # noqa: PLC0415  rarely needed

            return import_module("havn.exceptions")
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(havn_ext, name)


def __dir__() -> list[str]:
    return sorted(__all__)
