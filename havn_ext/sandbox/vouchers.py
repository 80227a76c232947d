"""Vouchers: when one can be used, for what, and how its uses are counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from havn_ext.sandbox import conversion, moments
from havn_ext.sandbox.messages import Answer, Call, RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from havn_ext.sandbox.store import CompanyData, Row

__all__ = [
    "Voucher",
    "check_customer",
    "check_terms",
    "check_usable",
    "find",
    "of_company",
    "use",
    "validate_voucher",
]

_CUSTOMERS_OF: Final[Mapping[str, frozenset[str]]] = {
    "NEW_CUSTOMER": frozenset({"NEW_CUSTOMER"}),
    "RECURRING": frozenset({"RECURRING", "RETURNING_CUSTOMER"}),
}
"""The customer types of a transaction that each client type of a voucher means."""


@attrs.frozen
class Voucher:
    """A voucher and what follows from its fields.

    Args:
        serial: Its id.
        associate_id: The associate that it belongs to.
        code: What a customer types, in upper case.
        type: `DISCOUNT_PERCENTAGE` or `DISCOUNT_FIXED`.
        value: Minor units of `currency`, or basis points for a percentage.
        currency: ISO 4217 code.
        usage_limit: How often it can be used; None is no limit.
        current_usage: How often it was used.
        min_purchase: Smallest subtotal, in minor units; None is no bound.
        max_purchase: Largest subtotal, in minor units; None is no bound.
        start_date: First day or moment of use; None is always.
        end_date: Last day (until its end, UTC) or moment of use; None is for ever.
        active: Whether it is switched on.
        client_type: The customers that it is meant for; None is all.
        description: What it is for.
        created_date: When it was made.
    """

    serial: str
    associate_id: str
    code: str
    type: str
    value: int
    currency: str
    usage_limit: int | None
    current_usage: int
    min_purchase: int | None
    max_purchase: int | None
    start_date: str | None
    end_date: str | None
    active: bool = attrs.field(converter=bool)
    client_type: str | None
    description: str
    created_date: str

    @classmethod
    def from_row(cls, row: Row) -> Voucher:
        """The voucher of a row of the table."""
        return cls(**{field.name: row[field.name] for field in attrs.fields(cls)})

    @property
    def starts(self) -> datetime | None:
        """The first moment of use."""
        return None if self.start_date is None else moments.first_moment(self.start_date)

    @property
    def ends(self) -> datetime | None:
        """The last moment of use."""
        return None if self.end_date is None else moments.last_moment(self.end_date)

    @property
    def created(self) -> datetime:
        """The moment in which it was made."""
        return moments.first_moment(self.created_date)

    @property
    def remaining_usage(self) -> int | None:
        """Uses left; None is no limit."""
        return None if self.usage_limit is None else self.usage_limit - self.current_usage

    @property
    def usage_percentage(self) -> float | None:
        """Share of the uses spent, in percent to two decimals; None where there is no limit."""
        return round(100 * self.current_usage / self.usage_limit, 2) if self.usage_limit else None

    def has_started(self, now: datetime) -> bool:
        """Whether its first moment has come."""
        return self.starts is None or now >= self.starts

    def is_expired(self, now: datetime) -> bool:
        """Whether its last moment has passed."""
        return self.ends is not None and now > self.ends

    def is_valid(self, now: datetime) -> bool:
        """Whether it can be used now."""
        return self.problem(now) is None

    def problem(self, now: datetime) -> tuple[str, str] | None:
        """What keeps it from being used now, as a rule and a sentence."""
        if not self.active:
            return "voucher_inactive", "Voucher is inactive"
        if not self.has_started(now):
            return "voucher_not_started", "Voucher cannot be used yet"
        if self.is_expired(now):
            return "voucher_expired", "Voucher has expired"
        if self.remaining_usage == 0:
            return "voucher_used_up", "Voucher is used up"
        return None


def validate_voucher(call: Call) -> Answer:
    """Say whether a voucher can be used now, for `amount` if given; uses nothing up."""
    voucher = find(call.data, call.body["voucher_code"], path="/voucher_code")
    check_usable(voucher, call.now, path="/voucher_code")
    if "amount" in call.body:
        currency = call.body.get("currency", "USD")
        check_terms(call.data, voucher, int(call.body["amount"]), currency, path="/amount")
    return Answer(200, {"success": True, "message": "Voucher is valid"})


def of_company(data: CompanyData) -> list[Voucher]:
    """Every voucher of the company, by serial."""
    return [Voucher.from_row(row) for row in data.all("vouchers")]


def find(data: CompanyData, code: str, *, path: str) -> Voucher:
    """The voucher with this code, in any case; refused with 404 when there is none."""
    row = data.find("vouchers", code=code.upper())
    if row is None:
        raise RefusedError.at(path, status=404, rule="unknown_voucher", message="No voucher has this code")
    return Voucher.from_row(row)


def check_usable(voucher: Voucher, now: datetime, *, path: str) -> None:
    """Refuse (400) a voucher that is inactive, expired, not yet started or used up."""
    problem = voucher.problem(now)
    if problem is not None:
        rule, message = problem
        raise RefusedError.at(path, status=400, rule=rule, message=message)


def check_customer(voucher: Voucher, customer_type: str, *, path: str) -> None:
    """Refuse (400) a voucher that is meant for other customers."""
    if voucher.client_type is not None and customer_type not in _CUSTOMERS_OF[voucher.client_type]:
        raise RefusedError.at(
            path, status=400, rule="voucher_client_type", message="Voucher is meant for other customers"
        )


def check_terms(data: CompanyData, voucher: Voucher, amount: int, currency: str, *, path: str) -> None:
    """Refuse (422) an amount outside the voucher's bounds.

    Compared in the voucher's currency; where the amount is in another one, in US cents.

    Args:
        data: The company's tables.
        voucher: Whose terms.
        amount: The price before the discount, in minor units of `currency`.
        currency: ISO 4217 code.
        path: JSON pointer to the amount.
    """

    def comparable(minor_units: int, its_currency: str) -> int:
        same = currency == voucher.currency
        return minor_units if same else conversion.usd_cents(data, minor_units, its_currency)

    price = comparable(amount, currency)
    if voucher.min_purchase is not None and price < comparable(voucher.min_purchase, voucher.currency):
        raise _out_of_terms(path, "voucher_min_purchase", "below the voucher's min_purchase")
    if voucher.max_purchase is not None and price > comparable(voucher.max_purchase, voucher.currency):
        raise _out_of_terms(path, "voucher_max_purchase", "above the voucher's max_purchase")


def use(data: CompanyData, voucher: Voucher, *, path: str) -> None:
    """Count one use, never beyond the limit: the condition and the count are one statement."""
    statement = """
        UPDATE vouchers SET current_usage = current_usage + 1
        WHERE company = :company AND serial = :serial
        AND (usage_limit IS NULL OR current_usage < usage_limit)
    """
    if not data.execute(statement, {"serial": voucher.serial}).rowcount:
        raise RefusedError.at(path, status=400, rule="voucher_used_up", message="Voucher is used up")


def _out_of_terms(path: str, rule: str, what: str) -> RefusedError:
    return RefusedError.at(path, status=422, rule=rule, message=f"The amount is {what}")
