from __future__ import annotations

import json
from typing import Any

import pytest

from havn_ext.errors import HAVNValidationError
from havn_ext.signing import EMPTY_BODY, canonical_json, sign, verify

SECRET = "whsec_test"
BODY = b'{"amount":10000}'
SIGNATURE = sign(BODY, SECRET)

# value, secret, canonical form, signature: the forms written by hand, the signatures made by
# `printf '%s' FORM | openssl dgst -sha256 -hmac SECRET`
VECTORS: list[tuple[Any, str, str, str]] = [
    ({}, SECRET, "{}", "46bdc2a2e83964bd2695acc6a1f97162d8bafc135a071aa5cd5c99aae5481440"),
    (
        {
            "payment_gateway_transaction_id": "stripe_txn_001",
            "amount": 10000,
            "referral_code": "HAVN-MJ-001",
            "customer_email": "customer@example.com",
        },
        SECRET,
        (
            '{"amount":10000,"customer_email":"customer@example.com",'
            '"payment_gateway_transaction_id":"stripe_txn_001","referral_code":"HAVN-MJ-001"}'
        ),
        "bb66ddd8359583b3dea6bbf8b80ce7aec3e88875c7b239f04910d07618428c9f",
    ),
    (
        {"custom_fields": {"b": {"z": "", "y": [1, 2.5, None]}, "a": True}, "amount": 1},
        SECRET,
        '{"amount":1,"custom_fields":{"a":true,"b":{"y":[1,2.5,null],"z":""}}}',
        "4ee28599bacc50cac0c0e95c8a14b999be4bae01e66de324ecca6381213a0d9b",
    ),
    (
        {"name": "Ni Luh Éka", "description": "Pembelian kopi ☕, terima kasih 🙏"},
        "rahasia",
        r'{"description":"Pembelian kopi \u2615, terima kasih \ud83d\ude4f","name":"Ni Luh \u00c9ka"}',
        "9f7ed1eeabcfaa78cd6e39915200911436d23843db7bdfb69b4c8f8fd4374c12",
    ),
    (
        {"😀": 5, "é": 4, "a": 3, "B": 2},
        "kunci-rahasia-ß",
        r'{"B":2,"a":3,"\u00e9":4,"\ud83d\ude00":5}',
        "842b1d67ca95f72b71994c7b070812b806122b58ec03470669433786d3e603ec",
    ),
    (
        {"name": 'A "b" \\ / \n\t\x7f'},
        SECRET,
        r'{"name":"A \"b\" \\ / \n\t\u007f"}',
        "3a333e1d716eac1373dbc3611480faa40e70fa0e80e68a8ad9d3e4692631fa0a",
    ),
    (
        [1, -0.0, 1e16, 123456789012345678901234567890, "\x7f\u2028</>"],
        "s",
        r'[1,-0.0,1e+16,123456789012345678901234567890,"\u007f\u2028</>"]',
        "b2576db1b370a285ec28cc22137641bbe28b49d8bec06f8581f080f92ef66c5a",
    ),
]


def nested(levels: int) -> list[Any]:
    """A list in a list in a list."""
    value: list[Any] = []
    for _ in range(levels):
        value = [value]
    return value


def cycle() -> list[Any]:
    """A list that holds itself."""
    value: list[Any] = []
    value.append(value)
    return value


@pytest.mark.parametrize(("value", "secret", "form", "signature"), VECTORS)
def test_vectors(value: Any, secret: str, form: str, signature: str) -> None:
    """Canonical form and signature are those that other tools make."""
    assert canonical_json(value) == form.encode("ascii")
    assert sign(form.encode("ascii"), secret) == signature


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (float("nan"), "not JSON compliant"),
        ([float("inf")], "not JSON compliant"),
        ({"a": -float("inf")}, "not JSON compliant"),
        ({1: "a"}, "a key is int"),
        ({None: "a"}, "a key is NoneType"),
        ({True: "a"}, "a key is bool"),
        ([({"a": {2.5: "deep"}},)], "a key is float"),
        ({1: "a", "b": 2}, "not supported"),
        ({b"a": 1}, "must be str"),
        ({("a",): 1}, "must be str"),
        ({"\ud83d\ude00": 1}, "surrogates"),
        ({1, 2}, "set"),
        (b"bytes", "bytes"),
        (object(), "object"),
        pytest.param(nested(100_000), "too deeply", id="deep"),
        pytest.param(10**5000, "4300 digits", id="long"),
        pytest.param(cycle(), "Circular", id="cycle"),
    ],
)
def test_what_has_no_json_form_is_refused(value: object, reason: str) -> None:
    """A value without a canonical form is a validation error about the body, with the reason."""
    with pytest.raises(HAVNValidationError, match=reason) as caught:
        canonical_json(value)
    assert list(caught.value.errors) == ["body"]


def test_a_tuple_is_an_array() -> None:
    """Tuples are written as lists are."""
    assert canonical_json({"a": (1, ("b",))}) == b'{"a":[1,["b"]]}'


