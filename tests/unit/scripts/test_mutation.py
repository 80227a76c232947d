from __future__ import annotations

import pytest
from mutation import ARGUED, _function, argued


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("havn_ext.signing.x_sign__mutmut_12", "havn_ext.signing.sign"),
        ("havn_ext.signing.x__key__mutmut_1", "havn_ext.signing._key"),
        ("havn_ext.retry.xǁRetryPolicyǁbackoff__mutmut_3", "havn_ext.retry.RetryPolicy.backoff"),
        ("havn_ext.retry.xǁRetryPolicyǁ__init____mutmut_3", "havn_ext.retry.RetryPolicy.__init__"),
    ],
)
def test_a_mutant_is_known_by_its_function(name: str, function: str) -> None:
    """The name of a mutant leads to the function as Python knows it."""
    assert _function(name) == function


def test_what_is_argued_stands_in_text_blocks() -> None:
    """Only the lines of `text` blocks are survivors; prose, lists and other blocks are not."""
    text = "# No\n\n- no: no\n\n```text\na.b: x\n\na.c: y\n```\n\n```sh\nno: no\n```\n\n```text\na.d: z\n```\n"
    assert argued(text) == {"a.b: x", "a.c: y", "a.d: z"}


def test_the_document_argues_something() -> None:
    """The list in the documents is read, and names functions of ours."""
    listed = argued(ARGUED.read_text(encoding="utf-8"))
    assert listed
    assert all(line.startswith("havn_ext.") and ": " in line for line in listed)
