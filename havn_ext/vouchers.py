"""Voucher rules: whose a code is, what a voucher takes off, and one list out of HAVN's and the caller's own.

Pure functions; the current time is passed in. Sources: HAVN integration flow (which codes are HAVN's) and
the published clients (filters, sorting, the looser names of local vouchers).
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any, Final, TypedDict

from havn_ext.currency import round_half_up
from havn_ext.errors import HAVNValidationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from havn_api.models.currency import Currency
    from havn_api.models.sort_order import SortOrder
    from havn_api.models.voucher_client_type import VoucherClientType
    from havn_api.models.voucher_sort_by import VoucherSortBy
    from havn_api.models.voucher_type import VoucherType
    from havn_ext.models import Voucher

    _Filter = Callable[[Voucher, Any, datetime], bool]

__all__ = [
    "VoucherQuery",
    "discount",
    "is_havn_voucher_code",
    "is_usable",
    "is_valid_referral_code",
    "matches",
    "ordered",
]

HAVN_PREFIX: Final = "HAVN-"
BASIS_POINTS: Final = 10_000

_REFERRAL_CODE: Final = re.compile(r"HAVN-[A-Z]{1,10}-[0-9]{3,}")
_LONGEST_REFERRAL_CODE: Final = 50


class VoucherQuery(TypedDict, total=False):
    """What to look for among vouchers, and in which order. None is the same as leaving an entry out.

    A voucher that lacks the value asked for never matches. Dates are `date` objects or `YYYY-MM-DD`, whole
    days in UTC; amounts are minor units (basis points for the value of a percentage).
    """

    active: bool | None
    """Whether it is switched on."""
    type: VoucherType | None
    """`DISCOUNT_PERCENTAGE` or `DISCOUNT_FIXED`."""
    client_type: VoucherClientType | None
    """`NEW_CUSTOMER` or `RECURRING`, the customers that it is meant for."""
    currency: Currency | None
    """ISO 4217 code of its amounts."""
    search: str | None
    """Text to find in the code or the description, without case."""
    start_date_from: date | str | None
    """Earliest first day of use, UTC."""
    start_date_to: date | str | None
    """Latest first day of use, UTC."""
    end_date_from: date | str | None
    """Earliest last day of use, UTC."""
    end_date_to: date | str | None
    """Latest last day of use, UTC."""
    created_from: date | datetime | str | None
    """Earliest day or moment of its making; a day is that of UTC."""
    created_to: date | datetime | str | None
    """Latest day or moment of its making; a day is that of UTC."""
    min_value: int | None
    """Least `value`, basis points of a percentage (2000 is 20 %), minor units otherwise; 0 or more."""
    max_value: int | None
    """Greatest `value`, basis points of a percentage (2000 is 20 %), minor units otherwise; 0 or more."""
    min_purchase_from: int | None
    """Least `min_purchase`, in minor units; 0 or more."""
    min_purchase_to: int | None
    """Greatest `min_purchase`, in minor units; 0 or more."""
    usage_limit_from: int | None
    """Least number of uses in all; 0 or more."""
    usage_limit_to: int | None
    """Greatest number of uses in all; 0 or more."""
    is_valid: bool | None
    """Whether the voucher can be used now."""
    is_expired: bool | None
    """Whether it is past its end."""
    sort_by: VoucherSortBy | None
    """What to sort by; vouchers that lack it come last in either order."""
    sort_order: SortOrder | None
    """`desc` (HAVN's default) or `asc`."""
    display_currency: Currency | None
    """Currency in which HAVN shows amounts; local vouchers stay as they are."""


def is_havn_voucher_code(code: str | None) -> bool:
    """Whether a voucher code is HAVN's, that is, begins with `HAVN-` in any case (HAVN integration flow).

    Args:
        code: Any text; None is no voucher.
    """
    return code is not None and code[: len(HAVN_PREFIX)].upper() == HAVN_PREFIX


def is_valid_referral_code(code: str | None) -> bool:
    """Whether a code has the form of HAVN's referral codes, in any case: `HAVN-MJ-001`.

    One to ten letters, then three digits or more, as HAVN's examples show. HAVN alone knows whether it exists.

    Args:
        code: Any text, without white space around it; None is no code.
    """
    return (
        code is not None
        and len(code) <= _LONGEST_REFERRAL_CODE
        and code.isascii()
        and _REFERRAL_CODE.fullmatch(code.upper()) is not None
    )


def discount(voucher: Voucher, subtotal: int) -> int:
    """What a voucher takes off a price, in minor units of the voucher's currency.

    A percentage is rounded half up; nothing takes off more than the price; below the smallest or above the
    largest purchase it takes off nothing. Whether the voucher can be used at all is another question.

    Args:
        voucher: See `Voucher.value` for its units.
        subtotal: The price before the discount, in minor units of the voucher's currency, 0 or more.

    Raises:
        HAVNValidationError: `subtotal` is no amount, or the voucher's type or value is unknown to the SDK.
    """
    if type(subtotal) is not int or subtotal < 0:
        raise HAVNValidationError(errors={"subtotal": "must be a whole number of minor units, 0 or more"})
    take_off = _DISCOUNTS.get(voucher.type or "")
    if voucher.value is None or voucher.value < 0 or take_off is None:
        raise HAVNValidationError(
            errors={"voucher": f"has type {voucher.type!r} and value {voucher.value!r}: no known discount"}
        )
    if not _within(subtotal, voucher.min_purchase, voucher.max_purchase):
        return 0
    return min(subtotal, take_off(voucher.value, subtotal))


_DISCOUNTS: Final[Mapping[str, Callable[[int, int], int]]] = {
    "DISCOUNT_PERCENTAGE": lambda value, subtotal: round_half_up(subtotal * value, BASIS_POINTS),
    "DISCOUNT_FIXED": lambda value, _subtotal: value,
}


def is_expired(voucher: Voucher, now: datetime) -> bool:
    """Whether a voucher is past its end; an end given as a day lasts until that day is over, in UTC."""
    end = _moment(voucher.end_date, time.max)
    return end is not None and _aware(now) > end


def is_usable(voucher: Voucher, now: datetime) -> bool:
    """Whether a voucher is switched on, has begun, has not ended, and has uses left."""
    start = _moment(voucher.start_date, time.min)
    begun = start is None or start <= _aware(now)
    uses_left = voucher.usage_limit is None or (voucher.current_usage or 0) < voucher.usage_limit
    return voucher.active is not False and begun and not is_expired(voucher, now) and uses_left


def matches(voucher: Voucher, query: Mapping[str, Any], now: datetime) -> bool:
    """Whether a voucher is one of those that `query` (a checked `VoucherQuery`) asks for."""
    return all(
        _FILTERS[name](voucher, wanted, now)
        for name, wanted in query.items()
        if wanted is not None and name in _FILTERS
    )


def ordered(vouchers: Iterable[Voucher], sort_by: str | None, sort_order: str | None = "desc") -> list[Voucher]:
    """Vouchers in the order asked for: equal ones keep their order, those without the value come last."""
    listed = list(vouchers)
    if sort_by is None:
        return listed
    key = _SORT_KEYS[sort_by]
    present = [voucher for voucher in listed if key(voucher) is not None]
    missing = [voucher for voucher in listed if key(voucher) is None]
    return sorted(present, key=key, reverse=sort_order != "asc") + missing


# ── filters and sort keys, one a name of VoucherQuery ────────────────────────────────────────────────


def _equal(name: str) -> _Filter:
    return lambda voucher, wanted, _now: getattr(voucher, name) == wanted


def _at_least(name: str) -> _Filter:
    return lambda voucher, bound, _now: _within(getattr(voucher, name), bound, None, missing=False)


def _at_most(name: str) -> _Filter:
    return lambda voucher, bound, _now: _within(getattr(voucher, name), None, bound, missing=False)


def _from_day(name: str) -> _Filter:
    return lambda voucher, bound, _now: _within(
        _moment(getattr(voucher, name), time.min), _moment(bound, time.min), None, missing=False
    )


def _to_day(name: str) -> _Filter:
    return lambda voucher, bound, _now: _within(
        _moment(getattr(voucher, name), time.min), None, _moment(bound, time.max), missing=False
    )


def _contains(voucher: Voucher, text: str, _now: datetime) -> bool:
    wanted = text.casefold()
    return any(wanted in (value or "").casefold() for value in (voucher.code, voucher.description))


_FILTERS: Final[Mapping[str, _Filter]] = {
    "active": _equal("active"),
    "type": _equal("type"),
    "client_type": _equal("client_type"),
    "currency": lambda voucher, wanted, _now: (voucher.configured_currency or voucher.currency) == wanted,
    "search": _contains,
    "start_date_from": _from_day("start_date"),
    "start_date_to": _to_day("start_date"),
    "end_date_from": _from_day("end_date"),
    "end_date_to": _to_day("end_date"),
    "created_from": _from_day("created_date"),
    "created_to": _to_day("created_date"),
    "min_value": _at_least("value"),
    "max_value": _at_most("value"),
    "min_purchase_from": _at_least("min_purchase"),
    "min_purchase_to": _at_most("min_purchase"),
    "usage_limit_from": _at_least("usage_limit"),
    "usage_limit_to": _at_most("usage_limit"),
    "is_valid": lambda voucher, wanted, now: is_usable(voucher, now) == wanted,
    "is_expired": lambda voucher, wanted, now: is_expired(voucher, now) == wanted,
}

_SORT_KEYS: Final[Mapping[str, Callable[[Voucher], Any]]] = {
    "code": lambda voucher: voucher.code,
    "type": lambda voucher: voucher.type,
    "value": lambda voucher: voucher.value,
    "start_date": lambda voucher: _moment(voucher.start_date, time.min),
    "end_date": lambda voucher: _moment(voucher.end_date, time.max),
    "created_date": lambda voucher: _moment(voucher.created_date, time.min),
    "current_usage": lambda voucher: voucher.current_usage,
    "usage_limit": lambda voucher: voucher.usage_limit,
    "min_purchase": lambda voucher: voucher.min_purchase,
}


def _within(value: Any, least: Any, most: Any, *, missing: bool = True) -> bool:  # noqa: ANN401  ints or moments
    if value is None:
        return missing
    return (least is None or value >= least) and (most is None or value <= most)


def _moment(value: date | str | None, at: time) -> datetime | None:
    """A date, date-time or ISO 8601 text as an aware moment; a bare day becomes its time `at` in UTC."""
    if isinstance(value, str):
        value = parse_date(value)
    if isinstance(value, datetime):
        return _aware(value)
    return None if value is None else datetime.combine(value, at, UTC)


def _aware(moment: datetime) -> datetime:
    """A moment with its zone, which is UTC unless it says otherwise."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def parse_date(text: str) -> date | datetime | None:
    """ISO 8601 text as a date, or a datetime where it has a time; None when it is neither."""
    for parse in (date.fromisoformat, datetime.fromisoformat):
        try:
            return parse(text.strip())
        except ValueError:
            continue
    return None
