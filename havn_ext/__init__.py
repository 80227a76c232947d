"""The typed SDK for HAVN's webhooks.

    from havn_ext import HAVNClient

    with HAVNClient() as client:  # HAVN_API_KEY and HAVN_WEBHOOK_SECRET
        result = client.transactions.send(
            amount=10000,  # 100.00 USD
            payment_gateway_transaction_id="stripe_txn_001",
            customer_email="customer@example.com",
            referral_code="HAVN-MJ-001",
        )

Names load what they need on first use (PEP 562), so importing the package costs next to nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from havn_ext._version import __version__

if TYPE_CHECKING:
    from havn_ext._checkpoint import SavedSync, SyncCheckpoint
    from havn_ext._user import UserInput
    from havn_ext.client import AsyncHAVNClient, HAVNClient
    from havn_ext.currency import to_major_units, to_minor_units, to_usd_cents
    from havn_ext.errors import (
        HAVNAPIError,
        HAVNAuthError,
        HAVNBadRequestError,
        HAVNConflictError,
        HAVNConversionError,
        HAVNError,
        HAVNNetworkError,
        HAVNNotFoundError,
        HAVNRateLimitError,
        HAVNResponseError,
        HAVNServerError,
        HAVNTimeoutError,
        HAVNUnprocessableError,
        HAVNValidationError,
    )
    from havn_ext.hooks import CallEvent, EndEvent, Hooks, RequestEvent, ResponseEvent, RetryEvent
    from havn_ext.models import (
        Associate,
        BulkSyncResult,
        Commission,
        Pagination,
        SyncedUser,
        SyncError,
        SyncReport,
        SyncSummary,
        Transaction,
        TransactionResult,
        UserSyncResult,
        Voucher,
        VoucherPage,
    )
    from havn_ext.referrals import ReferralLink, ReferralVisit
    from havn_ext.retry import RetryPolicy
    from havn_ext.signing import canonical_json, sign, verify
    from havn_ext.streams import AsyncUserSyncStream, UserSyncStream
    from havn_ext.vouchers import VoucherQuery, is_havn_voucher_code, is_valid_referral_code

__all__ = [
    "Associate",
    "AsyncHAVNClient",
    "AsyncUserSyncStream",
    "BulkSyncResult",
    "CallEvent",
    "Commission",
    "EndEvent",
    "HAVNAPIError",
    "HAVNAuthError",
    "HAVNBadRequestError",
    "HAVNClient",
    "HAVNConflictError",
    "HAVNConversionError",
    "HAVNError",
    "HAVNNetworkError",
    "HAVNNotFoundError",
    "HAVNRateLimitError",
    "HAVNResponseError",
    "HAVNServerError",
    "HAVNTimeoutError",
    "HAVNUnprocessableError",
    "HAVNValidationError",
    "Hooks",
    "Pagination",
    "ReferralLink",
    "ReferralVisit",
    "RequestEvent",
    "ResponseEvent",
    "RetryEvent",
    "RetryPolicy",
    "SavedSync",
    "SyncCheckpoint",
    "SyncError",
    "SyncReport",
    "SyncSummary",
    "SyncedUser",
    "Transaction",
    "TransactionResult",
    "UserInput",
    "UserSyncResult",
    "UserSyncStream",
    "Voucher",
    "VoucherPage",
    "VoucherQuery",
    "__version__",
    "canonical_json",
    "is_havn_voucher_code",
    "is_valid_referral_code",
    "sign",
    "to_major_units",
    "to_minor_units",
    "to_usd_cents",
    "verify",
]

_HOMES = {
    "_checkpoint": ("SavedSync", "SyncCheckpoint"),
    "_user": ("UserInput",),
    "client": ("AsyncHAVNClient", "HAVNClient"),
    "currency": ("to_major_units", "to_minor_units", "to_usd_cents"),
    "errors": tuple(name for name in __all__ if name.startswith("HAVN") and name.endswith("Error")),
    "hooks": ("CallEvent", "EndEvent", "Hooks", "RequestEvent", "ResponseEvent", "RetryEvent"),
    "models": (
        "Associate",
        "BulkSyncResult",
        "Commission",
        "Pagination",
        "SyncError",
        "SyncReport",
        "SyncSummary",
        "SyncedUser",
        "Transaction",
        "TransactionResult",
        "UserSyncResult",
        "Voucher",
        "VoucherPage",
    ),
    "referrals": ("ReferralLink", "ReferralVisit"),
    "retry": ("RetryPolicy",),
    "signing": ("canonical_json", "sign", "verify"),
    "streams": ("AsyncUserSyncStream", "UserSyncStream"),
    "vouchers": ("VoucherQuery", "is_havn_voucher_code", "is_valid_referral_code"),
}
_HOME_OF = {name: f"havn_ext.{home}" for home, names in _HOMES.items() for name in names}


if not TYPE_CHECKING:  # to a checker a misspelt name would be anything

    def __getattr__(name: str) -> object:
        if name not in _HOME_OF:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module  # noqa: PLC0415  a name is looked up once, then it is here

        value = globals()[name] = getattr(import_module(_HOME_OF[name]), name)
        return value


def __dir__() -> list[str]:
    return sorted(__all__)
