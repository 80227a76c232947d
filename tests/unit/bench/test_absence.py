"""Hiding an installed package from a part of a program."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING

import pytest
from bench.absence import absent

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def test_a_package_is_gone_within_the_context_and_back_after_it() -> None:
    """The import fails inside, and gives the very same module outside; all others stay importable."""
    before = importlib.import_module("attrs")
    finders = list(sys.meta_path)
    with absent("attrs"):
        with pytest.raises(ModuleNotFoundError):
            importlib.import_module("attrs")
        assert importlib.import_module("colorsys").__name__ == "colorsys"
    assert importlib.import_module("attrs") is before
    assert sys.meta_path == finders


def test_a_failure_inside_brings_the_package_back_too() -> None:
    """An error does not leave the program without a package."""
    before = importlib.import_module("attrs")
    with pytest.raises(ZeroDivisionError), absent("attrs"):
        _ = 1 / 0
    assert importlib.import_module("attrs") is before


def test_only_the_folders_that_are_named_are_searched(tmp_path: Path) -> None:
    """How long the search takes is that of these folders, and none of them gives the package after all."""
    searched = Folders([str(tmp_path)])
    with absent("attrs", searched), pytest.raises(ModuleNotFoundError):
        importlib.import_module("attrs")
    assert searched.walked == 1


class Folders(list[str]):
    """Counts how often it is gone through."""

    walked = 0

    def __iter__(self) -> Iterator[str]:
        """As that of a list."""
        self.walked += 1
        return super().__iter__()
