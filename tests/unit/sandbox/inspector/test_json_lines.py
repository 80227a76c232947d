from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from havn_ext.sandbox.inspector.json_lines import MOST_LINES, Line, laid_out
from havn_ext.sandbox.messages import Detail

documents = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
)


def text_of(lines: list[Line]) -> str:
    """The lines as a text."""
    return "\n".join(f"{line.key + ':' if line.key is not None else ''}{line.text}{line.tail}" for line in lines)


@given(documents)
def test_the_lines_are_the_document(document: object) -> None:
    """Read together, the lines are JSON again, and the same value."""
    lines = laid_out(json.dumps(document).encode(), [])
    assert lines is not None
    assert json.loads(text_of(lines)) == document


@pytest.mark.parametrize("number", ["1.0", "1e5", "-0", "123456789012345678901234567890", "1.10"])
def test_numbers_keep_their_spelling(number: str) -> None:
    """1.0 and 1 sign differently, so the page shows which one was sent."""
    lines = laid_out(f'{{"amount": {number}}}'.encode(), [])
    assert lines is not None
    assert lines[1] == Line(1, '"amount"', number, "number", "", "/amount")


@pytest.mark.parametrize("body", [b"", b"<html>", b"\xff", b'{"a":', b"[" * 100_000])
def test_what_is_no_json_has_no_lines(body: bytes) -> None:
    """Neither text, nor bytes, nor nesting beyond the machine is an error."""
    assert laid_out(body, []) is None


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/users/1/email", "/users/1/email"),
        ("/users/1/name", "/users/1"),
        ("/a~1b", "/a~1b"),
        ("", ""),
        ("/missing/deep", ""),
    ],
)
def test_a_fault_stands_at_its_place(path: str, place: str) -> None:
    """What is missing counts for the nearest thing around it that is there."""
    fault = Detail("body", path, "rule", "message")
    lines = laid_out(b'{"users": [1, {"email": 2}], "a/b": 3}', [fault])
    assert lines is not None
    assert [line.pointer for line in lines if line.faults] == [place]


def test_half_of_a_surrogate_pair_stays_escaped() -> None:
    """A page is UTF-8, which cannot hold it."""
    lines = laid_out(rb'{"\ud800": "\udfff"}', [])
    assert lines is not None
    assert (lines[1].key, lines[1].text) == (r'"\ud800"', r'"\udfff"')


def test_a_long_body_is_cut() -> None:
    """A page stays readable; a fault beyond the end is shown at what is there."""
    lines = laid_out(json.dumps(list(range(5000))).encode(), [Detail("body", "/4999", "rule", "message")])
    assert lines is not None
    assert len(lines) == MOST_LINES
    assert [line.pointer for line in lines if line.faults] == [""]


def test_deep_nesting_is_laid_out() -> None:
    """The walk needs no recursion."""
    depth = 900
    lines = laid_out(b"[" * depth + b"]" * depth, [])
    assert lines is not None
    assert len(lines) == 2 * depth - 1
