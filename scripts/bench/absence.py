"""Lets a part of a program run as if a package were not installed, the cost of looking for it included."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from importlib.machinery import PathFinder
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType


class _Without:
    """Python's finder of modules, which for one name searches a path for another that nobody has."""

    def __init__(self, name: str, searched: Sequence[str]) -> None:
        self._name = name
        self._searched = searched

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """As `PathFinder.find_spec`, but for the absent name, which is searched for in vain."""
        if fullname == self._name:
            return PathFinder.find_spec(f"{fullname}__absent", self._searched, target)
        return PathFinder.find_spec(fullname, path, target)


@contextmanager
def absent(name: str, searched: Sequence[str] | None = None) -> Iterator[None]:
    """While the context is open, `import name` fails, and takes as long as where it is not installed.

    Args:
        name: Of a top-level module.
        searched: The folders that are searched for it in vain; those of `sys.path` when None.
    """
    loaded = sys.modules.pop(name, None)
    place = sys.meta_path.index(PathFinder)
    sys.meta_path[place] = _Without(name, sys.path if searched is None else searched)
    try:
        yield
    finally:
        sys.meta_path[place] = PathFinder
        if loaded is not None:
            sys.modules[name] = loaded
