"""Transactions: a paid sale is recorded once, its voucher used once, its commissions shared out once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import attrs

from havn_ext.sandbox import associates, commissions, conversion, moments, vouchers
from havn_ext.sandbox.messages import Answer, Call, RefusedError
from havn_ext.signing import canonical_json

if TYPE_CHECKING:
    from havn_ext.sandbox.messages import JsonObject
    from havn_ext.sandbox.store import CompanyData, Row
    from havn_ext.sandbox.vouchers import Voucher

__all__ = ["send_transaction"]

_SUBTOTAL: Final = "/subtotal_transaction"


@attrs.frozen
class Sale:
    """What a request says about the sale.

    Args:
        amount: Minor units of `currency` (JSON may spell an integer 1.0).
        subtotal: The price before the discount, likewise; None when not given.
        currency: ISO 4217 code.
        converted_by_us: Whether the amounts are raw and the sandbox converts (`server_side_conversion`).
        customer_type: Whether the customer is new.
        referral_code: Who brought the customer; None when nobody.
        promo_code: The voucher that was used, or None.
        custom_fields: The caller's own entries, or None.
    """

    amount: int
    subtotal: int | None
    currency: str
    converted_by_us: bool
    customer_type: str
    referral_code: str | None
    promo_code: str | None
    custom_fields: JsonObject | None

    @classmethod
    def from_body(cls, body: JsonObject) -> Sale:
        """The sale of a valid request, with the contract's defaults."""
        subtotal = body.get("subtotal_transaction")
        return cls(
            amount=int(body["amount"]),
            subtotal=None if subtotal is None else int(subtotal),
            currency=body.get("currency", "USD"),
            converted_by_us=body.get("server_side_conversion", False),
            customer_type=body.get("customer_type", "NEW_CUSTOMER"),
            referral_code=body.get("referral_code"),
            promo_code=body.get("promo_code"),
            custom_fields=body.get("custom_fields"),
        )

    @property
    def price(self) -> int:
        """What a voucher's bounds are compared with."""
        return self.amount if self.subtotal is None else self.subtotal

    @property
    def currency_as_read(self) -> str:
        """The currency that HAVN takes the amounts to be in: without its own conversion, US cents."""
        return self.currency if self.converted_by_us else "USD"


def send_transaction(call: Call) -> Answer:
    """Record a sale (201), or answer an earlier call with the same payment id and payload again (200)."""
    payment_id = call.body["payment_gateway_transaction_id"]
    payload = canonical_json(call.body).decode("ascii")
    earlier = call.data.find("transactions", payment_id=payment_id)
    if earlier is not None:
        _check_same_payload(earlier, payload)
        return Answer(200, _described(call.data, earlier), {"Idempotent-Replayed": "true"})
    transaction_id = _record(call, payment_id, payload)
    return Answer(201, _described(call.data, call.data.all("transactions", id=transaction_id)[0]))


def _check_same_payload(earlier: Row, payload: str) -> None:
    if earlier["payload"] != payload:
        raise RefusedError.at(
            "/payment_gateway_transaction_id",
            status=409,
            rule="payment_id_taken",
            message="This payment id belongs to a transaction with another payload",
        )


def _record(call: Call, payment_id: str, payload: str) -> str:
    """Check the sale, write it down, and unless its conversion failed let it count; the id of the row."""
    data, sale = call.data, Sale.from_body(call.body)
    _check_subtotal(sale)
    referrer = sale.referral_code and associates.by_code(data, sale.referral_code, path="/referral_code")
    voucher = _usable_voucher(call, sale)
    failure = _conversion_failure(data, sale)
    usd_cents = conversion.usd_cents(data, sale.amount, sale.currency_as_read)
    transaction_id = data.next_id("txn")
    data.insert(
        "transactions",
        id=transaction_id,
        payment_id=payment_id,
        payload=payload,
        message=_message(sale, failure),
        status="FAILED" if failure else "success",
        amount=sale.amount,
        subtotal_transaction=sale.subtotal,
        currency=sale.currency,
        usd_cents=usd_cents,
        customer_type=sale.customer_type,
        referral_code=sale.referral_code,
        promo_code=sale.promo_code,
        custom_fields=None if sale.custom_fields is None else json.dumps(sale.custom_fields),
        created_at=moments.stamp(call.now),
    )
    if voucher and not failure:
        vouchers.use(data, voucher, path="/promo_code")
    if referrer and not failure:
        commissions.distribute(data, transaction_id, referrer, usd_cents)
    return transaction_id


