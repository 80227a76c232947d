"""The contract as the harness sees it: operations, what they take and answer, and where each fact is known from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs
from contract import ROOT, Node, inlined, operations, parse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["OPERATIONS", "SPEC", "Operation", "branches"]

SPEC: Final = parse((ROOT / "openapi.yaml").read_text(encoding="utf-8"))


@attrs.frozen
class Operation:
    """One operation, its references replaced by what they stand for."""

    operation_id: str
    method: str
    path: str
    definition: Node = attrs.field(repr=False)

    @property
    def source(self) -> str:
        """Where the operation is known from."""
        return str(self.definition["x-havn-source"])

    @property
    def statuses(self) -> tuple[str, ...]:
        """The documented statuses; `5XX` is one."""
        return tuple(self.definition["responses"])

    def status_key(self, status: int) -> str:
        """The documented status that a status is; itself when it is none."""
        family = f"{status // 100}XX"
        return family if family in self.statuses else str(status)

    @property
    def request_schema(self) -> Node | None:
        """What the body may be; None for an operation without one."""
        body = self.definition.get("requestBody")
        return body and body["content"]["application/json"]["schema"]

    def response(self, status: int) -> Node:
        """What an answer with this status may be; empty when it is not documented."""
        found: Node = self.definition["responses"].get(self.status_key(status), {})
        return found

    def response_schema(self, status: int) -> Node:
        """What the body of an answer with this status may be."""
        found: Node = self.response(status).get("content", {}).get("application/json", {}).get("schema", {})
        return found

    @property
    def parameters(self) -> frozenset[str]:
        """All that a request may hold: `query page`, `header X-Test-Mode`, `body amount`."""
        named = {f"{each['in']} {each['name']}" for each in self.definition.get("parameters", [])}
        fields = {
            f"body {name}"
            for branch in branches(self.request_schema or {})
            for name in branch.get("properties", {})
        }
        return frozenset(named | fields)

    def source_of_answer(self, status: int, steps: Sequence[str | int] = ()) -> str:
        """Where the part of an answer at `steps` is known from: the innermost part of the contract that says."""
        known = [str(self.response(status).get("x-havn-source", self.source))]
        places: list[Node] = branches(self.response_schema(status))
        for step in [None, *steps]:
            if step is not None:
                places = [branch for place in places for branch in branches(_below(place, step))]
            known += [str(place["x-havn-source"]) for place in places if "x-havn-source" in place][:1]
        return known[-1]

    def source_of_parameter(self, name: str) -> str:
        """Where a field of the body or a parameter is known from; the operation's own source when it is neither."""
        for branch in branches(self.request_schema or {}):
            if name in branch.get("properties", {}):
                return str(branch["properties"][name]["x-havn-source"])
        for parameter in self.definition.get("parameters", []):
            if parameter["name"].lower() == name.lower():
                return str(parameter["x-havn-source"])
        return self.source


def branches(schema: Node) -> list[Node]:
    """A schema and the alternatives in it, at every depth of alternatives."""
    found = [schema]
    for alternative in [*schema.get("oneOf", []), *schema.get("anyOf", [])]:
        found += branches(alternative)
    return found


def _below(schema: Node, step: str | int) -> Node:
    part: Any = schema.get("items", {}) if isinstance(step, int) else schema.get("properties", {}).get(step, {})
    return part if isinstance(part, dict) else {}


def _all_operations() -> Iterator[Operation]:
    for path, method, definition in operations(SPEC):
        yield Operation(definition["operationId"], method.upper(), path, inlined(SPEC, definition))


OPERATIONS: Final[Mapping[str, Operation]] = {each.operation_id: each for each in _all_operations()}
"""operationId to operation, in the contract's order."""
