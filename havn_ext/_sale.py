"""The rules between what a caller says about a sale and what goes on the wire.

Sources: HAVN integration flow and transaction webhook ("Client rules" and "Conversion" of the contract).
"""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypedDict

import attrs

from havn_api.models import CustomFields, TransactionRequest
from havn_api.models.customer_type import CUSTOMER_TYPE_VALUES
from havn_ext._guards import is_mapping
from havn_ext.currency import USD
from havn_ext.errors import HAVNValidationError
from havn_ext.vouchers import is_havn_voucher_code

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from havn_ext._checks import Problems
    from havn_ext.currency import Conversion

__all__ = ["Sale", "SaleOptions", "checked_sale"]

MOST_CUSTOM_FIELDS: Final = 10
MOST_MINOR_UNITS: Final = 1_000_000_000


class SaleOptions(TypedDict, total=False):
    """The keywords of `transactions.send` that say something about the sale."""

    customer_email: str | None
    customer_id: str | None
    referral_code: str | None
    promo_code: str | None
    subtotal_transaction: int | None
    currency: str
    customer_type: str
    custom_fields: Mapping[str, str | float | bool] | None
    invoice_id: str | None
    transaction_type: str | None
    description: str | None
    payment_gateway: str | None
    is_recurring: bool | None
    server_side_conversion: bool


class Sale(NamedTuple):
    """A sale whose every field was found right, before any conversion.

    Attributes:
        amount: Minor units of `currency`.
        subtotal: The price before the discount as the caller gave it, in minor units of `currency`.
        local_voucher: Whether the voucher is the caller's own, which HAVN must not hear of.
        converted_by_havn: Whether HAVN converts.
        custom_fields: The caller's own entries.
        others: The remaining fields as they go on the wire, without those that are absent.
    """

    amount: int
    subtotal: int | None
    currency: str
    local_voucher: bool
    converted_by_havn: bool
    custom_fields: Mapping[str, str | float | bool]
    others: Mapping[str, Any]

    @property
    def needs_rate(self) -> bool:
        """Whether the client has to convert."""
        return self.currency != USD and not self.converted_by_havn

    def request(self, conversion: Conversion | None) -> TransactionRequest:
        """What goes on the wire.

        Raises:
            HAVNValidationError: The conversion gives no acceptable amount, or too many custom fields.
        """
        fields = dict(self.others)
        sent = self if conversion is None else self._converted(conversion)
        fields["amount"], fields["currency"] = sent.amount, sent.currency
        if sent.subtotal is not None and not self.local_voucher:
            fields["subtotal_transaction"] = sent.subtotal
        if sent.custom_fields:
            fields["custom_fields"] = CustomFields.from_dict(sent.custom_fields)
        return TransactionRequest(**fields)

    def _converted(self, conversion: Conversion) -> Sale:
        """The same sale in US cents, with the entries that let HAVN check what it hears of."""
        if self.local_voucher:
            conversion = attrs.evolve(conversion, original_subtotal=None)
        for field, cents in (("amount", conversion.amount), ("subtotal_transaction", conversion.subtotal)):
            if cents is not None and not 1 <= cents <= MOST_MINOR_UNITS:
                raise HAVNValidationError(
                    errors={field: f"converts to {cents} US cents: must be 1 to {MOST_MINOR_UNITS}"}
                )
        return self._replace(
            amount=conversion.amount,
            subtotal=conversion.subtotal,
            currency=USD,
            custom_fields=_with_audit_fields(self.custom_fields, conversion.audit_fields),
        )


def checked_sale(given: Mapping[str, object], problems: Problems, *, can_convert: bool) -> Sale:
    """The sale that a caller's arguments describe.

    Args:
        given: Arguments of `transactions.send` by name; None is absent.
        problems: Collects what is wrong, and may hold problems already.
        can_convert: Whether the client has a rate source.

    Raises:
        HAVNValidationError: Names every field that is missing or wrong.
    """
    amount = problems.amount("amount", given["amount"], required=True)
    subtotal = problems.amount("subtotal_transaction", given["subtotal_transaction"])
    currency = _currency(given, problems, can_convert=can_convert)
    promo_code = problems.text("promo_code", _stripped(given["promo_code"]), most=100)
    _check_subtotal(amount, subtotal, promo_code, problems)
    local_voucher = promo_code is not None and not is_havn_voucher_code(promo_code)
    others = {
        "payment_gateway_transaction_id": _payment_id(given, problems),
        **_customer(given, problems),
        "promo_code": None if local_voucher else promo_code,
        **{
            name: check(problems, name, value)
            for name, check in _CHECKS.items()
            if (value := given[name]) is not None
        },
    }
    custom_fields = _custom_fields(given["custom_fields"], problems)
    problems.raise_any()
    return Sale(
        amount=amount or 0,  # never 0: a missing or wrong amount has been raised
        subtotal=subtotal,
        currency=currency or USD,
        local_voucher=local_voucher,
        converted_by_havn=bool(given["server_side_conversion"]),
        custom_fields=custom_fields,
        others={name: value for name, value in others.items() if value is not None},
    )


