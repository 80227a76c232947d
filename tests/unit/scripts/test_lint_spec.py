from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import lint_spec
import pytest
import spec_rules

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from contract import Node

    Edited = Callable[[dict[str, Any]], Node]

SCHEMAS = "/components/schemas"
LOGIN = "/paths/~1api~1v1~1webhook~1login/post"
CODE = f"{SCHEMAS}/Voucher/properties/code"

#: The rule, an edit of the contract that breaks it, and where the finding must point.
BREACHES: list[tuple[str, dict[str, Any], str]] = [
    ("operation_ids", {f"{LOGIN}/operationId": ...}, LOGIN),
    ("operation_ids", {f"{LOGIN}/operationId": "Create_login"}, LOGIN),
    ("operation_ids", {f"{LOGIN}/operationId": "syncUsers"}, LOGIN),
    ("operation_tags", {f"{LOGIN}/tags/-": "users"}, LOGIN),
    ("operation_tags", {f"{LOGIN}/tags": ["undeclared"]}, LOGIN),
    ("operation_texts", {f"{LOGIN}/summary": ...}, LOGIN),
    ("operation_texts", {f"{LOGIN}/description": ""}, LOGIN),
    ("fault_answers", {f"{LOGIN}/responses/5XX": ...}, LOGIN),
    ("fault_bodies", {"/components/responses/NotFound/content": {}}, f"{LOGIN}/responses/404"),
    ("rate_limit_headers", {"/components/headers/RateLimitReset/required": False}, f"{LOGIN}/responses/200"),
    ("rate_limit_headers", {f"{LOGIN}/responses/200/headers": ...}, f"{LOGIN}/responses/200"),
    ("sources", {f"{CODE}/x-havn-source": "rumoured"}, CODE),
    ("sources", {f"{LOGIN}/x-havn-source": ...}, LOGIN),
    ("sources", {f"{SCHEMAS}/Voucher/x-havn-source": ...}, f"{SCHEMAS}/Voucher"),
    ("sources", {"/components/responses/NotFound/x-havn-source": ...}, "/components/responses/NotFound"),
    ("notes", {"/components/headers/RetryAfter/x-havn-note": ...}, "/components/headers/RetryAfter"),
    ("notes", {f"{CODE}/x-havn-note": "For sure."}, CODE),
    ("descriptions", {f"{CODE}/description": ...}, CODE),
    ("descriptions", {"/components/parameters/TestMode/description": ...}, "/components/parameters/TestMode"),
    ("examples_given", {f"{CODE}/examples": []}, CODE),
    ("examples_given", {"/components/headers/RetryAfter/example": ...}, "/components/headers/RetryAfter"),
    ("examples_valid", {f"{CODE}/examples/-": 7}, f"{CODE}/examples/1"),
    (
        "examples_valid",
        {f"{SCHEMAS}/LoginRequest/properties/email/examples/0": "not an address"},
        f"{SCHEMAS}/LoginRequest/properties/email/examples/0",
    ),
    (
        "examples_valid",
        {f"{LOGIN}/requestBody/content/application~1json/examples/user/value/mail": "owner@shopeasy.example"},
        f"{LOGIN}/requestBody/content/application~1json/examples/user/value",
    ),
    (
        "examples_valid",
        {"/components/parameters/TestMode/example": "on"},
        "/components/parameters/TestMode/example",
    ),
    (
        "units",
        {f"{SCHEMAS}/Voucher/properties/value/description": "The discount."},
        f"{SCHEMAS}/Voucher/properties/value",
    ),
    (
        "requests_closed",
        {f"{SCHEMAS}/UserSyncRequest/additionalProperties": ...},
        f"{SCHEMAS}/UserSyncRequest",
    ),
    ("requests_closed", {f"{SCHEMAS}/CustomFields/additionalProperties": True}, f"{SCHEMAS}/CustomFields"),
    ("answers_open", {f"{SCHEMAS}/Voucher/additionalProperties": False}, f"{SCHEMAS}/Voucher"),
    ("answers_require_nothing", {f"{SCHEMAS}/Voucher/required": ["code"]}, f"{SCHEMAS}/Voucher"),
    ("answers_nullable", {f"{CODE}/type": "string"}, CODE),
    ("answers_without_enums", {f"{CODE}/enum": ["A", None]}, CODE),
    ("classes_named", {f"{CODE}/enum": ["A", None]}, CODE),
    ("classes_named", {f"{CODE}/type": "object"}, CODE),
    (
        "no_bare_required",
        {f"{SCHEMAS}/LoginRequest/anyOf": [{"required": ["email"]}]},
        f"{SCHEMAS}/LoginRequest/anyOf",
    ),
    ("components_used", {f"{SCHEMAS}/Unused": {"type": "string"}}, f"{SCHEMAS}/Unused"),
    ("components_used", {"/security/0/Signature": ...}, "/components/securitySchemes/Signature"),
]


def test_the_contract_is_clean(capsys: pytest.CaptureFixture[str]) -> None:
    """The contract of this repository keeps every rule, and the run says so in one line."""
    assert lint_spec.main([]) == 0
    assert capsys.readouterr().out == f"openapi.yaml: clean, 5 operations, {len(spec_rules.RULES)} rules\n"


@pytest.mark.parametrize(("rule", "edits", "pointer"), BREACHES)
def test_a_breach_is_found_where_it_stands(edited: Edited, rule: str, edits: dict[str, Any], pointer: str) -> None:
    """Each rule finds each breach of it and names the place."""
    findings = getattr(spec_rules, rule)(edited(edits))
    assert pointer in [finding.pointer for finding in findings]


def test_every_rule_has_a_breach() -> None:
    """No rule goes untested: a rule that finds nothing looks like a clean contract."""
    assert {rule.__name__ for rule in spec_rules.RULES} == {rule for rule, _, _ in BREACHES}


def test_all_findings_are_printed(edited: Edited, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A run prints every finding, not just the first, and fails."""
    path = tmp_path / "spec.json"
    path.write_text(json.dumps(edited({f"{LOGIN}/summary": ..., f"{CODE}/description": ...})), encoding="utf-8")
    assert lint_spec.main([str(path)]) == 1
    assert capsys.readouterr().out.splitlines() == [
        f"{LOGIN}: no summary",
        f"{CODE}: no description",
        "spec.json: 2 finding(s)",
    ]


@pytest.mark.parametrize(
    ("edits", "pointer"),
    [
        ({"/openapi": "3.0.3"}, "/openapi"),
        ({f"{LOGIN}/responses/200/description": ...}, f"{LOGIN}/responses/200"),
        ({f"{CODE}/type": "text"}, "/properties/code/type"),
    ],
)
def test_invalid_openapi_is_found(edited: Edited, edits: dict[str, Any], pointer: str) -> None:
    """What is not OpenAPI 3.1 is found before our own rules are asked."""
    assert pointer in [finding.pointer for finding in lint_spec.lint(edited(edits))]


@pytest.mark.parametrize("text", ["- a list", "a: [", "a text"])
def test_no_contract_is_one_message(tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that holds no contract gives a message, never a traceback."""
    path = tmp_path / "spec.yaml"
    path.write_text(text, encoding="utf-8")
    assert lint_spec.main([str(path)]) == 1
    assert capsys.readouterr().err.startswith("The contract is not ")


def test_a_missing_file_is_one_message(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A path that leads nowhere gives a message that names it."""
    assert lint_spec.main([str(tmp_path / "nowhere.yaml")]) == 1
    assert "nowhere.yaml" in capsys.readouterr().err
