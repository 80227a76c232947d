from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from havn_api.types import UNSET
from havn_ext._checks import Problems, unset_if_none
from havn_ext.errors import HAVNValidationError

if TYPE_CHECKING:
    from collections.abc import Callable

    Check = Callable[[Problems, Any], object]


def checked(check: Check, value: Any) -> tuple[object, dict[str, str]]:
    """What a check makes of a value, and what is wrong with it."""
    problems = Problems()
    result = check(problems, value)
    assert problems.clean is (not problems.errors)
    return result, problems.errors


def text(problems: Problems, value: Any) -> object:
    """An optional text of two to four characters."""
    return problems.text("field", value, least=2, most=4)


def required_text(problems: Problems, value: Any) -> object:
    """A required text of up to four characters."""
    return problems.text("field", value, most=4, required=True)


def code(problems: Problems, value: Any) -> object:
    """A code of three to five characters."""
    return problems.code("field", value, least=3, most=5)


def email(problems: Problems, value: Any) -> object:
    """An optional address."""
    return problems.email("field", value)


def required_email(problems: Problems, value: Any) -> object:
    """A required address."""
    return problems.email("field", value, required=True)


def amount(problems: Problems, value: Any) -> object:
    """An optional amount, within the contract's bounds."""
    return problems.amount("field", value)


def required_amount(problems: Problems, value: Any) -> object:
    """A required amount."""
    return problems.amount("field", value, required=True)


def number(problems: Problems, value: Any) -> object:
    """A number from -1 to 3."""
    return problems.number("field", value, least=-1, most=3)


def open_number(problems: Problems, value: Any) -> object:
    """A number from 1."""
    return problems.number("field", value, least=1)


def required_number(problems: Problems, value: Any) -> object:
    """A required number from 1."""
    return problems.number("field", value, least=1, required=True)


def flag(problems: Problems, value: Any) -> object:
    """A switch."""
    return problems.flag("field", value)


def choice(problems: Problems, value: Any) -> object:
    """One of two words."""
    return problems.choice("field", value, {"asc", "desc"})


def timeout(problems: Problems, value: Any) -> object:
    """Seconds for one call."""
    return problems.timeout(value)


@pytest.mark.parametrize(
    ("check", "value", "wire"),
    [
        *[(check, None, None) for check in (text, code, email, amount, number, open_number, flag, choice, timeout)],
        *[(check, "", None) for check in (text, code, email, choice)],
        *[(check, "  ", None) for check in (code, email)],
        *[(text, given, given) for given in ("ab", "abcd", "  ", "😀😀😀😀")],
        *[(required_text, given, given) for given in ("a", "abcd", " a ")],
        *[(code, given, "ABC") for given in ("abc", " aBc\n", "ABC")],
        (code, "abcde", "ABCDE"),
        *[(email, given, "Jane@Example.com") for given in ("Jane@Example.com", "  Jane@Example.com\n")],
        *[(required_email, given, given) for given in ("a@b", "a.b+c@x-y.co.id", "a@xn--mnchen-3ya.de")],
        *[(amount, given, given) for given in (1, 1_000_000_000)],
        *[(number, given, given) for given in (-1, 0, 3)],
        (open_number, 10**30, 10**30),
        *[(flag, given, given) for given in (True, False)],
        (choice, "asc", "asc"),
        *[(timeout, given, 2.5) for given in (2.5, "2.5")],
    ],
)
def test_what_is_right_goes_on_the_wire(check: Check, value: object, wire: object) -> None:
    """A right value passes as the wire has it, an absent one as None."""
    assert checked(check, value) == (wire, {})


@pytest.mark.parametrize(
    ("check", "value", "reason"),
    [
        *[
            (check, None, "is required")
            for check in (required_text, required_email, required_amount, required_number)
        ],
        *[
            (check, blank, "must not be empty")
            for check in (required_text, required_email)
            for blank in ("", " \n")
        ],
        *[(check, 5, "must be a str, not int") for check in (text, required_text, code, email, choice)],
        *[(check, b"ab", "must be a str, not bytes") for check in (text, code, email, choice)],
        (text, "a", "must have 2 to 4 characters, not 1"),
        (text, "abcde", "must have 2 to 4 characters, not 5"),
        (required_text, "abcde", "must have at most 4 characters, not 5"),
        (code, " ab ", "must have 3 to 5 characters, not 2"),
        (code, "abcdef", "must have 3 to 5 characters, not 6"),
        (code, "ßßß", "must have 3 to 5 characters, not 6"),
        *[
            (amount, value, f"must be an int, a whole number of minor units, not {type(value).__name__}")
            for value in (1.0, "1", True, b"1", [1])
        ],
        *[(amount, value, "must be at least 1") for value in (0, -1)],
        (amount, 1_000_000_001, "must be at most 1000000000"),
        *[(number, value, f"must be an int, not {type(value).__name__}") for value in (1.0, "1", False)],
        (number, -2, "must be at least -1"),
        (number, 4, "must be at most 3"),
        *[(flag, value, f"must be True or False, not {type(value).__name__}") for value in (1, 0, "true")],
        *[(choice, word, "must be one of asc, desc") for word in ("ASC", "asc ", "up")],
    ],
)
def test_what_is_wrong_is_named(check: Check, value: object, reason: str) -> None:
    """A wrong value gives nothing, and the reason in words that complete the field's name."""
    assert checked(check, value) == (None, {"field": reason})