def _check_subtotal(sale: Sale) -> None:
    """Refuse (422) a subtotal below the amount, and one above it that no voucher explains."""
    if sale.price < sale.amount:
        raise RefusedError.at(
            _SUBTOTAL,
            status=422,
            rule="subtotal_below_amount",
            message="subtotal_transaction is less than amount",
        )
    if sale.price > sale.amount and sale.promo_code is None:
        raise RefusedError.at(
            _SUBTOTAL,
            status=422,
            rule="promo_code_required",
            message="promo_code is required when subtotal_transaction is greater than amount",
        )


def _usable_voucher(call: Call, sale: Sale) -> Voucher | None:
    """The voucher of the sale, checked; None when there is none."""
    if sale.promo_code is None:
        return None
    voucher = vouchers.find(call.data, sale.promo_code, path="/promo_code")
    vouchers.check_usable(voucher, call.now, path="/promo_code")
    vouchers.check_customer(voucher, sale.customer_type, path="/promo_code")
    path = "/amount" if sale.subtotal is None else _SUBTOTAL
    vouchers.check_terms(call.data, voucher, sale.price, sale.currency_as_read, path=path)
    return voucher


def _conversion_failure(data: CompanyData, sale: Sale) -> str | None:
    """Why the client's own conversion to US cents does not hold; None when it does or there was none."""
    if sale.converted_by_us or sale.currency != "USD" or not sale.custom_fields:
        return None
    return conversion.mismatch(data, sale.amount, sale.subtotal, sale.custom_fields)


def _message(sale: Sale, failure: str | None) -> str:
    if failure:
        return f"Transaction failed: the conversion is not exact, {failure}"
    if sale.currency != sale.currency_as_read:
        return f"Transaction processed; {sale.currency} without server_side_conversion was read as US cents"
    return "Transaction processed"


def _described(data: CompanyData, row: Row) -> JsonObject:
    """The answer that belongs to a recorded transaction: from the rows alone, so a replay is the same."""
    shared = [commissions.described(each) for each in data.all("commissions", transaction_id=row["id"])]
    return {
        "success": True,
        "message": row["message"],
        "transaction": _transaction(row),
        "commissions": shared,
        "total_commission": sum(each["amount"] for each in shared),
        "currency": "USD",
        "commission_distributed": bool(shared),
    }


def _transaction(row: Row) -> dict[str, Any]:
    subtotal = row["subtotal_transaction"]
    return {
        "transaction_id": row["id"],
        "amount": row["amount"],
        "currency": row["currency"],
        "status": row["status"],
        "customer_type": row["customer_type"],
        "acquisition_method": _acquisition_method(row),
        "referral_code": row["referral_code"],
        "promo_code": row["promo_code"],
        "subtotal_transaction": subtotal,
        "subtotal_discount": None if subtotal is None else subtotal - row["amount"],
        "created_at": row["created_at"],
        "custom_fields": None if row["custom_fields"] is None else json.loads(row["custom_fields"]),
    }


def _acquisition_method(row: Row) -> str | None:
    """How the customer was won; a customer who used a voucher came through it."""
    if row["promo_code"]:
        return "REFERRAL_VOUCHER"
    return "REFERRAL" if row["referral_code"] else None
