"""`havn verify`: whether a signature is that of a body."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from havn_ext.cli.bodies import body_argument, read
from havn_ext.cli.connection import command as make
from havn_ext.cli.connection import secret_file_option
from havn_ext.cli.exits import FAILED, OK
from havn_ext.config import credential
from havn_ext.signing import verify

if TYPE_CHECKING:
    from typing import BinaryIO

    from havn_ext.cli.screen import Screen

__all__ = ["command"]


@make(
    "verify",
    "Check the signature of a body: exit code 0 if it is good, 1 if it is not.\n\nFILE is a file, or - for standard"
    " input (the default): the body as it came. Its spelling does not matter, as HAVN signs the canonical form.",
    connected=False,
)
@body_argument
@click.option("--signature", required=True, metavar="HEX", help="What the header X-Signature holds.")
@secret_file_option(multiple=True)
def command(*, screen: Screen, file: BinaryIO, signature: str, webhook_secret: list[str]) -> int:
    """See its help."""
    given: list[str] | list[None] = webhook_secret or [None]
    secrets = [credential("webhook_secret", each, "HAVN_WEBHOOK_SECRET").reveal() for each in given]
    valid = verify(read(file), signature.strip(), secrets)
    if screen.as_json:
        screen.document({"valid": valid})
    elif valid:
        screen.line("valid", "green")
    else:
        screen.line("not valid: another secret, another body, or not a signature of the canonical form", "red")
    return OK if valid else FAILED