@pytest.mark.parametrize("value", [0, -1, "soon", True, float("inf"), []])
def test_a_timeout_is_a_number_of_seconds(value: object) -> None:
    """A timeout that is no positive, finite number is named as such."""
    result, errors = checked(timeout, value)
    assert result is None
    assert list(errors) == ["timeout"]


@pytest.mark.parametrize(
    ("address", "fits"),
    [
        (f"{'a' * 64}@example.com", True),
        (f"{'a' * 65}@example.com", False),
        (f"a@{'b' * 63}.com", True),
        (f"a@{'b' * 64}.com", False),
        (f"a@{'.'.join(['b' * 62] * 4)}", True),  # 253
        (f"aaa@{'.'.join(['b' * 62] * 3)}.{'b' * 61}", True),  # 254
        (f"aaaa@{'.'.join(['b' * 62] * 3)}.{'b' * 61}", False),  # 255
    ],
)
def test_an_address_has_the_lengths_of_the_rfc(address: str, fits: bool) -> None:
    """64 characters before the @, 63 between dots after it, 254 in all (RFC 5321 4.5.3)."""
    assert checked(email, address) == ((address, {}) if fits else (None, {"field": "is not an e-mail address"}))


@pytest.mark.parametrize(
    "address",
    [
        "jane",
        "jane@",
        "@example.com",
        "jane@@example.com",
        "a@b@example.com",
        "jane doe@example.com",
        "jane@example..com",
        "jane@.example.com",
        "jane@example.com.",
        ".jane@example.com",
        "jane.@example.com",
        "ja..ne@example.com",
        "jane@-example.com",
        "jane@example-.com",
        "jane@ex_ample.com",
        "jane@ab--cd.com",
        "jané@example.com",
        "jane@exämple.com",
        "Jane <jane@example.com>",
        "jane@example.com\nBcc: x@example.com",
        "jane@example.com,joe@example.com",
        '"jane"@example.com',
        "jane@[127.0.0.1]",
        "\u017f@example.com",  # upper case S
        "jane@\u017f.com",
    ],
)
def test_what_is_no_address_is_refused(address: str) -> None:
    """An address that HAVN's format does not know is refused, and not quoted."""
    assert checked(email, address) == (None, {"field": "is not an e-mail address"})


def test_the_first_fault_of_a_field_counts() -> None:
    """A second fault of one field does not hide the first."""
    problems = Problems()
    problems.add("amount", "is required")
    problems.add("amount", "must be at least 1")
    assert problems.errors == {"amount": "is required"}


def test_a_part_reports_under_its_own_name() -> None:
    """A part of a call reports to the whole under its prefix, and is clean by itself."""
    problems = Problems()
    first, second = problems.within("users[0]."), problems.within("users[1].")
    second.within("custom.").add("name", "is required")
    second.add("", "must be a mapping")
    assert problems.errors == {"users[1].custom.name": "is required", "users[1]": "must be a mapping"}
    assert (first.clean, second.clean) == (True, False)


def test_problems_are_raised_together() -> None:
    """Everything found is raised as one error, and nothing found raises nothing."""
    problems = Problems()
    problems.raise_any()
    problems.add("amount", "is required")
    problems.add("currency", "must be USD")
    with pytest.raises(HAVNValidationError, match="amount: is required; currency: must be USD") as caught:
        problems.raise_any()
    assert caught.value.errors == problems.errors


@pytest.mark.parametrize(("value", "wire"), [(None, UNSET), (0, 0), ("", ""), (False, False)])
def test_only_none_is_absent(value: object, wire: object) -> None:
    """None is not sent; everything else is."""
    assert unset_if_none(value) is wire
