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
    """What one associate earns from one transaction."""

    commission_id: str | None = None
    """HAVN's id of it."""
    associate_id: str | None = None
    """Who earns it."""
    level: int | None = None
    """Distance from the sale, where 1 is the owner of the referral code, 5 the farthest upline."""
    rate: Decimal | None = None
    """The share as a fraction (0.05 is five percent)."""
    percentage: Decimal | None = None
    """The same share in percent (5 is five percent)."""
    amount: int = 0
    """US cents."""
    currency: str = "USD"
    """ISO 4217 code of `amount`."""
    type: str | None = None
    """Kind of commission (`REFERRAL`), an open set."""
    direction: str | None = None
    """Whether it is paid out (`CREDIT`) or taken back, an open set."""
    status: str | None = None
    """Where the pay-out stands (`pending`), an open set."""
    raw: Mapping[str, Any] = _raw()
    """HAVN's JSON of this entry, untouched."""


@attrs.frozen(kw_only=True, field_transformer=_masking)
class Transaction:
    """A transaction as HAVN recorded it."""

    transaction_id: str | None = None
    """HAVN's id of it."""
    amount: int
    """What was sent to HAVN, in minor units of `currency`."""
    currency: str
    """ISO 4217 code of `amount` and `subtotal_transaction`."""
    status: str | None = None
    """HAVN's word (`success`, `pending`, `FAILED` …), an open set; see `failed`."""
    customer_type: str | None = None
    """`NEW_CUSTOMER`, `RETURNING_CUSTOMER` or `RECURRING`, an open set."""
    acquisition_method: str | None = None
    """How the customer was won (`REFERRAL`, `REFERRAL_VOUCHER`), an open set."""
    referral_code: str | None = None
    """The referral code that earned, as it was sent."""
    promo_code: str | None = None
    """The voucher that was used, as it was sent."""
    subtotal_transaction: int | None = None
    """The price before the discount, in minor units, by HAVN or else by the caller."""
    subtotal_discount: int | None = None
    """What the voucher took off, in minor units."""
    created_at: str | None = None
    """ISO 8601, as HAVN wrote it."""
    custom_fields: Mapping[str, Any] = attrs.field(factory=dict[str, Any], hash=False)
    """The entries kept with the transaction."""
    raw: Mapping[str, Any] = _raw()
    """HAVN's JSON of the transaction, untouched."""

    @property
    def failed(self) -> bool:
        """Whether HAVN left the transaction `FAILED`: nothing was distributed."""
        return (self.status or "").upper() == "FAILED"


@attrs.frozen(kw_only=True, field_transformer=_masking)
class TransactionResult:
    """The outcome of `transactions.send`."""

    transaction: Transaction
    """What HAVN recorded."""
    commissions: tuple[Commission, ...] = ()
    """One entry a level, as HAVN ordered them; empty when nothing is distributed."""
    total_commission: int = 0
    """US cents; the sum of `commissions` where HAVN gave none."""
    currency: str = "USD"
    """Currency of the commissions."""
    commission_distributed: bool = False
    """Whether any commission was shared out."""
    success: bool = True
    """HAVN's word for whether it went well."""
    message: str = ""
    """HAVN's words for people."""
    replayed: bool = False
    """Whether HAVN marked the answer as that of an earlier call with the same payment id."""
    request_id: str | None = None
    """HAVN's `X-Request-Id`, to quote to HAVN."""
    raw: Mapping[str, Any] = _raw()
    """The whole answer."""


# ── users ────────────────────────────────────────────────────────────────────────────────────────────


@attrs.frozen(kw_only=True, field_transformer=_masking)
class SyncedUser:
    """A user as HAVN keeps it."""

    id: str | None = None
    """HAVN's id of the user."""
    email: str | None = attrs.field(default=None, repr=_masked)
    """The user's e-mail address, in full; reprs mask it."""
    name: str | None = attrs.field(default=None, repr=False)
    """The user's name."""
    is_active: bool | None = None
    """Whether the user may log in."""
    google_id: str | None = attrs.field(default=None, repr=False)
    """The user's id at Google."""
    picture: str | None = attrs.field(default=None, repr=False)
    """Address of a picture."""
    avatar: str | None = attrs.field(default=None, repr=False)
    """Address of an avatar."""
    raw: Mapping[str, Any] = _raw()
    """HAVN's JSON of the user, untouched."""


