from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from contract import ROOT, Node, parse

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture(scope="session")
def edited() -> Callable[[dict[str, Any]], Node]:
    """Copies the contract with other values at some JSON pointers; `...` takes away what stands there."""
    text = json.dumps(parse((ROOT / "openapi.yaml").read_text(encoding="utf-8")))

    def edit(edits: dict[str, Any]) -> Node:
        spec: Node = json.loads(text)
        for pointer, value in edits.items():
            _put(spec, pointer, value)
        return spec

    return edit


def _put(spec: Node, pointer: str, value: Any) -> None:
    *parents, last = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
    holder: Any = spec
    for key in parents:
        holder = holder[_key(holder, key)]
    if value is ...:
        del holder[_key(holder, last)]
    elif last == "-":
        holder.append(value)
    else:
        holder[_key(holder, last)] = value


def _key(holder: Any, key: str) -> Any:
    return int(key) if isinstance(holder, list) else key
