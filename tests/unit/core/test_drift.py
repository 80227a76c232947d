"""The contract and the models say the same: whatever HAVN answers reaches a field that callers see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import pytest
from contract import ROOT, Node, parse
from places import answer_schemas

from havn_api.models import TransactionRequest
from havn_ext import _reading as reading
from havn_ext import models

if TYPE_CHECKING:
    from collections.abc import Callable

SPEC = parse((ROOT / "openapi.yaml").read_text(encoding="utf-8"))
SENT = TransactionRequest(amount=1, payment_gateway_transaction_id="txn")


def transaction_result(raw: Node) -> models.TransactionResult:
    """What the caller sees of a `TransactionResponse`."""
    return reading.transaction_result(raw, SENT, None, None, replayed=False)


def user_sync(raw: Node) -> models.UserSyncResult:
    """What the caller sees of a `UserSyncResponse`."""
    return reading.user_sync_result(raw, None)


def bulk_sync(raw: Node) -> models.BulkSyncResult:
    """What the caller sees of a `UserSyncBulkResponse`."""
    return reading.bulk_sync_result(raw, None)


def voucher_page(raw: Node) -> models.VoucherPage:
    """What the caller sees of a `VoucherListResponse`."""
    return reading.voucher_page(raw, None)


# How each schema of an answer is seen by the caller.
SEEN: dict[str, Callable[[Node], Any]] = {
    "TransactionResponse": transaction_result,
    "Transaction": lambda raw: transaction_result({"transaction": raw}).transaction,
    "Commission": lambda raw: transaction_result({"commissions": [raw]}).commissions[0],
    "UserSyncResponse": user_sync,
    "SyncedUser": lambda raw: user_sync({"user": raw}).user,
    "Associate": lambda raw: user_sync({"associate": raw}).associate,
    "UserSyncBulkResponse": bulk_sync,
    "SyncSummary": lambda raw: bulk_sync({"summary": raw}).summary,
    "SyncError": lambda raw: bulk_sync({"errors": [raw]}).errors[0],
    "VoucherListResponse": voucher_page,
    "Voucher": lambda raw: voucher_page({"data": [raw]}).data[0],
    "Pagination": lambda raw: voucher_page({"pagination": raw}).pagination,
}
RENAMED = {("SyncSummary", "failed"): "errors", ("Pagination", "limit"): "per_page"}

# Schemas that are no model: what the caller gets instead.
NO_MODEL = {
    "ErrorResponse": "an error: error_type, message, response",
    "LoginResponse": "the redirect URL",
    "LoginLink": "the redirect URL",
    "VoucherValidateResponse": "True",
    "StoredCustomFields": "a mapping, as HAVN keeps it",
}

ANSWERS = {place.name: place.node for place in answer_schemas(SPEC) if place.kind == "component schema"}
PROPERTIES = [(name, field) for name in sorted(SEEN) for field in ANSWERS.get(name, {}).get("properties", {})]


def unlike(schema: Node) -> Any:
    """A value of a property that no default is equal to."""
    example = schema["examples"][0]
    match example:
        case bool():
            return not example
        case int() | float():
            return 3
        case str():
            return f"{example}?"
    return example


def test_every_answer_is_seen() -> None:
    """A new schema in an answer has a model, or a reason why it needs none."""
    assert ANSWERS.keys() == SEEN.keys() | NO_MODEL.keys()


@pytest.mark.parametrize(("name", "field"), PROPERTIES)
def test_every_property_has_a_field(name: str, field: str) -> None:
    """A property of an answer has a field of its name, but for the renamed ones."""
    model = type(SEEN[name]({}))
    assert RENAMED.get((name, field), field) in attrs.fields_dict(model)


@pytest.mark.parametrize(("name", "field"), PROPERTIES)
def test_every_property_reaches_its_field(name: str, field: str) -> None:
    """What HAVN says in a property is what the field says, and not its default."""
    values = [unlike(ANSWERS[name]["properties"][field]), ANSWERS[name]["properties"][field]["examples"][0]]
    seen_field = RENAMED.get((name, field), field)
    default = getattr(SEEN[name]({}), seen_field)
    seen = [getattr(SEEN[name]({field: value}), seen_field) for value in values]
    assert any(value != default for value in seen)
    for value, found in zip(values, seen, strict=True):
        assert str(found) == str(value) or isinstance(value, (dict, list))


@pytest.mark.parametrize(
    ("name", "field"),
    [
        (name, field)
        for name, field in PROPERTIES
        if isinstance(ANSWERS[name]["properties"][field]["examples"][0], (dict, list))
    ],
)
def test_every_part_keeps_its_own_raw(name: str, field: str) -> None:
    """A nested part is a model of its own, which holds its own JSON."""
    example = ANSWERS[name]["properties"][field]["examples"][0]
    part = getattr(SEEN[name]({field: example}), field)
    if field == "custom_fields":
        assert part == example
    elif isinstance(example, list):
        assert [each.raw for each in part] == example
    else:
        assert part.raw == example


def test_every_field_comes_from_the_contract() -> None:
    """A field that the contract does not know is one that the SDK adds, and these are all."""
    added = {
        (name, field)
        for name, see in SEEN.items()
        for field in attrs.fields_dict(type(see({})))
        if field != "raw" and (name, field) not in PROPERTIES
    }
    assert added == {
        ("TransactionResponse", "replayed"),
        *((name, "request_id") for name in SEEN if name.endswith("Response")),
    }
