"""Users: an upsert by e-mail address, for one user or for up to fifty."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from havn_ext.sandbox import associates
from havn_ext.sandbox.messages import Answer, Call, RefusedError

if TYPE_CHECKING:
    from havn_ext.sandbox.messages import JsonObject
    from havn_ext.sandbox.store import CompanyData, Row

__all__ = ["sync_users"]

_PROFILE: Final = ("name", "google_id", "picture", "avatar", "country_code", "project_id")
_SHARED: Final = ("upline_code", "referral_code", "create_associate", "is_owner")
_SHOWN: Final = ("id", "email", "name", "google_id", "picture", "avatar")


def sync_users(call: Call) -> Answer:
    """Create or update the user or users of the body; 201 when any user is new."""
    if "users" in call.body:
        return _sync_many(call)
    outcome = _sync_one(call.data, call.body)
    return Answer(_status([outcome]), outcome)


def _sync_many(call: Call) -> Answer:
    """Sync each user by itself: one that fails is reported and does not undo the others."""
    shared = {field: call.body[field] for field in _SHARED if field in call.body}
    results: list[JsonObject] = []
    errors: list[JsonObject] = []
    people: list[JsonObject] = call.body["users"]
    for index, person in enumerate(people):
        try:
            with call.data.savepoint():
                results.append(_sync_one(call.data, {**shared, **person}))
        except RefusedError as refusal:
            errors.append({"index": index, "email": person["email"], "error": refusal.message})
    return Answer(_status(results), _bulk_body(results, errors))


def _bulk_body(results: list[JsonObject], errors: list[JsonObject]) -> JsonObject:
    total = len(results) + len(errors)
    return {
        "success": bool(results),
        "message": f"{len(results)} of {total} users synced",
        "results": results,
        "summary": {"total": total, "success": len(results), "errors": len(errors)},
        "referral_code": results[0]["referral_code"] if results else None,
        "errors": errors,
    }


def _sync_one(data: CompanyData, person: JsonObject) -> JsonObject:
    """Upsert one user and see to its associate."""
    email = person["email"].lower()
    known = data.find("users", email=email)
    associate, associate_created = _associate_of(data, person, known)
    values = {field: person[field] for field in _PROFILE if field in person}
    values["associate_id"] = associate and associate["id"]
    if known is None:
        data.insert("users", id=data.next_id("usr"), email=email, **values)
    else:
        data.update("users", known["id"], **values)
    user = data.all("users", email=email)[0]
    return {
        "success": True,
        "message": "User synced successfully",
        "user_created": known is None,
        "associate_created": associate_created,
        "user_id": user["id"],
        "referral_code": associate and associate["referral_code"],
        "user": {field: user[field] for field in _SHOWN} | {"is_active": bool(user["is_active"])},
        "associate": associate and associates.described(associate),
    }


def _associate_of(data: CompanyData, person: JsonObject, known: Row | None) -> tuple[Row | None, bool]:
    """The associate that a user shall have, and whether it was made just now.

    A referral code that is given decides. Otherwise a user keeps the associate that it has, and one
    without gets its own, below `upline_code`, unless `create_associate` is false.
    """
    if "referral_code" in person:
        return associates.by_code(data, person["referral_code"], path="/referral_code"), False
    if known is not None and known["associate_id"] is not None:
        return data.find("associates", id=known["associate_id"]), False
    if not person.get("create_associate", True):
        return None, False
    upline = None
    if "upline_code" in person:
        upline = associates.by_code(data, person["upline_code"], path="/upline_code")
    role = "owner" if person.get("is_owner") else "partner"
    return associates.create(data, person["name"], role=role, upline=upline), True


def _status(outcomes: list[JsonObject]) -> int:
    created: list[Any] = [outcome["user_created"] for outcome in outcomes]
    return 201 if any(created) else 200
