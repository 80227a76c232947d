"""`havn sign`: the signature of a body, or the canonical form that is signed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from havn_ext.cli.bodies import body_argument, canonical, read
from havn_ext.cli.connection import command as make
from havn_ext.cli.connection import secret_file_option
from havn_ext.cli.exits import OK
from havn_ext.config import credential
from havn_ext.signing import sign

if TYPE_CHECKING:
    from typing import BinaryIO

    from havn_ext.cli.screen import Screen

__all__ = ["command"]

_ABOUT: Final = """\
Sign a body as a request to HAVN is signed: the HMAC-SHA256 of its canonical JSON.

FILE is a file, or - for standard input (the default). An empty body is that of a GET, which signs {}. To send \
exactly what was signed, send what --canonical prints.
"""


@make(
    "sign",
    _ABOUT,
    connected=False,
)
@body_argument
@click.option("--canonical", "only_canonical", is_flag=True, help="Print the canonical form; needs no secret.")
@secret_file_option()
def command(*, screen: Screen, file: BinaryIO, only_canonical: bool, webhook_secret: str | None) -> int:
    """See its help."""
    body = canonical(read(file))
    form = body.decode("ascii")
    if only_canonical:
        document = {"canonical": form}
    else:
        secret = credential("webhook_secret", webhook_secret, "HAVN_WEBHOOK_SECRET")
        document = {"canonical": form, "signature": sign(body, secret.reveal())}
    if screen.as_json:
        screen.document(document)
    else:
        click.echo(form if only_canonical else document["signature"])
    return OK
