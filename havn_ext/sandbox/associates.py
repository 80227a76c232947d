"""Associates: the tree along which commissions are paid, and the codes by which its nodes are found."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any, Final

from havn_ext.sandbox.messages import RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from havn_ext.sandbox.store import CompanyData, Row

__all__ = ["by_code", "create", "described", "lineage"]

_MOST_INITIALS: Final = 10
_NO_INITIALS: Final = "XX"


def by_code(data: CompanyData, referral_code: str, *, path: str) -> Row:
    """The associate with this referral code, in any case.

    Args:
        data: The company's tables.
        referral_code: As the caller wrote it.
        path: JSON pointer to where, for the error.

    Raises:
        RefusedError: 404, nobody has the code.
    """
    associate = data.find("associates", referral_code=referral_code.upper())
    if associate is None:
        raise RefusedError.at(
            path, status=404, rule="unknown_referral_code", message="No associate has this referral code"
        )
    return associate


def create(data: CompanyData, name: str, *, role: str, upline: Row | None, referral_code: str | None = None) -> Row:
    """Make an associate below `upline`; its referral code is generated unless given."""
    associate_id = data.next_id("asc")
    data.insert(
        "associates",
        id=associate_id,
        name=name,
        referral_code=referral_code or _free_code(data, name),
        role=role,
        upline_id=upline and upline["id"],
    )
    return data.all("associates", id=associate_id)[0]


def lineage(data: CompanyData, associate: Row) -> Iterator[Row]:
    """The associate, its upline, the upline's upline, up to the root."""
    yield associate
    while associate["upline_id"] is not None:
        associate = data.all("associates", id=associate["upline_id"])[0]
        yield associate


def described(associate: Row) -> dict[str, Any]:
    """An associate as the contract shows it. None ever retires: the contract knows no call for it."""
    return {
        "associate_id": associate["id"],
        "associate_name": associate["name"],
        "referral_code": associate["referral_code"],
        "type": "SAAS",
        "role": associate["role"],
        "is_active": True,
        "upline_id": associate["upline_id"],
    }


def _free_code(data: CompanyData, name: str) -> str:
    """The next `HAVN-{initials}-{number}` that nobody has."""
    prefix = f"HAVN-{_initials(name)}"
    while True:
        code = f"{prefix}-{data.next_number(prefix):03d}"
        if data.find("associates", referral_code=code) is None:
            return code


def _initials(name: str) -> str:
    """The words' first letters without accents: `Élise van Dam` gives EVD. XX when none is a Latin letter."""
    plain = unicodedata.normalize("NFKD", name).upper()
    letters = [word[0] for word in plain.split() if "A" <= word[0] <= "Z"]
    return "".join(letters[:_MOST_INITIALS]) or _NO_INITIALS
