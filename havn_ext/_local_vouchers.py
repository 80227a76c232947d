"""Reads the caller's own vouchers, whatever their application calls the fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import attrs

from havn_ext._checks import Problems
from havn_ext._guards import is_mapping
from havn_ext._reading import integer
from havn_ext.models import Voucher
from havn_ext.vouchers import is_expired, is_usable, parse_date

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

__all__ = ["read_local_vouchers"]

OTHER_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "code": ("voucher_code",),
    "value": ("discount_value",),
    "min_purchase": ("minimum_amount",),
    "max_purchase": ("maximum_amount",),
    "start_date": ("valid_from",),
    "end_date": ("expires_at", "valid_until"),
    "active": ("is_active",),
    "usage_limit": ("max_uses", "max_usage"),
    "current_usage": ("uses_count", "usage_count"),
    "created_date": ("created_at",),
    "description": ("name",),
}
"""The names by which the published clients know a local voucher's fields, beside HAVN's own."""


def read_local_vouchers(local: Iterable[Voucher | Mapping[str, Any]], now: datetime) -> list[Voucher]:
    """Local vouchers as `Voucher`, with `is_expired`, `is_valid` and `remaining_usage` computed.

    Args:
        local: Vouchers, or mappings with HAVN's names or the looser `OTHER_NAMES`. Values are in HAVN's
            units: basis points for a percentage, minor units otherwise.
        now: The moment to judge them at.

    Raises:
        HAVNValidationError: Names the position and field of everything that can't be read.
    """
    problems = Problems()
    if not _is_list(local):
        problems.add("local_vouchers", f"must be a list of mappings or Vouchers, not {type(local).__name__}")
        problems.raise_any()
    vouchers = [_read(position, item, problems) for position, item in enumerate(local)]
    problems.raise_any()
    return [_judged(voucher, now) for voucher in vouchers]


def _is_list(local: object) -> bool:
    return isinstance(local, Iterable) and not isinstance(local, (str, bytes, Mapping))


def _read(position: int, item: object, problems: Problems) -> Voucher:
    if isinstance(item, Voucher):
        _require_code(position, item.code, problems)
        return item
    if not is_mapping(item):
        problems.add(f"local_vouchers[{position}]", f"must be a mapping or a Voucher, not {type(item).__name__}")
        return Voucher()
    fields: dict[str, Any] = {"active": True}
    for name, read in _READERS.items():
        value = _first_present(item, (name, *OTHER_NAMES.get(name, ())))
        if value is None:
            continue
        try:
            fields[name] = read(value)
        except ValueError as error:
            problems.add(f"local_vouchers[{position}].{name}", str(error))
    _require_code(position, fields.get("code"), problems)
    return Voucher(**fields, raw=dict(item))


def _require_code(position: int, code: str | None, problems: Problems) -> None:
    if not (code or "").strip():
        problems.add(f"local_vouchers[{position}].code", "is required")


def _first_present(item: Mapping[str, Any], names: Iterable[str]) -> object:
    return next((item[name] for name in names if item.get(name) is not None), None)


def _judged(voucher: Voucher, now: datetime) -> Voucher:
    left = None if voucher.usage_limit is None else max(0, voucher.usage_limit - (voucher.current_usage or 0))
    return attrs.evolve(
        voucher,
        is_expired=is_expired(voucher, now),
        is_valid=is_usable(voucher, now),
        remaining_usage=left,
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"must be a str, not {type(value).__name__}")
    return value


def _whole(value: object) -> int:
    number = integer(value) if isinstance(value, (int, Decimal)) else None
    if number is None or number < 0:
        raise ValueError("must be a whole number, 0 or more: minor units, basis points or uses")
    return number


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("must be True or False")
    return value


def _date(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    if not isinstance(value, str) or parse_date(value) is None:
        raise ValueError("must be a date, a datetime or ISO 8601 text")
    return value


_READERS: Final[Mapping[str, Callable[[object], object]]] = {
    **dict.fromkeys(("code", "serial", "type", "client_type", "description", "currency", "created_by"), _text),
    **dict.fromkeys(("value", "min_purchase", "max_purchase", "usage_limit", "current_usage"), _whole),
    **dict.fromkeys(("start_date", "end_date", "created_date"), _date),
    "active": _flag,
}
