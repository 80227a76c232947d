"""Whether a record is what a test expects, and if none is, which comes closest and where it differs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from havn_ext.testing.recording import SentRequest

__all__ = ["SUCCESS", "Expectation", "near_miss"]


class _Success:
    """Equals every status that is a success."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, int) and 200 <= other < 300

    def __hash__(self) -> int:
        return hash(_Success)

    def __repr__(self) -> str:
        return "a success"


SUCCESS: Final = _Success()


@attrs.frozen
class Difference:
    """One thing that is not as expected; None is nothing."""

    name: str
    expected: object
    actual: object

    def __str__(self) -> str:
        return f"{self.name}: expected {_shown(self.expected)}, actual {_shown(self.actual)}"


@attrs.frozen
class Expectation:
    """What a test expects of a request.

    Args:
        about: Attributes of `SentRequest` that matter, by name.
        fields: Fields of the JSON body or the query, by name; None stands for a field that is not sent.
    """

    about: Mapping[str, object]
    fields: Mapping[str, object]

    def differences(self, record: SentRequest) -> list[Difference]:
        """Everything in which a record is not as expected."""
        sent: dict[str, Any] = {**record.query, **(record.json or {})}
        pairs = [(name, expected, getattr(record, name)) for name, expected in self.about.items()]
        pairs += [(name, expected, sent.get(name)) for name, expected in self.fields.items()]
        return [Difference(*pair) for pair in pairs if pair[1] != pair[2]]

    def matching(self, records: Sequence[SentRequest]) -> list[SentRequest]:
        """The records that are as expected."""
        return [record for record in records if not self.differences(record)]

    def __str__(self) -> str:
        wanted = {**self.about, **self.fields}
        return ", ".join(f"{name}={expected!r}" for name, expected in wanted.items()) or "anything"


def near_miss(expectation: Expectation, records: Sequence[SentRequest]) -> str:
    """Why no record is as expected: the one that differs least, and how. Another operation differs most."""
    missing = f"no request was sent with {expectation}"
    if not records:
        return f"{missing}: none was sent at all"
    closest = min(records, key=lambda record: _distance(expectation.differences(record)))
    differences = [f"    {difference}" for difference in expectation.differences(closest)]
    return "\n".join([f"{missing}; the closest of {len(records)}:", f"  {described(closest)}", *differences])


def described(record: SentRequest) -> str:
    """A record in one line, without what it carried."""
    answer = "no answer" if record.status is None else f"answered {record.status}"
    return f"{record.operation} ({record.method} {record.path}), attempt {record.attempt}, {answer}"


def _distance(differences: Sequence[Difference]) -> tuple[bool, int]:
    return any(difference.name == "operation" for difference in differences), len(differences)


def _shown(value: object) -> str:
    return "nothing" if value is None else repr(value)
