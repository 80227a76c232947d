"""From HAVN's answers to the models that callers see, without ever failing on what HAVN added or left out.

The generated models say which fields there are, so that a renamed one is a type error here; they let
values of the wrong type pass, so each value goes through one of the readers at the top.
"""

from __future__ import annotations

from decimal import Context, Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

from havn_api import models as wire
from havn_ext import models
from havn_ext._guards import is_json_object, is_list

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Self

    from havn_api.models.transaction_request import TransactionRequest

JSONObject = dict[str, Any]

W = TypeVar("W", bound="_Generated")
M = TypeVar("M")

PERCENT: Final = Decimal(100)
EXACT: Final = Context(prec=100)  # whatever the caller's own context rounds to
_NUMBERS: Final = (int, float, str, Decimal)
LARGEST_MAGNITUDE: Final = 30  # powers of ten; no amount is longer, and 1e999999 must not become an int


# ── single values: the value if it is what the contract says, else None ──────────────────────────────


def text(value: object) -> str | None:
    """A string."""
    return value if isinstance(value, str) else None


def flag(value: object) -> bool | None:
    """A boolean."""
    return value if isinstance(value, bool) else None


def number(value: object) -> Decimal | None:
    """A finite number, exact as HAVN wrote it; some versions quote it."""
    if isinstance(value, bool) or not isinstance(value, _NUMBERS):
        return None
    try:
        return _decimal(str(value))
    except ValueError:  # an int that is too long to be written out
        return None


@lru_cache(maxsize=512)  # the percentages of the levels come back in every answer
def _decimal(text: str) -> Decimal | None:
    try:
        decimal = Decimal(text)
    except ArithmeticError:
        return None
    return decimal if decimal.is_finite() and abs(decimal.adjusted()) <= LARGEST_MAGNITUDE else None


def integer(value: object) -> int | None:
    """A whole number, which HAVN may write as 500 or 500.0."""
    if type(value) is int:
        return value
    decimal = number(value)
    return int(decimal) if decimal is not None and decimal == int(decimal) else None


class _Generated(Protocol):
    """A generated model."""

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self: ...


def _object(value: object, raw: object, kind: type[W], read: Callable[[W, JSONObject], M]) -> M | None:
    """The model of a nested object; None where the answer has no object."""
    if not is_json_object(raw):
        return None
    return read(value if isinstance(value, kind) else kind.from_dict(raw), raw)


def _objects(values: object, raws: object, kind: type[W], read: Callable[[W, JSONObject], M]) -> tuple[M, ...]:
    """The models of a list; what is no object in it is left to `raw`."""
    if not is_list(raws):
        return ()
    parsed = values if is_list(values) else raws
    found = [_object(value, raw, kind, read) for value, raw in zip(parsed, raws, strict=True)]
    return tuple([model for model in found if model is not None])  # lists are faster than generators


# ── answers ──────────────────────────────────────────────────────────────────────────────────────────


def transaction_result(
    raw: JSONObject, sent: TransactionRequest, subtotal: int | None, request_id: str | None, *, replayed: bool
) -> models.TransactionResult:
    """The outcome of a transaction; what HAVN left out of it is filled in from what was `sent`."""
    answer = wire.TransactionResponse.from_dict(raw)
    commissions = _objects(answer.commissions, raw.get("commissions"), wire.Commission, _commission)
    total = integer(answer.total_commission)
    distributed = flag(answer.commission_distributed)
    inner = raw.get("transaction")
    details = inner if is_json_object(inner) else {}
    parsed = answer.transaction
    return models.TransactionResult(
        transaction=_transaction(
            parsed if isinstance(parsed, wire.Transaction) else wire.Transaction.from_dict(details),
            details,
            sent,
            subtotal,
        ),
        commissions=commissions,
        total_commission=sum(each.amount for each in commissions) if total is None else total,
        currency=text(answer.currency) or "USD",
        commission_distributed=bool(commissions) if distributed is None else distributed,
        success=flag(answer.success) is not False,
        message=text(answer.message) or "",
        replayed=replayed,
        request_id=request_id,
        raw=raw,
    )


