"""What the suite has exercised: which operation answered which status, with which parameters, how often."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final, Self

import attrs

from harness.spec import OPERATIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.exchange import Exchange

__all__ = ["EXERCISED", "SMALLEST_SHARE", "Ledger"]

SMALLEST_SHARE: Final = 0.7
"""Of the valid calls of an operation, those that must succeed; below, the suite tests refusals only."""


@attrs.define
class Ledger:
    """Counts of exchanges; ledgers add up, and travel as JSON.

    Args:
        answers: By operation and documented status.
        parameters: By operation and parameter, in requests that were answered.
        valid: Valid calls, by operation.
        succeeded: Those of them that were answered 2xx, by operation.
    """

    answers: Counter[tuple[str, str]] = attrs.field(factory=Counter[tuple[str, str]])
    parameters: Counter[tuple[str, str]] = attrs.field(factory=Counter[tuple[str, str]])
    valid: Counter[str] = attrs.field(factory=Counter[str])
    succeeded: Counter[str] = attrs.field(factory=Counter[str])

    def record(self, exchange: Exchange, header_names: set[str]) -> None:
        """Count an exchange."""
        operation = exchange.operation
        name = operation.operation_id
        self.answers[name, operation.status_key(exchange.status)] += 1
        for parameter in _parameters(exchange, header_names) & operation.parameters:
            self.parameters[name, parameter] += 1
        if exchange.valid:
            self.valid[name] += 1
            self.succeeded[name] += exchange.accepted

    def share(self, operation_id: str) -> float:
        """Of the valid calls of an operation those that succeeded; 1 when there were none."""
        valid = self.valid[operation_id]
        return self.succeeded[operation_id] / valid if valid else 1.0

    def add(self, other: Ledger) -> None:
        """Take in what another ledger counted."""
        for name in ("answers", "parameters", "valid", "succeeded"):
            getattr(self, name).update(getattr(other, name))

    def gaps(self) -> Iterator[str]:
        """What the contract has and nothing exercised, and operations whose success path was hardly walked."""
        for name, operation in OPERATIONS.items():
            yield from (
                f"{name} never answered {each}" for each in operation.statuses if not self.answers[name, each]
            )
            unused = sorted(each for each in operation.parameters if not self.parameters[name, each])
            yield from (f"{name} was never called with {each}" for each in unused)
            if self.share(name) < SMALLEST_SHARE:
                yield f"{name}: only {self.share(name):.0%} of the valid calls succeeded"

    def table(self) -> Iterator[str]:
        """The counts, one line an operation."""
        statuses = sorted({each for operation in OPERATIONS.values() for each in operation.statuses})
        yield f"{'operation':<16}" + "".join(f"{each:>7}" for each in statuses) + f"{'parameters':>13}{'2xx':>8}"
        for name, operation in OPERATIONS.items():
            cells = [self.answers[name, each] if each in operation.statuses else "" for each in statuses]
            used = sum(bool(self.parameters[name, each]) for each in operation.parameters)
            yield (
                f"{name:<16}"
                + "".join(f"{cell:>7}" for cell in cells)
                + f"{used:>9}/{len(operation.parameters):<3}{self.share(name):>7.0%}"
            )

    def as_json(self) -> dict[str, Any]:
        """A form that survives the way from a worker to its controller."""
        return {name: list(counter.items()) for name, counter in attrs.asdict(self, recurse=False).items()}

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Self:
        """The ledger that `as_json` wrote."""
        counters: dict[str, Any] = {
            name: Counter({tuple(key) if isinstance(key, list) else key: count for key, count in items})
            for name, items in document.items()
        }
        return cls(**counters)


EXERCISED: Final = Ledger()
"""What this process has exercised in all."""


def _parameters(exchange: Exchange, header_names: set[str]) -> set[str]:
    body = exchange.sent if isinstance(exchange.sent, dict) else {}
    people = [each for each in body.get("users") or [] if isinstance(each, dict)] if "users" in body else []
    fields = {name for document in [body, *people] for name in document}
    known = {parameter.partition(" ")[2] for parameter in exchange.operation.parameters}
    headers = {name for name in known if name.lower() in header_names}
    return (
        {f"query {name}" for name in exchange.query}
        | {f"body {name}" for name in fields}
        | {f"header {name}" for name in headers}
    )