@attrs.frozen(kw_only=True, field_transformer=_masking)
class Associate:
    """A node of the tree along which commissions are paid."""

    associate_id: str | None = None
    """HAVN's id of the associate."""
    associate_name: str | None = None
    """Name of the associate."""
    referral_code: str | None = None
    """The associate's own code, such as `HAVN-MJ-001`."""
    type: str | None = None
    """Kind of associate (`SAAS`), an open set."""
    role: str | None = None
    """`owner` or `partner`."""
    is_active: bool | None = None
    """Whether the associate earns commissions."""
    upline_id: str | None = None
    """The associate above; None at the top."""
    raw: Mapping[str, Any] = _raw()
    """HAVN's JSON of the associate, untouched."""


@attrs.frozen(kw_only=True, field_transformer=_masking)
class UserSyncResult:
    """The outcome of syncing one user."""

    user_id: str | None = None
    """HAVN's id of the user."""
    referral_code: str | None = None
    """Code of the user's associate. Store it; it is the `upline_code` of those who come below."""
    user_created: bool | None = None
    """Whether the user is new to HAVN."""
    associate_created: bool | None = None
    """Whether an associate was made for the user."""
    user: SyncedUser | None = None
    """The user as HAVN keeps it; None if the answer has none."""
    associate: Associate | None = None
    """None when the user has none."""
    success: bool = True
    """HAVN's word for whether it went well."""
    message: str = ""
    """HAVN's words for people."""
    request_id: str | None = None
    """HAVN's `X-Request-Id`; None for one user of a bulk call."""
    raw: Mapping[str, Any] = _raw()
    """HAVN's JSON, untouched."""


@attrs.frozen(kw_only=True, field_transformer=_masking)
class SyncError:
    """One user that was not synced."""

    index: int | None = None
    """Position from 0, in the `users` of a bulk call, in the whole iterable for `sync_many`."""
    email: str | None = attrs.field(default=None, repr=_masked)
    """The user's e-mail address, in full; reprs mask it."""
    error: str = ""
    """Why."""
    raw: Mapping[str, Any] = _raw()
    """HAVN's JSON, untouched."""

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401  as the document's mapping
        """`error["email"]` reads as in HAVN's document, where each error is a mapping."""
        own = {"index": self.index, "email": self.email, "error": self.error}
        return own[name] if name in own else self.raw[name]


@attrs.frozen(kw_only=True, field_transformer=_masking)
class SyncSummary:
    """Counts of users, those that HAVN gave or else what the lists hold."""

    total: int = 0
    """Users of the call."""
    success: int = 0
    """Users that succeeded."""
    errors: int = 0
    """Users that failed."""
    raw: Mapping[str, Any] = _raw()
    """HAVN's JSON, untouched."""


@attrs.frozen(kw_only=True, field_transformer=_masking)
class BulkSyncResult:
    """The outcome of `users.sync_bulk`; partial success is normal, so look at `errors`."""

    results: tuple[UserSyncResult, ...] = ()
    """The users that succeeded."""
    errors: tuple[SyncError, ...] = ()
    """The users that failed, with their position in the call."""
    summary: SyncSummary = attrs.field(factory=SyncSummary)
    """How many succeeded and failed."""
    referral_code: str | None = None
    """Code of the first success, to pass on to the next batch."""
    success: bool = True
    """HAVN's word for whether it went well."""
    message: str = ""
    """HAVN's words for people."""
    request_id: str | None = None
    """HAVN's `X-Request-Id`, to quote to HAVN."""
    raw: Mapping[str, Any] = _raw()
    """HAVN's JSON, untouched."""


@attrs.frozen(kw_only=True, field_transformer=_masking)
class SyncReport:
    """Where a `users.sync_many` stands."""

    total: int = 0
    """Users taken from the iterable so far."""
    succeeded: int = 0
    """Users that HAVN synced."""
    failures: tuple[SyncError, ...] = ()
    """Users that were not synced, with their position in the whole iterable; refused by HAVN, left out of its
    answer, or found wrong before sending. The position is None where HAVN's error leads to no user.
    """
    batches: int = 0
    """Calls that HAVN answered."""
    referral_code: str | None = None
    """Code of the first success."""
    finished: bool = False
    """Whether the iterable was exhausted and everything in it answered."""

    @property
    def unaccounted(self) -> int:
        """Users that were taken and of whom nothing is known: their call failed, or is under way."""
        return max(0, self.total - self.succeeded - len(self.failures))


# ── vouchers ─────────────────────────────────────────────────────────────────────────────────────────


