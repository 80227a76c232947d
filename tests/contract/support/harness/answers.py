"""Answers that nobody gave: drawn from the contract's response schemas, and spoilt in every usual way."""

from __future__ import annotations

import json
import operator
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from hypothesis import strategies as st
from strategies import json_values

from harness.spec import OPERATIONS, branches

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from contract import Node
    from hypothesis.strategies import SearchStrategy

__all__ = ["bodies", "not_json", "off_schema", "statuses"]

_BY_TYPE: Final[Mapping[str, SearchStrategy[Any]]] = {
    "null": st.none(),
    "boolean": st.booleans(),
    "integer": st.integers(-(10**12), 10**12),
    "number": st.integers(-(10**12), 10**12) | st.floats(-1e12, 1e12),
    "string": st.text(max_size=20),
}


def _values(schema: Node, junk: SearchStrategy[Any]) -> SearchStrategy[Any]:
    """Values that keep a response schema, now and then an example or with a new field, or `junk` in their place."""
    alternatives = branches(schema)[1:]
    if alternatives:
        return st.one_of(*(_values(each, junk) for each in alternatives))
    types = schema.get("type", [])
    strategies = [_of_type(each, schema, junk) for each in ([types] if isinstance(types, str) else types)]
    examples = [st.sampled_from(schema["examples"])] if "examples" in schema else []
    return st.one_of(*strategies, *examples, junk) if strategies or examples else json_values


def _of_type(name: str, schema: Node, junk: SearchStrategy[Any]) -> SearchStrategy[Any]:
    if name == "array":
        return st.lists(_values(schema["items"], junk), max_size=3)
    if name == "object":
        parts = {name: _values(part, junk) for name, part in schema.get("properties", {}).items()}
        required = {name: parts.pop(name) for name in schema.get("required", []) if junk.is_empty}
        return st.builds(operator.or_, _NEW_FIELDS, st.fixed_dictionaries(required, optional=parts))
    return _BY_TYPE[name]


_NEW_FIELDS: Final = st.dictionaries(st.text(max_size=8).map("x-{}".format), json_values, max_size=1)


@cache
def bodies(operation_id: str, status: str, *, form: int | None = None) -> SearchStrategy[Any]:
    """Bodies that an answer with this documented status may have.

    Args:
        operation_id: What answers.
        status: As the contract writes it, such as `200` or `5XX`.
        form: Which of the alternatives; any when None.
    """
    schema = _schema(operation_id, status)
    return _values(schema if form is None else schema["anyOf"][form], junk=st.nothing())


@cache
def off_schema(operation_id: str, status: str) -> SearchStrategy[Any]:
    """JSON like a valid body, with parts missing, null, new, or of another type, or any JSON at all."""
    return _values(_schema(operation_id, status), junk=json_values)


def statuses(operation_id: str, *, success: bool) -> SearchStrategy[int]:
    """Statuses that an operation documents, and for refusals others as well."""
    documented = OPERATIONS[operation_id].statuses
    if success:
        return st.sampled_from([int(each) for each in documented if each.startswith("2")])
    return st.sampled_from([int(each) for each in documented if each[0] == "4"]) | st.sampled_from(
        [300, 302, 304, 402, 403, 405, 418, 451, 499, 500, 502, 503, 504, 520, 599]
    )


_HTML: Final = b"<!doctype html><html><body><h1>502 Bad Gateway</h1></body></html>"


@st.composite
def not_json(draw: st.DrawFn, body: SearchStrategy[Any]) -> bytes:
    """Bytes in place of a JSON body: a proxy's page, nothing, half a body, another encoding."""
    whole = json.dumps(draw(body)).encode()
    spoil: Callable[[bytes], bytes] = draw(
        st.sampled_from(
            [
                lambda _: _HTML,
                lambda _: b"",
                lambda _: b" \n",
                lambda text: text[: len(text) // 2],
                lambda text: text[:-1],
                lambda text: text + b"}",
                lambda text: text.decode().encode("utf-16"),
                lambda text: b"\xff" + text,
                lambda text: b"[" * 20_000 + text,
                lambda _: b"NaN",
            ]
        )
    )
    return spoil(whole)


def _schema(operation_id: str, status: str) -> Node:
    return OPERATIONS[operation_id].response_schema(500 if status == "5XX" else int(status))
