"""The rules between what a caller says about users and what goes on the wire (HAVN integration flow)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypedDict

from havn_api.models import UserSyncRequest
from havn_ext._guards import is_mapping

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from havn_ext._checks import Problems

    _Check = Callable[[Problems, str, object], object]

__all__ = ["UserInput", "UserOptions", "checked_shared", "checked_user"]

COUNTRY_CODE_LENGTH: Final = 2


class UserOptions(TypedDict, total=False):
    """The keywords of `users.sync` that say something about the user."""

    google_id: str | None
    picture: str | None
    avatar: str | None
    upline_code: str | None
    referral_code: str | None
    country_code: str | None
    create_associate: bool | None
    is_owner: bool | None
    project_id: str | None


class UserInput(UserOptions):
    """One user of a bulk call; the fields are those of `users.sync`. A user's own value beats a shared one."""

    email: str
    name: str


def checked_user(given: object, problems: Problems) -> UserSyncRequest | None:
    """One user as the wire has it; None when `problems` was told what is wrong."""
    if not is_mapping(given):
        return problems.add("", f"must be a mapping, not {type(given).__name__}")
    fields = _checked(given, _USER_CHECKS, problems)
    for name in ("email", "name"):
        if name not in given:
            problems.add(name, "is required")
    return UserSyncRequest(**fields) if problems.clean else None


def checked_shared(given: Mapping[str, object], problems: Problems) -> dict[str, Any]:
    """What the users of one call share, as the wire has it."""
    return _checked(given, _SHARED_CHECKS, problems)


def _checked(given: Mapping[str, object], checks: Mapping[str, _Check], problems: Problems) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name, value in given.items():
        check = checks.get(name)
        if check is None:
            problems.add(str(name), f"is no field of a user; there are {', '.join(sorted(checks))}")
        elif (checked := check(problems, name, value)) is not None:
            fields[name] = checked
    return fields


def _country_code(problems: Problems, name: str, value: object) -> str | None:
    code = problems.text(name, value.strip() if isinstance(value, str) else value)
    if code is not None and not (len(code) == COUNTRY_CODE_LENGTH and code.isascii() and code.isalpha()):
        return problems.add(name, "must be two letters, such as ID")
    return code and code.upper()


def _text(problems: Problems, name: str, value: object) -> str | None:
    return problems.text(name, value)


def _code(problems: Problems, name: str, value: object) -> str | None:
    return problems.code(name, value, least=3, most=50)


def _flag(problems: Problems, name: str, value: object) -> bool | None:
    return problems.flag(name, value)


_SHARED_CHECKS: Final[Mapping[str, _Check]] = {
    "upline_code": _code,
    "referral_code": _code,
    "create_associate": _flag,
    "is_owner": _flag,
}
_USER_CHECKS: Final[Mapping[str, _Check]] = {
    **_SHARED_CHECKS,
    "email": lambda problems, name, value: problems.email(name, value, required=True),
    "name": lambda problems, name, value: problems.text(name, value, most=200, required=True),
    "country_code": _country_code,
    **dict.fromkeys(("google_id", "picture", "avatar", "project_id"), _text),
}