@attrs.frozen(kw_only=True, field_transformer=_masking)
class Voucher:
    """A voucher, of HAVN or of the caller's own (see `is_havn`)."""

    serial: str | None = None
    """HAVN's id of the voucher."""
    saas_company_id: str | None = None
    """HAVN's id of the company whose products it discounts."""
    associate_id: str | None = None
    """HAVN's id of the associate that it belongs to."""
    code: str | None = None
    """What a customer types, such as `HAVN-AQNEO-S08-ABC123`."""
    type: str | None = None
    """`DISCOUNT_PERCENTAGE` or `DISCOUNT_FIXED`, an open set."""
    value: int | None = None
    """Basis points for a percentage (2000 is 20 %), minor units of `currency` otherwise."""
    usage_limit: int | None = None
    """Uses in all; None is no limit."""
    current_usage: int | None = None
    """How many times it was used."""
    min_purchase: int | None = None
    """Smallest subtotal that it is good for, in minor units; None is no bound."""
    max_purchase: int | None = None
    """Largest subtotal that it is good for, in minor units; None is no bound."""
    start_date: str | None = None
    """First day or moment of use, ISO 8601; None is always."""
    end_date: str | None = None
    """Last day or moment of use, ISO 8601; None is for ever."""
    active: bool | None = None
    """Whether it is switched on."""
    client_type: str | None = None
    """`NEW_CUSTOMER` or `RECURRING`, an open set; None is everybody."""
    description: str | None = None
    """What it is for, in its owner's words."""
    creation_cost: int | None = None
    """US cents."""
    created_by: str | None = None
    """Who made it."""
    created_date: str | None = None
    """ISO 8601, as HAVN wrote it."""
    updated_at: str | None = None
    """ISO 8601, as HAVN wrote it."""
    currency: str | None = None
    """ISO 4217 code of the amounts."""
    configured_currency: str | None = None
    """ISO 4217 code in which it was configured."""
    display_currency: str | None = None
    """ISO 4217 code in which HAVN shows the amounts."""
    affiliates_url: str | None = None
    """Public link that carries the referral code and the voucher."""
    affiliates_qr_image: str | None = None
    """Address of that link as a QR code."""
    is_expired: bool | None = None
    """HAVN's word at the time of the answer; computed for local vouchers."""
    is_valid: bool | None = None
    """HAVN's word at the time of the answer; computed for local vouchers."""
    remaining_usage: int | None = None
    """How many uses are left; None is no limit."""
    usage_percentage: Decimal | None = None
    """Share of the uses spent, in percent."""
    associate: Associate | None = None
    """The associate that it belongs to."""
    raw: Mapping[str, Any] = _raw()
    """HAVN's JSON, or the local mapping, untouched."""

    @property
    def is_havn(self) -> bool:
        """Whether it is HAVN's: only those are ever sent along with a transaction."""
        return vouchers.is_havn_voucher_code(self.code)

    def discount_for(self, subtotal: int) -> int:
        """What the voucher takes off a price, in minor units of `currency`; see `vouchers.discount`.

        Args:
            subtotal: The price before the discount, in minor units of `currency`, 0 or more.

        Raises:
            HAVNValidationError: `subtotal` is no amount, or the voucher's type or value is unknown to the SDK.
        """
        return vouchers.discount(self, subtotal)

    def usable_at(self, moment: datetime) -> bool:
        """Whether it can be used at a moment, as far as the voucher itself says.

        Args:
            moment: Aware of its time zone.
        """
        return vouchers.is_usable(self, moment)


@attrs.frozen(kw_only=True, field_transformer=_masking)
class Pagination:
    """Where a page stands among all."""

    page: int = 1
    """Number of this page, from 1."""
    per_page: int = 10
    """Vouchers on a page, 1 to 100."""
    total: int = 0
    """Vouchers in all."""
    total_pages: int = 0
    """How many pages there are."""
    has_prev: bool = False
    """Whether there is a page before."""
    has_next: bool = False
    """Whether there is a page after."""
    raw: Mapping[str, Any] = _raw()
    """HAVN's JSON, untouched."""

    @property
    def limit(self) -> int:
        """HAVN's other name for `per_page`."""
        return self.per_page


@attrs.frozen(kw_only=True, field_transformer=_masking)
class VoucherPage:
    """One page of vouchers."""

    data: tuple[Voucher, ...] = ()
    """The vouchers of this page."""
    pagination: Pagination = attrs.field(factory=Pagination)
    """Where this page stands among all."""
    success: bool = True
    """HAVN's word for whether it went well."""
    message: str = ""
    """HAVN's words for people."""
    request_id: str | None = None
    """HAVN's `X-Request-Id`, to quote to HAVN."""
    raw: Mapping[str, Any] = _raw()
    """HAVN's JSON, untouched."""
