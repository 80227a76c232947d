"""Where the definitions of a contract stand: one table of what holds what, and two ways to walk it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from contract import METHODS, Node, lookup, pointer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

#: A condition (`if`, `not` …) defines nothing, so nothing below it is a place.
_SCHEMA_PARTS = {
    ("properties", "*"): "property",
    ("additionalProperties",): "schema",
    ("items",): "schema",
    ("allOf", "*"): "schema",
    ("anyOf", "*"): "schema",
    ("oneOf", "*"): "schema",
}
_COMPONENTS = {
    "headers": "header",
    "parameters": "parameter",
    "requestBodies": "request body",
    "responses": "response",
    "schemas": "component schema",
    "securitySchemes": "security scheme",
}
#: Below each kind of place, the paths of its parts and their kinds; `*` is every key or index.
_PARTS: dict[str, dict[tuple[str, ...], str]] = {
    "contract": {
        **{("paths", "*", method): "operation" for method in METHODS},
        ("paths", "*", "parameters", "*"): "parameter",
        **{("components", section, "*"): kind for section, kind in _COMPONENTS.items()},
    },
    "operation": {
        ("parameters", "*"): "parameter",
        ("requestBody",): "request body",
        ("responses", "*"): "response",
    },
    "request body": {("content", "*"): "media type"},
    "response": {("headers", "*"): "header", ("content", "*"): "media type"},
    "media type": {("schema",): "schema"},
    "parameter": {("schema",): "schema"},
    "header": {("schema",): "schema"},
    "schema": _SCHEMA_PARTS,
    "property": _SCHEMA_PARTS,
    "component schema": _SCHEMA_PARTS,
}
KINDS = frozenset(kind for parts in _PARTS.values() for kind in parts.values())
SCHEMAS = frozenset(kind for kind, parts in _PARTS.items() if parts is _SCHEMA_PARTS)


class Place(NamedTuple):
    """A definition: its kind, the keys that lead to it from the top, and what stands there."""

    kind: str
    path: tuple[str | int, ...]
    node: Node

    @property
    def pointer(self) -> str:
        """The JSON pointer of the place."""
        return pointer(*self.path)

    @property
    def name(self) -> str:
        """What the definition is called on the wire, or the key that it stands under."""
        return str(self.node.get("name", self.path[-1]) if self.kind == "parameter" else self.path[-1])


def places(spec: Node, *kinds: str) -> Iterator[Place]:
    """Every definition of these kinds, once, where it stands. A `$ref` is none: its target is."""
    todo = [Place("contract", (), spec)]
    while todo:
        found = [part for part in _parts(todo.pop()) if "$ref" not in part.node]
        yield from (place for place in found if place.kind in kinds)
        todo += found


def schemas(spec: Node) -> Iterator[Place]:
    """Every schema of the contract."""
    return places(spec, *SCHEMAS)


def request_schemas(spec: Node) -> Iterator[Place]:
    """Every schema that a request body is made of."""
    return _reachable_schemas(spec, places(spec, "request body"))


def answer_schemas(spec: Node) -> Iterator[Place]:
    """Every schema that an answer is made of, its headers included."""
    return _reachable_schemas(spec, places(spec, "response"))


def _reachable_schemas(spec: Node, roots: Iterable[Place]) -> Iterator[Place]:
    """Every schema at or below `roots`, once, through references."""
    todo, seen = list(roots), set[tuple[str | int, ...]]()
    while todo:
        place = _target(spec, todo.pop())
        if place.path not in seen:
            seen.add(place.path)
            todo += _parts(place)
            if place.kind in SCHEMAS:
                yield place


def _target(spec: Node, place: Place) -> Place:
    while "$ref" in place.node:
        path = tuple(place.node["$ref"].removeprefix("#/").split("/"))
        place = Place(_COMPONENTS[path[1]], path, lookup(spec, place.node["$ref"]))
    return place


def _parts(place: Place) -> Iterator[Place]:
    for pattern, kind in _PARTS.get(place.kind, {}).items():
        for path, node in _matches(place.node, pattern):
            if isinstance(node, dict):
                yield Place(kind, (*place.path, *path), node)


def _matches(node: Any, pattern: tuple[str, ...]) -> Iterator[tuple[tuple[str | int, ...], Any]]:  # noqa: ANN401
    """Each path below `node` that fits `pattern`, and what stands there."""
    if not pattern:
        yield (), node
        return
    entries: dict[str | int, Any] = dict(enumerate(node)) if isinstance(node, list) else node
    for key in entries if pattern[0] == "*" else entries.keys() & {pattern[0]}:
        for path, found in _matches(entries[key], pattern[1:]):
            yield (key, *path), found
