"""Which requests the list shows, as its address says it."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast
from urllib.parse import urlencode

import attrs

from havn_ext.sandbox import spec
from havn_ext.sandbox.request_log import VERDICTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from havn_ext.sandbox.inspector.directory import Listed
    from havn_ext.sandbox.request_log import Entry, Wanted

__all__ = ["Choice", "Filters"]


@attrs.frozen
class Choice:
    """One drop-down field: its options are pairs of value and text."""

    name: str
    chosen: str
    options: tuple[tuple[str, str], ...]

    @property
    def label(self) -> str:
        """The name as people write it."""
        return self.name.capitalize()


@attrs.frozen
class Filters:
    """What is looked for; an empty text looks for anything.

    Args:
        company: Fingerprint of its API key.
        operation: operationId.
        status: HTTP status.
        verdict: A verdict of the log.
        text: Part of a path, a query, a body or an answer's header.
    """

    company: str = ""
    operation: str = ""
    status: str = ""
    verdict: str = ""
    text: str = ""

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> Filters:
        """The filters of an address."""
        return cls(**{field.name: query.get(field.name, "") for field in attrs.fields(cls)})

    @property
    def query(self) -> str:
        """The shortest query string that says the same."""
        return urlencode({name: text for name, text in attrs.asdict(self).items() if text})

    def wanted(self, companies: Iterable[Listed]) -> Wanted:
        """The same for the log; a company or a status that does not exist fits nothing."""
        found: dict[str, object] = {name: text for name, text in attrs.asdict(self).items() if text}
        if self.company:
            keys = {company.fingerprint: company.api_key for company in companies}
            found["company"] = keys.get(self.company, "")
        if self.status:
            found["status"] = _number(self.status)
        return cast("Wanted", found)

    def choices(self, companies: Iterable[Listed], entries: Iterable[Entry]) -> list[Choice]:
        """The drop-down fields, with what can be chosen."""
        names = [(company.fingerprint, f"{company.masked} {company.fingerprint}") for company in companies]
        return [
            Choice("company", self.company, tuple(names)),
            Choice("operation", self.operation, _plain(each.operation_id for each in spec.operations())),
            Choice("status", self.status, _plain(_statuses(entries))),
            Choice("verdict", self.verdict, _plain(VERDICTS)),
        ]


def _statuses(entries: Iterable[Entry]) -> list[str]:
    """The statuses of the contract, and whatever else was answered."""
    documented = {status for each in spec.operations() for status in each.replies if status.isdecimal()}
    return sorted(documented | {str(entry.status) for entry in entries if entry.status is not None})


def _number(status: str) -> int:
    try:
        return int(status)
    except ValueError:
        return -1


def _plain(values: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Options whose text is their value."""
    return tuple((value, value) for value in values)
