"""The types that users see: both checkers accept every right call and refuse every wrong one."""

from __future__ import annotations

import ast
import inspect
import os
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from unittest import TestCase

import pytest
from havn_site.areas import AREAS, documented

import havn
from havn_ext.resources.auth import Auth
from havn_ext.resources.transactions import Transactions
from havn_ext.resources.users import Users
from havn_ext.resources.vouchers import Vouchers

ROOT = Path(__file__).parents[2]
FILES = [ROOT / "tests" / "typing" / name for name in ("api.py", "packages.py", "mistakes.py")]
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


def test_every_public_name_is_used() -> None:
    """The file of right calls imports every public name from `havn`, and uses each."""
    tree = ast.parse(FILES[0].read_text(encoding="utf-8"))
    imported = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "havn"
        for alias in node.names
    }
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert imported == set(havn.__all__)
    assert imported <= used


ELSEWHERE = ("havn.", "havn_ext.resources.", "havn_ext.testing.plugin.")
"""What `api.py` and the table below use; and fixtures, which no program calls."""


def test_every_name_of_the_packages_is_used() -> None:
    """The second file of right calls has every other public name of the reference, and every method of each."""
    tree = ast.parse(FILES[1].read_text(encoding="utf-8"))
    modules = {
        alias.asname or alias.name: f"{node.module}.{alias.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    attributes = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    used = {
        f"{modules[node.value.id]}.{node.attr}"
        for node in attributes
        if isinstance(node.value, ast.Name) and node.value.id in modules
    }
    called = {node.attr for node in attributes}
    names = {name for area in AREAS for name in documented(area) if not name.startswith(ELSEWHERE)}
    assert names - used == set()
    for name in names:
        module, _, last = name.rpartition(".")
        value = getattr(import_module(module), last)
        own = vars(value) if inspect.isclass(value) and not issubclass(value, TestCase) else {}
        methods = {each for each, member in own.items() if inspect.isfunction(member) and not each.startswith("_")}
        assert methods - called == set(), name


# ── what each call is revealed to be ─────────────────────────────────────────────────────────────

AWAITED = "Coroutine[Any, Any, {}]"
REVEALED: dict[str, tuple[str, str]] = {
    # the call, and what it is with the blocking client; then with the async one, as far as it is not an awaitable
    "transactions.send(1)": ("TransactionResult", AWAITED),
    "transactions.send_prepared({})": ("TransactionResult", AWAITED),
    "users.sync('ada@example.com', 'Ada')": ("UserSyncResult", AWAITED),
    "users.sync_prepared({})": ("UserSyncResult", AWAITED),
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
