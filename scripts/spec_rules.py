"""Our own rules for `openapi.yaml`, each a function from a valid OpenAPI contract to its findings."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

import jsonschema_rs
from contract import Node, pointer, resolve
from places import SCHEMAS, Place, answer_schemas, places, request_schemas, schemas

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Rule = Callable[[Node], Iterator["Finding"]]

SOURCES = ("documented", "published", "assumed")
DESCRIBED = ("property", "parameter", "header")
SOURCED = (*DESCRIBED, "security scheme", "operation", "component schema", "response")
RATE_LIMIT_HEADERS = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")
ERROR_SCHEMA = "#/components/schemas/ErrorResponse"
#: The one answer field that may be required: it alone tells a bulk answer from a single one.
DISCRIMINATORS = {("UserSyncBulkResponse", "results")}

QUANTITY = re.compile(
    r"(^|_)(amount|subtotal|commission|discount|value|purchase|cost|cents|rate|percentage|usage|expires)(_|$)"
)
UNIT = re.compile(
    r"\b(US cents|minor units?|smallest unit|same unit|basis points|percent|fraction|seconds|uses)\b",
    re.IGNORECASE,
)


class Finding(NamedTuple):
    """A fault of the contract, and the JSON pointer of where it stands."""

    pointer: str
    message: str

    def __str__(self) -> str:
        return f"{self.pointer or '/'}: {self.message}"


RULES: list[Rule] = []


def rule(function: Rule) -> Rule:
    """Registers a rule; its docstring says what is true of a contract that keeps it."""
    RULES.append(function)
    return function


# ── operations ───────────────────────────────────────────────────────────────────────────────────


@rule
def operation_ids(spec: Node) -> Iterator[Finding]:
    """Every operation has a lowerCamelCase id of its own: it names a generated module."""
    uses = Counter(operation.node.get("operationId") for operation in places(spec, "operation"))
    for operation in places(spec, "operation"):
        name = operation.node.get("operationId", "")
        if not re.fullmatch(r"[a-z]+([A-Z][a-z0-9]*)*", name):
            yield Finding(operation.pointer, f"operationId {name!r} is not lowerCamelCase")
        elif uses[name] > 1:
            yield Finding(operation.pointer, f"operationId {name} names {uses[name]} operations")


@rule
def operation_tags(spec: Node) -> Iterator[Finding]:
    """Every operation has exactly one tag, a declared one: it names a generated package."""
    declared = [tag["name"] for tag in spec.get("tags", [])]
    for operation in places(spec, "operation"):
        tags = operation.node.get("tags", [])
        if len(tags) != 1 or tags[0] not in declared:
            yield Finding(operation.pointer, f"its tags {tags} are not one of {declared}")


@rule
def operation_texts(spec: Node) -> Iterator[Finding]:
    """Every operation has a summary and a description."""
    for operation in places(spec, "operation"):
        for key in ("summary", "description"):
            if not operation.node.get(key):
                yield Finding(operation.pointer, f"no {key}")


@rule
def fault_answers(spec: Node) -> Iterator[Finding]:
    """Every operation answers 4xx and 5xx."""
    for operation in places(spec, "operation"):
        answered = {status[0] for status in operation.node["responses"]}
        for digit in sorted({"4", "5"} - answered):
            yield Finding(operation.pointer, f"no {digit}xx answer")


@rule
def fault_bodies(spec: Node) -> Iterator[Finding]:
    """Every 4xx and 5xx answer has the one error body."""
    for here, status, answer in _answers(spec):
        schema = answer.get("content", {}).get("application/json", {}).get("schema", {})
        if status[0] in "45" and schema.get("$ref") != ERROR_SCHEMA:
            yield Finding(here, "its JSON body is not ErrorResponse")


@rule
def rate_limit_headers(spec: Node) -> Iterator[Finding]:
    """Every answer but 5xx, which may come from a proxy, has the three rate-limit headers, required."""
    for here, status, answer in _answers(spec):
        for name in RATE_LIMIT_HEADERS if status[0] != "5" else ():
            if not resolve(spec, answer.get("headers", {}).get(name, {})).get("required"):
                yield Finding(here, f"no required header {name}")


def _answers(spec: Node) -> Iterator[tuple[str, str, Node]]:
    """Each answer of each operation: where it stands there, its status, and itself."""
    for operation in places(spec, "operation"):
        for status, answer in operation.node["responses"].items():
            yield pointer(*operation.path, "responses", status), status, resolve(spec, answer)


# ── what every definition says ───────────────────────────────────────────────────────────────────


@rule
def sources(spec: Node) -> Iterator[Finding]:
    """Every fact says where it is known from, so that one knows what to doubt first."""
    for place in places(spec, *SOURCED):
        source = place.node.get("x-havn-source")
        if source not in SOURCES:
            yield Finding(place.pointer, f"x-havn-source is {source!r}, not one of {SOURCES}")


@rule
def notes(spec: Node) -> Iterator[Finding]:
    """What is assumed, and nothing else, has a note that says why."""
    for place in places(spec, *SOURCED):
        assumed = place.node.get("x-havn-source") == "assumed"
        if assumed != bool(place.node.get("x-havn-note")):
            yield Finding(
                place.pointer, "assumed without x-havn-note" if assumed else "x-havn-note, yet not assumed"
            )


@rule
def descriptions(spec: Node) -> Iterator[Finding]:
    """Every property, parameter and header has a description."""
    for place in places(spec, *DESCRIBED):
        if not place.node.get("description"):
            yield Finding(place.pointer, "no description")


@rule
def examples_given(spec: Node) -> Iterator[Finding]:
    """Every property, parameter and header has an example."""
    for place in places(spec, *DESCRIBED):
        if "example" not in place.node and not place.node.get("examples"):
            yield Finding(place.pointer, "no example")


@rule
def examples_valid(spec: Node) -> Iterator[Finding]:
    """Every example is valid against the schema that it illustrates."""
    registry = _registry(spec)
    for place in places(spec, *SCHEMAS, "media type", "parameter", "header"):
        schema = place.path if place.kind in SCHEMAS else (*place.path, "schema")
        for where, example in _examples(place):
            for error in _validator(registry, schema).iter_errors(example):
                yield Finding(pointer(*place.path, *where), f"invalid example: {error.message}")


def _examples(place: Place) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Each example of a definition and where in it: schemas list values, everything else names objects."""
    if "example" in place.node:
        yield ("example",), place.node["example"]
    if place.kind in SCHEMAS:
        yield from ((("examples", index), value) for index, value in enumerate(place.node.get("examples", [])))
    else:
        named = place.node.get("examples", {})
        yield from (
            (("examples", name, "value"), example["value"]) for name, example in named.items() if "value" in example
        )


