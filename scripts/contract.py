"""What the contract scripts share: reading `openapi.yaml`, walking it, and naming places in it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")

#: An object of the parsed contract. Its shape is what the scripts are there to check, so no type says more.
Node = dict[str, Any]


class ContractError(Exception):
    """A fault of the contract or of the tools, told to people in one message instead of a traceback."""


def parse(text: str) -> Node:
    """The contract that `text` holds.

    Raises:
        ContractError: It is no YAML, or its top level is no object.
    """
    try:
        spec = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ContractError(f"The contract is not valid YAML: {error}") from error
    if not isinstance(spec, dict):
        raise ContractError("The contract is not an object at its top level.")
    return cast("Node", spec)


def pointer(*parts: str | int) -> str:
    """The JSON pointer (RFC 6901) of a place, one part for each step down from the top."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def resolve(spec: Node, node: Any) -> Any:  # noqa: ANN401  (a boolean is a schema too)
    """What `node` stands for: itself, or the end of its chain of `$ref`s within the contract."""
    while isinstance(node, dict) and "$ref" in node:
        node = lookup(spec, node["$ref"])
    return node


def lookup(spec: Node, ref: str) -> Any:  # noqa: ANN401  (whatever stands there)
    """What stands in the contract at `ref`, such as `#/components/schemas/Currency`.

    Raises:
        ContractError: Nothing stands there.
    """
    place: Any = spec
    try:
        for part in ref.removeprefix("#/").split("/"):
            place = place[part.replace("~1", "/").replace("~0", "~")]
    except (KeyError, TypeError) as error:
        raise ContractError(f"{ref} leads nowhere.") from error
    return place


def operations(spec: Node) -> Iterator[tuple[str, str, Node]]:
    """Each operation as its path, its method in lower case, and itself."""
    for path, item in spec.get("paths", {}).items():
        for method in METHODS:
            if method in item:
                yield path, method, item[method]


def inlined(spec: Node, node: Any, above: frozenset[str] = frozenset()) -> Any:  # noqa: ANN401  (any part of it)
    """A copy of `node` with every `$ref` replaced by its target; one back to what it is a part of stays."""
    if isinstance(node, list):
        return [inlined(spec, child, above) for child in node]
    if not isinstance(node, dict) or node.get("$ref") in above:
        return node
    own = {key: inlined(spec, child, above) for key, child in node.items() if key != "$ref"}
    if "$ref" not in node:
        return own
    return inlined(spec, lookup(spec, node["$ref"]), above | {node["$ref"]}) | own
