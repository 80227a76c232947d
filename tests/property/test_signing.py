from __future__ import annotations

import hashlib
import hmac
import json
import random
from typing import TYPE_CHECKING, Any

from hypothesis import example, given
from hypothesis import strategies as st
from strategies import deep_json_values, json_objects, json_values, secrets

from havn_ext.signing import canonical_json, sign, verify

if TYPE_CHECKING:
    from collections.abc import Callable

ESCAPES = {'"': r"\"", "\\": r"\\", "\n": r"\n", "\r": r"\r", "\t": r"\t", "\f": r"\f", "\b": r"\b"}

signatures = st.text() | st.binary() | st.none() | st.text("0123456789abcdef", min_size=64, max_size=64)


def escaped(character: str) -> str:
    """A character inside a canonical JSON string."""
    if character in ESCAPES:
        return ESCAPES[character]
    if " " <= character <= "~":
        return character
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))


def written(value: Any) -> str:
    """The canonical form of a JSON value, by the words of the contract and without `json`."""
    match value:
        case None | bool():
            return {None: "null", True: "true", False: "false"}[value]
        case int() | float():
            return repr(value)
        case str():
            return f'"{"".join(map(escaped, value))}"'
        case list():
            return f"[{','.join(map(written, value))}]"
        case _:
            return f"{{{','.join(f'{written(key)}:{written(value[key])}' for key in sorted(value))}}}"


def meaning(body: bytes) -> bytes | None:
    """What a body says, in canonical form; None when it is no JSON."""
    try:
        return written(json.loads(body)).encode("ascii")
    except ValueError:
        return None


def shuffled(value: Any, dice: random.Random) -> Any:
    """The same value with the keys of every object in another order."""
    if isinstance(value, list):
        return [shuffled(item, dice) for item in value]
    if isinstance(value, dict):
        return {key: shuffled(value[key], dice) for key in dice.sample(list(value), len(value))}
    return value


@st.composite
def spellings(draw: st.DrawFn) -> Callable[[Any], str]:
    """Ways to write one JSON value: order of keys, white space, escapes."""
    dice = random.Random(draw(st.integers(0, 2**32)))
    indent = draw(st.none() | st.integers(0, 4) | st.just("\t"))
    separators = draw(st.sampled_from([None, (", ", ": "), (",", ":"), (" ,\r\n", " :\t")]))
    ensure_ascii = draw(st.booleans())

    def spell(value: Any) -> str:
        return json.dumps(shuffled(value, dice), indent=indent, separators=separators, ensure_ascii=ensure_ascii)

    return spell


@given(value=json_values | deep_json_values())
def test_the_canonical_form_is_its_own(value: Any) -> None:
    """Parsing the canonical form and writing it again changes nothing."""
    form = canonical_json(value)
    assert canonical_json(json.loads(form)) == form


@given(value=json_values | deep_json_values())
def test_the_canonical_form_means_the_value(value: Any) -> None:
    """The canonical form parses to the value, but for surrogates that JSON joins."""
    assert json.loads(canonical_json(value)) == json.loads(json.dumps(value))


@given(value=json_values | deep_json_values())
@example({"\uffff": 1, "😀": 2})
@example(["\x7f", "\u2028", "\ud800", "</script>"])
def test_the_canonical_form_is_the_contracts(value: Any) -> None:
    """ASCII, compact, sorted at every level: what the contract's words make of the value, to the byte."""
    assert canonical_json(value) == written(value).encode("ascii")


@given(value=json_values, spell=spellings())
def test_the_spelling_never_matters(value: Any, spell: Callable[[Any], str]) -> None:
    """Order of keys, indentation, separators and escapes leave the canonical form as it is."""
    assert canonical_json(json.loads(spell(value))) == canonical_json(value)


@given(body=st.binary(), secret=secrets)
def test_a_signature_is_the_standard_librarys(body: bytes, secret: str) -> None:
    """The signature is the lower-case hexadecimal HMAC-SHA256 of the bytes."""
    expected = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    assert sign(body, secret) == sign(body, secret.encode()) == expected


@given(value=json_values, spell=spellings(), secret=secrets)
def test_an_own_signature_is_accepted(value: Any, spell: Callable[[Any], str], secret: str) -> None:
    """A signed value verifies in every spelling, as str and as bytes."""
    text, signature = spell(value), sign(canonical_json(value), secret)
    assert verify(text, signature, secret)
    assert verify(text.encode("utf-8", "surrogatepass"), signature.encode(), secret.encode())


@given(value=json_objects, keys=st.lists(secrets, min_size=1, max_size=5, unique=True), data=st.data())
def test_any_secret_of_a_rotation_verifies(value: Any, keys: list[str], data: st.DataObject) -> None:
    """A signature under any one of several secrets is accepted, wherever that secret stands."""
    secret = data.draw(st.sampled_from(keys))
    assert verify(canonical_json(value), sign(canonical_json(value), secret), keys)


@given(value=json_objects, secret=secrets, data=st.data())
def test_a_flipped_bit_of_the_signature_is_rejected(value: Any, secret: str, data: st.DataObject) -> None:
    """One other bit anywhere in the signature, and it is not HAVN's."""
    body = canonical_json(value)
    signature = bytearray(sign(body, secret), "ascii")
    signature[data.draw(st.integers(0, len(signature) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    assert not verify(body, bytes(signature), secret)


@given(value=json_objects, secret=secrets, data=st.data())
def test_a_flipped_bit_of_the_secret_is_rejected(value: Any, secret: str, data: st.DataObject) -> None:
    """One other bit anywhere in the secret, and its signature is worthless."""
    body = canonical_json(value)
    other = bytearray(secret, "ascii")
    other[data.draw(st.integers(0, len(other) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    assert not verify(body, sign(body, bytes(other)), secret)


@given(value=json_objects, secret=secrets, data=st.data())
def test_a_flipped_bit_of_the_body_is_rejected(value: Any, secret: str, data: st.DataObject) -> None:
    """One other bit in the body rejects it, unless the body still means the same, as an escape in upper case."""
    body = canonical_json(value)
    flipped = bytearray(body)
    flipped[data.draw(st.integers(0, len(flipped) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    assert verify(bytes(flipped), sign(body, secret), secret) is (meaning(bytes(flipped)) == body)


@given(body=st.text() | st.binary(), signature=signatures, secret=secrets)
def test_what_comes_from_outside_never_raises(
    body: str | bytes, signature: str | bytes | None, secret: str
) -> None:
    """Whatever body and signature arrive, the answer is a bool."""
    assert verify(body, signature, secret) is False
