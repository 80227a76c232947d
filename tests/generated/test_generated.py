"""What we rely on in the generated client, seen from outside, whatever its text looks like."""

from __future__ import annotations

import re
from importlib import import_module
from typing import Any, get_args

import httpx
import pytest
from contract import ROOT, Node, inlined, operations, parse
from hypothesis import given, settings
from hypothesis import strategies as st
from places import answer_schemas

from havn_api import Client, models
from havn_api.types import UNSET

SPEC = parse((ROOT / "openapi.yaml").read_text(encoding="utf-8"))
COMPONENTS: Node = SPEC["components"]["schemas"]
MODELS = sorted(name for name, schema in COMPONENTS.items() if "properties" in schema)
ENUMS = sorted(name for name, schema in COMPONENTS.items() if "enum" in schema)
ANSWERS = sorted(place.name for place in answer_schemas(SPEC) if "properties" in place.node)
ANSWER_FIELDS = [(name, field) for name in ANSWERS for field in COMPONENTS[name]["properties"]]
OPERATIONS = [(method, path, operation) for path, method, operation in operations(SPEC)]


def payload(name: str) -> Node:
    """A value of a component schema, every field filled with its example."""
    return {field: schema["examples"][0] for field, schema in COMPONENTS[name]["properties"].items()}


def read(name: str, value: Node) -> Any:
    """The generated model of a value."""
    return getattr(models, name).from_dict(value)


def endpoint(operation: Node) -> Any:
    """The generated module of an operation."""
    name = re.sub(r"([A-Z])", r"_\1", operation["operationId"]).lower()
    return import_module(f"havn_api.api.{operation['tags'][0]}.{name}")


def request_of(operation: Node) -> Node:
    """The arguments of an operation's generated functions that have no default."""
    if "requestBody" not in operation:
        return {}
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    name = (schema["oneOf"][1] if "oneOf" in schema else schema)["$ref"].rpartition("/")[2]
    return {"body": read(name, payload(name))}


# ── models ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", MODELS)
def test_a_full_payload_round_trips(name: str) -> None:
    """Reading a payload and writing it again changes nothing."""
    assert read(name, payload(name)).to_dict() == payload(name)


@settings(deadline=None)
@given(data=st.data())
def test_absent_fields_stay_absent(data: st.DataObject) -> None:
    """Whichever optional fields a payload lacks, the model takes it and adds none of them."""
    name = data.draw(st.sampled_from(MODELS))
    optional = sorted(COMPONENTS[name]["properties"].keys() - set(COMPONENTS[name].get("required", ())))
    absent = data.draw(st.sets(st.sampled_from(optional))) if optional else set()
    value = {field: example for field, example in payload(name).items() if field not in absent}
    assert read(name, value).to_dict() == value


@pytest.mark.parametrize("name", ANSWERS)
def test_a_new_answer_field_is_kept(name: str) -> None:
    """What HAVN adds to an answer is in `additional_properties`, and nothing else is."""
    new = {"new_field": {"deep": [1, None]}}
    assert read(name, payload(name) | new).additional_properties == new


@pytest.mark.parametrize(("name", "field"), ANSWER_FIELDS)
def test_null_in_an_answer_is_read(name: str, field: str) -> None:
    """Any answer field may be null."""
    assert read(name, payload(name) | {field: None}).to_dict()[field] is None


@pytest.mark.parametrize(
    ("name", "field"), [entry for entry in ANSWER_FIELDS if isinstance(payload(entry[0])[entry[1]], str)]
)
def test_an_unknown_answer_value_is_read(name: str, field: str) -> None:
    """A status, type or text that nobody has seen before is kept as it is."""
    assert read(name, payload(name) | {field: "NEVER_SEEN"}).to_dict()[field] == "NEVER_SEEN"


@pytest.mark.parametrize("name", ENUMS)
def test_enums_are_literals(name: str) -> None:
    """A closed set is a `Literal` of its values, so that plain strings type-check."""
    assert sorted(get_args(getattr(models, name))) == sorted(COMPONENTS[name]["enum"])


def test_every_custom_field_type_round_trips() -> None:
    """Custom fields keep the type of each entry: text, number or switch."""
    entries = {"text": "a", "integer": 1, "number": 0.5, "switch": True}
    assert read("CustomFields", entries).to_dict() == entries


# ── endpoints ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS)
def test_an_endpoint_calls_its_operation(method: str, path: str, operation: Node) -> None:
    """The generated module of an operation sends its method to its path."""
    kwargs = endpoint(operation)._get_kwargs(**request_of(operation))
    assert (kwargs["method"], kwargs["url"]) == (method, path)


@pytest.mark.parametrize(
    ("method", "path", "operation"), [entry for entry in OPERATIONS if "requestBody" in entry[2]]
)
def test_an_endpoint_sends_its_body(method: str, path: str, operation: Node) -> None:
    """The body goes out as the JSON of its model."""
    arguments = request_of(operation)
    assert endpoint(operation)._get_kwargs(**arguments)["json"] == arguments["body"].to_dict(), (method, path)


@settings(deadline=None)
@given(filters=st.fixed_dictionaries({}, optional=dict.fromkeys(["active", "is_valid"], st.booleans())))
def test_unset_query_parameters_are_left_out(filters: Node) -> None:
    """A list call sends exactly the query parameters that are set, defaults included unless unset."""
    list_vouchers = endpoint(SPEC["paths"]["/api/v1/webhook/vouchers"]["get"])
    assert list_vouchers._get_kwargs(**filters)["params"] == {"page": 1, "per_page": 10, **filters}
    assert list_vouchers._get_kwargs(page=UNSET, per_page=UNSET, **filters)["params"] == filters


@pytest.mark.parametrize("name", ["UserSyncBulkResponse", "UserSyncResponse"])
@pytest.mark.parametrize("status", [200, 201])
def test_a_sync_answer_is_told_apart(name: str, status: int) -> None:
    """A bulk answer is read as such because of `results`, a single one because it has none."""
    response = httpx.Response(status, json=payload(name))
    parsed = endpoint(SPEC["paths"]["/api/v1/webhook/user-sync"]["post"])._parse_response(
        client=Client(base_url="https://havn.invalid"), response=response
    )
    assert type(parsed) is getattr(models, name)


@pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS)
def test_every_fault_is_read(method: str, path: str, operation: Node) -> None:
    """Each documented fault of each operation is read as `ErrorResponse`."""
    client = Client(base_url="https://havn.invalid")
    for status in inlined(SPEC, operation)["responses"]:
        if status[0] in "45":
            response = httpx.Response(int(status.replace("X", "0")), json=payload("ErrorResponse"))
            parsed = endpoint(operation)._parse_response(client=client, response=response)
            assert isinstance(parsed, models.ErrorResponse), (method, path, status)
