from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sandbox_support import (
    KEY,
    LOGIN,
    MISSING,
    SECRET,
    TRANSACTION,
    VOUCHERS,
    Caller,
    canonical,
    hand_signed,
    rules,
    sale,
    sandbox_in_process,
)

BODY = {"email": "jörg@example.com".replace("ö", "o"), "name": "Jörg", "z": 1, "a": {"y": 1, "b": 2}}


def spelt(**how: Any) -> bytes:
    """The body in the spelling of `json.dumps` with these options."""
    return json.dumps(BODY, **how).encode()


COMPACT = (",", ":")


@pytest.mark.parametrize(
    ("content", "signed", "secret", "rule"),
    [
        (b' {"a" :1}', b' {"a" :1}', SECRET, ["raw_bytes"]),
        (spelt(), spelt(separators=COMPACT), SECRET, ["unsorted_keys"]),
        (spelt(separators=COMPACT), spelt(separators=COMPACT), SECRET, ["raw_bytes", "unsorted_keys"]),
        (canonical(BODY), spelt(sort_keys=True), SECRET, ["separators"]),
        (spelt(separators=COMPACT), spelt(), SECRET, ["separators"]),
        (canonical(BODY), spelt(sort_keys=True, separators=COMPACT, ensure_ascii=False), SECRET, ["unescaped"]),
        (canonical(BODY), canonical(BODY), f"{SECRET}\n", ["secret_white_space"]),
        (canonical(BODY), canonical(BODY), f" {SECRET}", ["secret_white_space"]),
        (canonical(BODY), canonical(BODY), KEY, ["api_key_as_secret"]),
        (canonical(BODY), canonical(BODY), "test_other_secret", ["other_company"]),
        (canonical(BODY), canonical(BODY), "no such secret", ["secret"]),
        (canonical(BODY), b"another body", SECRET, ["secret"]),
    ],
)
def test_a_refused_signature_says_what_was_probably_wrong(
    havn: Caller, content: bytes, signed: bytes, secret: str, rule: list[str]
) -> None:
    """Each usual mistake is recognised and named, without a word about the secret or the right signature."""
    havn.as_company("test_other").get()
    response = havn.send("POST", LOGIN, content, x_signature=hand_signed(signed, secret))
    assert response.status_code == 401
    assert response.json()["error"] == "invalid_signature"
    assert rules(response) == [("/X-Signature", each) for each in rule]
    assert SECRET not in response.text
    assert hand_signed(canonical(json.loads(content))) not in response.text


def test_upper_case_is_refused_and_explained(havn: Caller) -> None:
    """Hexadecimal digits are in lower case."""
    body = canonical({"email": "owner@example.com"})
    response = havn.send("POST", LOGIN, body, x_signature=hand_signed(body).upper())
    assert rules(response) == [("/X-Signature", "upper_case")]


def test_a_get_signs_an_empty_object(havn: Caller) -> None:
    """A GET signs {}, whatever its query; an empty body signed in its place is explained."""
    assert havn.get(VOUCHERS, {"page": 1}).status_code == 200
    response = havn.get(x_signature=hand_signed(b""))
    assert rules(response) == [("/X-Signature", "empty_body")]


@pytest.mark.parametrize(
    ("headers", "error"),
    [
        ({"x_api_key": MISSING}, "missing_api_key"),
        ({"x_api_key": "nobody"}, "unknown_api_key"),
        ({"x_api_key": ""}, "unknown_api_key"),
        ({"x_signature": MISSING}, "missing_signature"),
        ({"x_signature": ""}, "invalid_signature"),
        ({"x_signature": b"\xff\xe4"}, "invalid_signature"),
        ({"x_signature": "0" * 64}, "invalid_signature"),
    ],
)
def test_each_credential_is_needed(havn: Caller, headers: dict[str, Any], error: str) -> None:
    """A missing or wrong key or signature is a 401 of its own kind."""
    for response in (havn.get(**headers), havn.post(TRANSACTION, sale(), **headers)):
        assert response.status_code == 401
        assert response.json()["error"] == error
        assert SECRET not in response.text


def test_malformed_json_is_a_400_only_for_who_is_known(havn: Caller) -> None:
    """Who sends no JSON under a known key hears so; under an unknown one it is a 401 first."""
    assert havn.send("POST", LOGIN, b"{").status_code == 400
    assert havn.send("POST", LOGIN, b"{", x_api_key="nobody").status_code == 401


@given(
    custom=st.dictionaries(
        st.text(max_size=8),
        st.text(max_size=8) | st.integers() | st.floats(allow_nan=False, allow_infinity=False),
        max_size=10,
    ),
    indent=st.none() | st.integers(0, 3),
    ensure_ascii=st.booleans(),
)
def test_the_spelling_of_a_signed_body_does_not_matter(
    custom: dict[str, Any], indent: int | None, ensure_ascii: bool
) -> None:
    """The published client signs the canonical form and sends another one: every spelling is accepted."""
    body = sale(custom_fields=custom)
    content = json.dumps(body, indent=indent, ensure_ascii=ensure_ascii).encode("utf-8")
    with sandbox_in_process() as havn:
        assert havn.send("POST", TRANSACTION, content, signed=canonical(body)).status_code == 201


def test_one_flipped_bit_of_a_signature_is_always_refused() -> None:
    """None of the 256 neighbours of the right signature is right."""
    right = int(hand_signed(b"{}"), 16)
    with sandbox_in_process(rate_limits=False) as havn:
        for bit in range(256):
            assert havn.get(x_signature=f"{right ^ 1 << bit:064x}").status_code == 401
