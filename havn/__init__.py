"""The import name that HAVN's documents use: everything here is `havn_ext`'s."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import havn_ext

if TYPE_CHECKING:
    from havn_ext import *  # noqa: F403  the same names, and no others

__all__: list[str] = []
__all__ += havn_ext.__all__


def __getattr__(name: str) -> Any:  # noqa: ANN401  any of the public names
    if name == "exceptions":  # as with the published client, `import havn` is enough for it
        from importlib import import_module  # noqa: PLC0415  rarely needed

        return import_module("havn.exceptions")
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(havn_ext, name)


def __dir__() -> list[str]:
    return sorted(__all__)
