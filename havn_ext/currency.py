"""Money as HAVN counts it: minor units, conversion to US cents, and the fields that let HAVN check it.

Amounts are integers in minor units, rates are `Decimal`, rounding is half up, and no float ever takes
part: HAVN converts again with its own rate and accepts nothing but the exact cent. Sources: HAVN
integration flow and transaction webhook; minor units and audit fields from the published clients.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final

import attrs

from havn_ext.errors import HAVNValidationError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "Conversion",
    "exchange_rate",
    "minor_unit_digits",
    "recorded_conversion",
    "round_half_up",
    "to_major_units",
    "to_minor_units",
    "to_usd_cents",
]

USD: Final = "USD"
CODE_LENGTH: Final = 3
_AUDIT_FIELDS: Final = frozenset({"original_amount", "original_currency", "exchange_rate"})
_USUAL_DIGITS: Final = 2
_UNUSUAL_DIGITS: Final[Mapping[str, int]] = {
    **dict.fromkeys(("IDR", "JPY", "KRW", "VND", "CLP", "ISK"), 0),
    **dict.fromkeys(("BHD", "JOD", "KWD", "OMR", "TND"), 3),
}
_LARGEST_MAGNITUDE: Final = 20  # powers of ten; keeps a hostile 1E+999999999 from filling the memory


def minor_unit_digits(currency: str) -> int:
    """How many decimals HAVN counts in a currency: 0 for IDR (ISO 4217 says 2), 3 for KWD, 2 for USD.

    Args:
        currency: ISO 4217 code, in any case.

    Raises:
        HAVNValidationError: Not three letters.
    """
    if len(currency) != CODE_LENGTH or not (currency.isascii() and currency.isalpha()):
        raise HAVNValidationError(errors={"currency": "must be a code of three letters, such as IDR"})
    return _UNUSUAL_DIGITS.get(currency.upper(), _USUAL_DIGITS)


def to_minor_units(amount: Decimal | str | int, currency: str) -> int:
    """An amount in whole currency units as minor units: `("99.99", "USD")` is 9999, `(150000, "IDR")` is 150000.

    Args:
        amount: Units of the currency (dollars, rupiah). No float: `99.99` is not 99.99 in binary.
        currency: ISO 4217 code.

    Raises:
        HAVNValidationError: Not a number, or finer than the currency's smallest unit.
    """
    digits = minor_unit_digits(currency)
    number = _decimal("amount", amount)
    numerator, denominator = number.as_integer_ratio()
    units: int = 10**digits
    minor, rest = divmod(numerator * units, denominator)
    if rest:
        raise HAVNValidationError(
            errors={"amount": f"{number} is finer than the smallest unit of {currency} ({digits} decimals)"}
        )
    return minor


def to_major_units(amount: int, currency: str) -> Decimal:
    """Minor units as whole currency units: `(9999, "USD")` is 99.99. Exact; undoes `to_minor_units`.

    Args:
        amount: Minor units: cents, and whole rupiah.
        currency: ISO 4217 code.

    Raises:
        HAVNValidationError: `amount` is no int.
    """
    _check_minor_units(amount)
    digits = minor_unit_digits(currency)
    sign, figures, _ = Decimal(amount).as_tuple()
    return Decimal((sign, figures, -digits))


def exchange_rate(value: Decimal | str | int) -> Decimal:
    """A rate, in US dollars for one unit of another currency, checked.

    Raises:
        HAVNValidationError: Not a positive number, or a float (which could not be exact).
    """
    rate = _decimal("exchange_rate", value)
    if rate <= 0:
        raise HAVNValidationError(errors={"exchange_rate": f"must be greater than 0, not {rate}"})
    return rate


def round_half_up(numerator: int, denominator: int) -> int:
    """`numerator / denominator` to the nearest integer, a half upwards; neither may be negative."""
    return (2 * numerator + denominator) // (2 * denominator)


def to_usd_cents(amount: int, currency: str, rate: Decimal | str | int) -> int:
    """Minor units of a currency as US cents, half up, in exact integer arithmetic.

    Args:
        amount: Minor units of `currency`, 0 or more.
        currency: ISO 4217 code.
        rate: US dollars for one unit (not minor unit) of `currency`. No float: it could not be exact.

    Raises:
        HAVNValidationError: `amount` is no int or negative, or `rate` is no positive number.
    """
    _check_minor_units(amount)
    if amount < 0:
        raise HAVNValidationError(errors={"amount": "must be 0 or more"})
    numerator, denominator = exchange_rate(rate).as_integer_ratio()
    units: int = 10 ** minor_unit_digits(currency)
    return round_half_up(amount * numerator * 100, denominator * units)


@attrs.frozen
class Conversion:
    """A sale converted to US cents on the client, with what HAVN needs to check it.

    Args:
        original_amount: Minor units of `original_currency`.
        original_currency: ISO 4217 code.
        rate: US dollars for one unit of the original currency.
        original_subtotal: The price before the discount, in minor units of the original currency.
    """

    original_amount: int
    original_currency: str
    rate: Decimal = attrs.field(converter=exchange_rate)
    original_subtotal: int | None = None

    @property
    def amount(self) -> int:
        """What the customer paid, in US cents."""
        return to_usd_cents(self.original_amount, self.original_currency, self.rate)

    @property
    def subtotal(self) -> int | None:
        """The price before the discount, in US cents."""
        if self.original_subtotal is None:
            return None
        return to_usd_cents(self.original_subtotal, self.original_currency, self.rate)

    @property
    def audit_fields(self) -> dict[str, str | int]:
        """The entries of `custom_fields` from which HAVN computes the amount again."""
        fields: dict[str, str | int] = {
            "original_amount": self.original_amount,
            "original_currency": self.original_currency,
            "exchange_rate": format(self.rate, "f"),
        }
        if self.original_subtotal is not None:
            fields["original_subtotal"] = self.original_subtotal
        return fields


def recorded_conversion(body: Mapping[str, Any]) -> Conversion | None:
    """The conversion that a transaction's `custom_fields` record, if its amount is what came of it.

    Args:
        body: The transaction as it goes on the wire.
    """
    fields: Mapping[str, Any] = body.get("custom_fields") or {}
    if body.get("currency") != USD or not fields.keys() >= _AUDIT_FIELDS:
        return None
    try:
        conversion = Conversion(
            fields["original_amount"],
            fields["original_currency"],
            fields["exchange_rate"],
            fields.get("original_subtotal"),
        )
        exact = conversion.amount == body.get("amount")
    except (HAVNValidationError, TypeError, AttributeError):  # entries of the caller's own, by the same names
        return None
    return conversion if exact else None


def _check_minor_units(amount: object) -> None:
    if isinstance(amount, bool) or not isinstance(amount, int):
        raise HAVNValidationError(
            errors={"amount": f"must be an int, a whole number of minor units, not {type(amount).__name__}"}
        )


def _decimal(field: str, value: Decimal | str | int) -> Decimal:
    """`value` as a finite Decimal of a sane magnitude; the error names `field`."""
    if isinstance(value, bool) or not isinstance(value, (Decimal, str, int)):
        raise HAVNValidationError(
            errors={field: f"must be a Decimal, a decimal string or an int, not {type(value).__name__}"}
        )
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise HAVNValidationError(errors={field: "is not a decimal number"}) from None
    if not number.is_finite():
        raise HAVNValidationError(errors={field: "must be a finite number"})
    if abs(number.adjusted()) > _LARGEST_MAGNITUDE or len(number.as_tuple().digits) > 2 * _LARGEST_MAGNITUDE:
        raise HAVNValidationError(errors={field: "is too large, too small or too long a number"})
    return number
