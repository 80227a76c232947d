"""Checks what the caller passed, and reports everything that is wrong with it at once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, TypeVar, cast

from havn_api.models.currency import CURRENCY_VALUES, Currency
from havn_api.types import UNSET, Unset
from havn_ext.config import seconds
from havn_ext.errors import HAVNValidationError

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["Problems", "unset_if_none"]

T = TypeVar("T")
Word = TypeVar("Word", bound=str)

# both cases are spelled out: ignoring the case takes a third longer
_ATOM: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL: Final = (  # RFC 5891 4.2.3.1: only Punycode has `??--`
    r"(?!(?![Xx][Nn])..--)[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
)
_EMAIL: Final = re.compile(
    rf"(?=.{{1,254}}$)(?=[^@]{{1,64}}@){_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})*", re.ASCII
)


def unset_if_none(value: T | None) -> T | Unset:
    """None as the generated models' word for absent: null is never sent."""
    return UNSET if value is None else value


class Problems:
    """Collects the faults of one call by field.

    Every check returns the value as it goes on the wire, or None when it is absent or wrong. No reason
    quotes the value: it may be personal, and it may be a secret in the wrong place.
    """

    def __init__(self, prefix: str = "", errors: dict[str, str] | None = None) -> None:
        self.errors: dict[str, str] = {} if errors is None else errors
        self.clean = True
        self._prefix = prefix

    def within(self, prefix: str) -> Problems:
        """A collector for a part of the call: reports here, under its own prefix, and is clean by itself."""
        return Problems(self._prefix + prefix, self.errors)

    def add(self, field: str, reason: str) -> None:
        """Records a fault; the first one of a field counts. The field "" is the part that the prefix names."""
        self.clean = False
        self.errors.setdefault((self._prefix + field).removesuffix("."), reason)

    def raise_any(self) -> None:
        """Raises `HAVNValidationError` with everything that was found."""
        if self.errors:
            raise HAVNValidationError(errors=self.errors)

    def text(
        self, field: str, value: object, *, least: int = 0, most: int | None = None, required: bool = False
    ) -> str | None:
        """A string of `least` to `most` characters; an empty optional one counts as absent."""
        if value is None:
            return self.add(field, "is required") if required else None
        if not isinstance(value, str):
            return self._wrong_type(field, value, "a str")
        if required and not value.strip():
            return self.add(field, "must not be empty")
        if not value and not required:
            return None
        if len(value) < least or (most is not None and len(value) > most):
            bounds = f"at most {most}" if not least else f"{least} to {most}"
            return self.add(field, f"must have {bounds} characters, not {len(value)}")
        return value

    def code(self, field: str, value: object, *, least: int, most: int) -> str | None:
        """A code, without the white space around it and in upper case."""
        if value is None:
            return None
        trimmed = value.strip() if isinstance(value, str) else value
        code = self.text(field, trimmed, least=least, most=most)
        if not code:
            return code
        upper = code.upper()
        return upper if len(upper) == len(code) else self.text(field, upper, least=least, most=most)  # as "ß" is

    def email(self, field: str, value: object, *, required: bool = False) -> str | None:
        """An e-mail address, without the white space around it."""
        if isinstance(value, str) and _EMAIL.fullmatch(value):
            return value  # nearly always; a sync of millions asks for each
        trimmed = value.strip() if isinstance(value, str) else value
        address = self.text(field, trimmed, required=required)
        if address is not None and not _EMAIL.fullmatch(address):
            return self.add(field, "is not an e-mail address")
        return address

    def amount(
        self, field: str, value: object, *, least: int = 1, most: int = 1_000_000_000, required: bool = False
    ) -> int | None:
        """Minor units: an int, and neither a bool nor a float."""
        return self.number(
            field, value, least=least, most=most, required=required, wanted="an int, a whole number of minor units"
        )

    def number(
        self,
        field: str,
        value: object,
        *,
        least: int,
        most: int | None = None,
        required: bool = False,
        wanted: str = "an int",
    ) -> int | None:
        """An int within bounds."""
        if value is None:
            return self.add(field, "is required") if required else None
        if isinstance(value, bool) or not isinstance(value, int):
            return self._wrong_type(field, value, wanted)
        if value < least or (most is not None and value > most):
            bounds = f"at least {least}" if most is None or value < least else f"at most {most}"
            return self.add(field, f"must be {bounds}")
        return value

    def flag(self, field: str, value: object) -> bool | None:
        """True or False."""
        if value is None or isinstance(value, bool):
            return value
        return self._wrong_type(field, value, "True or False")

    def choice(self, field: str, value: object, choices: Collection[Word]) -> Word | None:
        """One of a fixed set of words."""
        word = self.text(field, value)
        if word is not None and word not in choices:
            return self.add(field, f"must be one of {', '.join(sorted(choices))}")
        return cast("Word | None", word)

    def currency(self, field: str, value: object) -> Currency | None:
        """A currency that HAVN accepts, in any case and with white space around it."""
        return self.choice(field, value.strip().upper() if isinstance(value, str) else value, CURRENCY_VALUES)

    def timeout(self, value: object) -> float | None:
        """The `timeout` of one call, in seconds."""
        if value is None:
            return None
        try:
            return seconds(value)
        except ValueError as error:
            return self.add("timeout", str(error))

    def _wrong_type(self, field: str, value: object, wanted: str) -> None:
        self.add(field, f"must be {wanted}, not {type(value).__name__}")
