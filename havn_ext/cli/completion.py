"""`havn completion SHELL`: the script that makes a shell complete `havn`, as Click writes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click
from click.shell_completion import get_completion_class

from havn_ext.cli.connection import command as make
from havn_ext.cli.exits import OK

if TYPE_CHECKING:
    from havn_ext.cli.screen import Screen

__all__ = ["command"]

_SHELLS: Final = ("bash", "zsh", "fish")

_ABOUT: Final = """\
Print what makes a shell complete these commands.

\b
bash   add to ~/.bashrc:  eval "$(havn completion bash)"
zsh    add to ~/.zshrc, below compinit:  eval "$(havn completion zsh)"
fish   havn completion fish > ~/.config/fish/completions/havn.fish
"""


@make("completion", _ABOUT, connected=False)
@click.argument("shell", type=click.Choice(_SHELLS))
def command(*, screen: Screen, shell: str) -> int:
    """See `_ABOUT`."""
    from havn_ext.cli.program import COMPLETION, havn  # noqa: PLC0415  it imports this module

    completion = get_completion_class(shell)
    assert completion is not None  # noqa: S101  the choices above are Click's own
    script = completion(havn, {}, "havn", COMPLETION).source()
    if screen.as_json:
        screen.document({"shell": shell, "script": script})
    else:
        click.echo(script)
    return OK