def _transaction(
    found: wire.Transaction, raw: JSONObject, sent: TransactionRequest, subtotal: int | None
) -> models.Transaction:
    amount = integer(found.amount)
    answered_subtotal = integer(found.subtotal_transaction)
    fields = raw.get("custom_fields")
    return models.Transaction(
        transaction_id=text(found.transaction_id),
        amount=sent.amount if amount is None else amount,
        currency=text(found.currency) or text(sent.currency) or "USD",
        status=text(found.status),
        customer_type=text(found.customer_type),
        acquisition_method=text(found.acquisition_method),
        referral_code=text(found.referral_code),
        promo_code=text(found.promo_code),
        subtotal_transaction=subtotal if answered_subtotal is None else answered_subtotal,
        subtotal_discount=integer(found.subtotal_discount),
        created_at=text(found.created_at),
        custom_fields=fields if is_json_object(fields) else {},
        raw=raw,
    )


def _commission(found: wire.Commission, raw: JSONObject) -> models.Commission:
    rate, percentage = number(found.rate), number(found.percentage)
    if percentage is None and rate is not None:
        percentage = EXACT.multiply(rate, PERCENT)
    if rate is None and percentage is not None:
        rate = EXACT.divide(percentage, PERCENT)
    return models.Commission(
        commission_id=text(found.commission_id),
        associate_id=text(found.associate_id),
        level=integer(found.level),
        rate=rate,
        percentage=percentage,
        amount=integer(found.amount) or 0,
        currency=text(found.currency) or "USD",
        type=text(found.type_),
        direction=text(found.direction),
        status=text(found.status),
        raw=raw,
    )


def user_sync_result(raw: JSONObject, request_id: str | None) -> models.UserSyncResult:
    """The outcome of syncing one user."""
    return _user_sync(wire.UserSyncResponse.from_dict(raw), raw, request_id)


def _user_sync(
    found: wire.UserSyncResponse, raw: JSONObject, request_id: str | None = None
) -> models.UserSyncResult:
    associate = _object(found.associate, raw.get("associate"), wire.Associate, _associate)
    return models.UserSyncResult(
        user_id=text(found.user_id),
        referral_code=text(found.referral_code) or (associate.referral_code if associate else None),
        user_created=flag(found.user_created),
        associate_created=flag(found.associate_created),
        user=_object(found.user, raw.get("user"), wire.SyncedUser, _synced_user),
        associate=associate,
        success=flag(found.success) is not False,
        message=text(found.message) or "",
        request_id=request_id,
        raw=raw,
    )


def _synced_user(found: wire.SyncedUser, raw: JSONObject) -> models.SyncedUser:
    return models.SyncedUser(
        id=text(found.id),
        email=text(found.email),
        name=text(found.name),
        is_active=flag(found.is_active),
        google_id=text(found.google_id),
        picture=text(found.picture),
        avatar=text(found.avatar),
        raw=raw,
    )


def _associate(found: wire.Associate, raw: JSONObject) -> models.Associate:
    return models.Associate(
        associate_id=text(found.associate_id),
        associate_name=text(found.associate_name),
        referral_code=text(found.referral_code),
        type=text(found.type_),
        role=text(found.role),
        is_active=flag(found.is_active),
        upline_id=text(found.upline_id),
        raw=raw,
    )


