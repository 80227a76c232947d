"""`client.transactions`: report what customers have paid."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from havn_api.models import TransactionRequest
from havn_api.types import UNSET
from havn_ext._answers import evidence, request_id
from havn_ext._checks import Problems
from havn_ext._exchange import exchange_json
from havn_ext._operations import send_transaction
from havn_ext._reading import integer, transaction_result
from havn_ext._redaction import redact
from havn_ext._sale import checked_sale
from havn_ext._steps import Invoke
from havn_ext.currency import USD, Conversion, exchange_rate, recorded_conversion
from havn_ext.errors import HAVNConversionError, HAVNValidationError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from havn_ext._exchange import Observer
    from havn_ext._sale import Sale
    from havn_ext._session import Session
    from havn_ext._steps import Answer, Flow
    from havn_ext.models import TransactionResult
    from havn_ext.rates import RateSource

__all__ = ["PreparedTransaction", "Transactions", "prepare"]

Sent = TypeVar("Sent", covariant=True)


class Transactions(Generic[Sent]):
    """Paid transactions. `Sent` is `TransactionResult`, or an awaitable of it."""

    def __init__(self, session: Session, run: Callable[[Flow[TransactionResult]], Sent]) -> None:
        self._session = session
        self._run = run

    def send(
        self,
        amount: int,
        payment_gateway_transaction_id: str | None = None,
        *,
        customer_email: str | None = None,
        customer_id: str | None = None,
        referral_code: str | None = None,
        promo_code: str | None = None,
        subtotal_transaction: int | None = None,
        currency: str = USD,
        customer_type: str = "NEW_CUSTOMER",
        custom_fields: Mapping[str, str | float | bool] | None = None,
        invoice_id: str | None = None,
        transaction_type: str | None = None,
        description: str | None = None,
        payment_gateway: str | None = None,
        is_recurring: bool | None = None,
        server_side_conversion: bool = False,
        timeout: float | None = None,
    ) -> Sent:
        """Reports a transaction that a customer has paid; HAVN shares out commissions over five levels.

        Safe to repeat: the payment id tells HAVN that it is the same transaction.

        Args:
            amount: What the customer paid, in minor units of `currency` as HAVN counts them: 10000 is 100.00
                USD, and 10 000 rupiah. 1 to 1 000 000 000.
            payment_gateway_transaction_id: The payment's id at the gateway, 1 to 200 characters; taken from
                `invoice_id` when missing.
            customer_email: The customer's e-mail address; this or `customer_id` is needed.
            customer_id: The customer's id in your application.
            referral_code: The *upline's* referral code, 3 to 50 characters, never the project's own. Without
                it nothing is distributed.
            promo_code: The voucher that was used. HAVN's (`HAVN-…`) are sent; with a voucher of your own only
                `referral_code` goes out, and neither this nor `subtotal_transaction`.
            subtotal_transaction: The price before the discount, in minor units, at most 1 000 000 000; never
                below `amount`, and above it only together with `promo_code`.
            currency: ISO 4217 code. Other than USD it needs `server_side_conversion`, or a client with `rates`.
            customer_type: `NEW_CUSTOMER`, `RETURNING_CUSTOMER` or `RECURRING`.
            custom_fields: Up to ten entries of your own. A conversion by the client takes three or four.
            invoice_id: Number of the invoice, at most 100 characters.
            transaction_type: A label for logs.
            description: Free text.
            payment_gateway: Name of the gateway, at most 100 characters; sent in upper case.
            is_recurring: Whether the payment repeats by itself.
            server_side_conversion: Let HAVN convert with its own rate: the safe way to report IDR.
            timeout: Seconds for each phase of each try; the client's when None.

        Raises:
            HAVNValidationError: Names every field that is missing or wrong; nothing was sent.
            HAVNNotFoundError: HAVN does not know the referral code or the voucher.
            HAVNBadRequestError: The voucher has expired, is used up or inactive.
            HAVNUnprocessableError: The amount breaks the voucher's terms.
            HAVNConflictError: The payment id was used with another payload.
            HAVNConversionError: The client's conversion was not exact; HAVN left the transaction `FAILED`.
            HAVNError: Any other failure, see `havn_ext.errors`.
        """
        given = {
            "amount": amount,
            "payment_gateway_transaction_id": payment_gateway_transaction_id,
            "customer_email": customer_email,
            "customer_id": customer_id,
            "referral_code": referral_code,
            "promo_code": promo_code,
            "subtotal_transaction": subtotal_transaction,
            "currency": currency,
            "customer_type": customer_type,
            "custom_fields": custom_fields,
            "invoice_id": invoice_id,
            "transaction_type": transaction_type,
            "description": description,
            "payment_gateway": payment_gateway,
            "is_recurring": is_recurring,
            "server_side_conversion": server_side_conversion,
        }
        return self._run(_send(self._session, given, timeout))

    def send_prepared(self, payload: bytes, *, observe: Observer | None = None) -> Sent:
        """Sends a sale that was checked and stored before, as the outbox does; byte for byte, and signed now.

        Args:
            payload: The canonical JSON of what `prepare` made of it.
            observe: Is told the status and the headers of every answer.

        Raises:
            HAVNError: As `send`, but for what `prepare` has checked.
        """
        request = TransactionRequest.from_dict(json.loads(payload))
        subtotal = integer(request.subtotal_transaction)
        return self._run(_deliver(self._session, request, subtotal, content=payload, observe=observe))


def _send(session: Session, given: Mapping[str, object], timeout: object) -> Flow[TransactionResult]:
    problems = Problems()
    seconds = problems.timeout(timeout)
    prepared = yield from prepare(given, session.rates, problems)
    return (yield from _deliver(session, prepared.request, prepared.subtotal, timeout=seconds))


class PreparedTransaction(NamedTuple):
    """A sale that was found right, in the currency that goes on the wire."""

    request: TransactionRequest
    subtotal: int | None
    """The price before the discount, in minor units of the request's currency; of local vouchers as well."""


