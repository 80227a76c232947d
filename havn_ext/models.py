"""What calls answer: frozen, plain objects with HAVN's own names.

Amounts are integers in minor units, commissions in US cents, shares are `Decimal`. A value that HAVN left
out, or sent in a shape that can't be read, is None (or what the field says); `raw` holds HAVN's JSON
untouched, with whatever the SDK does not know yet. Reprs mask e-mail addresses and leave out `raw`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from havn_ext import vouchers
from havn_ext._redaction import mask_email, redact

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from decimal import Decimal

__all__ = [
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
]


def _masked(email: str | None) -> str:
    return repr(email and mask_email(email))


def _redacted(value: object) -> str:
    return redact(repr(value))


def _masking(_model: type, fields: list[attrs.Attribute[Any]]) -> list[attrs.Attribute[Any]]:
    """Masks every field's repr: HAVN may name a person in any text."""
    return [field.evolve(repr=_redacted) if field.repr is True else field for field in fields]


def _raw() -> Any:  # noqa: ANN401  the type of attrs.field
    return attrs.field(factory=dict[str, Any], repr=False, eq=False)


# ── transactions ─────────────────────────────────────────────────────────────────────────────────────


@attrs.frozen(kw_only=True, field_transformer=_masking)
class Commission:
    """What one associate earns from one transaction.

    Attributes:
        level: Distance from the sale: 1 is the owner of the referral code, 5 the farthest upline.
        rate: The share as a fraction (0.05 is five percent).
        percentage: The same share in percent (5 is five percent).
        amount: US cents.
    """

    commission_id: str | None = None
    associate_id: str | None = None
    level: int | None = None
    rate: Decimal | None = None
    percentage: Decimal | None = None
    amount: int = 0
    currency: str = "USD"
    type: str | None = None
    direction: str | None = None
    status: str | None = None
    raw: Mapping[str, Any] = _raw()


@attrs.frozen(kw_only=True, field_transformer=_masking)
class Transaction:
    """A transaction as HAVN recorded it.

    Attributes:
        amount: What was sent to HAVN, in minor units of `currency`.
        currency: ISO 4217 code of `amount` and `subtotal_transaction`.
        status: HAVN's word (`success`, `pending`, `FAILED` …), an open set; see `failed`.
        subtotal_transaction: The price before the discount, in minor units: HAVN's value, or else the caller's.
        subtotal_discount: What the voucher took off, in minor units.
        created_at: ISO 8601, as HAVN wrote it.
        custom_fields: The entries kept with the transaction.
    """

    transaction_id: str | None = None
    amount: int
    currency: str
    status: str | None = None
    customer_type: str | None = None
    acquisition_method: str | None = None
    referral_code: str | None = None
    promo_code: str | None = None
    subtotal_transaction: int | None = None
    subtotal_discount: int | None = None
    created_at: str | None = None
    custom_fields: Mapping[str, Any] = attrs.field(factory=dict[str, Any], hash=False)
    raw: Mapping[str, Any] = _raw()

    @property
    def failed(self) -> bool:
        """Whether HAVN left the transaction `FAILED`: nothing was distributed."""
        return (self.status or "").upper() == "FAILED"


@attrs.frozen(kw_only=True, field_transformer=_masking)
class TransactionResult:
    """The outcome of `transactions.send`.

    Attributes:
        commissions: One entry a level, as HAVN ordered them; empty when nothing is distributed.
        total_commission: US cents; the sum of `commissions` where HAVN gave none.
        currency: Currency of the commissions.
        commission_distributed: Whether any commission was shared out.
        replayed: Whether HAVN marked the answer as that of an earlier call with the same payment id.
        request_id: HAVN's `X-Request-Id`, to quote to HAVN.
        raw: The whole answer.
    """

    transaction: Transaction
    commissions: tuple[Commission, ...] = ()
    total_commission: int = 0
    currency: str = "USD"
    commission_distributed: bool = False
    success: bool = True
    message: str = ""
    replayed: bool = False
    request_id: str | None = None
    raw: Mapping[str, Any] = _raw()


# ── users ────────────────────────────────────────────────────────────────────────────────────────────


@attrs.frozen(kw_only=True, field_transformer=_masking)
class SyncedUser:
    """A user as HAVN keeps it."""

    id: str | None = None
    email: str | None = attrs.field(default=None, repr=_masked)
    name: str | None = attrs.field(default=None, repr=False)
    is_active: bool | None = None
    google_id: str | None = attrs.field(default=None, repr=False)
    picture: str | None = attrs.field(default=None, repr=False)
    avatar: str | None = attrs.field(default=None, repr=False)
    raw: Mapping[str, Any] = _raw()


@attrs.frozen(kw_only=True, field_transformer=_masking)
class Associate:
    """A node of the tree along which commissions are paid.

    Attributes:
        role: `owner` or `partner`.
        upline_id: The associate above; None at the top.
    """

    associate_id: str | None = None
    associate_name: str | None = None
    referral_code: str | None = None
    type: str | None = None
    role: str | None = None
    is_active: bool | None = None
    upline_id: str | None = None
    raw: Mapping[str, Any] = _raw()


@attrs.frozen(kw_only=True, field_transformer=_masking)
class UserSyncResult:
    """The outcome of syncing one user.

    Attributes:
        referral_code: Code of the user's associate: store it, it is the `upline_code` of those who come below.
        associate: None when the user has none.
        request_id: HAVN's `X-Request-Id`; None for one user of a bulk call.
    """

    user_id: str | None = None
    referral_code: str | None = None
    user_created: bool | None = None
    associate_created: bool | None = None
    user: SyncedUser | None = None
    associate: Associate | None = None
    success: bool = True
    message: str = ""
    request_id: str | None = None
    raw: Mapping[str, Any] = _raw()


