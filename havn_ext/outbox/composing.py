"""A call becomes a message: checked as the direct call would be, then written once, wherever the outbox is.

As flows, so that the same lines serve a session of SQLAlchemy's, an asynchronous one, and Django's connections.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from havn_ext._checks import Problems
from havn_ext.outbox.errors import HAVNOutboxConflictError, HAVNOutboxError
from havn_ext.outbox.messages import NewMessage
from havn_ext.resources import transactions, users

if TYPE_CHECKING:
    from collections.abc import Mapping

    from havn_ext._sale import SaleOptions
    from havn_ext._steps import Flow
    from havn_ext._user import UserOptions
    from havn_ext.rates import RateSource

__all__ = ["Writer", "Written", "account_name", "columns", "transaction_message", "user_message", "write"]

MOST_CHARACTERS: Final = 200
_TRIES: Final = 3
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_SALE: Final[Mapping[str, object]] = {
    **dict.fromkeys(
        (
            "customer_email",
            "customer_id",
            "referral_code",
            "promo_code",
            "subtotal_transaction",
            "custom_fields",
            "invoice_id",
            "transaction_type",
            "description",
            "payment_gateway",
            "is_recurring",
        )
    ),
    "currency": "USD",
    "customer_type": "NEW_CUSTOMER",
    "server_side_conversion": False,
}
"""The options of `transactions.send` when they are left out."""
_USER: Final[Mapping[str, object]] = {
    **dict.fromkeys(
        ("google_id", "picture", "avatar", "upline_code", "referral_code", "country_code", "project_id")
    ),
    "create_associate": True,
    "is_owner": False,
}
"""The options of `users.sync` when they are left out."""


class Writer(Protocol):
    """A connection that the caller's transaction is on."""

    def insert(self, message: NewMessage) -> Flow[int | None]:
        """Writes a message unless one of its account, kind and key is there; its id if it was written."""
        ...

    def find(self, message: NewMessage) -> Flow[tuple[int, str] | None]:
        """Id and hash of the message of the same account, kind and key."""
        ...


class Written(NamedTuple):
    """A message that is in the outbox."""

    id: int
    new: bool
    """Whether it was not there before."""


def account_name(account: object) -> str:
    """The name of an account.

    Raises:
        HAVNValidationError: It is empty or has more than 100 characters.
    """
    problems = Problems()
    name = problems.text("account", account, most=100, required=True) or ""
    problems.raise_any()
    return name


def transaction_message(
    account: str, rates: RateSource | None, own: Mapping[str, object], order_key: object, options: SaleOptions
) -> Flow[NewMessage]:
    """The message of a sale.

    Args:
        account: Whose it is.
        rates: Exchange rates, if it is to be converted.
        own: Amount and payment id, by the names that `transactions.send` gives them.
        order_key: Messages with the same one are delivered in order.
        options: The other keywords of `transactions.send`.

    Raises:
        HAVNValidationError: Names every field that is missing or wrong.
    """
    given = {**own, **_all_of("transaction", options, _SALE)}
    problems = Problems()
    order = problems.text("order_key", order_key, least=1, most=MOST_CHARACTERS)
    prepared = yield from transactions.prepare(given, rates, problems)
    request = prepared.request
    key = request.payment_gateway_transaction_id
    return NewMessage.of(account, "transaction", key, order, request.to_dict())


def user_message(
    account: str, own: Mapping[str, object], key: object, order_key: object, options: UserOptions
) -> NewMessage:
    """The message of a user.

    Args:
        account: Whose it is.
        own: E-mail address and name, by the names that `users.sync` gives them.
        key: Calls with the same one are one message; one of its own when None.
        order_key: Messages with the same one are delivered in order; that of the e-mail address when None.
        options: The other keywords of `users.sync`.

    Raises:
        HAVNValidationError: Names every field that is missing or wrong.
    """
    given = {**own, **_all_of("user", options, _USER)}
    problems = Problems()
    own_key = problems.text("key", key, least=1, most=MOST_CHARACTERS)
    order = problems.text("order_key", order_key, least=1, most=MOST_CHARACTERS)
    request = users.prepare(given, problems)
    return NewMessage.of(
        account, "user", own_key or uuid.uuid4().hex, order or _order_of(request.email), request.to_dict()
    )


def write(message: NewMessage, writer: Writer) -> Flow[Written]:
    """Writes a message, unless it is there.

    Raises:
        HAVNOutboxConflictError: Its key is taken by another payload.
        HAVNOutboxError: Others wrote and purged messages of its key meanwhile.
    """
    for _ in range(_TRIES):  # a message that is there may be purged between the two statements
        new = yield from writer.insert(message)
        if new is not None:
            return Written(new, new=True)
        old = yield from writer.find(message)
        if old is not None:
            return Written(_same(message, *old), new=False)
    raise HAVNOutboxError("another message under the same key came and went: enqueue again")


def columns(message: NewMessage) -> dict[str, object]:
    """What the outbox's table holds of a new message, by column; moments are the writer's."""
    return {
        "account": message.account,
        "kind": message.kind,
        "dedup_key": _storable(message.key),
        "order_key": None if message.order_key is None else _storable(message.order_key),
        "payload": message.payload,
        "payload_sha256": message.sha256,
    }


def _all_of(method: str, options: Mapping[str, Any], defaults: Mapping[str, object]) -> dict[str, object]:
    """All options by name; as Python would have it, one that there is not is a TypeError."""
    for name in options:
        if name not in defaults:
            raise TypeError(f"{method}() got an unexpected keyword argument {name!r}")
    return {**defaults, **options}


def _same(message: NewMessage, message_id: int, sha256: str) -> int:
    if sha256 == message.sha256:
        return message_id
    raise HAVNOutboxConflictError(
        f"the outbox has message {message_id} under this key with another payload: one key belongs to one payload;"
        " report a changed sale under a payment id of its own",
        message_id=message_id,
        key=message.key,
    )


def _order_of(email: str) -> str:
    """The order key of an address, from which the address can't be read."""
    return f"user:{hashlib.sha256(email.casefold().encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"


def _storable(text: str) -> str:
    """A text that a column can hold: PostgreSQL takes no NUL, and no database half a surrogate pair."""
    if "\0" not in text and (text.isascii() or not _SURROGATE.search(text)):
        return text
    return text.encode("unicode_escape").decode("ascii")