def prepare(given: Mapping[str, object], rates: RateSource | None, problems: Problems) -> Flow[PreparedTransaction]:
    """Checks a sale and converts it if need be; the first half of `send`, which touches no network.

    Args:
        given: All arguments of `send` but `timeout`, by name; None is absent.
        rates: Exchange rates, if the client is to convert.
        problems: Collects what is wrong, and may hold problems already.

    Raises:
        HAVNValidationError: Names every field that is missing or wrong.
    """
    sale = checked_sale(given, problems, can_convert=rates is not None)
    conversion = (yield from _conversion(sale, rates)) if sale.needs_rate else None
    subtotal = sale.subtotal if conversion is None else conversion.subtotal
    return PreparedTransaction(sale.request(conversion), subtotal)


def _deliver(
    session: Session,
    request: TransactionRequest,
    subtotal: int | None,
    *,
    content: bytes | None = None,
    timeout: float | None = None,
    observe: Observer | None = None,
) -> Flow[TransactionResult]:
    """Sends a prepared sale and reads the answer; the second half of `send`. Stored `content` goes as it is."""
    operation = _operation(request)
    operation["content"] = content
    conversion = recorded_conversion(operation["json"])

    def read(raw: dict[str, Any], answer: Answer) -> TransactionResult:
        result = transaction_result(
            raw, request, subtotal, request_id(answer), replayed="idempotent-replayed" in answer.headers
        )
        if conversion is not None:
            _check_exact(session, result, conversion, answer)
        return result

    return (yield from exchange_json(session, operation, read, timeout=timeout, observe=observe))


def _operation(request: TransactionRequest) -> dict[str, Any]:
    payment_id = request.payment_gateway_transaction_id
    return send_transaction(body=request, idempotency_key=payment_id if _fits_header(payment_id) else UNSET)


def _fits_header(value: str) -> bool:
    """Whether a header can carry a value unchanged; one that can't goes without, the body has it anyway."""
    return value.isascii() and value.isprintable() and value == value.strip()


def _conversion(sale: Sale, rates: RateSource | None) -> Flow[Conversion]:
    """The sale in US cents, by the client's rate source."""
    if callable(rates):
        rate = yield Invoke(rates, "rates", (sale.currency,))
    else:
        rate = (rates or {}).get(sale.currency)
    if rate is None:
        raise HAVNValidationError(errors={"currency": f"the client's rates have none for {sale.currency}"})
    return Conversion(sale.amount, sale.currency, exchange_rate(rate), sale.subtotal)


def _check_exact(session: Session, result: TransactionResult, conversion: Conversion, answer: Answer) -> None:
    """HAVN converts again with its own rate, and takes nothing but the same cent."""
    answered = result.transaction.raw.get("amount")  # the result's own falls back to what was sent
    actual = integer(answered)
    exact = answered is None or actual == conversion.amount
    if exact and not result.transaction.failed:
        return
    status = redact(result.transaction.status or "of unknown status", session.secrets)
    raise HAVNConversionError(
        f"HAVN did not accept the conversion of {conversion.original_amount} {conversion.original_currency}"
        f" to {conversion.amount} US cents at {conversion.rate}: the transaction is {status} and nothing is"
        " distributed."
        " Use HAVN's own rate, or server_side_conversion=True under a new payment id",
        expected=conversion.amount,
        actual=actual,
        rate=conversion.rate,
        **evidence(answer, session.secrets),
    )
