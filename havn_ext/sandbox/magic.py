"""Values that always fail: the contract names them under "Values that always fail in the sandbox"."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from havn_ext.sandbox.failures import failure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from havn_ext.sandbox.messages import JsonObject
    from havn_ext.sandbox.spec import Operation

__all__ = ["check"]

_STATUS: Final = r"(4[0-9]{2}|50[0-4])"
_CODE: Final = re.compile(rf"HAVN-ERROR-{_STATUS}", re.IGNORECASE)
_EMAIL: Final = re.compile(rf"error-{_STATUS}@sandbox\.example", re.IGNORECASE)
_AMOUNT: Final = re.compile(rf"999000{_STATUS}")

_FIELDS: Final = {
    "referral_code": _CODE,
    "upline_code": _CODE,
    "promo_code": _CODE,
    "voucher_code": _CODE,
    "search": _CODE,
    "email": _EMAIL,
    "customer_email": _EMAIL,
    "amount": _AMOUNT,
}
"""Field or query parameter to what makes a value of it fail."""


def check(operation: Operation, body: JsonObject, query: JsonObject) -> None:
    """Refuse a valid request that asks for a failure which the operation has."""
    for fields in (body, *body.get("users", ()), query):
        for name, status in _asked(fields):
            if operation.can_fail_with(status):
                raise failure(status, f"the sandbox always answers so for this {name}")


def _asked(fields: JsonObject) -> Iterator[tuple[str, int]]:
    """Fields whose value names a status, and the status."""
    for name, pattern in _FIELDS.items():
        value = fields.get(name, "")
        match = pattern.fullmatch(str(int(value)) if name == "amount" and value else str(value))
        if match:
            yield name, int(match[1])
