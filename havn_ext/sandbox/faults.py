"""Faults: what shall go wrong, for whom, and when."""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, get_args

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from havn_ext.sandbox.messages import JsonObject
    from havn_ext.sandbox.spec import Operation

__all__ = ["Fault", "FaultError", "FaultKind", "FaultPlan", "FaultRule", "Planned"]

FaultKind: TypeAlias = Literal[
    "delay",
    "status",
    "html",
    "reset_before",
    "reset_after",
    "truncated",
    "empty",
    "wrong_content_type",
    "slow_drip",
]
"""The first four but `delay` strike instead of processing; all others let the call happen first."""

_KINDS: Final[tuple[FaultKind, ...]] = get_args(FaultKind)
_WHOLE: Final = re.compile(r"(status|retry_after)\s*=\s*([0-9]{1,4})")
_SECONDS: Final = re.compile(r"(delay|duration)\s*=\s*([0-9]{1,4}(?:\.[0-9]{1,6})?)")
_IMPLIED: Final = frozenset({"status", "delay"})
"""Kinds that a setting of the same name implies."""


class FaultError(ValueError):
    """A fault that makes no sense; the message says why."""


@attrs.frozen
class Fault:
    """One thing that goes wrong with one call.

    Args:
        kind: `delay`: nothing but that; `status`: an error of the operation; `html`: a proxy's 502 page;
            `reset_before`: the connection is reset before the call is processed; `reset_after`: it is
            processed and committed, then the connection is reset, and the answer lost; `truncated`: half
            of the answer's body, then the end; `empty`: no body; `wrong_content_type`: JSON that says it
            is text; `slow_drip`: the body a few bytes at a time.
        status: That of the answer, for `status` alone.
        delay: Seconds to wait before anything else happens; who hangs up meanwhile has asked nevertheless.
        duration: Seconds that `slow_drip` takes for the body.
        retry_after: Seconds that an answer with 429 or 503 tells the caller to wait.
    """

    kind: FaultKind
    status: int | None = None
    delay: float = 0
    duration: float = 5
    retry_after: int = 1

    def __attrs_post_init__(self) -> None:
        if self.kind not in _KINDS:
            raise FaultError(f"there is no fault of this kind; there are {', '.join(_KINDS)}")
        if (self.status is None) == (self.kind == "status"):
            raise FaultError("a status belongs to the kind `status`, and to no other")

    @classmethod
    def from_header(cls, text: str) -> Fault:
        """The fault that a request asks for: `reset_after`, or `status=503; delay=0.2`.

        Raises:
            FaultError: The text is no fault; the message says why.
        """
        kinds: list[Any] = []
        settings: dict[str, Any] = {}
        for part in map(str.strip, text.split(";")):
            if whole := _WHOLE.fullmatch(part):
                settings[whole[1]] = int(whole[2])
            elif seconds := _SECONDS.fullmatch(part):
                settings[seconds[1]] = float(seconds[2])
            else:
                kinds.append(part)
        if len(kinds) > 1:
            raise FaultError("a call has one fault at a time, and settings with numbers such as delay=0.5")
        return cls(*(kinds or ["status" if "status" in settings else "delay"]), **settings)

    def __str__(self) -> str:
        """The fault as in the header."""
        said = [
            f"{field.name}={_plain(getattr(self, field.name))}"
            for field in attrs.fields(Fault)
            if field.name != "kind" and getattr(self, field.name) != field.default
        ]
        return "; ".join(said if said and self.kind in _IMPLIED else [self.kind, *said])


def _plain(number: float) -> str:
    """A number without an exponent, to the millionth."""
    return f"{number:.6f}".rstrip("0").rstrip(".")


