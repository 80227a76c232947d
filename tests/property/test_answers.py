from __future__ import annotations

import json
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st
from strategies import json_objects, json_values

from havn_ext._answers import json_object
from havn_ext._steps import Answer

ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le"])


def spelled(value: Any, encoding: str, indent: int | None, *, escaped: bool) -> bytes:
    """JSON as some server may write it."""
    return json.dumps(value, indent=indent, ensure_ascii=escaped).encode(encoding, "surrogatepass")


SPELLINGS = st.builds(
    spelled, json_objects | json_values, ENCODINGS, st.sampled_from([None, 0, 2]), escaped=st.booleans()
)


def by_the_book(content: bytes) -> dict[str, Any] | None:
    """What `json` makes of a body."""
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None


@example(b'{"a": "\xed\xa0\x80"}')
@example(b'{"a": 1} ')
@example(b'{"a": 1}}')
@example(b'{"a": "\xff"}')
@example(b"")
@given(SPELLINGS | st.binary(max_size=8) | st.binary(max_size=8).map(b'{"'.__add__))
def test_a_body_is_what_json_makes_of_it(content: bytes) -> None:
    """An object in any encoding and spelling is read; whatever else comes is None."""
    assert json_object(Answer(200, {}, content)) == by_the_book(content)
