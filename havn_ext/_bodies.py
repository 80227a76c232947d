"""What a log may show of a body: fields that are known to be harmless, and of all others that they are there."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from havn_ext._guards import is_json_object, is_list
from havn_ext._redaction import MASK, redact

if TYPE_CHECKING:
    from havn_ext._steps import Answer, Request

__all__ = ["SHOWN", "answer_text", "request_text"]

LONGEST: Final = 4_000
"""Characters of a body that are logged."""

SHOWN: Final = frozenset(
    {
        # money, and what it comes from
        "amount", "subtotal_transaction", "subtotal_discount", "currency", "configured_currency",
        "display_currency", "acquisition_method", "customer_type", "transaction_type", "payment_gateway",
        "is_recurring", "rate", "server_side_conversion", "payment_gateway_transaction_id", "invoice_id",
        "transaction_id", "transaction", "commission_distributed", "commissions", "commission_id",
        "total_commission", "percentage", "level", "direction",
        # who is above whom
        "associate", "associate_id", "associate_created", "create_associate", "is_owner", "role", "upline_id",
        "upline_code", "referral_code", "project_id", "user", "user_created", "users", "country_code",
        # vouchers
        "code", "voucher_code", "promo_code", "serial", "type", "value", "active", "client_type", "creation_cost",
        "current_usage", "remaining_usage", "usage_limit", "usage_percentage", "is_expired", "is_valid",
        "max_purchase", "min_purchase", "start_date", "end_date", "created_date", "saas_company_id",
        # everywhere
        "id", "user_id", "status", "success", "message", "error", "errors", "details", "index", "failed", "results",
        "summary", "data", "is_active", "created_at", "updated_at", "expires_in",
        # pages
        "pagination", "page", "per_page", "limit", "total", "total_pages", "has_next", "has_prev",
        # what is asked for in a query
        "start_date_from", "start_date_to", "end_date_from", "end_date_to", "created_from", "created_to",
        "min_value", "max_value", "min_purchase_from", "min_purchase_to", "usage_limit_from", "usage_limit_to",
        "sort_by", "sort_order",
    }
)  # fmt: skip
"""Fields of the contract whose values are shown, with e-mail addresses and tokens in them masked."""


def request_text(request: Request, secrets: tuple[str, ...]) -> str:
    """The body of a request, or its query where it has none."""
    if request.content is None:
        return _text(dict(request.params or {}), secrets)
    return _text(json.loads(request.content), secrets)


def answer_text(answer: Answer, secrets: tuple[str, ...]) -> str:
    """The body of an answer; of one that is not JSON no more than its size."""
    try:
        return _text(json.loads(answer.content), secrets)
    except (ValueError, RecursionError):
        return f"{len(answer.content)} bytes that are not JSON"


def _text(body: Any, secrets: tuple[str, ...]) -> str:  # noqa: ANN401  any JSON
    text = json.dumps(_shown(body, secrets))
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}… ({len(text)} characters)"


def _shown(value: Any, secrets: tuple[str, ...]) -> Any:  # noqa: ANN401  any JSON
    if is_json_object(value):
        return {
            redact(name, secrets): _shown(each, secrets) if name in SHOWN or each is None else MASK
            for name, each in value.items()
        }
    if is_list(value):
        return [_shown(each, secrets) for each in value]
    return redact(value, secrets) if isinstance(value, str) else value
