"""From an exchange to the differences between what it shows and what the contract says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import schemathesis.openapi.checks as kinds
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import AcceptedNegativeData, FailureGroup

from harness.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemathesis import Case
    from schemathesis.checks import CheckFunction
    from schemathesis.core.failures import Failure
    from schemathesis.core.transport import Response

    from harness.exchange import Exchange
    from harness.money import Rates

__all__ = ["Difference", "differences"]


@attrs.frozen
class Difference:
    """One way in which a server is not what the contract says.

    Args:
        source: Where the contract has from what is violated: documented, published or assumed.
        operation_id: What was called.
        status: What was answered.
        pointer: JSON pointer into the answer, or what was sent (`body amount`); empty for the whole.
        message: What is wrong, from one example.
    """

    source: str
    operation_id: str
    status: int
    pointer: str
    message: str = attrs.field(eq=False)

    def __str__(self) -> str:
        where = f" {self.pointer}" if self.pointer else ""
        return f"{self.operation_id} {self.status}{where}: {self.message} [{self.source}]"


def differences(
    exchange: Exchange, case: Case[Any], response: Response, rates: Rates | None
) -> Iterator[Difference]:
    """Every difference that an exchange shows: by our own rules, then by Schemathesis' checks."""
    for rule in RULES:
        for fault in rule(exchange, rates):
            yield difference(exchange, fault.message, *fault.steps)
    try:
        case.validate_response(response, excluded_checks=_checks_to_leave_out(exchange))
    except FailureGroup as group:
        for failure in group.exceptions:
            yield _of_failure(exchange, case, failure)


def _checks_to_leave_out(exchange: Exchange) -> list[CheckFunction]:
    """A call written by hand may mean to be answered 5XX."""
    return [not_a_server_error] if exchange.valid is None else []


def difference(exchange: Exchange, message: str, *steps: str | int) -> Difference:
    """A difference at a place of the answer."""
    return Difference(
        source=exchange.operation.source_of_answer(exchange.status, steps),
        operation_id=exchange.operation.operation_id,
        status=exchange.status,
        pointer="".join(f"/{step}" for step in steps),
        message=message,
    )


def _of_failure(exchange: Exchange, case: Case[Any], failure: Failure) -> Difference:
    message = " ".join(f"{failure.title}: {failure.message}".split())
    if isinstance(failure, kinds.JsonSchemaError):
        return difference(exchange, message, *failure.instance_path)
    found = difference(exchange, message)
    if isinstance(failure, AcceptedNegativeData):
        place, name = _what_was_broken(case)
        source = exchange.operation.source_of_parameter(name)
        return attrs.evolve(found, pointer=f"{place} {name}".strip(), source=source)
    return attrs.evolve(found, source=exchange.operation.source)


def _what_was_broken(case: Case[Any]) -> tuple[str, str]:
    """The part of the request that should have been refused: `body`, `query` or `header`, and the name in it."""
    assert case.meta is not None
    data = case.meta.phase.data
    names = [*(each.path[-1] for each in data.mutations if each.path), data.parameter]
    name = next((str(each) for each in names if each), "")
    return data.parameter_location.value if data.parameter_location else "request", name
