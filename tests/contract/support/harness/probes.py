"""What takes more than one call to tell: that test mode stores nothing, and that a payment counts once.

The same questions go to the sandbox and to any server that claims to be HAVN. Each one answers with the
differences that it found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final, TypeAlias

from harness import examples
from harness.spec import OPERATIONS
from harness.verdict import Difference

if TYPE_CHECKING:
    from harness.exchange import Exchange
    from harness.target import Target

__all__ = ["DRY", "STORING", "Probe"]

Probe: TypeAlias = Callable[["Target"], Iterator[Difference]]

_TEST_MODE: Final = {"X-Test-Mode": "true"}


def each_credential_counts(target: Target) -> Iterator[Difference]:
    """A call with one wrong or missing credential is answered 401."""
    for operation_id in OPERATIONS:
        for spoil, spoilt in examples.SPOILT_CREDENTIALS.items():
            call = {**examples.good(operation_id), "headers": _TEST_MODE}
            exchange = target.call(operation_id, **call, signer=spoilt(target.signer))
            if exchange.status not in {401, 429}:
                yield _difference(exchange, "published", f"answered to a call with the {spoil}")


def test_mode_uses_no_payment_id(target: Target) -> Iterator[Difference]:
    """In test mode a payment id can be sent again with another payload."""
    sale = examples.sale()
    for amount in (10000, 10001):
        exchange = target.call("sendTransaction", {**sale, "amount": amount}, headers=_TEST_MODE)
        if exchange.status == 409:
            yield _difference(exchange, "published", "test mode stored the payment id of the call before")


def a_payment_counts_once(target: Target) -> Iterator[Difference]:
    """The same payment again answers the same transaction, marked as a replay. Stores a sale of one cent."""
    sale = examples.sale(amount=1)
    first, again = (target.call("sendTransaction", sale) for _ in range(2))
    if not first.accepted:
        yield _difference(
            first, "documented", "the sale of the probe was refused: name codes that the server knows"
        )
        return
    if _id(again) != _id(first):
        yield _difference(again, "documented", f"the same payment made {_id(again)} after {_id(first)}")
    elif again.answer != first.answer:
        yield _difference(again, "documented", "the same payment answers something else than the first time")
    if again.headers.get("idempotent-replayed") != "true":
        yield _difference(again, "assumed", "a replay is not marked by Idempotent-Replayed")


def a_payment_id_has_one_payload(target: Target) -> Iterator[Difference]:
    """A payment id sent again with another payload is a conflict. Stores a sale of one cent."""
    sale = examples.sale(amount=1)
    target.call("sendTransaction", sale)
    exchange = target.call("sendTransaction", {**sale, "amount": 2})
    if exchange.status != 409:
        yield _difference(exchange, "assumed", "a payment id with another payload is answered without a 409")


DRY: Final[tuple[Probe, ...]] = (each_credential_counts, test_mode_uses_no_payment_id)
"""Probes that store nothing, unless test mode is broken."""

STORING: Final[tuple[Probe, ...]] = (a_payment_counts_once, a_payment_id_has_one_payload)
"""Probes that store sales of one cent."""


def _id(exchange: Exchange) -> object:
    answer = exchange.answer if isinstance(exchange.answer, dict) else {}
    return (answer.get("transaction") or {}).get("transaction_id")


def _difference(exchange: Exchange, source: str, message: str) -> Difference:
    return Difference(source, exchange.operation.operation_id, exchange.status, "", message)
