"""The list of vouchers: filters, order, pages, and amounts shown in another currency.

A filter on a value that a voucher lacks never matches. Bounds in money are compared as they are configured,
before anything is converted for display.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import attrs

from havn_ext.sandbox import associates, conversion, moments, vouchers
from havn_ext.sandbox.messages import Answer, Call, Detail, RefusedError

if TYPE_CHECKING:
    from datetime import datetime

    from havn_ext.sandbox.messages import JsonObject
    from havn_ext.sandbox.store import CompanyData
    from havn_ext.sandbox.vouchers import Voucher

__all__ = ["list_vouchers"]

_Filter: TypeAlias = Callable[["Voucher", Any, "datetime"], bool]
_Parse: TypeAlias = Callable[[Any], Any]


def _as_it_is(value: Any) -> Any:  # noqa: ANN401  a filter's value is of the parameter's type
    return value


def _at_least(attribute: str, parse: _Parse = _as_it_is) -> _Filter:
    def matches(voucher: Voucher, bound: Any, _now: datetime) -> bool:  # noqa: ANN401  as above
        value = getattr(voucher, attribute)
        return value is not None and value >= parse(bound)

    return matches


def _at_most(attribute: str, parse: _Parse = _as_it_is) -> _Filter:
    def matches(voucher: Voucher, bound: Any, _now: datetime) -> bool:  # noqa: ANN401  as above
        value = getattr(voucher, attribute)
        return value is not None and value <= parse(bound)

    return matches


def _equal(attribute: str) -> _Filter:
    return lambda voucher, wanted, _now: bool(getattr(voucher, attribute) == wanted)


def _has_text(voucher: Voucher, text: str, _now: datetime) -> bool:
    wanted = text.casefold()
    return wanted in voucher.code.casefold() or wanted in voucher.description.casefold()


FILTERS: Final[Mapping[str, _Filter]] = {
    "active": _equal("active"),
    "type": _equal("type"),
    "client_type": _equal("client_type"),
    "currency": _equal("currency"),
    "search": _has_text,
    "start_date_from": _at_least("starts", moments.first_moment),
    "start_date_to": _at_most("starts", moments.last_moment),
    "end_date_from": _at_least("ends", moments.first_moment),
    "end_date_to": _at_most("ends", moments.last_moment),
    "created_from": _at_least("created", moments.first_moment),
    "created_to": _at_most("created", moments.last_moment),
    "min_value": _at_least("value"),
    "max_value": _at_most("value"),
    "min_purchase_from": _at_least("min_purchase"),
    "min_purchase_to": _at_most("min_purchase"),
    "usage_limit_from": _at_least("usage_limit"),
    "usage_limit_to": _at_most("usage_limit"),
    "is_valid": lambda voucher, wanted, now: voucher.is_valid(now) == wanted,
    "is_expired": lambda voucher, wanted, now: voucher.is_expired(now) == wanted,
}
"""Query parameter to the test that a voucher must pass."""

_DEFAULT_SORT: Final = "created_date"
_SORT_ATTRIBUTES: Final = {"start_date": "starts", "end_date": "ends", "created_date": "created"}


def list_vouchers(call: Call) -> Answer:
    """The page of the company's vouchers that the query asks for."""
    found = _sorted(_filtered(vouchers.of_company(call.data), call.query, call.now), call.query)
    page, per_page = call.query["page"], call.query["per_page"]
    shown = found[(page - 1) * per_page : page * per_page]
    body = {
        "success": True,
        "message": "Vouchers retrieved",
        "data": [_described(voucher, call) for voucher in shown],
        "pagination": _pagination(page, per_page, len(found)),
    }
    return Answer(200, body)


def _filtered(found: list[Voucher], query: JsonObject, now: datetime) -> list[Voucher]:
    for name, matches in FILTERS.items():
        if name in query:
            try:
                found = [voucher for voucher in found if matches(voucher, query[name], now)]
            except ValueError as error:
                detail = Detail("query", f"/{name}", "moment", "is a moment that the sandbox cannot hold")
                raise RefusedError(400, "The query is not valid", details=(detail,)) from error
    return found


def _sorted(found: list[Voucher], query: JsonObject) -> list[Voucher]:
    """In the order asked for (by creation unless it says); those without the value last, ties by serial."""
    sort_by: str = query.get("sort_by", _DEFAULT_SORT)
    attribute = _SORT_ATTRIBUTES.get(sort_by, sort_by)
    keyed = [(getattr(voucher, attribute), voucher) for voucher in found]
    having = [pair for pair in keyed if pair[0] is not None]
    having.sort(key=lambda pair: pair[0], reverse=query["sort_order"] == "desc")
    return [voucher for _, voucher in having] + [voucher for value, voucher in keyed if value is None]


def _pagination(page: int, per_page: int, total: int) -> JsonObject:
    total_pages = math.ceil(total / per_page)
    return {
        "page": page,
        "limit": per_page,
        "per_page": per_page,
        "total": total,
        "total_pages": total_pages,
        "has_prev": page > 1,
        "has_next": page < total_pages,
    }


def _described(voucher: Voucher, call: Call) -> JsonObject:
    """A voucher as the contract shows it, its amounts in `display_currency` if one is asked for."""
    associate = call.data.all("associates", id=voucher.associate_id)[0]
    currency = call.query.get("display_currency", voucher.currency)
    return {
        **attrs.asdict(voucher),
        **_amounts_in(currency, voucher, call.data),
        "saas_company_id": f"cmp_{call.data.company_id:03d}",
        "creation_cost": 0,
        "created_by": voucher.associate_id,
        "updated_at": voucher.created_date,
        "currency": currency,
        "configured_currency": voucher.currency,
        "display_currency": currency,
        "affiliates_url": f"https://shop.example/login?ref={associate['referral_code']}&vc={voucher.code}",
        "affiliates_qr_image": None,
        "is_expired": voucher.is_expired(call.now),
        "is_valid": voucher.is_valid(call.now),
        "remaining_usage": voucher.remaining_usage,
        "usage_percentage": voucher.usage_percentage,
        "associate": associates.described(associate),
    }


def _amounts_in(currency: str, voucher: Voucher, data: CompanyData) -> dict[str, int | None]:
    """The bounds, and the value of a fixed discount (a percentage is the same in every currency)."""
    amounts = {"min_purchase": voucher.min_purchase, "max_purchase": voucher.max_purchase}
    if voucher.type == "DISCOUNT_FIXED":
        amounts["value"] = voucher.value
    return {
        name: None if amount is None else conversion.between(data, amount, voucher.currency, currency)
        for name, amount in amounts.items()
    }
