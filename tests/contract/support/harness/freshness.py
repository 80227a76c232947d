"""Valid calls are made plausible before they leave, so that they reach the business rules and not only a 409.

Generated payment ids repeat (every boundary case has the same one), and a generated subtotal is as often below
the amount as above it. What a case is about, a boundary of some field, is left as it was drawn.
"""

from __future__ import annotations

import itertools
import os
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from schemathesis import Case

__all__ = ["fresh_id", "make_plausible"]

_TAIL: Final = 14
_VOUCHER: Final = "HAVN-AQNEO-S08-ABC123"
_numbers: Final = itertools.count(1)
_run: Final = os.urandom(4).hex()


def fresh_id(prefix: str = "") -> str:
    """A text that no call of this or any other run has used."""
    return f"{prefix}{_run}{next(_numbers):06x}"


def make_plausible(case: Case[Any]) -> None:
    """Give a valid sale a payment id of its own, and a subtotal that is not below the amount."""
    body: Any = case.body
    if not isinstance(body, dict) or case.meta is None or not case.meta.generation.mode.is_positive:
        return
    payment_id = body.get("payment_gateway_transaction_id")
    if not isinstance(payment_id, str):
        return
    if len(payment_id) >= _TAIL:  # a shorter one is about the shortest
        body["payment_gateway_transaction_id"] = payment_id[:-_TAIL] + fresh_id()
    subtotal = body.get("subtotal_transaction")
    if subtotal is not None:
        body["amount"] = min(body["amount"], subtotal)
        if body.get("promo_code") is None:
            body["promo_code"] = _VOUCHER
