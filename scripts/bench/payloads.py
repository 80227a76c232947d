"""What goes over the wire in every measurement: the same request, and the same answer, for both sides."""

from __future__ import annotations

import json
from typing import Any, Final

API_KEY: Final = "havn_bench_key"
WEBHOOK_SECRET: Final = "havn_bench_secret"  # noqa: S105  of nobody
TRANSACTION_PATH: Final = "/api/v1/webhook/transaction"
USERS_PATH: Final = "/api/v1/webhook/user-sync"

ANSWER_BYTES: Final = 560
BATCH: Final = 50
"""Users in one request, the most that HAVN takes."""

SALE: Final[dict[str, Any]] = {
    "amount": 10_000,
    "payment_gateway_transaction_id": "stripe_txn_001",
    "customer_email": "customer@example.com",
    "referral_code": "HAVN-MJ-001",
    "payment_gateway": "STRIPE",
}
"""The arguments of `transactions.send`."""

SALE_BODY: Final[dict[str, Any]] = {**SALE, "currency": "USD", "customer_type": "NEW_CUSTOMER"}
"""The seven fields that the SDK sends for it, and the hand-written references too."""

USERS: Final[list[dict[str, Any]]] = [
    {"email": f"user{n}@example.com", "name": f"User {n}", "country_code": "ID"} for n in range(BATCH)
]
USERS_BODY: Final[dict[str, Any]] = {"users": USERS, "create_associate": True, "is_owner": False}


def _compact(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _commission(level: int, share: float, amount: int) -> dict[str, Any]:
    return {
        "commission_id": f"com_{level:03}",
        "associate_id": f"asc_{level:03}",
        "level": level,
        "rate": share,
        "amount": amount,
        "type": "REFERRAL",
        "status": "pending",
    }


def _transaction_answer(message: str) -> bytes:
    transaction = {
        "transaction_id": "txn_001",
        "amount": 10_000,
        "currency": "USD",
        "status": "success",
        "customer_type": "NEW_CUSTOMER",
        "created_at": "2026-01-01T00:00:00Z",
    }
    return _compact(
        {
            "success": True,
            "message": message,
            "transaction": transaction,
            "commissions": [_commission(1, 0.05, 500), _commission(2, 0.03, 300)],
            "total_commission": 800,
            "commission_distributed": True,
        }
    )


def _synced(number: int) -> dict[str, Any]:
    user, code = USERS[number], f"HAVN-U-{number:03}"
    return {
        "success": True,
        "message": "User synced successfully",
        "user_created": True,
        "associate_created": True,
        "user_id": f"usr_{number:03}",
        "referral_code": code,
        "user": {"id": f"usr_{number:03}", "email": user["email"], "name": user["name"], "is_active": True},
        "associate": {
            "associate_id": f"asc_{number:03}",
            "associate_name": user["name"],
            "referral_code": code,
            "type": "SAAS",
            "role": "partner",
            "is_active": True,
        },
    }


TRANSACTION_ANSWER: Final = _transaction_answer("ok".ljust(ANSWER_BYTES - len(_transaction_answer("")), "."))
"""A recorded transaction with two commissions: 560 bytes."""

SHORT: Final = "/short"
"""Below it a bulk sync is answered without results."""


def _short_users_answer(message: str) -> bytes:
    summary = {"total": BATCH, "success": BATCH, "errors": 0}
    return _compact({"success": True, "message": message, "summary": summary})


SHORT_USERS_ANSWER: Final = _short_users_answer("ok".ljust(ANSWER_BYTES - len(_short_users_answer("")), "."))
"""As long as the answer to a transaction, which stood for it where the bound was found."""

USERS_ANSWER: Final = _compact(
    {
        "success": True,
        "message": f"{BATCH} of {BATCH} users synced",
        "results": [_synced(number) for number in range(BATCH)],
        "summary": {"total": BATCH, "success": BATCH, "errors": 0},
        "errors": [],
    }
)
"""A bulk sync with fifty results."""
