from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from havn_ext import cli
from havn_ext.sandbox import command

if TYPE_CHECKING:
    from pathlib import Path

    from havn_ext.sandbox import SandboxServer


@pytest.mark.parametrize("port", ["70000", "-1", "x", "80.5", ""])
def test_a_wrong_port_is_told_in_words(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Not by the name of a function."""
    with pytest.raises(SystemExit):
        cli.main(["sandbox", f"--port={port}"])
    assert "argument --port: a port is between 0 and 65535" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [["--port", "70000"], ["--port", "-1"], ["--port", "x"], ["--seed", "lots"], ["--api-key", ""], ["--bogus"]],
)
def test_wrong_usage_exits_with_two(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """A bad option is told on stderr, in the words of the option."""
    with pytest.raises(SystemExit) as caught:
        cli.main(["sandbox", *arguments])
    assert caught.value.code == 2
    assert arguments[0] in capsys.readouterr().err


def test_a_command_is_needed(capsys: pytest.CaptureFixture[str]) -> None:
    """The bare command says how it is used."""
    assert cli.main([]) == 2
    assert "sandbox" in capsys.readouterr().err


def test_options_become_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is typed is what the sandbox is told."""
    seen: list[SandboxServer] = []

    def serve(server: SandboxServer, _options: object) -> int:
        seen.append(server)
        return 0

    monkeypatch.setattr(command, "_serve", serve)
    options = f"--db {tmp_path}/box.db --seed none --no-rate-limits --api-key k --webhook-secret s --port 0"
    assert cli.main(["sandbox", *options.split()]) == 0
    server = seen[0]
    assert (server.api_key, server.webhook_secret, server.url) == ("k", "s", "http://127.0.0.1:0")
    assert server._config.database == tmp_path / "box.db"
    assert (server._config.seed, server._config.rate_limits) == ("none", False)


@pytest.mark.parametrize("missing", ["starlette", "uvicorn", "jsonschema_rs"])
def test_a_missing_extra_is_told(missing: str) -> None:
    """Without the sandbox's packages the command says how to install them, and exits with 1."""
    result = run_python(_without(missing))
    told = f"havn sandbox: {missing} is missing; install it with: pip install 'havn-sdk[sandbox]'\n"
    assert (result.returncode, result.stdout, result.stderr) == (1, "", told)


def test_another_missing_module_is_no_excuse() -> None:
    """Only the extra's own packages are explained away; anything else is a bug to be seen."""
    result = run_python(_without("havn_ext.sandbox.app"))
    assert "ModuleNotFoundError" in result.stderr


def _without(module: str) -> str:
    """A program that runs the command where a module is missing (None is Python's own way to say so)."""
    return f"import sys; sys.modules[{module!r}] = None; from havn_ext.cli import main; sys.exit(main(['sandbox']))"


def run_python(code: str) -> subprocess.CompletedProcess[str]:
    """The finished run of a program."""
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=10, check=False)  # noqa: S603  our own code


def test_the_command_line_is_light() -> None:
    """Importing it loads neither a server nor an HTTP client."""
    heavy = "('starlette', 'uvicorn', 'httpx', 'jsonschema_rs')"
    result = run_python(f"import sys, havn_ext.cli; print([m for m in {heavy} if m in sys.modules])")
    assert result.stdout.strip() == "[]"
