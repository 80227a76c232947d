"""Calls written by hand: one good call of each operation, and ways to spoil it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs

from harness.freshness import fresh_id

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from harness.signer import Signer

__all__ = ["SPOILT_CREDENTIALS", "good", "sale"]

_REFERRAL: Final = "HAVN-MJ-001"
_VOUCHER: Final = "HAVN-AQNEO-S08-ABC123"
_EMAIL: Final = "owner@example.com"


def sale(**fields: Any) -> dict[str, Any]:
    """A sale of a hundred dollars under a payment id of its own; a field that is None is left out."""
    body: dict[str, Any] = {
        "amount": 10000,
        "payment_gateway_transaction_id": fresh_id("pay_"),
        "customer_email": "customer@example.com",
        "referral_code": _REFERRAL,
        **fields,
    }
    return {name: value for name, value in body.items() if value is not None}


def good(operation_id: str) -> dict[str, Any]:
    """What to give `Target.call` for a call that succeeds."""
    user = f"{fresh_id('user-')}@example.com"
    calls: dict[str, dict[str, Any]] = {
        "sendTransaction": {"body": sale()},
        "syncUsers": {"body": {"email": user, "name": "John Doe"}},
        "validateVoucher": {"body": {"voucher_code": _VOUCHER}},
        "listVouchers": {"query": {"per_page": 2}},
        "createLoginLink": {"body": {"email": _EMAIL}},
    }
    return calls[operation_id]


def _without(*names: str) -> Callable[[Signer], Signer]:
    return lambda signer: attrs.evolve(signer, without=frozenset(names))


SPOILT_CREDENTIALS: Final[Mapping[str, Callable[[Signer], Signer]]] = {
    "key wrong": lambda signer: attrs.evolve(signer, api_key="nobodys_key"),
    "signature wrong": lambda signer: attrs.evolve(signer, secret=f"{signer.secret}?"),
    "key missing": _without("X-API-Key"),
    "signature missing": _without("X-Signature"),
    "both missing": _without("X-API-Key", "X-Signature"),
}
"""One thing wrong with a signer; what is spoilt to the signer that spoils it."""
