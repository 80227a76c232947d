"""Checks what a caller asks for among vouchers, one check for each name of `VoucherQuery`."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from havn_api.models.sort_order import SORT_ORDER_VALUES
from havn_api.models.voucher_client_type import VOUCHER_CLIENT_TYPE_VALUES
from havn_api.models.voucher_sort_by import VOUCHER_SORT_BY_VALUES
from havn_api.models.voucher_type import VOUCHER_TYPE_VALUES
from havn_ext._checks import Problems
from havn_ext.vouchers import parse_date

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    _Check = Callable[[Problems, str, object], object]

__all__ = ["checked_query"]


def checked_query(query: Mapping[str, object], problems: Problems) -> dict[str, Any]:
    """The entries of a query as the wire has them, without those that are None.

    Args:
        query: A `VoucherQuery`.
        problems: Collects what is wrong, an unknown name included.
    """
    checked = {name: _check(name, value, problems) for name, value in query.items()}
    return {name: value for name, value in checked.items() if value is not None}


def _check(name: str, value: object, problems: Problems) -> object:
    check = _CHECKS.get(name)
    if check is None:
        return problems.add(name, f"is no filter; there are {', '.join(sorted(_CHECKS))}")
    return check(problems, name, value)


def _moment(problems: Problems, name: str, value: object) -> date | datetime | None:
    """A date or an aware datetime; a naive one is UTC."""
    if isinstance(value, str):
        value = parse_date(value) or value
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    if value is None or isinstance(value, date):
        return value
    return problems.add(name, "must be a date, a datetime or ISO 8601 text")


def _day(problems: Problems, name: str, value: object) -> date | None:
    """A whole day, in UTC."""
    moment = _moment(problems, name, value)
    try:
        return moment.astimezone(UTC).date() if isinstance(moment, datetime) else moment
    except OverflowError:
        return problems.add(name, "is before the year 1 or after 9999 in UTC")


_not_negative = partial(Problems.number, least=0)


def _one_of(words: set[Any]) -> _Check:
    return partial(Problems.choice, choices=words)


_CHECKS: Final[Mapping[str, _Check]] = {
    **dict.fromkeys(("active", "is_valid", "is_expired"), Problems.flag),
    "type": _one_of(VOUCHER_TYPE_VALUES),
    "client_type": _one_of(VOUCHER_CLIENT_TYPE_VALUES),
    **dict.fromkeys(("currency", "display_currency"), Problems.currency),
    "search": Problems.text,
    **dict.fromkeys(("start_date_from", "start_date_to", "end_date_from", "end_date_to"), _day),
    **dict.fromkeys(("created_from", "created_to"), _moment),
    **dict.fromkeys(
        (
            "min_value",
            "max_value",
            "min_purchase_from",
            "min_purchase_to",
            "usage_limit_from",
            "usage_limit_to",
        ),
        _not_negative,
    ),
    "sort_by": _one_of(VOUCHER_SORT_BY_VALUES),
    "sort_order": _one_of(SORT_ORDER_VALUES),
}
