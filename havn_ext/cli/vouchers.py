"""`havn vouchers list` and `havn vouchers validate`. Each filter is one of `VoucherQuery`."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import click

from havn_ext._redaction import redact
from havn_ext.cli.connection import command as make
from havn_ext.cli.credentials import known_secrets
from havn_ext.cli.exits import FAILED, OK
from havn_ext.cli.helping import Group
from havn_ext.errors import HAVNBadRequestError, HAVNNotFoundError, HAVNUnprocessableError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from havn_ext.cli.connection import Connection
    from havn_ext.cli.screen import Screen
    from havn_ext.errors import HAVNAPIError
    from havn_ext.models import Voucher

__all__ = ["FILTERS", "command"]

_WORDS: Final = {
    "type": "DISCOUNT_PERCENTAGE or DISCOUNT_FIXED.",
    "client_type": "NEW_CUSTOMER or RECURRING.",
    "currency": "ISO 4217.",
    "display_currency": "Show amounts in this currency.",
    "search": "Text in the code or the description.",
    "sort_by": "code, type, value, start_date, end_date, created_date, current_usage, usage_limit or min_purchase.",
    "sort_order": "asc or desc.",
}
_DAYS: Final = ("start_date_from", "start_date_to", "end_date_from", "end_date_to", "created_from", "created_to")
_NUMBERS: Final = (
    "min_value",
    "max_value",
    "min_purchase_from",
    "min_purchase_to",
    "usage_limit_from",
    "usage_limit_to",
)
_SWITCHES: Final = ("active", "is_valid", "is_expired")

FILTERS: Final = (*_WORDS, *_DAYS, *_NUMBERS, *_SWITCHES)
"""Every filter that there is an option for."""


@click.group("vouchers", cls=Group, help="Look at vouchers.")
def command() -> None:
    """See its help."""


def _filters(function: Callable[..., int]) -> Callable[..., int]:
    """Gives a command an option for each filter."""
    for name in reversed(FILTERS):
        dashed = name.replace("_", "-")
        if name in _SWITCHES:
            short = dashed.removeprefix("is-")
            option = click.option(
                f"--{short}/--not-{short}", name, default=None, help=f"Only those that are {short}, or are not."
            )
        elif name in _NUMBERS:
            option = click.option(
                f"--{dashed}", name, type=int, metavar="N", help="Minor units, basis points or uses."
            )
        elif name in _DAYS:
            option = click.option(f"--{dashed}", name, metavar="DAY", help="YYYY-MM-DD.")
        else:
            option = click.option(
                f"--{dashed}", name, metavar="WORD", help=_WORDS[name], shell_complete=partial(_words, name)
            )
        function = option(function)
    return function


def _words(name: str, _context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """The contract's words for a filter that begin with what was typed."""
    from havn_api import models  # noqa: PLC0415  nothing but completion needs it

    words: dict[str, set[Any]] = {
        "type": models.voucher_type.VOUCHER_TYPE_VALUES,
        "client_type": models.voucher_client_type.VOUCHER_CLIENT_TYPE_VALUES,
        "currency": models.currency.CURRENCY_VALUES,
        "display_currency": models.currency.CURRENCY_VALUES,
        "sort_by": models.voucher_sort_by.VOUCHER_SORT_BY_VALUES,
        "sort_order": models.sort_order.SORT_ORDER_VALUES,
    }
    return sorted(word for word in words.get(name, ()) if word.lower().startswith(incomplete.lower()))


@make("list", "List HAVN's vouchers, a page or all of them.")
@click.option("--page", type=int, default=1, show_default=True, metavar="N", help="Which page.")
@click.option(
    "--per-page", type=int, default=10, show_default=True, metavar="N", help="Vouchers on a page, at most 100."
)
@click.option("--all", "everything", is_flag=True, help="All pages.")
@_filters
def _list(
    *,
    screen: Screen,
    connection: Connection,
    page: int,
    per_page: int,
    everything: bool,
    **query: Any,  # noqa: ANN401  a VoucherQuery
) -> int:
    """See its help."""
    with connection.client() as client:
        if everything:
            found: Sequence[Voucher] = list(client.vouchers.iter_all(**query))
            more = None
        else:
            answer = client.vouchers.get_all(page=page, per_page=per_page, **query)
            found, more = answer.data, answer.pagination
    if screen.as_json:
        document: dict[str, Any] = {"vouchers": [dict(each.raw) for each in found]}
        if more is not None:
            document["pagination"] = dict(more.raw)
        screen.document(document)
        return OK
    screen.rows(
        ("code", "discount", "from", "until", "used", "state"),
        [_row(each) for each in found],
        right=("discount", "used"),
    )
    if not found:
        screen.note("no voucher")
    elif more is not None and more.has_next:
        screen.note(
            f"page {more.page} of {more.total_pages}, {more.total} vouchers; --page {more.page + 1}, or --all",
            "dim",
        )
    return OK


@make(
    "validate",
    "Check that a voucher can be used now.\n\nExit code 0 if it can, 1 if not, with the reason. Uses nothing up.",
)
@click.argument("code")
@click.option("--amount", type=int, metavar="N", help="The price before the discount, in minor units.")
@click.option("--currency", metavar="CODE", help="ISO 4217 code of the amount; USD when left out.")
def _validate(
    *, screen: Screen, connection: Connection, code: str, amount: int | None, currency: str | None
) -> int:
    """See its help."""
    refusal: HAVNAPIError | None = None
    with connection.client() as client:
        try:
            client.vouchers.validate(code, amount, currency)
        except (HAVNBadRequestError, HAVNNotFoundError, HAVNUnprocessableError) as error:
            if not _is_verdict(error):
                raise
            refusal = error
    reason = None if refusal is None else redact(refusal.message, known_secrets())
    if screen.as_json:
        screen.document({"valid": refusal is None, "code": code, "reason": reason})
    elif refusal is None:
        screen.line(f"{code} can be used", "green")
    else:
        screen.line(f"{code} can't be used: {reason}", "red")
    return OK if refusal is None else FAILED


def _is_verdict(error: HAVNAPIError) -> bool:
    """Whether HAVN itself refused the voucher; a proxy, or another service at this address, says 404 as well."""
    said = error.response
    return said.get("success") is False and any(isinstance(said.get(name), str) for name in ("error", "message"))


command.add_command(_list)
command.add_command(_validate)


def _row(voucher: Voucher) -> tuple[str, ...]:
    limit = "" if voucher.usage_limit is None else f"/{voucher.usage_limit}"
    return (
        voucher.code or "",
        _discount(voucher),
        _day(voucher.start_date),
        _day(voucher.end_date),
        "" if voucher.current_usage is None else f"{voucher.current_usage}{limit}",
        _state(voucher),
    )


def _discount(voucher: Voucher) -> str:
    from havn_ext.cli.money import money  # noqa: PLC0415  no help or completion needs it

    if voucher.value is None:
        return ""
    if voucher.type == "DISCOUNT_PERCENTAGE":
        return f"{(Decimal(voucher.value) / 100).normalize():f} %"
    return money(voucher.value, voucher.currency) or ""


def _day(moment: str | None) -> str:
    return (moment or "").partition("T")[0]


def _state(voucher: Voucher) -> str:
    if voucher.active is False:
        return "inactive"
    if voucher.is_expired:
        return "expired"
    return {True: "valid", False: "not valid", None: ""}[voucher.is_valid]
