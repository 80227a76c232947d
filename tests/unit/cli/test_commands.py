"""What holds for all commands: `--json`, exit codes in the help, no secret in an argument, nothing left out."""

from __future__ import annotations

import argparse
import ast
import inspect
import logging
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import pytest
from cli_support import Typing
from hypothesis import given, settings
from hypothesis import strategies as st

from havn_ext import UserInput, VoucherQuery
from havn_ext.cli import main, plain, program
from havn_ext.cli.commands import COMMANDS, EXTRA, PLAIN
from havn_ext.cli.exits import EPILOG, code_of
from havn_ext.cli.user_columns import FIELDS
from havn_ext.cli.vouchers import FILTERS
from havn_ext.errors import HAVNAuthError, HAVNNetworkError, HAVNServerError, HAVNTimeoutError, HAVNValidationError
from havn_ext.resources.transactions import Transactions
from havn_ext.resources.users import Users

if TYPE_CHECKING:
    from collections.abc import Iterator

CONTEXT = click.Context(program.havn, info_name="havn")
CONNECTION = {
    "as_json",
    "base_url",
    "api_key",
    "webhook_secret",
    "timeout",
    "max_retries",
    "test_mode",
    "verbose",
    "help",
}


def all_commands(command: click.Command, name: str = "havn") -> Iterator[tuple[str, click.Command]]:
    """The commands that do something, with their whole names."""
    if not isinstance(command, click.Group):
        yield name, command
        return
    for each in command.list_commands(CONTEXT):
        found = command.get_command(CONTEXT, each)
        assert found is not None
        yield from all_commands(found, f"{name} {each}")


ALL = dict(all_commands(program.havn))
OURS = {name: command for name, command in ALL.items() if name.split()[1] not in PLAIN}


def options(command: click.Command) -> set[str]:
    """The names of a command's options, as its function has them."""
    return {str(parameter.name) for parameter in command.params if isinstance(parameter, click.Option)}


def test_all_commands_are_seen() -> None:
    """The rules below are held against all of them."""
    assert {name.split()[1] for name in ALL} == set(COMMANDS)
    assert {"havn users sync", "havn vouchers list", "havn outbox status", "havn sandbox"} < set(ALL)


@pytest.mark.parametrize("name", ALL)
def test_every_command_prints_json(name: str) -> None:
    """Each has `--json`, those of argparse too."""
    assert any("--json" in parameter.opts for parameter in ALL[name].params)


@pytest.mark.parametrize("name", sorted(PLAIN))
def test_completion_knows_what_argparse_takes(name: str) -> None:
    """Every option of argparse's parsers can be completed, in the command where it belongs, and no other."""
    parser = argparse.ArgumentParser(prog=f"havn {name}")
    plain.add_arguments(name, parser)
    (children,) = [action.choices for action in parser._actions if isinstance(action.choices, dict)] or [
        {"": parser}
    ]
    for child, taking in children.items():
        options = {option for action in taking._actions for option in action.option_strings}
        command = ALL[f"havn {name} {child}".strip()]
        known = {option for parameter in command.params for option in parameter.opts}
        assert known - {child for child in known if not child.startswith("-")} | {"-h", "--help"} == options


@pytest.mark.parametrize("name", OURS)
def test_every_command_tells_its_exit_codes(name: str) -> None:
    """They stand at the end of its help."""
    assert OURS[name].epilog == EPILOG


@pytest.mark.parametrize("name", OURS)
def test_no_command_takes_a_secret_as_an_argument(name: str) -> None:
    """Credentials come from the environment and from files: each option for one takes a path."""
    for parameter in OURS[name].params:
        if any(word in str(parameter.name) for word in ("secret", "key", "token", "password")):
            assert isinstance(parameter.type, click.Path)
            assert all(option.endswith("-file") for option in parameter.opts)


@pytest.mark.parametrize("option", ["--api-key", "--webhook-secret", "--database"])
def test_an_option_that_may_hold_a_secret_warns(option: str) -> None:
    """Where an argument can be one after all, its help says who sees it."""
    found = [parameter for command in ALL.values() for parameter in command.params if option in parameter.opts]
    assert found
    for parameter in found:
        assert isinstance(parameter, click.Option)
        assert "seen by others" in str(parameter.help) or "as the key" in str(parameter.help)


def test_every_field_of_a_sale_has_an_option() -> None:
    """`transactions send` has the parameters of `Transactions.send`."""
    parameters = set(inspect.signature(Transactions.send).parameters) - {"self"}
    assert options(ALL["havn transactions send"]) - CONNECTION | {"timeout"} == parameters


def test_every_term_of_a_sync_has_an_option() -> None:
    """`users sync` has the parameters of `Users.sync_many`."""
    parameters = set(inspect.signature(Users.sync_many).parameters) - {"self", "users", "timeout"}
    assert parameters <= options(ALL["havn users sync"])


def test_every_filter_has_an_option() -> None:
    """`vouchers list` has the filters of `VoucherQuery`."""
    assert set(FILTERS) == set(VoucherQuery.__annotations__)
    assert set(FILTERS) <= options(ALL["havn vouchers list"])


