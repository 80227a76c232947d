"""From HAVN's answers to the models that callers see, without ever failing on what HAVN added or left out.

The contract says which fields there are, and tests/unit/core/test_drift.py that each of them arrives. The
generated models let values of the wrong type pass, so each value would be read a second time: here it goes
straight from the JSON through one of the readers at the top.
"""

from __future__ import annotations

from decimal import Context, Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, TypeVar

from havn_ext import models
from havn_ext._guards import is_json_object, is_list

if TYPE_CHECKING:
    from collections.abc import Callable

    from havn_api.models.transaction_request import TransactionRequest

JSONObject = dict[str, Any]

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
    return _decimal(str(value) if isinstance(value, Decimal) else value)  # one that signals can't be hashed


@lru_cache(maxsize=512, typed=True)  # the shares of the levels come back in every answer
def _decimal(value: float | str) -> Decimal | None:
    try:
        decimal = Decimal(str(value))
    except (ArithmeticError, ValueError):  # no number, or an int that is too long to be written out
        return None
    return decimal if decimal.is_finite() and abs(decimal.adjusted()) <= LARGEST_MAGNITUDE else None


def integer(value: object) -> int | None:
    """A whole number, which HAVN may write as 500 or 500.0."""
    if type(value) is int:
        return value
    decimal = number(value)
    return int(decimal) if decimal is not None and decimal == int(decimal) else None


def _object(raw: object, read: Callable[[JSONObject], M]) -> M | None:
    """The model of a nested object; None where the answer has no object."""
    return read(raw) if is_json_object(raw) else None


def _objects(raws: object, read: Callable[[JSONObject], M]) -> tuple[M, ...]:
    """The models of a list; what is no object in it is left to `raw`."""
    if not is_list(raws):
        return ()
    return tuple([read(raw) for raw in raws if is_json_object(raw)])  # lists are faster than generators


# ── answers ──────────────────────────────────────────────────────────────────────────────────────────


def transaction_result(
    raw: JSONObject, sent: TransactionRequest, subtotal: int | None, request_id: str | None, *, replayed: bool
) -> models.TransactionResult:
    """The outcome of a transaction; what HAVN left out of it is filled in from what was `sent`."""
    get = raw.get
    commissions = _objects(get("commissions"), _commission)
    total = integer(get("total_commission"))
    distributed = flag(get("commission_distributed"))
    details = get("transaction")
    return models.TransactionResult(
        transaction=_transaction(details if is_json_object(details) else {}, sent, subtotal),
        commissions=commissions,
        total_commission=sum(each.amount for each in commissions) if total is None else total,
        currency=text(get("currency")) or "USD",
        commission_distributed=bool(commissions) if distributed is None else distributed,
        success=flag(get("success")) is not False,
        message=text(get("message")) or "",
        replayed=replayed,
        request_id=request_id,
        raw=raw,
    )


def _transaction(raw: JSONObject, sent: TransactionRequest, subtotal: int | None) -> models.Transaction:
    get = raw.get
    amount = integer(get("amount"))
    answered_subtotal = integer(get("subtotal_transaction"))
    fields = get("custom_fields")
    return models.Transaction(
        transaction_id=text(get("transaction_id")),
        amount=sent.amount if amount is None else amount,
        currency=text(get("currency")) or text(sent.currency) or "USD",
        status=text(get("status")),
        customer_type=text(get("customer_type")),
        acquisition_method=text(get("acquisition_method")),
        referral_code=text(get("referral_code")),
        promo_code=text(get("promo_code")),
        subtotal_transaction=subtotal if answered_subtotal is None else answered_subtotal,
        subtotal_discount=integer(get("subtotal_discount")),
        created_at=text(get("created_at")),
        custom_fields=fields if is_json_object(fields) else {},
        raw=raw,
    )


def _commission(raw: JSONObject) -> models.Commission:
    get = raw.get
    rate, percentage = number(get("rate")), number(get("percentage"))
    if percentage is None and rate is not None:
        percentage = EXACT.multiply(rate, PERCENT)
    if rate is None and percentage is not None:
        rate = EXACT.divide(percentage, PERCENT)
    return models.Commission(
        commission_id=text(get("commission_id")),
        associate_id=text(get("associate_id")),
        level=integer(get("level")),
        rate=rate,
        percentage=percentage,
        amount=integer(get("amount")) or 0,
        currency=text(get("currency")) or "USD",
        type=text(get("type")),
        direction=text(get("direction")),
        status=text(get("status")),
        raw=raw,
    )


def user_sync_result(raw: JSONObject, request_id: str | None) -> models.UserSyncResult:
    """The outcome of syncing one user."""
    return _user_sync(raw, request_id)


