"""What completion and hover show: every argument and field says what it is, and a number in which unit."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from itertools import pairwise
from pathlib import Path
from typing import Any, is_typeddict

import attrs
import pytest

import havn
from havn_ext.resources.auth import Auth
from havn_ext.resources.transactions import Transactions
from havn_ext.resources.users import Users
from havn_ext.resources.vouchers import Vouchers

NUMBER = re.compile(r"\b(int|float|Decimal)\b")
UNIT = re.compile(
    r"(?i)\b(seconds|minor units|cents|percent|fraction|basis points|dollars|status|bytes|number|position|distance"
    r"|how many|users|uses|calls|requests|vouchers|tries|retries|batches|entries|as in `\w+`|see `\w+`)\b"
)
ENTRY = re.compile(r"    (\*{0,2}\w+): (.*)")
RESOURCES = (Auth, Transactions, Users, Vouchers)
PUBLIC = {name: getattr(havn, name) for name in havn.__all__}
CLASSES = {name: each for name, each in PUBLIC.items() if isinstance(each, type)}


def documented(docstring: str | None, *sections: str) -> dict[str, str]:
    """The entries of a docstring's sections, by name."""
    found: dict[str, str] = {}
    section = name = ""
    for line in inspect.cleandoc(docstring or "").splitlines():
        entry = ENTRY.fullmatch(line)
        if line and not line.startswith(" "):
            section, name = line.removesuffix(":"), ""
        elif section in sections and entry:
            name = entry[1].lstrip("*")
            found[name] = entry[2]
        elif name:
            found[name] += " " + line.strip()
    return found


def public_calls() -> dict[str, tuple[Any, str | None]]:
    """Everything public that takes arguments, and its docstring."""
    found: dict[str, tuple[Any, str | None]] = {}
    for name, each in PUBLIC.items():
        if inspect.isfunction(each):
            found[name] = (each, each.__doc__)
    for owner in (*CLASSES.values(), *RESOURCES):
        for name, function in inspect.getmembers(owner, inspect.isfunction):
            ours = function.__module__.startswith("havn_ext")
            if ours and not name.startswith("_") and not is_typeddict(owner):
                found[f"{owner.__name__}.{name}"] = (function, function.__doc__)
    for client in (havn.HAVNClient, havn.AsyncHAVNClient):
        found[f"{client.__name__}()"] = (client.__init__, client.__init__.__doc__)
    return found


CALLS = public_calls()


@pytest.mark.parametrize("name", CALLS)
def test_every_argument_is_explained(name: str) -> None:
    """Every argument of a public call stands under `Args`; where it is a number, with its unit or its limits."""
    function, docstring = CALLS[name]
    said = documented(docstring, "Args")
    parameters = [each for each in inspect.signature(function).parameters.values() if each.name != "self"]
    assert [each.name for each in parameters if each.name not in said] == []
    numbers = [each.name for each in parameters if NUMBER.search(str(each.annotation))]
    assert [name for name in numbers if not UNIT.search(said[name])] == []


@pytest.mark.parametrize(
    "name", [name for name in CALLS if name.partition(".")[0] in {each.__name__ for each in RESOURCES}]
)
def test_every_call_names_its_errors(name: str) -> None:
    """What goes to HAVN names, under `Raises`, what it raises: of its own kind, and `HAVNError` for the rest."""
    assert "HAVNError" in documented(CALLS[name][1], "Raises")


def attribute_docstrings(owner: type) -> dict[str, str]:
    """The texts right below the fields of a class and of its bases, which editors show for a field."""
    found: dict[str, str] = {}
    for each in reversed(owner.__mro__):
        if not each.__module__.startswith("havn_ext"):
            continue
        tree = ast.parse(Path(importlib.import_module(each.__module__).__file__ or "").read_text(encoding="utf-8"))
        bodies = [node.body for node in tree.body if isinstance(node, ast.ClassDef) and node.name == each.__name__]
        for body in bodies:
            for field, text in pairwise(body):
                if (
                    isinstance(field, ast.AnnAssign)
                    and isinstance(field.target, ast.Name)
                    and isinstance(text, ast.Expr)
                    and isinstance(text.value, ast.Constant)
                ):
                    found[field.target.id] = str(text.value.value)
    return found


RESULTS = [name for name, each in CLASSES.items() if attrs.has(each) and name != "RetryPolicy"]


@pytest.mark.parametrize("name", RESULTS)
def test_every_field_is_explained(name: str) -> None:
    """Every field of what calls give and hooks are told has a text of its own; a number says its unit."""
    owner = CLASSES[name]
    said = {**documented(owner.__doc__, "Args", "Attributes"), **attribute_docstrings(owner)}
    fields = [field for field in attrs.fields(owner) if not field.name.startswith("_")]
    assert [field.name for field in fields if field.name not in said] == []
    numbers = [field.name for field in fields if NUMBER.search(str(field.type)) and "tuple" not in str(field.type)]
    assert [name for name in numbers if not UNIT.search(said[name])] == []


@pytest.mark.parametrize("name", [*RESULTS, "VoucherQuery"])
def test_no_text_reads_as_a_type(name: str) -> None:
    """No one-line text of a field has a colon, before which Sphinx's napoleon looks for a type."""
    said = attribute_docstrings(CLASSES[name])
    assert [field for field, text in said.items() if ": " in text.partition("\n")[0]] == []


def test_every_filter_is_explained() -> None:
    """Every entry of `VoucherQuery` has a text of its own; a number says its unit."""
    said = attribute_docstrings(havn.VoucherQuery)
    assert set(said) == set(havn.VoucherQuery.__annotations__)
    kinds = {name: str(kind) for name, kind in havn.VoucherQuery.__annotations__.items()}
    assert [name for name, kind in kinds.items() if NUMBER.search(kind) and not UNIT.search(said[name])] == []
