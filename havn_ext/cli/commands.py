"""All commands of `havn`: their names, what they are about, and what they need."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ABOUT", "COMMANDS", "EXTRA", "PLAIN"]

ABOUT: Final = "Tools around HAVN's webhooks."

COMMANDS: Final[Mapping[str, str]] = {
    "doctor": "check credentials, connection and clock, one by one",
    "users": "make users known to HAVN: users sync",
    "transactions": "report what customers have paid: transactions send",
    "vouchers": "look at vouchers: vouchers list, vouchers validate",
    "login": "make a link that logs a user in to HAVN",
    "sign": "sign a body as a request to HAVN is signed",
    "verify": "check the signature of a body",
    "sandbox": "serve a sandbox that behaves like HAVN",
    "outbox": "deliver what is in an outbox, and look after it",
    "completion": "print what makes a shell complete these commands",
}

PLAIN: Final = frozenset({"sandbox", "outbox"})
"""Those that work with their own extra alone, and share their options with other programs: argparse's."""

EXTRA: Final = ("click", "rich")
"""What the extra `cli` installs, which all other commands need."""