@attrs.frozen(kw_only=True, field_transformer=_masking)
class SyncError:
    """One user that was not synced.

    Attributes:
        index: Position from 0: in the `users` of a bulk call, in the whole iterable for `sync_many`.
        error: Why.
    """

    index: int | None = None
    email: str | None = attrs.field(default=None, repr=_masked)
    error: str = ""
    raw: Mapping[str, Any] = _raw()

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401  as the document's mapping
        """`error["email"]` reads as in HAVN's document, where each error is a mapping."""
        own = {"index": self.index, "email": self.email, "error": self.error}
        return own[name] if name in own else self.raw[name]


@attrs.frozen(kw_only=True, field_transformer=_masking)
class SyncSummary:
    """Counts of users, those that HAVN gave or else what the lists hold."""

    total: int = 0
    success: int = 0
    errors: int = 0
    raw: Mapping[str, Any] = _raw()


@attrs.frozen(kw_only=True, field_transformer=_masking)
class BulkSyncResult:
    """The outcome of `users.sync_bulk`; partial success is normal, so look at `errors`.

    Attributes:
        results: The users that succeeded.
        errors: The users that failed, with their position in the call.
        referral_code: Code of the first success, to pass on to the next batch.
    """

    results: tuple[UserSyncResult, ...] = ()
    errors: tuple[SyncError, ...] = ()
    summary: SyncSummary = attrs.field(factory=SyncSummary)
    referral_code: str | None = None
    success: bool = True
    message: str = ""
    request_id: str | None = None
    raw: Mapping[str, Any] = _raw()


@attrs.frozen(kw_only=True, field_transformer=_masking)
class SyncReport:
    """Where a `users.sync_many` stands.

    Attributes:
        total: Users taken from the iterable so far.
        succeeded: Users that HAVN synced.
        failures: Users that were not synced, with their position in the whole iterable: refused by HAVN, or
            found wrong before sending.
        batches: Calls that HAVN answered.
        referral_code: Code of the first success.
        finished: Whether the iterable was exhausted and everything in it answered.
    """

    total: int = 0
    succeeded: int = 0
    failures: tuple[SyncError, ...] = ()
    batches: int = 0
    referral_code: str | None = None
    finished: bool = False

    @property
    def unaccounted(self) -> int:
        """Users that were taken and of whom nothing is known: their call failed, or HAVN left them out."""
        return self.total - self.succeeded - len(self.failures)


# ── vouchers ─────────────────────────────────────────────────────────────────────────────────────────


@attrs.frozen(kw_only=True, field_transformer=_masking)
class Voucher:
    """A voucher, of HAVN or of the caller's own (see `is_havn`).

    Attributes:
        type: `DISCOUNT_PERCENTAGE` or `DISCOUNT_FIXED`, an open set.
        value: Basis points for a percentage (2000 is 20 %), minor units of `currency` otherwise.
        usage_limit: Uses in all; None is no limit.
        min_purchase: Smallest subtotal that it is good for, in minor units; None is no bound.
        max_purchase: Largest subtotal that it is good for, in minor units; None is no bound.
        start_date: First day or moment of use, ISO 8601; None is always.
        end_date: Last day or moment of use, ISO 8601; None is for ever.
        client_type: `NEW_CUSTOMER` or `RECURRING`, an open set; None is everybody.
        creation_cost: US cents.
        usage_percentage: Share of the uses spent, in percent.
        is_expired, is_valid: HAVN's word at the time of the answer; computed for local vouchers.
        associate: The associate that it belongs to.
    """

    serial: str | None = None
    saas_company_id: str | None = None
    associate_id: str | None = None
    code: str | None = None
    type: str | None = None
    value: int | None = None
    usage_limit: int | None = None
    current_usage: int | None = None
    min_purchase: int | None = None
    max_purchase: int | None = None
    start_date: str | None = None
    end_date: str | None = None
    active: bool | None = None
    client_type: str | None = None
    description: str | None = None
    creation_cost: int | None = None
    created_by: str | None = None
    created_date: str | None = None
    updated_at: str | None = None
    currency: str | None = None
    configured_currency: str | None = None
    display_currency: str | None = None
    affiliates_url: str | None = None
    affiliates_qr_image: str | None = None
    is_expired: bool | None = None
    is_valid: bool | None = None
    remaining_usage: int | None = None
    usage_percentage: Decimal | None = None
    associate: Associate | None = None
    raw: Mapping[str, Any] = _raw()

    @property
    def is_havn(self) -> bool:
        """Whether it is HAVN's: only those are ever sent along with a transaction."""
        return vouchers.is_havn_voucher_code(self.code)

    def discount_for(self, subtotal: int) -> int:
        """What the voucher takes off a price, in minor units of `currency`; see `vouchers.discount`."""
        return vouchers.discount(self, subtotal)

    def usable_at(self, moment: datetime) -> bool:
        """Whether it can be used at a moment (aware), as far as the voucher itself says."""
        return vouchers.is_usable(self, moment)


@attrs.frozen(kw_only=True, field_transformer=_masking)
class Pagination:
    """Where a page stands among all."""

    page: int = 1
    per_page: int = 10
    total: int = 0
    total_pages: int = 0
    has_prev: bool = False
    has_next: bool = False
    raw: Mapping[str, Any] = _raw()

    @property
    def limit(self) -> int:
        """HAVN's other name for `per_page`."""
        return self.per_page


@attrs.frozen(kw_only=True, field_transformer=_masking)
class VoucherPage:
    """One page of vouchers."""

    data: tuple[Voucher, ...] = ()
    pagination: Pagination = attrs.field(factory=Pagination)
    success: bool = True
    message: str = ""
    request_id: str | None = None
    raw: Mapping[str, Any] = _raw()
