"""`havn transactions send`: report what a customer has paid. Each option is a parameter of `transactions.send`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import click

from havn_ext._redaction import redact
from havn_ext.cli.connection import command as make
from havn_ext.cli.credentials import known_secrets
from havn_ext.cli.exits import FAILED, OK
from havn_ext.cli.helping import Group
from havn_ext.errors import HAVNValidationError

if TYPE_CHECKING:
    from havn_ext.cli.connection import Connection
    from havn_ext.cli.screen import Screen
    from havn_ext.models import TransactionResult

__all__ = ["command"]

_ABOUT: Final = """\
Report a transaction that a customer has paid; HAVN shares out commissions over five levels.

Safe to repeat: the payment id tells HAVN that it is the same transaction. Amounts are whole minor units of the \
currency as HAVN counts them: 10000 is 100.00 USD, and 10000 rupiah.
"""


def _custom_fields(
    _context: click.Context, _parameter: click.Parameter, entries: tuple[str, ...]
) -> dict[str, str | float | bool] | None:
    fields: dict[str, str | float | bool] = {}
    for entry in entries:
        name, equals, value = entry.partition("=")
        typed = name.endswith(":")
        name = name.removesuffix(":") if typed else name
        if not equals or not name or name in fields:
            raise click.BadParameter("must be NAME=TEXT or NAME:=NUMBER, with each name once")
        try:
            fields[name] = json.loads(value) if typed else value
        except (ValueError, RecursionError):
            raise click.BadParameter(f"{name}: what follows := must be a number, true or false") from None
    return fields or None


@click.group("transactions", cls=Group, help="Report what customers have paid.")
def command() -> None:
    """See its help."""


@make(
    "send",
    _ABOUT,
)
@click.option("--amount", type=int, required=True, help="What the customer paid, in minor units.")
@click.option(
    "--payment-gateway-transaction-id",
    "--payment-id",
    metavar="ID",
    help="The payment's id at the gateway; else that of the invoice.",
)
@click.option("--customer-email", metavar="EMAIL", help="The customer's address; this or --customer-id is needed.")
@click.option("--customer-id", metavar="ID", help="The customer's id in your application.")
@click.option("--referral-code", metavar="CODE", help="The upline's code; without it nothing is distributed.")
@click.option("--promo-code", metavar="CODE", help="The voucher that was used; only HAVN's are sent.")
@click.option(
    "--subtotal-transaction", "--subtotal", type=int, help="The price before the discount, in minor units."
)
@click.option("--currency", default="USD", show_default=True, metavar="CODE", help="ISO 4217.")
@click.option(
    "--customer-type",
    default="NEW_CUSTOMER",
    show_default=True,
    metavar="WORD",
    help="Or RETURNING_CUSTOMER, RECURRING.",
)
@click.option(
    "--custom-field",
    "custom_fields",
    multiple=True,
    metavar="NAME=TEXT",
    callback=_custom_fields,
    help="An entry of your own, NAME:=5 for a number or true; repeatable, at most ten.",
)
@click.option("--invoice-id", metavar="ID", help="Number of the invoice.")
@click.option("--transaction-type", metavar="TEXT", help="A label for logs.")
@click.option("--description", metavar="TEXT", help="Free text.")
@click.option("--payment-gateway", metavar="NAME", help="Name of the gateway.")
@click.option("--is-recurring/--no-recurring", default=None, help="Whether the payment repeats by itself.")
@click.option("--server-side-conversion", is_flag=True, help="Let HAVN convert: the safe way to report IDR.")
def _send(*, screen: Screen, connection: Connection, **sale: Any) -> int:  # noqa: ANN401  those of send
    """See its help."""
    with connection.client() as client:
        try:
            result = client.transactions.send(**sale)
        except HAVNValidationError as error:
            raise HAVNValidationError(
                errors={field: _for_a_terminal(why) for field, why in error.errors.items()}
            ) from None
    if screen.as_json:
        screen.document(dict(result.raw))
    else:
        _show(screen, result)
    return FAILED if result.transaction.failed or not result.success else OK


command.add_command(_send)


def _for_a_terminal(reason: str) -> str:
    """A reason that advises two arguments of Python's, the second of which a command line has nothing for."""
    begin, advice, _ = reason.partition("pass server_side_conversion=True to let HAVN convert")
    return f"{begin}add --server-side-conversion to let HAVN convert" if advice else reason


def _show(screen: Screen, result: TransactionResult) -> None:
    from havn_ext.cli.money import money  # noqa: PLC0415  no help or completion needs it

    transaction = result.transaction
    screen.fields(
        {
            "transaction": transaction.transaction_id,
            "status": transaction.status,
            "amount": money(transaction.amount, transaction.currency),
            "discount": money(transaction.subtotal_discount, transaction.currency),
            "referral code": transaction.referral_code,
            "promo code": transaction.promo_code,
            "commission": money(result.total_commission, result.currency) if result.commissions else "none",
            "replayed": "yes: HAVN knew this payment already" if result.replayed else None,
            "request": result.request_id,
        }
    )
    if not result.success:
        said = redact(result.message, known_secrets()) or "it gives no reason"
        screen.note(f"HAVN calls it no success: {said}", "red")
    if result.commissions:
        screen.line("")
        screen.rows(
            ("level", "associate", "percent", "amount", "status"),
            [
                (
                    str(each.level or ""),
                    each.associate_id or "",
                    "" if each.percentage is None else f"{each.percentage.normalize():f}",
                    money(each.amount, each.currency) or "",
                    each.status or "",
                )
                for each in result.commissions
            ],
            right=("percent", "amount"),
        )