def bulk_sync_result(raw: JSONObject, request_id: str | None) -> models.BulkSyncResult:
    """The outcome of a bulk sync."""
    # `results` is what tells a bulk answer from a single one; here that is known, so it may be missing.
    answer = wire.UserSyncBulkResponse.from_dict({"results": None, **raw})
    results = _objects(answer.results, raw.get("results"), wire.UserSyncResponse, _user_sync)
    errors = _objects(answer.errors, raw.get("errors"), wire.SyncError, _sync_error)
    counted = _object(answer.summary, raw.get("summary"), wire.SyncSummary, _sync_summary)
    first_code = next((result.referral_code for result in results if result.referral_code), None)
    return models.BulkSyncResult(
        results=results,
        errors=errors,
        summary=counted
        or models.SyncSummary(total=len(results) + len(errors), success=len(results), errors=len(errors)),
        referral_code=text(answer.referral_code) or first_code,
        success=flag(answer.success) is not False,
        message=text(answer.message) or "",
        request_id=request_id,
        raw=raw,
    )


def _sync_error(found: wire.SyncError, raw: JSONObject) -> models.SyncError:
    return models.SyncError(
        index=integer(found.index), email=text(found.email), error=text(found.error) or "", raw=raw
    )


def _sync_summary(found: wire.SyncSummary, raw: JSONObject) -> models.SyncSummary:
    errors = integer(found.errors)
    return models.SyncSummary(
        total=integer(found.total) or 0,
        success=integer(found.success) or 0,
        errors=(integer(found.failed) or 0) if errors is None else errors,
        raw=raw,
    )


def voucher_page(raw: JSONObject, request_id: str | None) -> models.VoucherPage:
    """One page of HAVN's vouchers."""
    answer = wire.VoucherListResponse.from_dict(raw)
    data = _objects(answer.data, raw.get("data"), wire.Voucher, _voucher)
    return models.VoucherPage(
        data=data,
        pagination=_object(answer.pagination, raw.get("pagination"), wire.Pagination, _pagination)
        or models.Pagination(total=len(data), total_pages=1 if data else 0),
        success=flag(answer.success) is not False,
        message=text(answer.message) or "",
        request_id=request_id,
        raw=raw,
    )


def _voucher(found: wire.Voucher, raw: JSONObject) -> models.Voucher:
    return models.Voucher(
        serial=text(found.serial),
        saas_company_id=text(found.saas_company_id),
        associate_id=text(found.associate_id),
        code=text(found.code),
        type=text(found.type_),
        value=integer(found.value),
        usage_limit=integer(found.usage_limit),
        current_usage=integer(found.current_usage),
        min_purchase=integer(found.min_purchase),
        max_purchase=integer(found.max_purchase),
        start_date=text(found.start_date),
        end_date=text(found.end_date),
        active=flag(found.active),
        client_type=text(found.client_type),
        description=text(found.description),
        creation_cost=integer(found.creation_cost),
        created_by=text(found.created_by),
        created_date=text(found.created_date),
        updated_at=text(found.updated_at),
        currency=text(found.currency),
        configured_currency=text(found.configured_currency),
        display_currency=text(found.display_currency),
        affiliates_url=text(found.affiliates_url),
        affiliates_qr_image=text(found.affiliates_qr_image),
        is_expired=flag(found.is_expired),
        is_valid=flag(found.is_valid),
        remaining_usage=integer(found.remaining_usage),
        usage_percentage=number(found.usage_percentage),
        associate=_object(found.associate, raw.get("associate"), wire.Associate, _associate),
        raw=raw,
    )


def _pagination(found: wire.Pagination, raw: JSONObject) -> models.Pagination:
    page, per_page = integer(found.page) or 1, integer(found.limit) or integer(found.per_page) or 10
    total = integer(found.total) or 0
    pages = integer(found.total_pages)
    pages = -(-total // per_page) if pages is None else pages
    has_prev, has_next = flag(found.has_prev), flag(found.has_next)
    return models.Pagination(
        page=page,
        per_page=per_page,
        total=total,
        total_pages=pages,
        has_prev=page > 1 if has_prev is None else has_prev,
        has_next=page < pages if has_next is None else has_next,
        raw=raw,
    )


def login_url(raw: JSONObject) -> str | None:
    """The address to send the user's browser to; None when the answer has none."""
    data = wire.LoginResponse.from_dict(raw).data
    return text(data.redirect_url) if isinstance(data, wire.LoginLink) else None
