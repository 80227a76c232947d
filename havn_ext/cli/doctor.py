"""`havn doctor`: what most integrations stumble over, checked one by one, with what to do about each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from havn_ext.cli.connection import command as make
from havn_ext.cli.exits import FAILED, NETWORK, OK

if TYPE_CHECKING:
    from havn_ext.cli.checks import Check
    from havn_ext.cli.connection import Connection
    from havn_ext.cli.screen import Screen

__all__ = ["command"]

_STYLES: Final = {"ok": "green", "warning": "yellow", "failed": "bold red", "skipped": "dim"}

_ABOUT: Final = """\
Check what most integrations stumble over, one by one, with what to do about each.

Versions, credentials, base URL, DNS, TLS, a signed call, clock and rate limits; of the sandbox and of the real \
service alike. Changes nothing: it lists one voucher in test mode, and where HAVN refuses that it asks once more \
with a made-up key, to tell a wrong key from a wrong secret.

Exit code 0 if nothing failed (there may be warnings), 3 if HAVN could not be reached, else 1.
"""


@make(
    "doctor",
    _ABOUT,
)
def command(*, screen: Screen, connection: Connection) -> int:
    """See its help."""
    from havn_ext.cli.checks import examine  # noqa: PLC0415  no help or completion needs it

    done: list[Check] = []
    for check in examine(connection):
        done.append(check)
        if not screen.as_json:
            _show(check, screen)
    failed = [check for check in done if check.state == "failed"]
    if screen.as_json:
        screen.document({"ok": not failed, "checks": [attrs.asdict(check) for check in done]})
    else:
        _sum_up(done, screen)
    if not failed:
        return OK
    return NETWORK if any(check.unreachable for check in failed) else FAILED


def _show(check: Check, screen: Screen) -> None:
    screen.item(check.state, _STYLES[check.state], check.name, check.finding, check.advice)


def _sum_up(done: list[Check], screen: Screen) -> None:
    counts = {state: sum(check.state == state for check in done) for state in ("failed", "warning")}
    screen.line("")
    if not any(counts.values()):
        screen.line("All is well.", "green")
        return
    words = [
        f"{count} {state}{'s' if state == 'warning' and count > 1 else ''}"
        for state, count in counts.items()
        if count
    ]
    screen.line(", ".join(words), "red" if counts["failed"] else "yellow")
