"""The public methods and the contract: what `openapi.yaml` offers, a caller can ask for."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path
from typing import Any, get_args

import pytest
from contract import ROOT, Node, operations, parse

from havn_ext import UserInput, VoucherQuery
from havn_ext.resources.auth import Auth
from havn_ext.resources.transactions import Transactions
from havn_ext.resources.users import Users
from havn_ext.resources.vouchers import Vouchers

SPEC = parse((ROOT / "openapi.yaml").read_text(encoding="utf-8"))
SCHEMAS: Node = SPEC["components"]["schemas"]
RESOURCES = Path(ROOT, "havn_ext", "resources")
OPERATION_IDS = [operation["operationId"] for _, _, operation in operations(SPEC)]

REQUESTS: dict[str, tuple[Any, set[str]]] = {
    # schema: the method that sends it, and its parameters that are not on the wire
    "TransactionRequest": (Transactions.send, {"timeout"}),
    "UserSyncRequest": (Users.sync, {"timeout"}),
    "UserSyncBulkRequest": (Users.sync_bulk, {"timeout"}),
    "VoucherValidateRequest": (Vouchers.validate, {"timeout"}),
    "LoginRequest": (Auth.login, {"timeout"}),
}


def parameters(method: Any) -> set[str]:
    """The names of a method's parameters."""
    return {name for name in inspect.signature(method).parameters if name not in {"self", "query"}}


def snake(name: str) -> str:
    """An operation's id as the name of a function."""
    return re.sub(r"([A-Z])", r"_\1", name).lower()


@pytest.mark.parametrize("operation", OPERATION_IDS)
def test_an_operation_has_one_resource(operation: str) -> None:
    """Every operation of the contract is used by exactly one resource."""
    users = [
        path.stem
        for path in sorted(RESOURCES.glob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module == "havn_ext._operations"
        for alias in node.names
        if alias.name == snake(operation)
    ]
    assert len(users) == 1


def test_no_resource_uses_anything_else() -> None:
    """The resources use the operations of the contract and no others."""
    import havn_ext._operations as used

    assert sorted(used.__all__) == sorted(map(snake, OPERATION_IDS))


@pytest.mark.parametrize("schema", REQUESTS)
def test_a_request_field_is_a_parameter(schema: str) -> None:
    """Every field of a request is a parameter of the method that sends it, and nothing more is but the timeout."""
    method, others = REQUESTS[schema]
    assert parameters(method) == set(SCHEMAS[schema]["properties"]) | others


def test_every_request_has_its_method() -> None:
    """No request of the contract is left out of the table above."""
    assert {name for name in SCHEMAS if name.endswith("Request")} == set(REQUESTS)


def test_a_query_parameter_is_a_filter() -> None:
    """Every query parameter of the voucher list is a key of `VoucherQuery`, or places a page."""
    (operation,) = [each for _, _, each in operations(SPEC) if each["operationId"] == "listVouchers"]
    names = {each["name"] for each in operation["parameters"] if each.get("in") == "query"}
    assert names == set(VoucherQuery.__annotations__) | {"page", "per_page"}
    for method in (Vouchers.get_all, Vouchers.get_combined):
        assert parameters(method) >= {"page", "per_page"}


def test_a_user_of_a_bulk_call_has_every_field() -> None:
    """`UserInput` has the fields of a user."""
    assert set(UserInput.__annotations__) == set(SCHEMAS["UserSyncRequest"]["properties"])


def test_many_users_take_what_a_batch_takes() -> None:
    """`sync_many` has every parameter of `sync_bulk`."""
    assert parameters(Users.sync_many) >= parameters(Users.sync_bulk)


@pytest.mark.parametrize(
    ("field", "enum"),
    [
        ("type", "VoucherType"),
        ("client_type", "VoucherClientType"),
        ("currency", "Currency"),
        ("sort_by", "VoucherSortBy"),
    ],
)
def test_a_filter_takes_the_contracts_words(field: str, enum: str) -> None:
    """A filter with a fixed set of words is typed with the contract's."""
    from havn_api import models

    assert set(get_args(getattr(models, enum))) == set(SCHEMAS[enum]["enum"])
    assert enum in str(VoucherQuery.__annotations__[field])
