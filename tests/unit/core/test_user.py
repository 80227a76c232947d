from __future__ import annotations

from typing import Any

import pytest

from havn_api.models import UserSyncBulkRequest, UserSyncRequest
from havn_ext._checks import Problems
from havn_ext._user import _SHARED_CHECKS, _USER_CHECKS, UserInput, checked_shared, checked_user

USER: dict[str, Any] = {"email": "owner@shopeasy.example", "name": "John Doe"}


def checked(given: object) -> tuple[dict[str, Any] | None, dict[str, str]]:
    """A user as it goes on the wire, and what is wrong with it."""
    problems = Problems()
    user = checked_user(given, problems)
    return None if user is None else user.to_dict(), problems.errors


def test_every_field_of_the_contract_is_checked() -> None:
    """Users have the fields of the contract, and so have the checks and `UserInput`."""
    contract = {name.removesuffix("_") for name in UserSyncRequest.__annotations__}
    assert set(_USER_CHECKS) == set(UserInput.__annotations__) == contract
    assert set(_SHARED_CHECKS) == set(UserSyncBulkRequest.__annotations__) - {"users"}


@pytest.mark.parametrize(
    ("field", "given", "wire"),
    [
        ("email", " owner@shopeasy.example\n", "owner@shopeasy.example"),
        ("name", "J" * 200, "J" * 200),
        ("name", "Ni Luh Éka", "Ni Luh Éka"),
        ("upline_code", " havn-mj-001 ", "HAVN-MJ-001"),
        ("referral_code", "abc", "ABC"),
        ("country_code", "id", "ID"),
        ("google_id", "108", "108"),
        ("picture", "https://cdn.example.com/u/1.png", "https://cdn.example.com/u/1.png"),
        ("avatar", "https://cdn.example.com/a/1.png", "https://cdn.example.com/a/1.png"),
        ("project_id", "42", "42"),
        *[(name, flag, flag) for name in ("create_associate", "is_owner") for flag in (True, False)],
    ],
)
def test_a_right_field_goes_on_the_wire(field: str, given: object, wire: object) -> None:
    """A field is sent as the contract has it, and alone beside what is required."""
    assert checked(USER | {field: given}) == (USER | {field: wire}, {})


@pytest.mark.parametrize("field", sorted(_USER_CHECKS.keys() - USER.keys()))
@pytest.mark.parametrize("absent", [None, ""])
def test_an_absent_field_is_not_sent(field: str, absent: object) -> None:
    """None is never sent, nor is an empty text."""
    if absent is None or field not in {"create_associate", "is_owner"}:
        assert checked(USER | {field: absent}) == (USER, {})


@pytest.mark.parametrize(
    ("field", "given", "reason"),
    [
        *[(field, None, "is required") for field in USER],
        *[(field, "  ", "must not be empty") for field in USER],
        *[
            (field, 5, "must be a str, not int")
            for field in sorted(_USER_CHECKS.keys() - {"create_associate", "is_owner"})
        ],
        *[(field, 1, "must be True or False, not int") for field in ("create_associate", "is_owner")],
        ("email", "owner", "is not an e-mail address"),
        ("name", "J" * 201, "must have at most 200 characters, not 201"),
        *[
            (field, code, "must have 3 to 50 characters")
            for field in ("upline_code", "referral_code")
            for code in ("ab", "a" * 51)
        ],
        *[("country_code", code, "must be two letters") for code in ("I", "IDN", "ß")],
        *[("country_code", code, "must be two letters") for code in ("1D", "I!", "ÉÀ", "印尼")],
        ("referal_code", "HAVN-MJ-001", "is no field of a user; there are avatar, "),
    ],
)
def test_a_wrong_field_is_named(field: str, given: object, reason: str) -> None:
    """A user with a wrong field is not sent, and the field is named."""
    user, errors = checked(USER | {field: given})
    assert user is None
    assert list(errors) == [field]
    assert errors[field].startswith(reason)


@pytest.mark.parametrize("missing", sorted(USER))
def test_a_missing_field_is_named(missing: str) -> None:
    """A user without e-mail or name is refused, as is one where it is None."""
    given = {name: value for name, value in USER.items() if name != missing}
    assert checked(given) == (None, {missing: "is required"})


@pytest.mark.parametrize("given", [None, "owner@shopeasy.example", ["email"], 5])
def test_a_user_is_a_mapping(given: object) -> None:
    """What is no mapping is named by the place of the user itself."""
    problems = Problems()
    assert checked_user(given, problems.within("users[3].")) is None
    assert problems.errors == {"users[3]": f"must be a mapping, not {type(given).__name__}"}


def test_everything_wrong_is_named_at_once() -> None:
    """One pass names every wrong field of a user, under its place."""
    problems = Problems()
    given = {"email": "x", "is_owner": "yes", "country_code": "IDN", 7: None}
    assert checked_user(given, problems.within("users[0].")) is None
    assert sorted(problems.errors) == [
        f"users[0].{name}" for name in ("7", "country_code", "email", "is_owner", "name")
    ]


def test_what_users_share_is_checked_alike() -> None:
    """Shared fields follow the rules of a user's own; what only a user has is no shared field."""
    problems = Problems()
    assert checked_shared({"upline_code": " havn-mj-001", "is_owner": False, "referral_code": None}, problems) == {
        "upline_code": "HAVN-MJ-001",
        "is_owner": False,
    }
    assert problems.clean
    assert checked_shared({"email": "owner@shopeasy.example", "create_associate": 1}, problems) == {}
    assert sorted(problems.errors) == ["create_associate", "email"]
