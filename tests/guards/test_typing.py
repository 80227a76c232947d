"""The types that users see: both checkers accept every right call and refuse every wrong one."""

from __future__ import annotations

import ast
import inspect
import os
import re
import subprocess
import sys
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from havn_site.areas import AREAS, documented

import havn
from havn_ext.resources.auth import Auth
from havn_ext.resources.transactions import Transactions
from havn_ext.resources.users import Users
from havn_ext.resources.vouchers import Vouchers
from havn_ext.testing.options import AsyncClientOptions, ClientOptions

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "tests" / "typing").glob("*.py"))
RIGHT = [path for path in FILES if path.name != "mistakes.py"]
TOOLS = {
    # of other files only what users see counts here; their own faults are for `make lint`
    "mypy": ["mypy", "--strict", "--follow-imports=silent", "--no-error-summary", "--no-incremental"],
    "basedpyright": ["basedpyright", "--pythonpath", sys.executable],
}


@pytest.mark.parametrize("tool", TOOLS)
def test_right_calls_pass_and_wrong_ones_do_not(tool: str) -> None:
    """The checker has nothing to say: about right calls nothing, and about wrong ones no more than is expected."""
    command, *options = TOOLS[tool]
    program = Path(sys.executable).with_name(command)
    if not program.exists():
        pytest.skip(f"{command} is not installed beside this Python")
    run = subprocess.run(  # noqa: S603  a program of ours
        [program, *options, *map(str, FILES)],
        cwd=ROOT,
        env={**os.environ, "MYPY_FORCE_COLOR": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.stdout.removesuffix("0 errors, 0 warnings, 0 notes\n") == ""
    assert run.returncode == 0


# ── all that is public is there ──────────────────────────────────────────────────────────────────

PUBLIC = sorted({name for area in AREAS for name in documented(area)})
"""Whatever the reference of the API documents, by its full name: `havn.sign`, `havn_ext.outbox.Worker`."""


def value_of(name: str) -> Any:
    """What a full name stands for."""
    module, _, last = name.rpartition(".")
    return getattr(import_module(module), last)


def full_name(module: str, name: str) -> str:
    """A name as the reference documents it."""
    return f"havn.{name}" if name in havn.__all__ else f"{module}.{name}"


def imports(tree: ast.AST) -> dict[str, str]:
    """The full names of what a file imports, by the names that it gives them."""
    return {
        alias.asname or alias.name: full_name(node.module or "", alias.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def used(tree: ast.AST) -> set[str]:
    """The full names that a file imports, and mentions anywhere else."""
    known = imports(tree)
    return {known[node.id] for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id in known}


def asserted(tree: ast.AST) -> Iterator[str]:
    """What `assert_type` is asked about: full names, and members such as `havn_ext.outbox.Worker.drain`."""
    for function in ast.walk(tree):
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
            known = {**imports(tree), **owners(function, imports(tree))}
            contexts = {
                item.optional_vars.id: item.context_expr
                for node in ast.walk(function)
                if isinstance(node, (ast.With, ast.AsyncWith))
                for item in node.items
                if isinstance(item.optional_vars, ast.Name)
            }
            for node in ast.walk(function):
                if isinstance(node, ast.Call) and ast.unparse(node.func) == "assert_type":
                    yield from chain(node.args[0], known, contexts)


def owners(function: ast.FunctionDef | ast.AsyncFunctionDef, known: dict[str, str]) -> dict[str, str]:
    """The full names of the classes of a function's arguments, and of what it makes itself."""
    arguments = {each.arg: root(each.annotation) for each in function.args.args if each.annotation}
    made = {
        node.targets[0].id: ast.unparse(node.value.func)
        for node in ast.walk(function)
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Call)
    }
    return {name: known[kind] for name, kind in {**arguments, **made}.items() if kind in known}


def chain(expression: ast.expr, known: dict[str, str], contexts: dict[str, ast.expr]) -> Iterator[str]:
    """The names in front of an expression, from its end to its beginning; not those of its arguments."""
    match expression:
        case ast.Await(value=inner) | ast.Subscript(value=inner) | ast.Call(func=inner):
            yield from chain(inner, known, contexts)
        case ast.Attribute(value=ast.Name(id=owner), attr=member) if owner in known:
            yield f"{known[owner]}.{member}"
        case ast.Attribute(value=inner):
            yield from chain(inner, known, contexts)
        case ast.Name(id=name) if name in contexts:
            yield from chain(contexts[name], known, contexts)
        case ast.Name(id=name) if name in known:
            yield known[name]
        case _:
            pass


def root(annotation: ast.expr) -> str:
    """The class of an annotation, without what it is a class of."""
    return ast.unparse(annotation.value if isinstance(annotation, ast.Subscript) else annotation)


def calls(name: str) -> set[str]:
    """The full names of all that can be called or read of a public class, and of a public function its own."""
    value = value_of(name)
    if not inspect.isclass(value):
        return {name} if inspect.isfunction(value) else set()
    ours = (each for each in value.__mro__ if each.__module__.startswith("havn_ext"))
    kinds = (property, cached_property, classmethod, staticmethod)
    return {
        f"{name}.{member}"
        for each in ours
        for member, what in vars(each).items()
        if not member.startswith("_") and (inspect.isfunction(what) or isinstance(what, kinds))
    }


TREES = [ast.parse(path.read_text(encoding="utf-8")) for path in RIGHT]
USED = {name for tree in TREES for name in used(tree)}
ASSERTED = {name for tree in TREES for name in asserted(tree)}


@pytest.mark.parametrize("module", sorted({name.rpartition(".")[0] for name in PUBLIC}))
def test_every_public_name_is_used(module: str) -> None:
    """The files of right calls import every name that the reference documents, and use each."""
    assert [name for name in PUBLIC if name.rpartition(".")[0] == module and name not in USED] == []


@pytest.mark.parametrize("module", sorted({name.rpartition(".")[0] for name in PUBLIC}))
def test_every_public_call_is_asserted(module: str) -> None:
    """The files say of each documented function, method and property what it gives.

    Those of the clients' resources are in the table below, for both clients.
    """
    expected = {each for name in PUBLIC if name.rpartition(".")[0] == module for each in calls(name)}
    in_the_table = {each for owner in RESOURCES.values() for each in calls(f"{owner.__module__}.{owner.__name__}")}
    assert sorted(expected - in_the_table - ASSERTED) == []


@pytest.mark.parametrize(
    ("options", "client", "http_client"),
    [
        (ClientOptions, havn.HAVNClient, "httpx.Client"),
        (AsyncClientOptions, havn.AsyncHAVNClient, "httpx.AsyncClient"),
    ],
)
def test_a_company_types_the_options_of_its_clients(options: type, client: type, http_client: str) -> None:
    """`SandboxCompany.client` takes what the client takes, but for what the company itself knows."""
    parameters = inspect.signature(client).parameters.values()
    taken = {each.name: each.annotation.replace("HTTPClient", http_client) for each in parameters}
    own = {"api_key", "webhook_secret", "base_url"}
    offered = {name: kind.__forward_arg__ for name, kind in options.__annotations__.items()}
    assert offered == {name: kind for name, kind in taken.items() if name not in own}


# ── what each call is revealed to be ─────────────────────────────────────────────────────────────

AWAITED = "Coroutine[Any, Any, {}]"
REVEALED: dict[str, tuple[str, str]] = {
    # the call, and what it is with the blocking client; then with the async one, as far as it is not an awaitable
    "transactions.send(1)": ("TransactionResult", AWAITED),
    "transactions.send_prepared(b'{}')": ("TransactionResult", AWAITED),
    "users.sync('ada@example.com', 'Ada')": ("UserSyncResult", AWAITED),
    "users.sync_prepared(b'{}')": ("UserSyncResult", AWAITED),
    "users.sync_bulk([])": ("BulkSyncResult", AWAITED),
    "users.sync_many([])": ("UserSyncStream", "Async{}"),
    "vouchers.validate('HAVN-A')": ("bool", AWAITED),
    "vouchers.get_all()": ("VoucherPage", AWAITED),
    "vouchers.iter_all()": ("Iterator[Voucher]", "Async{}"),
    "vouchers.get_combined()": ("VoucherPage", AWAITED),
    "auth.login('ada@example.com')": ("str", AWAITED),
    "with_options()": ("HAVNClient", "Async{}"),
    "close()": ("None", AWAITED),
}
RESOURCES = {"transactions": Transactions, "users": Users, "vouchers": Vouchers, "auth": Auth}
SAYS = {
    "mypy": r'note: Revealed type is "(.*)"',
    "basedpyright": r'information: Type of ".*" is "(.*)"',
}


def public_methods(owner: type) -> set[str]:
    """The names of the methods that users call."""
    return {name for name, _ in inspect.getmembers(owner, inspect.isfunction) if not name.startswith("_")}


def test_every_public_call_is_revealed() -> None:
    """The table has every method of both clients and of their resources."""
    methods = {f"{name}.{method}" for name, owner in RESOURCES.items() for method in public_methods(owner)}
    clients = public_methods(havn.HAVNClient) | public_methods(havn.AsyncHAVNClient)
    assert {call.partition("(")[0] for call in REVEALED} == methods | clients


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize("client", ["HAVNClient", "AsyncHAVNClient"])
def test_what_a_call_gives_is_revealed(tool: str, client: str, tmp_path: Path) -> None:
    """Either checker, and with it an editor, knows what each call of either client gives, to the parameter."""
    command, *options = TOOLS[tool]
    program = Path(sys.executable).with_name(command)
    if not program.exists():
        pytest.skip(f"{command} is not installed beside this Python")
    file = tmp_path / "calls.py"
    lines = [f"reveal_type(client.{call})" for call in REVEALED]
    file.write_text("\n".join([f"from havn import {client}", f"client = {client}()", *lines]), encoding="utf-8")
    project = ["--project", str(ROOT)] if tool == "basedpyright" else []
    run = subprocess.run(  # noqa: S603  a program of ours
        [program, *options, *project, file],
        cwd=ROOT,
        env={**os.environ, "MYPY_FORCE_COLOR": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    found = [re.sub(r"[\w.]+\.(\w+)", r"\1", said) for said in re.findall(SAYS[tool], run.stdout)]
    expected = [(after if client.startswith("Async") else "{}").format(kind) for kind, after in REVEALED.values()]
    assert [each.replace("CoroutineType", "Coroutine") for each in found] == expected, run.stdout
