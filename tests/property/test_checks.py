from __future__ import annotations

import string

import jsonschema_rs
from hypothesis import assume, example, given
from hypothesis import strategies as st
from strategies import emails

from havn_ext._checks import Problems

FORMAT = jsonschema_rs.Draft202012Validator({"type": "string", "format": "email"}, validate_formats=True)

labels = st.text(string.ascii_letters + string.digits + "-.", min_size=1, max_size=70)
addresses = (
    emails
    | st.builds("{}@{}".format, st.text(string.printable, max_size=70), labels)
    | st.text(st.characters(codec="utf-8"))
    | st.emails()
)


def checked(address: str) -> str | None:
    """The address as it goes on the wire, or None when it is refused."""
    return Problems().email("email", address)


@given(address=addresses)
@example("a@b.1")
@example("a@ab--c.com")
@example("!#$%&'*+/=?^_`{|}~-@example.com")
def test_what_is_accepted_is_accepted_by_the_contract(address: str) -> None:
    """An accepted address passes `format: email`; a Punycode label is left to HAVN to decode."""
    accepted = checked(address)
    assume(accepted is None or "xn--" not in accepted.lower())
    assert accepted is None or FORMAT.is_valid(accepted)


@given(address=addresses)
def test_an_accepted_address_is_the_trimmed_one(address: str) -> None:
    """Only white space around an address is taken away, and never anything in it."""
    accepted = checked(address)
    assert accepted is None or (accepted == address.strip() and checked(accepted) == accepted)


@given(address=emails.filter(lambda address: ".." not in address and ".@" not in address and address[0] != "."))
def test_what_people_write_is_accepted(address: str) -> None:
    """The usual addresses pass."""
    assert checked(address) == address


@given(code=st.text(max_size=60), least=st.integers(1, 5), most=st.integers(5, 50))
@example("ßßß", 3, 5)
def test_a_code_keeps_to_its_bounds_on_the_wire(code: str, least: int, most: int) -> None:
    """However a code was spelled, what goes on the wire is upper case, trimmed and within the bounds."""
    wire = Problems().code("code", code, least=least, most=most)
    assert wire is None or (least <= len(wire) <= most and wire == wire.upper() == wire.strip())
