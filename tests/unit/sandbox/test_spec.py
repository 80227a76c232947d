from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

import havn_ext.sandbox
from havn_ext.sandbox.messages import Answer
from havn_ext.sandbox.parameters import Parameter
from havn_ext.sandbox.spec import ContractBreachError, Operation, SpecError, operations

LIMITS = {"X-RateLimit-Limit": "1", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "60"}
PACKAGE = Path(havn_ext.sandbox.__file__).parent


def operation(operation_id: str) -> Operation:
    """The operation with this id."""
    return next(each for each in operations() if each.operation_id == operation_id)


def test_the_packaged_contract_is_the_contract() -> None:
    """openapi.json beside the code says what openapi.yaml says."""
    contract = yaml.safe_load((PACKAGE.parents[1] / "openapi.yaml").read_text("utf-8"))
    assert json.loads((PACKAGE / "openapi.json").read_text("utf-8")) == contract


def test_the_five_operations() -> None:
    """The sandbox serves the whole contract."""
    assert {(each.operation_id, each.method) for each in operations()} == {
        ("sendTransaction", "POST"),
        ("syncUsers", "POST"),
        ("validateVoucher", "POST"),
        ("listVouchers", "GET"),
        ("createLoginLink", "POST"),
    }


@pytest.mark.parametrize(
    ("location", "definition"),
    [
        ("path", {"schema": {"type": "object"}}),
        ("cookie", {"schema": {"type": "string"}}),
        ("query", {"schema": {"type": "array", "items": {"type": "string"}}}),
        ("query", {"schema": {"type": "object"}}),
        ("query", {"schema": {"type": ["string", "integer"]}}),
        ("query", {"schema": {"anyOf": [{"type": "string"}, {"type": "integer"}]}}),
        ("query", {"schema": {}}),
        ("query", {"schema": {"type": "string"}, "style": "form"}),
        ("query", {"schema": {"type": "string"}, "explode": True}),
        ("query", {"content": {"application/json": {"schema": {"type": "string"}}}}),
    ],
)
def test_what_cannot_be_decoded_is_refused_at_the_start(location: str, definition: dict[str, Any]) -> None:
    """A parameter of a kind that the sandbox cannot decode stops it before it serves."""
    with pytest.raises(SpecError, match="parameter p"):
        Parameter.from_contract("p", location, definition)


def test_a_required_parameter_is_missed() -> None:
    """A required parameter that is absent is a fault; an optional one takes its default."""
    required = Parameter.from_contract("p", "query", {"required": True, "schema": {"type": "string"}})
    assert [fault.rule for fault in required.read([])[1]] == ["required"]
    optional = Parameter.from_contract("p", "query", {"schema": {"type": "integer", "default": 7}})
    assert optional.read([]) == ({"p": 7}, [])


@pytest.mark.parametrize("status", [200, 404, 429, 500, 502])
def test_an_answer_that_keeps_the_contract_passes(status: int) -> None:
    """Documented statuses pass with a documented body and the headers."""
    headers = {**LIMITS, "Retry-After": "1"}
    operation("createLoginLink").check_answer(Answer(status, {"success": status == 200}, headers))


@pytest.mark.parametrize(
    "answer",
    [
        Answer(418, {}, LIMITS),
        Answer(409, {}, LIMITS),
        Answer(200, {"success": "yes"}, LIMITS),
        Answer(200, {"data": {"expires_in": 1.5}}, LIMITS),
        Answer(200, {}, {}),
        Answer(200, {}, {**LIMITS, "X-RateLimit-Limit": "many"}),
        Answer(200, {}, {**LIMITS, "X-RateLimit-Remaining": "-1"}),
    ],
)
def test_an_answer_off_the_contract_is_found(answer: Answer) -> None:
    """An undocumented status, a body off its schema, a header missing or malformed: each is a breach."""
    with pytest.raises(ContractBreachError, match="createLoginLink"):
        operation("createLoginLink").check_answer(answer)