@pytest.mark.parametrize(
    "signature",
    [
        None,
        "",
        b"",
        SIGNATURE.upper(),
        SIGNATURE[:-1],
        SIGNATURE + "0",
        f" {SIGNATURE}",
        f"{SIGNATURE}\n",
        f"sha256={SIGNATURE}",
        "é" * 64,
        "\ud800",
        b"\xff" * 64,
        SIGNATURE.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")),
        12,
        [SIGNATURE],
        bytearray(SIGNATURE, "ascii"),
    ],
)
def test_a_signature_that_is_not_the_signature_is_rejected(signature: Any) -> None:
    """Whatever stands in the place of the signature, the answer is False and no exception."""
    assert verify(BODY, signature, SECRET) is False


@pytest.mark.parametrize("place", range(64))
def test_one_other_character_is_another_signature(place: int) -> None:
    """Every character of a signature counts, the last one too."""
    other = "0" if SIGNATURE[place] != "0" else "1"
    assert verify(BODY, SIGNATURE[:place] + other + SIGNATURE[place + 1 :], SECRET) is False


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        "not json",
        b"\xff\xfe\xfa",
        b'{"amount":10000}\xe9',
        "NaN",
        "[Infinity]",
        "1e999",
        '{"a":1,}',
        pytest.param("[" * 100_000, id="deep"),
        pytest.param("9" * 5000, id="long"),
        "\x00",
    ],
)
def test_a_body_that_is_no_json_is_rejected(body: str | bytes) -> None:
    """A malformed body makes the answer False, whatever the signature says of its bytes."""
    raw = body if isinstance(body, bytes) else body.encode()
    assert verify(body, sign(raw, SECRET), SECRET) is False


@pytest.mark.parametrize("body", ["", b"", " \r\n", "{}", b" { } "])
def test_an_empty_body_is_an_empty_object(body: str | bytes) -> None:
    """No body verifies as `{}` does, as for a GET."""
    assert verify(body, sign(EMPTY_BODY, SECRET), SECRET)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_bytes_are_read_in_every_encoding_of_json(encoding: str) -> None:
    """A body verifies in whichever Unicode encoding it came."""
    value = {"name": "Kopi ☕"}
    body = json.dumps(value, ensure_ascii=False).encode(encoding)
    assert verify(body, sign(canonical_json(value), SECRET), SECRET)


@pytest.mark.parametrize("one_and_its_float", [(1, 1.0), (0, -0.0), (10**16, 1e16)])
def test_an_integer_and_its_float_sign_differently(one_and_its_float: tuple[int, float]) -> None:
    """`1` and `1.0` are different values, as to every implementation that re-writes what it parsed."""
    integer, number = one_and_its_float
    assert canonical_json(integer) != canonical_json(number)


@pytest.mark.parametrize(
    ("secrets", "reason"),
    [
        ("", "must not be empty"),
        (b"", "must not be empty"),
        ([SECRET, ""], "must not be empty"),
        ([], "at least one"),
        (None, "must be str or bytes"),
        (5, "must be str or bytes"),
        ([SECRET, None], "must be str or bytes"),
    ],
)
def test_a_missing_secret_is_the_programs_fault(secrets: Any, reason: str) -> None:
    """Nothing is ever verified without a secret, nor quietly rejected."""
    with pytest.raises(HAVNValidationError, match=reason) as caught:
        verify(BODY, SIGNATURE, secrets)
    assert list(caught.value.errors) == ["secrets"]


@pytest.mark.parametrize("body", [{"amount": 10000}, None, bytearray(BODY)])
def test_a_parsed_body_is_the_programs_fault(body: Any) -> None:
    """A body that is not what was received is refused, with what to pass instead."""
    with pytest.raises(HAVNValidationError) as caught:
        verify(body, SIGNATURE, SECRET)
    assert caught.value.errors == {
        "body": f"must be the received str or bytes, not {type(body).__name__}: pass it unparsed"
    }


@pytest.mark.parametrize("secret", ["", b""])
def test_nothing_is_signed_without_a_secret(secret: str | bytes) -> None:
    """An empty secret signs nothing: everybody knows it."""
    with pytest.raises(HAVNValidationError, match="must not be empty"):
        sign(BODY, secret)


@pytest.mark.parametrize("secret", [None, 5, ["s"]])
def test_a_secret_is_text_or_bytes(secret: Any) -> None:
    """What can be no secret is named by its type, and not shown."""
    with pytest.raises(HAVNValidationError) as caught:
        sign(BODY, secret)
    assert caught.value.errors == {"secrets": f"must be str or bytes, not {type(secret).__name__}"}


def test_any_text_is_a_secret() -> None:
    """Half of a surrogate pair, as it comes from a badly decoded variable, signs like any other character."""
    assert sign(BODY, "\ud800") == sign(BODY, b"\xed\xa0\x80")


def test_secrets_may_come_from_an_iterator() -> None:
    """Any iterable of secrets will do, and one by itself is no sequence of characters."""
    assert verify(BODY, SIGNATURE, iter(["old", SECRET]))
    assert not verify(BODY, sign(BODY, "w"), SECRET)
