"""What must hold for a single exchange beyond what Schemathesis checks by itself.

Each rule says what is wrong, and where: a JSON pointer into the answer, or the name of what was sent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import cache
from typing import Any, Final, TypeAlias

import attrs
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # no stubs are installed
from jsonschema.exceptions import best_match  # type: ignore[import-untyped]  # as above

from harness.exchange import Exchange
from harness.money import PERCENTAGES, Rates, cents_of_sale, half_up
from harness.spec import OPERATIONS

__all__ = ["RULES", "Fault", "Rule"]


@attrs.frozen
class Fault:
    """Something wrong with an exchange.

    Args:
        steps: Where in the answer's body; empty for the answer as a whole.
        message: What is wrong.
    """

    steps: Sequence[str | int]
    message: str


Rule: TypeAlias = Callable[[Exchange, Rates | None], Iterator[Fault]]


# ── every answer ─────────────────────────────────────────────────────────────────────────────────


def another_validator_agrees(exchange: Exchange, _rates: Rates | None) -> Iterator[Fault]:
    """The body keeps its schema by python-jsonschema, too: sandbox and Schemathesis share jsonschema-rs."""
    validator = _validator(exchange.operation.operation_id, exchange.operation.status_key(exchange.status))
    fault = validator and best_match(validator.iter_errors(exchange.answer))
    if fault:
        yield Fault(tuple(fault.absolute_path), fault.message)


@cache
def _validator(operation_id: str, status_key: str) -> Draft202012Validator | None:
    responses = OPERATIONS[operation_id].definition["responses"]
    if status_key not in responses or status_key == "5XX":  # "the body may be something else than JSON"
        return None
    return Draft202012Validator(responses[status_key]["content"]["application/json"]["schema"])


def rate_limit_is_told(exchange: Exchange, _rates: Rates | None) -> Iterator[Fault]:
    """Every documented answer below 500 tells limit, rest and end of the window, and they make sense."""
    if exchange.status >= 500 or str(exchange.status) not in exchange.operation.statuses:
        return
    told = {name: exchange.headers.get(f"x-ratelimit-{name}", "") for name in ("limit", "remaining", "reset")}
    for name, value in told.items():
        if not value.isdecimal():
            yield Fault((), f"X-RateLimit-{name.title()} is {value!r}, no number")
            return
    if int(told["remaining"]) > int(told["limit"]):
        yield Fault((), f"X-RateLimit-Remaining is {told['remaining']}, above the limit of {told['limit']}")


# ── which refusal ────────────────────────────────────────────────────────────────────────────────


def only_a_missing_customer_is_unprocessable(exchange: Exchange, _rates: Rates | None) -> Iterator[Fault]:
    """A request that breaks its schema is answered 422 only when nothing but `if`/`then` is broken."""
    if exchange.valid is False and exchange.status == 422 and not _keeps_all_but_if_then(exchange):
        yield Fault((), "a malformed request is answered 422, not 400")


def _keeps_all_but_if_then(exchange: Exchange) -> bool:
    schema = exchange.operation.request_schema or {}
    plain = {keyword: value for keyword, value in schema.items() if keyword not in {"if", "then"}}
    return bool(Draft202012Validator(plain).is_valid(exchange.sent))


_BUSINESS_RULES: Final = frozenset(
    {
        "voucher_inactive",
        "voucher_not_started",
        "voucher_expired",
        "voucher_used_up",
        "voucher_client_type",
        "inactive_user",
        "moment",
    }
)


def a_valid_request_is_not_malformed(exchange: Exchange, _rates: Rates | None) -> Iterator[Fault]:
    """A request that keeps its schema is answered 400 only by a rule of business, if the answer names rules."""
    strange = exchange.rules_broken - _BUSINESS_RULES
    if exchange.valid and exchange.status == 400 and strange:
        yield Fault((), f"a valid request is refused because of {', '.join(sorted(strange))}")


# ── transactions ─────────────────────────────────────────────────────────────────────────────────


def commissions_are_right(exchange: Exchange, rates: Rates | None) -> Iterator[Fault]:
    """Level by level from 1, at most five, each its percentage of the sale in US cents, half up."""
    if not _is_recorded_sale(exchange):
        return
    commissions = exchange.answer.get("commissions") or []
    levels = [each.get("level") for each in commissions]
    if levels != list(range(1, len(levels) + 1)) or len(levels) > len(PERCENTAGES):
        yield Fault(("commissions",), f"the levels are {levels}")
        return
    cents = cents_of_sale(exchange.sent, rates)
    for index, (each, percent) in enumerate(zip(commissions, PERCENTAGES, strict=False)):
        yield from _commission_faults(("commissions", index), each, percent, cents)


def _commission_faults(
    steps: tuple[str | int, ...], commission: dict[str, Any], percent: int, cents: int | None
) -> Iterator[Fault]:
    for name, expected in (
        ("percentage", percent),
        ("rate", percent / 100),
        ("amount", None if cents is None else half_up(Fraction(cents * percent, 100))),
    ):
        found = commission.get(name)
        if expected is not None and found is not None and found != expected:
            yield Fault((*steps, name), f"{found}, not {expected}")


def commissions_add_up(exchange: Exchange, _rates: Rates | None) -> Iterator[Fault]:
    """`total_commission` is the sum of the commissions, which are there exactly if it is said so."""
    if not _is_recorded_sale(exchange):
        return
    answer = exchange.answer
    amounts = [each.get("amount") or 0 for each in answer.get("commissions") or []]
    total, distributed = answer.get("total_commission"), answer.get("commission_distributed")
    if total is not None and total != sum(amounts):
        yield Fault(("total_commission",), f"{total}, and the commissions add up to {sum(amounts)}")
    if distributed is not None and distributed != bool(amounts):
        yield Fault(("commission_distributed",), f"{distributed} with {len(amounts)} commissions")


def nobody_earns_without_a_code(exchange: Exchange, _rates: Rates | None) -> Iterator[Fault]:
    """Commissions are shared out exactly if a referral code was sent and the sale did not fail."""
    if not _is_recorded_sale(exchange):
        return
    status = (exchange.answer.get("transaction") or {}).get("status") or ""
    earns = exchange.sent.get("referral_code") is not None and status.upper() != "FAILED"
    if bool(exchange.answer.get("commissions")) != earns:
        yield Fault(("commissions",), f"{'nobody' if earns else 'somebody'} earns from the sale")


_ECHOED: Final = ("amount", "currency", "customer_type", "referral_code", "promo_code", "subtotal_transaction")


def a_sale_is_told_as_it_was_sent(exchange: Exchange, _rates: Rates | None) -> Iterator[Fault]:
    """What was sent of a sale stands in the answer as it was sent."""
    if not _is_recorded_sale(exchange):
        return
    told = exchange.answer.get("transaction") or {}
    for name in (*_ECHOED, "custom_fields"):
        sent, found = exchange.sent.get(name), told.get(name)
        if sent is not None and found is not None and found != sent:
            yield Fault(("transaction", name), f"{found!r}, and {sent!r} was sent")


def _is_recorded_sale(exchange: Exchange) -> bool:
    return (
        exchange.operation.operation_id == "sendTransaction"
        and exchange.accepted
        and isinstance(exchange.sent, dict)
        and isinstance(exchange.answer, dict)
    )


# ── users ────────────────────────────────────────────────────────────────────────────────────────


def a_bulk_answer_counts_right(exchange: Exchange, _rates: Rates | None) -> Iterator[Fault]:
    """Every user of a bulk call is either in `results` or in `errors`, and `summary` counts them."""
    if (
        exchange.operation.operation_id != "syncUsers"
        or not exchange.accepted
        or "users" not in (exchange.sent or {})
    ):
        return
    results, errors = exchange.answer.get("results") or [], exchange.answer.get("errors") or []
    if len(results) + len(errors) != len(exchange.sent["users"]):
        yield Fault(
            ("results",), f"{len(results)} results and {len(errors)} errors for {len(exchange.sent['users'])}"
        )
    summary = exchange.answer.get("summary") or {}
    for name, expected in (
        ("total", len(results) + len(errors)),
        ("success", len(results)),
        ("errors", len(errors)),
    ):
        if summary.get(name) not in {None, expected}:
            yield Fault(("summary", name), f"{summary[name]}, not {expected}")


# ── vouchers ─────────────────────────────────────────────────────────────────────────────────────


def pages_make_sense(exchange: Exchange, _rates: Rates | None) -> Iterator[Fault]:
    """`pagination` is what the query asked for, and counts right."""
    if exchange.operation.operation_id != "listVouchers" or not exchange.accepted:
        return
    told = exchange.answer.get("pagination") or {}
    page, size = int(exchange.query.get("page", 1)), int(exchange.query.get("per_page", 10))
    total = told.get("total")
    expected: dict[str, object] = {"page": page, "limit": size, "has_prev": page > 1}
    if total is not None:
        expected |= {"total_pages": -(-total // size), "has_next": page * size < total}
    for name, value in expected.items():
        if told.get(name) not in {None, value}:
            yield Fault(("pagination", name), f"{told[name]}, not {value}")
    shown = len(exchange.answer.get("data") or [])
    if total is not None and shown != max(0, min(size, total - (page - 1) * size)):
        yield Fault(("data",), f"{shown} vouchers on page {page} of {total} by {size}")


RULES: Final[Sequence[Rule]] = (
    another_validator_agrees,
    rate_limit_is_told,
    only_a_missing_customer_is_unprocessable,
    a_valid_request_is_not_malformed,
    commissions_are_right,
    commissions_add_up,
    nobody_earns_without_a_code,
    a_sale_is_told_as_it_was_sent,
    a_bulk_answer_counts_right,
    pages_make_sense,
)