def _user_sync(raw: JSONObject, request_id: str | None = None) -> models.UserSyncResult:
    get = raw.get
    associate = _object(get("associate"), _associate)
    return models.UserSyncResult(
        user_id=text(get("user_id")),
        referral_code=text(get("referral_code")) or (associate.referral_code if associate else None),
        user_created=flag(get("user_created")),
        associate_created=flag(get("associate_created")),
        user=_object(get("user"), _synced_user),
        associate=associate,
        success=flag(get("success")) is not False,
        message=text(get("message")) or "",
        request_id=request_id,
        raw=raw,
    )


def _synced_user(raw: JSONObject) -> models.SyncedUser:
    get = raw.get
    return models.SyncedUser(
        id=text(get("id")),
        email=text(get("email")),
        name=text(get("name")),
        is_active=flag(get("is_active")),
        google_id=text(get("google_id")),
        picture=text(get("picture")),
        avatar=text(get("avatar")),
        raw=raw,
    )


def _associate(raw: JSONObject) -> models.Associate:
    get = raw.get
    return models.Associate(
        associate_id=text(get("associate_id")),
        associate_name=text(get("associate_name")),
        referral_code=text(get("referral_code")),
        type=text(get("type")),
        role=text(get("role")),
        is_active=flag(get("is_active")),
        upline_id=text(get("upline_id")),
        raw=raw,
    )


def bulk_sync_result(raw: JSONObject, request_id: str | None) -> models.BulkSyncResult:
    """The outcome of a bulk sync."""
    get = raw.get
    results = _objects(get("results"), _user_sync)
    errors = _objects(get("errors"), _sync_error)
    counted = _object(get("summary"), _sync_summary)
    first_code = next((result.referral_code for result in results if result.referral_code), None)
    return models.BulkSyncResult(
        results=results,
        errors=errors,
        summary=counted
        or models.SyncSummary(total=len(results) + len(errors), success=len(results), errors=len(errors)),
        referral_code=text(get("referral_code")) or first_code,
        success=flag(get("success")) is not False,
        message=text(get("message")) or "",
        request_id=request_id,
        raw=raw,
    )


def _sync_error(raw: JSONObject) -> models.SyncError:
    get = raw.get
    return models.SyncError(
        index=integer(get("index")), email=text(get("email")), error=text(get("error")) or "", raw=raw
    )


def _sync_summary(raw: JSONObject) -> models.SyncSummary:
    get = raw.get
    errors = integer(get("errors"))
    return models.SyncSummary(
        total=integer(get("total")) or 0,
        success=integer(get("success")) or 0,
        errors=(integer(get("failed")) or 0) if errors is None else errors,
        raw=raw,
    )


def voucher_page(raw: JSONObject, request_id: str | None) -> models.VoucherPage:
    """One page of HAVN's vouchers."""
    get = raw.get
    data = _objects(get("data"), _voucher)
    return models.VoucherPage(
        data=data,
        pagination=_object(get("pagination"), _pagination)
        or models.Pagination(total=len(data), total_pages=1 if data else 0),
        success=flag(get("success")) is not False,
        message=text(get("message")) or "",
        request_id=request_id,
        raw=raw,
    )


def _voucher(raw: JSONObject) -> models.Voucher:
    get = raw.get
    return models.Voucher(
        serial=text(get("serial")),
        saas_company_id=text(get("saas_company_id")),
        associate_id=text(get("associate_id")),
        code=text(get("code")),
        type=text(get("type")),
        value=integer(get("value")),
        usage_limit=integer(get("usage_limit")),
        current_usage=integer(get("current_usage")),
        min_purchase=integer(get("min_purchase")),
        max_purchase=integer(get("max_purchase")),
        start_date=text(get("start_date")),
        end_date=text(get("end_date")),
        active=flag(get("active")),
        client_type=text(get("client_type")),
        description=text(get("description")),
        creation_cost=integer(get("creation_cost")),
        created_by=text(get("created_by")),
        created_date=text(get("created_date")),
        updated_at=text(get("updated_at")),
        currency=text(get("currency")),
        configured_currency=text(get("configured_currency")),
        display_currency=text(get("display_currency")),
        affiliates_url=text(get("affiliates_url")),
        affiliates_qr_image=text(get("affiliates_qr_image")),
        is_expired=flag(get("is_expired")),
        is_valid=flag(get("is_valid")),
        remaining_usage=integer(get("remaining_usage")),
        usage_percentage=number(get("usage_percentage")),
        associate=_object(get("associate"), _associate),
        raw=raw,
    )


def _pagination(raw: JSONObject) -> models.Pagination:
    get = raw.get
    page, per_page = integer(get("page")) or 1, integer(get("limit")) or integer(get("per_page")) or 10
    total = integer(get("total")) or 0
    pages = integer(get("total_pages"))
    pages = -(-total // per_page) if pages is None else pages
    has_prev, has_next = flag(get("has_prev")), flag(get("has_next"))
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
    return _object(raw.get("data"), lambda data: text(data.get("redirect_url")))
