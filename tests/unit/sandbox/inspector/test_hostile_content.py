from __future__ import annotations

import json
from html.parser import HTMLParser
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st
from inspector_support import ROOT, Inspector
from typing_extensions import override

from havn_ext.sandbox.messages import Detail

ATTACKS = [
    '"><script>alert(1)</script>',
    "</pre><img src=x onerror=alert(1)>",
    "{{ 7 * 7 }}",
    "' onfocus='x",
    "\x00",
]
texts = st.one_of(st.sampled_from(ATTACKS), st.text(st.characters(codec="utf-8"), max_size=40))
headers = st.text(st.characters(codec="latin-1", exclude_characters="&"), min_size=1, max_size=40)


class Elements(HTMLParser):
    """What a page consists of: its elements with the names of their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, tuple[str, ...]]] = []
        self.text = ""
        self.feed(page)

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, tuple(name for name, _ in attrs)))

    @override
    def handle_data(self, data: str) -> None:
        self.text += data


def pages(**content: Any) -> list[Elements]:
    """The list and the detail of one request with this content."""
    inspector = Inspector()
    inspector.add(**content)
    shown = [Elements(inspector.get(path).text) for path in ("/", f"{ROOT}/requests/1")]
    inspector.store.close()
    return shown


def content(text: str, header: str) -> dict[str, Any]:
    """A request that says these words wherever a caller can."""
    return {
        "path": f"/{text}",
        "query": f"a={header}",
        "request_headers": (("x-api-key", header), ("x-odd", header)),
        "request_body": f"[{text}".encode(),
        "canonical": text.encode(),
        "answer_body": f"[{text}".encode(),
        "answer_headers": (("x-odd", header),),
        "validation": (Detail("body", f"/{text}", text, text), Detail("header", "/x-odd", header, header)),
        "fault": text,
        "verdict": "invalid",
    }


@given(texts, headers)
@example(ATTACKS[0], ATTACKS[0])
def test_no_text_changes_what_a_page_consists_of(text: str, header: str) -> None:
    """Whatever a caller sends is shown as text: the page has the same elements as with harmless words."""
    hostile = [page.found for page in pages(**content(text, header))]
    harmless = [page.found for page in pages(**content("plain", "plain"))]
    assert hostile == harmless


@given(
    st.recursive(
        st.one_of(texts, st.integers(), st.none()), lambda inner: st.dictionaries(texts, inner), max_leaves=8
    )
)
def test_no_json_brings_an_element_of_its_own(document: object) -> None:
    """A laid-out body adds lines and spans, never anything that runs or loads."""
    _, detail = pages(request_body=json.dumps(document).encode())
    assert [attributes for tag, attributes in detail.found if tag == "script"] == [
        ("src",),
        ("src",),
        ("src", "defer"),
    ]
    assert not {tag for tag, _ in detail.found} & {"iframe", "object", "embed", "style", "base"}
    names = {name for _, attributes in detail.found for name in attributes}
    assert not {name for name in names if name.startswith("on") or name == "style"}


def test_a_script_in_a_body_stays_text() -> None:
    """It can be read on the page."""
    _, detail = pages(request_body=b'{"note": "<script>alert(1)</script>"}')
    assert '"<script>alert(1)</script>"' in detail.text
