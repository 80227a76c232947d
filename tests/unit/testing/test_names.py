"""What `havn_ext.testing` shows, and what it loads."""

from __future__ import annotations

import ast
import inspect
import os
import subprocess
import sys

import pytest

import havn_ext.testing as testing_package

HEAVY = {
    "httpx",
    "anyio",
    "asyncio",
    "ssl",
    "starlette",
    "uvicorn",
    "jsonschema_rs",
    "unittest",
    "json",
    "attr",
    "havn_api",
}


def loaded_by(program: str) -> set[str]:
    """The modules that a fresh interpreter has loaded after a program, none of `site`'s among them."""
    run = subprocess.run(  # noqa: S603  a program of ours
        [sys.executable, "-S", "-c", f"{program}; import sys; print(*sys.modules)"],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(run.stdout.split())


def test_the_names_are_sorted_and_there() -> None:
    """`__all__` is sorted, every name in it resolves, and `dir()` shows the same."""
    names = testing_package.__all__
    assert names == sorted(set(names))
    assert dir(testing_package) == names
    assert all(getattr(testing_package, name) is not None for name in names)


def test_type_checkers_see_the_same_names() -> None:
    """What type checkers are told is `__all__`."""
    blocks = [node for node in ast.parse(inspect.getsource(testing_package)).body if isinstance(node, ast.If)]
    (block,) = [node for node in blocks if ast.unparse(node.test) == "TYPE_CHECKING"]
    imported = [alias.name for node in block.body if isinstance(node, ast.ImportFrom) for alias in node.names]
    assert sorted(imported) == testing_package.__all__


def test_another_name_is_an_attribute_error() -> None:
    """A name that is not public fails as attributes do."""
    with pytest.raises(AttributeError, match="no attribute 'sandbox_extra'"):
        _ = testing_package.sandbox_extra  # type: ignore[attr-defined]


def test_importing_the_package_loads_nothing() -> None:
    """The package alone loads no other module of ours, no pytest and nothing heavy."""
    loaded = loaded_by("import havn_ext.testing")
    assert {name for name in loaded if name.startswith("havn")} == {
        "havn_ext",
        "havn_ext._version",
        "havn_ext.testing",
    }
    assert not loaded & {*HEAVY, "pytest"}


def test_the_names_need_no_pytest() -> None:
    """Every public name works where pytest is not installed."""
    assert "pytest" not in loaded_by("from havn_ext.testing import *")


def test_the_plugin_costs_a_session_nothing() -> None:
    """Besides what pytest loads by itself, the plugin loads itself and its two empty packages."""
    added = loaded_by("import havn_ext.testing.plugin") - loaded_by("import pytest")
    assert added == {"havn_ext", "havn_ext._version", "havn_ext.testing", "havn_ext.testing.plugin"}