@rule
def units(spec: Node) -> Iterator[Finding]:
    """Every number that is an amount, a share, a count of uses or a time says its unit."""
    for place in places(spec, "property", "parameter"):
        schema = resolve(spec, place.node.get("schema", place.node))
        quantity = QUANTITY.search(place.name) and {"integer", "number"} & _types(schema)
        if quantity and not UNIT.search(place.node.get("description", "")):
            yield Finding(place.pointer, "its description states no unit")


# ── requests are closed, answers are open ────────────────────────────────────────────────────────


@rule
def requests_closed(spec: Node) -> Iterator[Finding]:
    """A request object refuses unknown fields; a map has no fields, and says what type its entries have."""
    for place in request_schemas(spec):
        extra = place.node.get("additionalProperties", True)
        typed_map = isinstance(extra, dict) and "properties" not in place.node
        if _is_object(place) and extra is not False and not typed_map:
            yield Finding(place.pointer, "a request object that takes any field")


@rule
def answers_open(spec: Node) -> Iterator[Finding]:
    """An answer object takes unknown fields."""
    for place in answer_schemas(spec):
        if place.node.get("additionalProperties", True) is not True:
            yield Finding(place.pointer, "an answer object that refuses new fields")


@rule
def answers_require_nothing(spec: Node) -> Iterator[Finding]:
    """No answer field is required, so that a missing one never kills a client."""
    for place in answer_schemas(spec):
        for name in place.node.get("required", []):
            if (place.name, name) not in DISCRIMINATORS:
                yield Finding(place.pointer, f"an answer that must have {name}")


