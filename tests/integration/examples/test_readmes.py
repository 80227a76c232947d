"""The README of each example: its commands are those that its test types, its links lead somewhere."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
EXAMPLES = sorted(path for path in (ROOT / "examples").iterdir() if path.is_dir())
TRIED_ELSEWHERE = ("pip install ", "export ", "havn sandbox", "curl ", "jupyter lab ")
"""Installation: below; the sandbox: its own tests; curl: the test of FastAPI; Jupyter's page needs a person."""

every_example = pytest.mark.parametrize("folder", EXAMPLES, ids=lambda folder: folder.name)


def commands(folder: Path) -> list[str]:
    """What the README has people type."""
    text = (folder / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```console\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    return [line.removeprefix("$ ") for block in blocks for line in block.splitlines() if line.startswith("$ ")]


def test_all_examples_are_there() -> None:
    """The six that the project promises."""
    assert [folder.name for folder in EXAMPLES] == ["celery", "django", "fastapi", "flask", "notebook", "script"]


@every_example
def test_the_commands_are_those_of_the_test(folder: Path) -> None:
    """What a README has people type is what the example's test types."""
    source = Path(__file__).with_name(f"test_{folder.name}_example.py").read_text(encoding="utf-8")
    typed = [command for command in commands(folder) if not command.startswith(TRIED_ELSEWHERE)]
    assert [command for command in typed if f'"{command}"' not in source] == []


@every_example
def test_the_installation_brings_what_it_says(folder: Path) -> None:
    """Every extra exists, and the sandbox is among them: without it there is nothing to look at."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    (install,) = (each for each in commands(folder) if each.startswith("pip install"))
    (extras,) = re.findall(r"havn-sdk\[([\w,]+)\]", install)
    assert "sandbox" in extras.split(",")
    assert set(extras.split(",")) <= project["optional-dependencies"].keys()


@every_example
def test_the_links_lead_somewhere(folder: Path) -> None:
    """Every relative link names a file of the repository."""
    text = (folder / "README.md").read_text(encoding="utf-8")
    targets = re.findall(r"\]\((?!https?:)([^)#]+)[^)]*\)", text)
    assert [target for target in targets if not (folder / target).exists()] == []
    assert targets
