"""Public names of a package that load on first use (PEP 562)."""

from __future__ import annotations

from contextlib import nullcontext
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager

__all__ = ["loaded_on_use"]


def loaded_on_use(
    package: str, homes: Mapping[str, str], around: Callable[[], AbstractContextManager[None]] = nullcontext
) -> Callable[[str], object]:
    """The `__getattr__` of a package.

    Args:
        package: Its full name.
        homes: The module of each public name, within the package.
        around: What is entered while a module loads: it says which extra is missing.
    """

    def load(name: str) -> object:
        """Load a public name from the module that defines it."""
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        with around():
            return getattr(import_module(f"{package}.{homes[name]}"), name)

    return load