def test_every_field_of_a_user_is_a_column() -> None:
    """So has a file of users."""
    assert set(FIELDS) == set(UserInput.__annotations__)
    assert FIELDS[:2] == ("email", "name")
    assert all(field in str(ALL["havn users sync"].help) for field in FIELDS)


def test_the_words_of_filters_are_the_contracts() -> None:
    """The help names every word that a filter takes."""
    from havn_ext.cli.vouchers import _WORDS, _words

    command = ALL["havn vouchers list"]
    for name in ("type", "client_type", "sort_by", "sort_order"):
        words = _words(name, CONTEXT, command.params[0], "")
        assert words
        assert all(word in _WORDS[name] for word in words)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (HAVNValidationError(errors={"amount": "wrong"}), 2),
        (HAVNNetworkError("lost"), 3),
        (HAVNTimeoutError("late"), 3),
        (HAVNAuthError("no", status_code=401), 1),
        (HAVNServerError("down", status_code=503), 1),
        (OSError("disk"), 1),
    ],
)
def test_an_error_has_an_exit_code(error: Exception, code: int) -> None:
    """What was wrong before anything was sent, no answer, and a refusal are told apart."""
    assert code_of(error) == code


# ── without the extra ────────────────────────────────────────────────────────────────────────────────


def run_without(packages: tuple[str, ...], *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command where packages are missing (None is Python's own way to say so)."""
    missing = "; ".join(f"sys.modules[{package!r}] = None" for package in packages)
    code = f"import sys; {missing}; from havn_ext.cli import main; sys.exit(main({list(arguments)!r}))"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)  # noqa: S603  our own code


@pytest.mark.parametrize("missing", [EXTRA, ("click",), ("rich",)])
def test_without_the_extra_it_says_what_to_install(missing: tuple[str, ...]) -> None:
    """A command that needs the extra names it, in one line and with exit code 1."""
    ran = run_without(missing, "doctor")
    told = f"havn doctor: {missing[0]} is missing; install it with: pip install 'havn-sdk[cli]'\n"
    assert (ran.returncode, ran.stdout, ran.stderr) == (1, "", told)


def test_without_the_extra_all_commands_are_listed() -> None:
    """The help lists the same commands with the same words, and what they need."""
    ran = run_without(EXTRA, "--help")
    plain = " ".join(ran.stdout.split())
    assert ran.returncode == 0
    for name, about in COMMANDS.items():
        assert f" {name} {about}" in plain
    assert "pip install 'havn-sdk[cli]'" in ran.stdout
    assert run_without(EXTRA, "--version").stdout.startswith("havn-sdk ")


@pytest.mark.parametrize("command", [["sandbox", "--help"], ["outbox", "--help"]])
def test_without_the_extra_the_others_work(command: list[str]) -> None:
    """The sandbox and the outbox need no extra but their own."""
    ran = run_without(EXTRA, *command)
    assert (ran.returncode, ran.stderr) == (0, "")


@pytest.mark.parametrize("arguments", [[], ["nothing"], ["--nothing"]])
def test_without_the_extra_wrong_usage_is_wrong_usage(arguments: list[str]) -> None:
    """Whatever is installed, it exits with 2."""
    assert run_without(EXTRA, *arguments).returncode == 2


def test_the_sandbox_loads_none_of_the_extra() -> None:
    """A sandbox in a container starts as fast as before."""
    code = (
        "import sys; from havn_ext.cli import main\ntry: main(['sandbox', '--help'])\nexcept SystemExit: pass\n"
        "print(sorted({'click', 'rich'} & sys.modules.keys()))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)  # noqa: S603  our own code
    assert ran.stdout.splitlines()[-1] == "[]"


def test_help_loads_no_http() -> None:
    """Help and completion load neither an HTTP library nor the generated models."""
    code = (
        "import sys; from havn_ext.cli import main; main(['users', 'sync', '--help']); main(['--help'])\n"
        "print(sorted({'httpx', 'havn_api', 'asyncio'} & sys.modules.keys()))"
    )
    # -S: what `site` loads for editable installs is not ours; the paths are handed over instead
    environment = {"PYTHONPATH": ":".join(filter(None, sys.path))}
    ran = subprocess.run(  # noqa: S603  our own code
        [sys.executable, "-S", "-c", code], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert (ran.stderr, ran.stdout.splitlines()[-1]) == ("", "[]")


# ── secrets ──────────────────────────────────────────────────────────────────────────────────────────

SECRETS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=9, max_size=300).map("q7~{}".format)
"""They begin as no word of any help does."""


@settings(max_examples=25)
@given(SECRETS, SECRETS)
def test_no_output_has_a_secret_in_it(key: str, secret: str) -> None:
    """Whatever goes wrong, a defect of ours with a traceback included, no secret is printed."""
    with pytest.MonkeyPatch.context() as patched:
        capture = _Capture(patched)
        patched.setenv("HAVN_API_KEY", key)
        patched.setenv("HAVN_WEBHOOK_SECRET", secret)

        def fail(*_: Any, **__: Any) -> None:
            raise RuntimeError(f"cannot use {key} and {secret}")

        patched.setattr("havn_ext.cli.connection.Connection.client", fail)
        assert main(["vouchers", "list"]) == 1
        assert main(["vouchers", "list", "--json"]) == 1
        for command in (
            ["vouchers", "list", f"--api-key-file={key}"],
            ["vouchers", "list", f"--webhook-secret-file={secret}", "--json"],
            ["verify", "--signature", "0", f"--webhook-secret-file={secret}"],
            ["login", "jane@example.com", "--", key],
            ["sign", "--", secret],
            ["doctor", "--help"],
            ["users", "sync", "--help"],
            ["sign", "--help"],
            ["login", "x", "--bogus"],
        ):
            main(command)
        text = capture.text
    assert "RuntimeError" in text
    assert key not in text
    assert secret not in text


@given(SECRETS)
def test_a_credential_in_place_of_its_file_is_not_printed(secret: str) -> None:
    """Whoever passes the credential itself is told so, though nobody knows that it is one."""
    with pytest.MonkeyPatch.context() as patched:
        capture = _Capture(patched)
        patched.setenv("HAVN_API_KEY", "another")
        assert main(["vouchers", "list", f"--api-key-file={secret}"]) == 2
        assert main(["sign", f"--webhook-secret-file={secret}"]) == 2
        text = capture.text
    assert "--api-key-file" in text
    assert secret not in text


@pytest.mark.parametrize("command", [["login"], ["login", "x", "--bogus"], ["vouchers", "list", "--page", "many"]])
def test_wrong_usage_is_a_document_too(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """`--json` prints one whatever goes wrong, and nothing else."""
    said = Typing(capsys)(*command, "--json")
    assert (said.code, bool(said.document["error"]["message"]), said.err) == (2, True, "")


def test_a_log_that_nobody_reads_ends_no_call(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the SDK logs is written down where it can be; where not, the call goes on."""
    from havn_ext.cli.connection import _Told
    from havn_ext.cli.screen import Screen

    def fail(*_: object) -> None:
        raise BrokenPipeError

    monkeypatch.setattr(Screen, "note", fail)
    monkeypatch.setattr(logging, "raiseExceptions", False)
    with _Told(Screen(as_json=False), verbose=True):
        logging.getLogger("havn").warning("retry 1 in 1 s")


class _Capture:
    """Both streams, for a test that runs many times within one fixture."""

    def __init__(self, patched: pytest.MonkeyPatch) -> None:
        import io

        self._streams = [io.StringIO(), io.StringIO()]
        patched.setattr("sys.stdout", self._streams[0])
        patched.setattr("sys.stderr", self._streams[1])

    @property
    def text(self) -> str:
        return "".join(stream.getvalue() for stream in self._streams)


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "empty"),
        (b"\n", "empty"),
        (b"\xff\xfe\x00key", "not ASCII"),
        (b"k" * 5000, "too long"),
        (None, "is it the credential itself?"),
    ],
)
def test_a_file_that_holds_no_credential_is_told(
    content: bytes | None, word: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is wrong usage, and nothing of the file is printed."""
    place = tmp_path / "key"
    if content is not None:
        place.write_bytes(content)
    said = Typing(capsys)("vouchers", "list", "--api-key-file", place)
    assert (said.code, word in said.err, "kkk" in said.err) == (2, True, False)


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ("{", "is not JSON"),
        ('{"a": NaN}', "no canonical JSON form"),
        ("1" * 5000, "a number is too long"),
        ("[" * 100_000, "nested too deeply"),
        ("\udcff", "not UTF-8"),
    ],
)
def test_a_body_that_is_no_json_is_told(
    body: str, word: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is signed; the place of the fault is named."""
    (tmp_path / "body").write_text(body, encoding="utf-8", errors="surrogateescape")
    said = Typing(capsys)("sign", tmp_path / "body", "--canonical")
    assert (said.code, said.out, word in said.err) == (2, "", True)


def test_an_empty_body_is_that_of_a_get(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A GET signs `{}`."""
    (tmp_path / "body").write_text("\n")
    assert Typing(capsys)("sign", tmp_path / "body", "--canonical").out == "{}\n"


def test_control_characters_are_written_out() -> None:
    """What HAVN, or a file, says can do nothing to a terminal."""
    from havn_ext.cli.screen import plain_text

    assert plain_text("a\x1b[2Jb\rc\u202ed é 你") == r"a\x1b[2Jb\rc\u202ed é 你"


def test_the_commands_are_only_of_the_table() -> None:
    """Each command that needs the extra has its module, and each such module is a command."""
    folder = Path(program.__file__).parent
    modules = {
        path.stem
        for path in folder.glob("*.py")
        if any(
            isinstance(node, ast.FunctionDef) and node.name == "command" and node.decorator_list
            for node in ast.parse(path.read_text(encoding="utf-8")).body
        )
    }
    assert modules == set(COMMANDS) - PLAIN
