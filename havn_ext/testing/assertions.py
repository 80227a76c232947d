"""Assertions about what was sent; a failure shows the request that comes closest, and where it differs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from havn_ext.testing.contract import operations
from havn_ext.testing.matching import SUCCESS, Expectation, described, near_miss

if TYPE_CHECKING:
    from collections.abc import Sequence

    from havn_ext.testing.recording import SentRequest

__all__ = ["assert_not_sent", "assert_sent", "assert_transaction_reported"]


def assert_sent(
    records: Sequence[SentRequest],
    *,
    operation: str | None = None,
    status: object = None,
    **fields: object,
) -> SentRequest:
    """Asserts that a request was sent; gives the first that is as expected.

    Args:
        records: What `recorded_requests()` gives.
        operation: The contract's name of the call, such as `sendTransaction`; None for any.
        status: HTTP status of the answer; None for any, and for none.
        **fields: Fields of the JSON body or the query, at its top level, each compared by `==`. None says that
            the field was not sent. Other fields may be anything.

    Raises:
        AssertionError: No request is as expected; shows the closest one, and each field that differs.
        ValueError: The contract has no such operation.
    """
    expectation = _expectation(operation, status, fields)
    found = expectation.matching(records)
    if not found:
        raise AssertionError(near_miss(expectation, records))
    return found[0]


def assert_not_sent(
    records: Sequence[SentRequest],
    *,
    operation: str | None = None,
    status: object = None,
    **fields: object,
) -> None:
    """Asserts that no such request was sent. Takes what `assert_sent` takes.

    Raises:
        AssertionError: There is one; shows all there are.
        ValueError: The contract has no such operation.
    """
    expectation = _expectation(operation, status, fields)
    found = expectation.matching(records)
    if found:
        raise AssertionError("\n".join([f"sent with {expectation}:", *(f"  {described(each)}" for each in found)]))


def assert_transaction_reported(
    records: Sequence[SentRequest], *, payment_id: str, **fields: object
) -> SentRequest:
    """Asserts that HAVN was told of a paid transaction, and answered that it has it.

    Args:
        records: What `recorded_requests()` gives.
        payment_id: The payment's id at the gateway.
        **fields: Other fields of the transaction, as for `assert_sent`.

    Raises:
        AssertionError: No such transaction was reported with success; shows the closest request.
    """
    return assert_sent(
        records,
        operation="sendTransaction",
        status=SUCCESS,
        payment_gateway_transaction_id=payment_id,
        **fields,
    )


def _expectation(operation: str | None, status: object, fields: dict[str, object]) -> Expectation:
    known = sorted(operations().values())
    if operation is not None and operation not in known:
        raise ValueError(f"operation must be one of {', '.join(known)}, not {operation!r}")
    about = {"operation": operation, "status": status}
    return Expectation({name: value for name, value in about.items() if value is not None}, fields)
