"""Completion in the shells that there are: what is typed with a tab behind it becomes a command."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cli_support import Typing, at_terminal, surroundings

if TYPE_CHECKING:
    from collections.abc import Callable

    Complete = Callable[[str, str], list[str]]

SHELLS = {
    "bash": ["bash", "--norc", "--noprofile", "-i"],
    "zsh": ["zsh", "-f", "-i"],
}
BEGIN = {
    "bash": 'eval "$(havn completion bash)"',
    "zsh": 'autoload -U compinit; compinit -u -D; eval "$(havn completion zsh)"',
}
TYPED = [
    ("havn vou", "havn vouchers "),
    ("havn users sync --dry", "havn users sync --dry-run "),
    ("havn vouchers list --sort-by created", "havn vouchers list --sort-by created_date "),
    ("havn outbox st", "havn outbox status "),
    ("havn outbox run --max-s", "havn outbox run --max-seconds "),
    ("havn sandbox --seed n", "havn sandbox --seed none "),
    ("havn completion f", "havn completion fish "),
]


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """An environment with `havn` on its path."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return surroundings(PATH=path, HOME=str(tmp_path), TERM="dumb", INPUTRC=os.devnull)


needs_script = pytest.mark.skipif(
    not Path(sys.executable).with_name("havn").exists(), reason="`havn` is not installed beside this Python"
)


@needs_script
@pytest.mark.parametrize("shell", SHELLS)
def test_a_shell_completes(shell: str, environ: dict[str, str]) -> None:
    """Commands, options and words are completed, those of the sandbox and the outbox as well."""
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    with at_terminal(SHELLS[shell], environ, columns=200) as terminal:
        terminal.type(f'{BEGIN[shell]}; echo rea""dy\n')
        terminal.wait_for(r"\nready\r")
        for typed, completed in TYPED:
            terminal.shown = ""
            terminal.type(f"{typed}\t")
            terminal.wait_for(completed)
            terminal.type("\x15")  # Ctrl-U: the line is empty again
        terminal.type("exit\n")


@needs_script
def test_fish_completes(environ: dict[str, str], tmp_path: Path) -> None:
    """Fish has a command that says what it would complete."""
    fish = shutil.which("fish")
    if fish is None:
        pytest.skip("fish is not installed")
    folder = tmp_path / ".config" / "fish" / "completions"
    folder.mkdir(parents=True)
    script = subprocess.run(
        ["havn", "completion", "fish"],  # noqa: S607  on our path
        env=environ,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    (folder / "havn.fish").write_text(script)
    for typed, completed in TYPED:
        said = subprocess.run(  # noqa: S603  our own words
            [fish, "-c", f"complete -C {typed!r}"],
            env=environ,
            capture_output=True,
            text=True,
            check=True,
            timeout=30,
        ).stdout
        assert completed.split()[-1] in [line.split("\t")[0] for line in said.splitlines()]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_is_printed(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The script calls `havn` for its completions; with `--json` it is a value."""
    said = Typing(capsys)("completion", shell)
    assert (said.code, "_HAVN_COMPLETE" in said.out) == (0, True)
    document = Typing(capsys)("completion", shell, "--json").document
    assert document == {"shell": shell, "script": json.loads(json.dumps(said.out.removesuffix("\n")))}


def test_another_shell_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    """The shells are named."""
    said = Typing(capsys)("completion", "csh")
    assert (said.code, "'bash', 'zsh', 'fish'" in said.err) == (2, True)
