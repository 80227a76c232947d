"""What was found to be different, each thing once, and the report of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.verdict import Difference

__all__ = ["FOUND", "Findings"]

_SOURCES: Final = ("documented", "published", "assumed")
"""From what is surely a mistake of the server's to what is perhaps one of ours."""


@attrs.define
class Findings:
    """Differences, and how often each was seen."""

    _seen: dict[Difference, int] = attrs.field(factory=dict["Difference", int])

    def add(self, difference: Difference) -> None:
        """Note a difference."""
        self._seen[difference] = self._seen.get(difference, 0) + 1

    def __len__(self) -> int:
        return len(self._seen)

    def lines(self) -> Iterator[str]:
        """The report: by source, and in it by operation, status and place."""
        for source in _SOURCES:
            found = [each for each in self._seen if each.source == source]
            if found:
                yield f"{source}: {len(found)} difference(s)"
            for each in sorted(found, key=lambda each: (each.operation_id, each.status, each.pointer)):
                yield f"  {each.operation_id}  {each.status}  {each.pointer or '/'}  ({self._seen[each]} x)"
                yield f"      {each.message}"


FOUND: Final = Findings()
"""What the live suite found in this process."""
