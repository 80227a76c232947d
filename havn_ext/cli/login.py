"""`havn login EMAIL`: a link that logs a user in to HAVN once."""

from __future__ import annotations

import webbrowser
from typing import TYPE_CHECKING

import click

from havn_ext.cli.connection import command as make
from havn_ext.cli.exits import FAILED, OK

if TYPE_CHECKING:
    from havn_ext.cli.connection import Connection
    from havn_ext.cli.screen import Screen

__all__ = ["command"]


@make(
    "login",
    "Make a link that logs a user in to HAVN once.\n\nThe link carries a single-use token and soon stops working:"
    " whoever has it is the user, so keep it out of logs. --open hands it to the browser and prints it nowhere;"
    " the browser gets it as an argument of its process, which others on this machine may see.",
)
@click.argument("email")
@click.option("--open", "opened", is_flag=True, help="Open the link in a browser instead of printing it.")
def command(*, screen: Screen, connection: Connection, email: str, opened: bool) -> int:
    """See its help."""
    with connection.client() as client:
        url = client.auth.login(email)
    if opened and not webbrowser.open(url):
        screen.fail("no browser could be opened; without --open the link is printed")
        return FAILED
    if screen.as_json:
        screen.document({"opened": True} if opened else {"url": url})
    elif opened:
        screen.note("opened in the browser")
    else:
        click.echo(url)
        if screen.err.is_terminal:
            screen.note("Good for one login, and not for long. Whoever has it is the user.", "dim")
    return OK