_CHECKS: Final[Mapping[str, Callable[[Problems, str, object], object]]] = {
    "referral_code": lambda problems, name, value: problems.code(name, value, least=3, most=50),
    "customer_type": lambda problems, name, value: problems.choice(name, value, CUSTOMER_TYPE_VALUES),
    "invoice_id": lambda problems, name, value: problems.text(name, value, most=100),
    "transaction_type": lambda problems, name, value: problems.text(name, value),
    "description": lambda problems, name, value: problems.text(name, value),
    "payment_gateway": lambda problems, name, value: problems.code(name, value, least=1, most=100),
    "is_recurring": lambda problems, name, value: problems.flag(name, value),
    "server_side_conversion": lambda problems, name, value: problems.flag(name, value) or None,
}
"""The fields that nothing else depends on."""


def _stripped(value: object) -> object:
    return value.strip() if isinstance(value, str) else value


def _is_blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _payment_id(given: Mapping[str, object], problems: Problems) -> str | None:
    """The payment's id, which may be that of the invoice (HAVN integration flow)."""
    own = given["payment_gateway_transaction_id"]
    field, value = (
        ("invoice_id", given["invoice_id"]) if _is_blank(own) else ("payment_gateway_transaction_id", own)
    )
    if _is_blank(value):
        return problems.add("payment_gateway_transaction_id", "is required, unless invoice_id is given")
    return problems.text(field, value, most=200, required=True)


def _customer(given: Mapping[str, object], problems: Problems) -> dict[str, str | None]:
    email, customer_id = given["customer_email"], given["customer_id"]
    if _is_blank(email) and _is_blank(customer_id):
        problems.add("customer_email", "is required, unless customer_id is given")
        problems.add("customer_id", "is required, unless customer_email is given")
    return {
        "customer_email": problems.email("customer_email", email),
        "customer_id": problems.text("customer_id", None if _is_blank(customer_id) else customer_id),
    }


def _currency(given: Mapping[str, object], problems: Problems, *, can_convert: bool) -> str | None:
    currency = problems.currency("currency", given["currency"])
    if currency is not None and currency != USD and not given["server_side_conversion"] and not can_convert:
        problems.add(
            "currency",
            f"{currency} would be read as US cents: pass server_side_conversion=True to let HAVN convert, "
            "or give the client rates=... to convert here",
        )
    return currency


def _check_subtotal(amount: int | None, subtotal: int | None, promo_code: str | None, problems: Problems) -> None:
    if amount is None or subtotal is None:
        return
    if subtotal < amount:
        problems.add("subtotal_transaction", "must not be below amount: it is the price before the discount")
    if subtotal > amount and promo_code is None:
        problems.add("promo_code", "is required when subtotal_transaction is above amount")


def _custom_fields(value: object, problems: Problems) -> dict[str, str | float | bool]:
    if value is None:
        return {}
    if not is_mapping(value):
        problems.add("custom_fields", f"must be a mapping, not {type(value).__name__}")
        return {}
    for name, entry in value.items():
        if not isinstance(name, str):
            problems.add("custom_fields", f"must have str keys, not {type(name).__name__}")
        elif not isinstance(entry, (str, int, float)) or (isinstance(entry, float) and not isfinite(entry)):
            problems.add(f"custom_fields.{name}", "must be a str, a bool or a finite number")
    if len(value) > MOST_CUSTOM_FIELDS:
        problems.add("custom_fields", f"must have at most {MOST_CUSTOM_FIELDS} entries, not {len(value)}")
    return dict(value)


def _with_audit_fields(
    own: Mapping[str, str | float | bool], audit: Mapping[str, str | int]
) -> dict[str, str | float | bool]:
    """The caller's entries and those of the conversion, within HAVN's limit."""
    taken = [name for name in own if name in audit]
    if taken:
        raise HAVNValidationError(
            errors={"custom_fields": f"must not have {', '.join(taken)}: the conversion records its own"}
        )
    if len(own) + len(audit) > MOST_CUSTOM_FIELDS:
        raise HAVNValidationError(
            errors={
                "custom_fields": f"has {len(own)} entries ({', '.join(own)}) and the conversion adds"
                f" {len(audit)} ({', '.join(audit)}): at most {MOST_CUSTOM_FIELDS} go together"
            }
        )
    return {**own, **audit}
