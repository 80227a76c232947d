"""What changed between two JSON schemas, and whether fewer or more values are valid since.

Which of the two breaks anybody depends on who sends the value, so it is not decided here. Schemas come with
their references inlined. What no comparison below knows is UNCLEAR: no change is called harmless by guess.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from contract import Node

    Comparison = Callable[[Node, Node, str], Iterator["Difference"]]

TYPES = frozenset({"array", "boolean", "integer", "number", "object", "string"})
LOWER_LIMITS = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
UPPER_LIMITS = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
CONSTRAINTS = ("pattern", "format", "const", "multipleOf", "uniqueItems")
CHOICES = ("allOf", "anyOf", "oneOf")
TEXTS = {"title", "summary", "description", "example", "examples", "deprecated", "externalDocs", "$comment"}


class Effect(Enum):
    """What a difference does to the set of valid values."""

    NARROWER = "fewer values are valid"
    WIDER = "more values are valid"
    UNCLEAR = "a person must look"


class Difference(NamedTuple):
    """One difference: where in the value, what, and its effect."""

    path: str
    what: str
    effect: Effect


def compare(base: Any, head: Any, path: str = "") -> Iterator[Difference]:  # noqa: ANN401  (a boolean is a schema)
    """Every difference from `base` to `head`, for the value at `path`."""
    if base == head:
        return
    if not (isinstance(base, dict) and isinstance(head, dict)):
        yield Difference(path, "schema changed, review it", Effect.UNCLEAR)
        return
    base, base_nullable = _split_null(base)
    head, head_nullable = _split_null(head)
    if base_nullable != head_nullable:
        yield _nullability(path, head_nullable)
    for comparison in COMPARISONS:
        yield from comparison(base, head, path)


def is_text(key: str) -> bool:
    """Whether a key is for people: no value is valid or invalid because of it."""
    return key in TEXTS or key.startswith("x-")


def changed_keys(base: Node, head: Node, known: Iterable[str]) -> list[str]:
    """The keys that differ, apart from the `known` ones and texts."""
    keys = (base.keys() | head.keys()) - set(known)
    return sorted(key for key in keys if not is_text(key) and base.get(key) != head.get(key))


def _split_null(schema: Node) -> tuple[Node, bool]:
    """The schema of the values other than null, and whether null is valid beside them."""
    for key in ("anyOf", "oneOf"):
        others = [branch for branch in schema.get(key, ()) if branch != {"type": "null"}]
        if len(others) == 1 and len(schema[key]) == 2:
            outer = {name: value for name, value in schema.items() if name != key}
            return _split_null(others[0])[0] | outer, True
    types = _list(schema.get("type", [*TYPES, "null"]))
    return schema | {"type": [name for name in types if name != "null"]}, "null" in types


def _nullability(path: str, nullable: bool) -> Difference:
    if nullable:
        return Difference(path, "nullability added", Effect.WIDER)
    return Difference(path, "nullability removed", Effect.NARROWER)


def _types(base: Node, head: Node, path: str) -> Iterator[Difference]:
    before, after = _type_set(base), _type_set(head)
    if before != after:
        verb, effect = _set_change(before, after)
        yield Difference(path, f"type {verb} {_names(before)} -> {_names(after)}", effect)


def _type_set(schema: Node) -> set[str]:
    """The types of a schema without null; every integer is a number."""
    types: set[str] = set(schema["type"])
    return types | {"integer"} if "number" in types else types


def _names(types: set[str]) -> str:
    shown = types - {"integer"} if "number" in types else types
    return "any" if types == TYPES else "|".join(sorted(shown))


def _set_change(before: set[Any], after: set[Any]) -> tuple[str, Effect]:
    if before > after:
        return "narrowed", Effect.NARROWER
    if before < after:
        return "widened", Effect.WIDER
    return "changed", Effect.UNCLEAR


def _enums(base: Node, head: Node, path: str) -> Iterator[Difference]:
    """A new enum is unclear, not just narrower: a client generated from it refuses what it used to accept."""
    if "enum" not in base and "enum" in head:
        yield Difference(path, f"enum added {head['enum']}", Effect.UNCLEAR)
    elif "enum" in base and "enum" not in head:
        yield Difference(path, "enum removed", Effect.WIDER)
    elif "enum" in base:
        for value in base["enum"]:
            if value not in head["enum"]:
                yield Difference(path, f"enum value removed {value}", Effect.NARROWER)
        for value in head["enum"]:
            if value not in base["enum"]:
                yield Difference(path, f"enum value added {value}", Effect.WIDER)


def _limits(base: Node, head: Node, path: str) -> Iterator[Difference]:
    for key in (*LOWER_LIMITS, *UPPER_LIMITS):
        before, after = base.get(key), head.get(key)
        if before is None or after is None:
            yield from _constraint(key, before, after, path)
        elif before != after:
            raised = after > before
            narrower = raised == (key in LOWER_LIMITS)
            what = f"{key} {'raised' if raised else 'lowered'} {before} -> {after}"
            yield Difference(path, what, Effect.NARROWER if narrower else Effect.WIDER)


def _constraints(base: Node, head: Node, path: str) -> Iterator[Difference]:
    for key in CONSTRAINTS:
        yield from _constraint(key, base.get(key), head.get(key), path)


def _constraint(key: str, before: Any, after: Any, path: str) -> Iterator[Difference]:  # noqa: ANN401
    if before == after:
        return
    if before is None:
        yield Difference(path, f"{key} added {after}", Effect.NARROWER)
    elif after is None:
        yield Difference(path, f"{key} removed {before}", Effect.WIDER)
    else:
        yield Difference(path, f"{key} changed {before} -> {after}, review it", Effect.UNCLEAR)


def _properties(base: Node, head: Node, path: str) -> Iterator[Difference]:
    before, after = base.get("properties", {}), head.get("properties", {})
    for name in before:
        if name in after:
            yield from compare(before[name], after[name], f"{path}/{name}")
        else:
            yield _removed_field(f"{path}/{name}", head)
    for name in after:
        if name not in before:
            yield _added_field(f"{path}/{name}", base, required=name in head.get("required", ()))


def _removed_field(path: str, head: Node) -> Difference:
    """An object that is closed refuses the field from now on; an open one takes any value for it."""
    return Difference(path, "field removed", Effect.NARROWER if _is_closed(head) else Effect.WIDER)


def _added_field(path: str, base: Node, *, required: bool) -> Difference:
    """An object that was closed refused the field until now; an open one took any value for it."""
    what = "required field added" if required else "optional field added"
    return Difference(path, what, Effect.WIDER if _is_closed(base) and not required else Effect.NARROWER)


def _is_closed(schema: Node) -> bool:
    return schema.get("additionalProperties") is False


def _required(base: Node, head: Node, path: str) -> Iterator[Difference]:
    """Fields that were there before and still are; a new or removed one is told of as such."""
    before, after = set(base.get("required", ())), set(head.get("required", ()))
    for name in sorted(after - before - _new_fields(base, head)):
        yield Difference(f"{path}/{name}", "optional -> required", Effect.NARROWER)
    for name in sorted(before - after - _new_fields(head, base)):
        yield Difference(f"{path}/{name}", "required -> optional", Effect.WIDER)


def _new_fields(base: Node, head: Node) -> set[str]:
    return set(head.get("properties", ())).difference(base.get("properties", ()))


def _unknown_fields(base: Node, head: Node, path: str) -> Iterator[Difference]:
    before, after = base.get("additionalProperties", True), head.get("additionalProperties", True)
    if _openness(before) > _openness(after):
        yield Difference(path, "additionalProperties closed", Effect.NARROWER)
    elif _openness(before) < _openness(after):
        yield Difference(path, "additionalProperties opened", Effect.WIDER)
    else:
        yield from compare(before, after, f"{path}/*")


def _openness(extra: Any) -> int:  # noqa: ANN401  (a boolean or a schema)
    if extra is False:
        return 0
    return 2 if extra in (True, {}) else 1


def _items(base: Node, head: Node, path: str) -> Iterator[Difference]:
    yield from compare(base.get("items", {}), head.get("items", {}), f"{path}/[]")


def _choices(base: Node, head: Node, path: str) -> Iterator[Difference]:
    """Branches are compared one by one; those of a `oneOf` are taken to exclude one another."""
    for key in CHOICES:
        before, after = base.get(key, []), head.get(key, [])
        if len(before) != len(after):
            yield Difference(path, f"{key} changed, review it", Effect.UNCLEAR)
        else:
            for index, (old, new) in enumerate(zip(before, after, strict=True)):
                yield from compare(old, new, f"{path}/{key}/{index}")


def _everything_else(base: Node, head: Node, path: str) -> Iterator[Difference]:
    for key in changed_keys(base, head, COMPARED):
        yield Difference(path, f"{key} changed, review it", Effect.UNCLEAR)


def _list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


COMPARISONS: tuple[Comparison, ...] = (
    _types,
    _enums,
    _limits,
    _constraints,
    _properties,
    _required,
    _unknown_fields,
    _items,
    _choices,
    _everything_else,
)
COMPARED = frozenset(
    {
        "type",
        "enum",
        *LOWER_LIMITS,
        *UPPER_LIMITS,
        *CONSTRAINTS,
        "properties",
        "required",
        "additionalProperties",
    }
) | {"items", *CHOICES}
