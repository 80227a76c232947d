from __future__ import annotations

from typing import Any

import pytest
from sandbox_support import LOGIN, REFERRAL, TRANSACTION, USER_SYNC, Caller, rules, sale


def sync(havn: Caller, email: str = "john@example.com", name: str = "John Doe", **fields: object) -> dict[str, Any]:
    """The answer to a sync of one user."""
    answer: dict[str, Any] = havn.post(USER_SYNC, {"email": email, "name": name, **fields}).json()
    return answer


def test_a_new_user_gets_an_associate(empty: Caller) -> None:
    """A user that is new is created (201), with an associate of its own and a generated code."""
    response = empty.post(USER_SYNC, {"email": "John@Example.com", "name": "John Doe", "google_id": "1"})
    assert response.status_code == 201
    assert response.json() == {
        "success": True,
        "message": "User synced successfully",
        "user_created": True,
        "associate_created": True,
        "user_id": "usr_001",
        "referral_code": "HAVN-JD-001",
        "user": {
            "id": "usr_001",
            "email": "john@example.com",
            "name": "John Doe",
            "is_active": True,
            "google_id": "1",
            "picture": None,
            "avatar": None,
        },
        "associate": {
            "associate_id": "asc_001",
            "associate_name": "John Doe",
            "referral_code": "HAVN-JD-001",
            "type": "SAAS",
            "role": "partner",
            "is_active": True,
            "upline_id": None,
        },
    }


def test_a_known_user_is_updated_and_keeps_its_associate(empty: Caller) -> None:
    """The second sync of an address, in any case, changes what it gives and nothing else (200)."""
    first = sync(empty, picture="p", avatar="a")
    response = empty.post(
        USER_SYNC, {"email": "JOHN@example.com", "name": "New Name", "avatar": "b", "is_owner": True}
    )
    again = response.json()
    assert response.status_code == 200
    assert (again["user_created"], again["associate_created"]) == (False, False)
    assert again["user_id"] == first["user_id"]
    assert again["user"] == {**first["user"], "name": "New Name", "avatar": "b"}
    assert again["associate"] == first["associate"]


def test_an_owner_below_an_upline(havn: Caller) -> None:
    """is_owner makes the role owner, upline_code says below whom, and the upline earns on level two."""
    answer = sync(havn, is_owner=True, upline_code="havn-mj-001")
    assert answer["associate"]["role"] == "owner"
    paid = havn.post(TRANSACTION, sale(referral_code=answer["referral_code"])).json()["commissions"]
    assert paid[1]["associate_id"] == answer["associate"]["upline_id"]


def test_a_referral_code_links_to_its_associate(havn: Caller) -> None:
    """With referral_code no associate is made, and one that a user has already gives way."""
    own = sync(havn)
    linked = sync(havn, referral_code=REFERRAL)
    assert linked["associate_created"] is False
    assert linked["referral_code"] == REFERRAL != own["referral_code"]


def test_a_user_may_be_without_an_associate(empty: Caller) -> None:
    """create_associate false leaves a user without one; a later sync makes it."""
    bare = sync(empty, create_associate=False)
    assert (bare["associate"], bare["referral_code"], bare["associate_created"]) == (None, None, False)
    assert sync(empty)["associate_created"] is True


@pytest.mark.parametrize("field", ["referral_code", "upline_code"])
def test_unknown_codes_are_refused(empty: Caller, field: str) -> None:
    """A code that nobody has is a 404 that names its field, and no user is made."""
    body = {"email": "john@example.com", "name": "John Doe"}
    response = empty.post(USER_SYNC, {**body, field: "HAVN-NO-404"})
    assert response.status_code == 404
    assert rules(response) == [(f"/{field}", "unknown_referral_code")]
    assert sync(empty)["user_created"] is True


def test_a_bulk_call_reports_each_user(havn: Caller) -> None:
    """One user's fault is reported by its index and does not undo the others."""
    people = [
        {"email": "one@example.com", "name": "One"},
        {"email": "two@example.com", "name": "Two", "upline_code": "HAVN-NO-404"},
        {"email": "owner@example.com", "name": "Mary Jane"},
    ]
    response = havn.post(USER_SYNC, {"users": people})
    answer = response.json()
    assert response.status_code == 201
    assert answer["success"] is True
    assert answer["summary"] == {"total": 3, "success": 2, "errors": 1}
    assert answer["errors"] == [
        {"index": 1, "email": "two@example.com", "error": "No associate has this referral code"}
    ]
    assert [each["user_created"] for each in answer["results"]] == [True, False]
    assert answer["referral_code"] == answer["results"][0]["referral_code"]
    assert havn.post(LOGIN, {"email": "two@example.com"}).status_code == 404


def test_a_users_own_value_wins_over_the_shared_one(havn: Caller) -> None:
    """What a bulk call shares holds for users that do not say otherwise."""
    people = [
        {"email": "one@example.com", "name": "One"},
        {"email": "two@example.com", "name": "Two", "referral_code": "HAVN-A-001"},
    ]
    results = havn.post(USER_SYNC, {"users": people, "referral_code": REFERRAL}).json()["results"]
    assert [each["referral_code"] for each in results] == [REFERRAL, "HAVN-A-001"]


def test_a_bulk_call_in_which_all_fail_is_answered(havn: Caller) -> None:
    """Even then the call itself is answered with 200; success is false."""
    response = havn.post(
        USER_SYNC, {"users": [{"email": "a@example.com", "name": "A"}], "upline_code": "HAVN-NO-404"}
    )
    assert response.status_code == 200
    assert response.json()["success"] is False
    assert response.json()["referral_code"] is None


def test_test_mode_makes_nobody(empty: Caller) -> None:
    """A dry run of a sync answers as usual; the user, and even the company, are as new as before."""
    body = {"users": [{"email": "john@example.com", "name": "John Doe"}]}
    dry = empty.post(USER_SYNC, body, x_test_mode="true")
    assert dry.status_code == 201
    assert empty.post(USER_SYNC, body).json() == dry.json()