@attrs.frozen
class FaultRule:
    """A fault and the calls that it strikes: from the `nth` matching one on, `times` times.

    Args:
        fault: What goes wrong.
        operation: The operationId; None is every operation that can have the fault.
        company: The API key; None is every company.
        probability: The share of the calls in question that are struck, from 0 to 1.
        nth: The first matching call that can be struck, from 1.
        times: How many calls are struck at the most; None is once where `nth` is given, else no limit.
        seed: Of the dice that `probability` needs: the same seed strikes the same calls.
    """

    fault: Fault
    operation: str | None = None
    company: str | None = None
    probability: float = 1
    nth: int | None = None
    times: int | None = None
    seed: int = 0

    @classmethod
    def from_json(cls, document: JsonObject) -> FaultRule:
        """The rule that the control API or a file of faults describes; its form has been checked.

        Raises:
            FaultError: Its parts contradict each other.
        """
        of_fault = {name: value for name, value in document.items() if name in attrs.fields_dict(Fault)}
        others = {name: value for name, value in document.items() if name not in of_fault}
        return cls(Fault(**of_fault), **others)

    @property
    def most(self) -> float:
        """How many calls it strikes at the most."""
        if self.times is not None:
            return self.times
        return float("inf") if self.nth is None else 1

    def is_for(self, operation: Operation, company: str | None) -> bool:
        """Whether a call of this operation, with this API key, matches."""
        return (
            self.operation in {None, operation.operation_id}
            and self.company in {None, company}
            and (self.fault.status is None or operation.can_fail_with(self.fault.status))
        )


class Planned:
    """A rule that is in force, and how often it has matched and struck."""

    def __init__(self, fault_id: int, rule: FaultRule) -> None:
        self.id = fault_id
        self.rule = rule
        self.matched = 0
        self.struck = 0
        self._dice = random.Random(rule.seed)  # noqa: S311  a schedule, no secret

    def is_due(self) -> bool:
        """Count a matching call; whether it shall be struck."""
        self.matched += 1
        rule = self.rule
        possible = self.matched >= (rule.nth or 1) and self.struck < rule.most
        return possible and self._dice.random() < rule.probability

    def described(self) -> dict[str, Any]:
        """The rule and its counts as JSON."""
        rule = attrs.asdict(self.rule)
        fault = rule.pop("fault")
        return {"id": self.id, **fault, **rule, "matched": self.matched, "struck": self.struck}


class FaultPlan:
    """The rules in force, in the order in which they were added.

    Args:
        operations: The contract.
        configured: The rules from the start.
    """

    def __init__(self, operations: Sequence[Operation], configured: Iterable[FaultRule]) -> None:
        self._operations = operations
        self._configured = tuple(configured)
        self._planned: list[Planned] = []
        self._last_id = 0
        self.restart()

    def restart(self) -> None:
        """Go back to the rules from the start, their counts at nought; FaultError as in `add`."""
        self._planned.clear()
        for rule in self._configured:
            self.add(rule)

    def add(self, rule: FaultRule) -> Planned:
        """Put a rule in force.

        Raises:
            FaultError: No operation that it is for can have the fault.
        """
        if not any(rule.is_for(operation, rule.company) for operation in self._operations):
            raise FaultError(f"no such operation answers {rule.fault.status}")
        self._last_id += 1
        planned = Planned(self._last_id, rule)
        self._planned.append(planned)
        return planned

    def all(self) -> list[Planned]:
        """The rules in force."""
        return list(self._planned)

    def remove(self, fault_id: int) -> bool:
        """Lift a rule; whether it was there."""
        before = len(self._planned)
        self._planned = [planned for planned in self._planned if planned.id != fault_id]
        return len(self._planned) < before

    def clear(self, company: str | None = None) -> int:
        """Lift every rule, or those that are for this company alone; how many there were."""
        before = len(self._planned)
        self._planned = [
            planned for planned in self._planned if company is not None and planned.rule.company != company
        ]
        return before - len(self._planned)

    def strike(self, operation: Operation, company: str | None) -> Fault | None:
        """The fault that strikes this call: that of the first rule which is due. Every matching rule counts it."""
        matching = [planned for planned in self._planned if planned.rule.is_for(operation, company)]
        due = [planned for planned in matching if planned.is_due()]
        if not due:
            return None
        due[0].struck += 1
        return due[0].rule.fault
