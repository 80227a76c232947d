"""The public names: explicit, sorted, and the same whoever asks."""

from __future__ import annotations

import ast
import importlib
import inspect
import tomllib
from pathlib import Path
from typing import Any

import pytest

import havn
import havn_ext
from havn_ext import errors

ROOT = Path(__file__).parents[2]
HAVN_DOCUMENTS_IMPORT = ["HAVNAPIError", "HAVNClient", "HAVNError", "HAVNRateLimitError", "HAVNValidationError"]
PUBLISHED_ERRORS = ["HAVNAuthError", "HAVNNetworkError"]


def module_tree(module: Any) -> ast.Module:
    """The source of a module."""
    return ast.parse(inspect.getsource(module))


def imported_for_type_checkers(module: Any) -> list[str]:
    """The names under `if TYPE_CHECKING:` of a module, its private ones and typing's left out."""
    (block,) = [
        node
        for node in module_tree(module).body
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
    ]
    return [
        alias.asname or alias.name
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    ]


@pytest.mark.parametrize("module", [havn, havn_ext, errors])
def test_the_names_are_sorted_and_there(module: Any) -> None:
    """`__all__` is sorted and without repetition, and every name in it resolves."""
    assert module.__all__ == sorted(set(module.__all__))
    for name in module.__all__:
        assert getattr(module, name) is not None


@pytest.mark.parametrize("module", [havn, havn_ext])
def test_dir_shows_the_names(module: Any) -> None:
    """`dir()` shows the public names, before any of them was used and after."""
    assert dir(module) == module.__all__


def test_type_checkers_see_the_same_names() -> None:
    """What type checkers are told is `__all__`: by name in `havn_ext`, all of that and `exceptions` in `havn`."""
    assert sorted([*imported_for_type_checkers(havn_ext), "__version__"]) == havn_ext.__all__
    assert imported_for_type_checkers(havn) == ["exceptions", "*"]
    assert havn.__all__ == havn_ext.__all__


def test_havn_gives_the_very_objects() -> None:
    """`havn` and `havn_ext` give the same objects."""
    for name in havn_ext.__all__:
        assert getattr(havn, name) is getattr(havn_ext, name)


@pytest.mark.parametrize("module", [havn, havn_ext])
def test_another_name_is_an_attribute_error(module: Any) -> None:
    """A name that is not public fails as attributes do, so that `hasattr` works."""
    with pytest.raises(AttributeError, match="no attribute 'HAVNKlient'"):
        _ = module.HAVNKlient
    assert not hasattr(module, "resolve")


def test_a_star_import_gives_the_names() -> None:
    """`from havn import *` gives the public names and no other."""
    namespace: dict[str, Any] = {}
    exec("from havn import *", namespace)  # noqa: S102  the statement under test
    assert sorted(namespace.keys() - {"__builtins__"}) == havn.__all__


def test_the_exceptions_are_the_errors() -> None:
    """`havn.exceptions`, the published client's name, has every error of `havn_ext.errors` and nothing else."""
    exceptions = importlib.import_module("havn.exceptions")
    assert exceptions.__all__ == errors.__all__
    for name in errors.__all__:
        assert getattr(exceptions, name) is getattr(errors, name)
        assert name in havn.__all__
    classes = [
        name
        for name, value in vars(errors).items()
        if inspect.isclass(value) and value.__module__ == errors.__name__
    ]
    assert sorted(classes) == errors.__all__


def test_the_exceptions_need_no_import_of_their_own() -> None:
    """`import havn` is enough for `havn.exceptions`, as with the published client."""
    assert vars(havn)["__getattr__"]("exceptions") is importlib.import_module("havn.exceptions")


@pytest.mark.parametrize("name", HAVN_DOCUMENTS_IMPORT + PUBLISHED_ERRORS)
def test_havns_documents_find_their_names(name: str) -> None:
    """Every name that HAVN's documents and published client import is there."""
    assert name in havn.__all__


def test_the_version_is_that_of_the_project() -> None:
    """`__version__` is what `pyproject.toml` says."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert havn.__version__ == project["version"]
