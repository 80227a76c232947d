"""`docs/en/sandbox.md` says what is true: its shell and its Python run from top to bottom, its commands start."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import pytest
from sandbox_support import LOGIN, Caller

from havn_ext.sandbox import SandboxServer
from havn_ext.sandbox.faults import FaultKind

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "en" / "sandbox.md").read_text(encoding="utf-8")
BLOCKS: list[tuple[str, str]] = re.findall(r"^```(\w+)\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)
COMMANDS = [
    line.removeprefix("$ ")
    for language, block in BLOCKS
    if language == "console"
    for line in block.splitlines()
    if line.startswith("$ ")
]
URL = "http://127.0.0.1:8787"


@pytest.fixture
def sandbox() -> Iterator[SandboxServer]:
    """A sandbox on a free port, in place of the one that the page starts."""
    with SandboxServer() as server:
        yield server


def run_shell(script: str, folder: Path) -> None:
    """Run a block as a user would; any command that fails fails it."""
    shell = shutil.which("bash") or "sh"
    run = subprocess.run(  # noqa: S603  our own document
        [shell, "-euc", script], cwd=folder, capture_output=True, text=True, timeout=30, check=False
    )
    assert run.returncode == 0, f"{script}\n{run.stdout}\n{run.stderr}"


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_page_runs_from_top_to_bottom(
    sandbox: SandboxServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every shell and Python block succeeds in the page's order, against one sandbox; only the port differs."""
    monkeypatch.setenv("NO_PROXY", "*")
    namespace: dict[str, Any] = {}
    ran = []
    for language, block in BLOCKS:
        code = block.replace(URL, sandbox.url)
        if language == "sh":
            run_shell(code, tmp_path)
        elif language == "python":
            exec(compile(code, "sandbox.md", "exec"), namespace)  # noqa: S102  that is the test
        ran.append(language)
    namespace["client"].close()
    assert set(ran) == {"sh", "python", "console"}


@pytest.mark.parametrize("command", [each for each in COMMANDS if each.startswith("havn ")])
def test_each_command_starts_a_sandbox(command: str, tmp_path: Path) -> None:
    """With its options as they stand, on a free port; what it prints is what the page shows."""
    for language, block in BLOCKS:
        if language == "sh" and "faults.json" in block:
            run_shell(block, tmp_path)
    program = "import sys; from havn_ext.cli import main; sys.exit(main())"
    arguments = [sys.executable, "-c", program, *command.split()[1:], "--port", "0"]
    with subprocess.Popen(  # noqa: S603  our own document
        arguments, cwd=tmp_path, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)}
    ) as running:
        assert running.stdout is not None
        ready = running.stdout.readline()
        running.terminate()
    assert re.sub(r":\d+", ":8787", ready) in TEXT


def test_what_is_not_run_is_the_installation_alone() -> None:
    """Every other command of the page is pip's or podman's."""
    assert {each.split()[0] for each in COMMANDS} == {"pip", "havn", "podman"}


def test_every_kind_of_fault_is_in_the_table() -> None:
    """None is missing, none is invented."""
    section = TEXT[TEXT.index("## Faults") :]
    kinds = re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)
    assert sorted(kinds) == sorted(get_args(FaultKind))


def test_the_demo_data_is_what_the_table_says(sandbox: SandboxServer) -> None:
    """The good vouchers of the table are all that can be used, the bad ones all the others."""
    havn = Caller(base_url=sandbox.url)
    table = {
        kind: {f"HAVN-AQNEO-S08-{code}" for code in re.findall(r"`(?:HAVN-AQNEO-S08|…)-(\w+)`", row)}
        for kind, row in re.findall(r"^\| (good|bad) vouchers \| (.*) \|$", TEXT, re.MULTILINE)
    }
    vouchers = havn.get(params={"per_page": 100}).json()["data"]
    usable = {True: "good", False: "bad"}
    actual: dict[str, set[str]] = {"good": set(), "bad": set()}
    for voucher in vouchers:
        actual[usable[voucher["is_valid"]]].add(voucher["code"])
    assert table == actual


@pytest.mark.parametrize("email", re.findall(r"`(\w+@example\.com)`", TEXT))
def test_the_demo_users_are_there(sandbox: SandboxServer, email: str) -> None:
    """All but the inactive one may log in."""
    status = Caller(base_url=sandbox.url).post(LOGIN, {"email": email}).status_code
    assert status == (400 if email.startswith("inactive") else 200)


def test_links_and_pictures_lead_somewhere() -> None:
    """Every relative link names a file of the repository, every anchor a heading of the page."""
    for target in re.findall(r"\]\((?!https?:)([^)#]+)[^)]*\)", TEXT):
        assert (ROOT / "docs" / "en" / target).exists(), target
    headings = {heading.lower().replace(" ", "-") for heading in re.findall(r"^#+ (.*)$", TEXT, re.MULTILINE)}
    assert set(re.findall(r"\]\(#([^)]+)\)", TEXT)) <= headings
