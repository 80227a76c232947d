"""Keeps secrets and personal data out of what people read: messages, reprs, logs, tracebacks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Secret", "mask_email", "mask_emails", "mask_secrets", "redact"]

MASK: Final = "****"
SHORTEST_SECRET: Final = 6  # masking shorter ones would eat ordinary words, and hide nothing

# Compiled on first use, by `re`: few programs redact anything before their first call, and all of them import.
# Begins where a name begins, not anywhere in it: that masks a name of any length, in linear time.
_EMAIL: Final = r"(?<![^\s@<>\"'(),:;])[^\s@<>\"'(),:;]+@[^\s@<>\"'(),:;]+"
_LABELLED: Final = r"(?i)(token|secret|signature|api[_-]?key|password)([\"']?\s*[=:]\s*[\"']?)[^\s\"'&,;}]+"


class Secret:
    """A string that prints as `****`; `reveal()` gives it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The string itself."""
        return self._value

    def __repr__(self) -> str:
        return f"Secret({MASK!r})"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._value == other._value

    def __hash__(self) -> int:
        return hash((Secret, self._value))


def mask_email(email: str) -> str:
    """An e-mail address that its owner recognises and nobody else can use: `c****@example.com`."""
    name, at, domain = email.rpartition("@")
    return f"{name[:1]}{MASK}{at}{domain}" if at else MASK


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """`text` with `secrets`, e-mail addresses and whatever is labelled a token masked."""
    text = mask_secrets(text, secrets)
    text = re.sub(_LABELLED, rf"\1\2{MASK}", text)
    return mask_emails(text)


def mask_secrets(text: str, secrets: Iterable[str]) -> str:
    """`text` with `secrets` masked and nothing else: for sentences of ours, which may speak of `api_key: ...`."""
    for secret in sorted(secrets, key=len, reverse=True):  # one may hold another
        if len(secret) >= SHORTEST_SECRET:
            text = text.replace(secret, MASK)
    return text


def mask_emails(text: str) -> str:
    """`text` with e-mail addresses masked."""
    return re.sub(_EMAIL, lambda match: mask_email(match.group()), text)
