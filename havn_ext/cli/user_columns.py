"""Which column of a file of users is which field of a user, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from havn_ext._user import UserInput
from havn_ext.errors import HAVNValidationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["FIELDS", "OWN_COLUMNS", "RAW", "Columns"]

FIELDS: Final = tuple(sorted(UserInput.__annotations__, key=lambda field: field not in UserInput.__required_keys__))
"""The fields of a user, the required ones first; see `users.sync`."""

OWN_COLUMNS: Final = ("havn_line", "havn_error")
"""What a file of failures has beside the failed rows; no field of a user."""

RAW: Final = "havn_raw"
"""Where a file of failures keeps a line that is no JSON object."""


@attrs.frozen
class Columns:
    """Which column of a file is which field.

    Args:
        mapped: Fields by the names of columns, as the caller gave them; "" leaves a column out.
        lenient: Whether columns that are no field are left out.
    """

    mapped: Mapping[str, str] = attrs.field(factory=dict[str, str])
    lenient: bool = False

    def field_of(self, column: str) -> str | None:
        """The field that a column holds; "" for one that is left out, None for one that nobody knows."""
        name = column.strip()
        if name in self.mapped:
            return self.mapped[name]
        plain = name.casefold().replace(" ", "_").replace("-", "_")
        if plain in FIELDS:
            return plain
        return "" if self.lenient or plain in OWN_COLUMNS else None

    def fields_of(self, header: Iterable[str]) -> list[str]:
        """The field of each column of a header; "" for those that are left out.

        Raises:
            HAVNValidationError: A column is unknown, a field is there twice or, if it is required, not at all.
        """
        names = [name.strip() for name in header]
        fields = [self.field_of(name) for name in names]
        known = [field for field in fields if field]
        unknown = [name for name, field in zip(names, fields, strict=True) if field is None]
        problems: dict[str, str] = {}
        if unknown:
            problems["columns"] = (
                f"{_listed(unknown)}: no field of a user. Say what a column is with --map COLUMN=FIELD, or leave"
                f" it out with --map COLUMN=, or all of them with --ignore-unmapped. Fields: {', '.join(FIELDS)}"
            )
        for field in sorted({field for field in known if known.count(field) > 1}):
            problems[field] = "is held by more than one column"
        for field in ("email", "name"):
            if field not in known:
                problems[field] = f"has no column: name it with --map COLUMN={field}. Columns: {_listed(names)}"
        self._check_mapped(names, problems)
        _raise_any(problems)
        return [field or "" for field in fields]

    def _check_mapped(self, names: Iterable[str], problems: dict[str, str]) -> None:
        absent = self.mapped.keys() - set(names)
        if absent:
            problems["--map"] = f"there is no column {_listed(sorted(absent))}. Columns: {_listed(names)}"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(repr(name) for name in names)


def _raise_any(problems: Mapping[str, str]) -> None:
    if problems:
        raise HAVNValidationError(errors=problems)