@rule
def answers_nullable(spec: Node) -> Iterator[Finding]:
    """Every answer field may be null, so that a null never kills a client."""
    registry = _registry(spec)
    for place in answer_schemas(spec):
        for name in place.node.get("properties", {}):
            path = (*place.path, "properties", name)
            if not _validator(registry, path).is_valid(None):
                yield Finding(pointer(*path), "an answer field that refuses null")


@rule
def answers_without_enums(spec: Node) -> Iterator[Finding]:
    """No answer has a closed set of values, so that a new one never kills a client."""
    for place in answer_schemas(spec):
        if {"enum", "const"} & place.node.keys():
            yield Finding(place.pointer, "a closed set of values in an answer")


# ── what the generator makes of it ───────────────────────────────────────────────────────────────


@rule
def classes_named(spec: Node) -> Iterator[Finding]:
    """Every object and enum stands in components: elsewhere the generator would make its name up."""
    for place in places(spec, *SCHEMAS - {"component schema"}):
        if _is_object(place) or "enum" in place.node:
            yield Finding(place.pointer, "an inline object or enum; name it in components")


@rule
def no_bare_required(spec: Node) -> Iterator[Finding]:
    """No choice is between bare lists of required fields: it would turn the model into `Any`."""
    for place in schemas(spec):
        for key in ("anyOf", "oneOf", "allOf"):
            if any(branch.keys() == {"required"} for branch in place.node.get(key, ())):
                yield Finding(pointer(*place.path, key), "bare `required`; say it with if/then")


@rule
def components_used(spec: Node) -> Iterator[Finding]:
    """Every component is used: a dead one would still be generated and maintained."""
    used = {*_references(spec), *_security_schemes(spec)}
    for section, entries in spec.get("components", {}).items():
        for name in entries:
            here = pointer("components", section, name)
            if here not in used:
                yield Finding(here, "used nowhere")


def _references(node: Any) -> Iterator[str]:  # noqa: ANN401  (walks anything)
    """The target of each `$ref` at or below `node`, as a JSON pointer."""
    if isinstance(node, dict) and isinstance(node.get("$ref"), str):
        yield node["$ref"].removeprefix("#")
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from _references(child)


def _security_schemes(spec: Node) -> Iterator[str]:
    """The JSON pointer of each security scheme that anything demands."""
    for holder in (spec, *(operation.node for operation in places(spec, "operation"))):
        for requirement in holder.get("security", ()):
            yield from (pointer("components", "securitySchemes", name) for name in requirement)


# ── helpers ──────────────────────────────────────────────────────────────────────────────────────


def _types(schema: Node) -> set[str]:
    types = schema.get("type", [])
    return {types} if isinstance(types, str) else set(types)


def _is_object(place: Place) -> bool:
    return "object" in _types(place.node) or "properties" in place.node


def _registry(spec: Node) -> jsonschema_rs.Registry:
    return jsonschema_rs.Registry([("urn:contract", spec)], draft=jsonschema_rs.Draft202012)


def _validator(registry: jsonschema_rs.Registry, path: tuple[str | int, ...]) -> jsonschema_rs.Draft202012Validator:
    """The validator of the schema at `path`, whose references lead into the whole contract."""
    schema = {"$ref": f"urn:contract#{pointer(*path)}"}
    return jsonschema_rs.Draft202012Validator(schema, registry=registry, validate_formats=True)
