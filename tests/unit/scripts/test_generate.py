from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import generate
import pytest
from contract import ROOT, parse

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TEMPLATES = (path.relative_to(ROOT) for path in (ROOT / generate.TEMPLATES).rglob("*.jinja"))
INPUTS = (generate.SPEC, generate.CONFIG, generate.PINS, *TEMPLATES)


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tree with this repository's inputs, and with the outputs of one run."""
    root = tmp_path_factory.mktemp("generated")
    for path in INPUTS:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, root / path)
    assert generate.main([], root) == 0
    return root


@pytest.fixture
def tree(generated: Path, tmp_path: Path) -> Path:
    """A copy of that tree to tamper with."""
    return shutil.copytree(generated, tmp_path / "tree")


def edit_a_file(tree: Path) -> str:
    """Appends to a generated file what no formatter sees."""
    path = tree / generate.PACKAGE / "client.py"
    path.write_text(path.read_text(encoding="utf-8") + "# a hand was here\n", encoding="utf-8")
    return "generated/havn_api/client.py: differs"


def cut_a_file(tree: Path) -> str:
    """Leaves nothing of a generated file."""
    (tree / generate.PACKAGE / "models/voucher.py").write_text("", encoding="utf-8")
    return "generated/havn_api/models/voucher.py: differs"


def add_a_file(tree: Path) -> str:
    """Puts a file of our own among the generated ones."""
    (tree / generate.PACKAGE / "models/helper.py").touch()
    return "generated/havn_api/models/helper.py: not generated"


def remove_a_file(tree: Path) -> str:
    """Takes away an empty marker that no import misses."""
    (tree / generate.PACKAGE / "py.typed").unlink()
    return "generated/havn_api/py.typed: missing"


def age_the_lock(tree: Path) -> str:
    """Makes the lock that of another contract."""
    lock = json.loads((tree / generate.LOCK).read_text(encoding="utf-8"))
    lock["openapi.yaml sha256"] = "0" * 64
    (tree / generate.LOCK).write_text(json.dumps(lock), encoding="utf-8")
    return "generated/havn_api.lock: differs"


def remove_the_json(tree: Path) -> str:
    """Takes away the sandbox's copy of the contract."""
    (tree / generate.SPEC_JSON).unlink()
    return "havn_ext/sandbox/openapi.json: missing"


TAMPERINGS = [edit_a_file, cut_a_file, add_a_file, remove_a_file, age_the_lock, remove_the_json]


@pytest.mark.parametrize("tamper", TAMPERINGS)
def test_tampering_is_found(generated: Path, tree: Path, tamper: Callable[[Path], str]) -> None:
    """Each way to leave what the contract gives is found, and nothing else is."""
    finding = tamper(tree)
    assert generate.differences(generated, tree) == [finding]


def test_the_check_names_every_difference(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A failed check lists all differences, says what to do, and changes nothing."""
    findings = sorted([add_a_file(tree), age_the_lock(tree)])
    before = generate.output_files(tree)
    assert generate.main(["--check"], tree) == 1
    *listed, advice = capsys.readouterr().out.splitlines()
    assert listed == findings
    assert "make generate" in advice
    assert generate.output_files(tree) == before


def test_generating_again_changes_nothing(generated: Path, tree: Path) -> None:
    """Generation is idempotent to the byte, and mends whatever was tampered with."""
    for tamper in TAMPERINGS:
        tamper(tree)
    assert generate.main([], tree) == 0
    assert generate.differences(generated, tree) == []
    assert sorted(path.name for path in tree.iterdir()) == sorted(path.name for path in generated.iterdir())


def test_bytecode_is_no_difference(generated: Path, tree: Path) -> None:
    """A tree that was imported from is as good as new."""
    cache = tree / generate.PACKAGE / "__pycache__"
    cache.mkdir()
    (cache / "client.cpython-311.pyc").touch()
    assert generate.differences(generated, tree) == []


def test_this_repository_is_up_to_date(generated: Path) -> None:
    """Regenerating into an empty folder gives `generated/` to the byte."""
    assert generate.differences(generated, ROOT) == []


def test_the_json_is_the_contract(generated: Path) -> None:
    """What the sandbox loads says the same as what people edit."""
    spec = parse((generated / generate.SPEC).read_text(encoding="utf-8"))
    assert json.loads((generated / generate.SPEC_JSON).read_text(encoding="utf-8")) == spec


@pytest.mark.parametrize(
    ("path", "old", "new", "message"),
    [
        (generate.PINS, "ruff==", "ruff==0.0.", "ruff 0.17.6 is installed, requirements/dev.txt pins 0.0."),
        (generate.PINS, "ruff==", "rough==", "pins no version of ruff"),
        (generate.SPEC, "example: '2024-12-31'", "example: 2024-12-31", "quote it"),
        (generate.SPEC, "openapi: 3.1.0", "openapi: 2.0", "openapi_python_client failed"),
        (generate.SPEC, "schema: {type: boolean}", "schema: {$ref: '#/nowhere'}", "/nowhere"),
    ],
)
def test_a_failed_run_leaves_the_tree_as_it_was(
    tree: Path, path: Path, old: str, new: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Another tool's version, a generator's warning, a value unknown to JSON: told, and nothing written."""
    text = (tree / path).read_text(encoding="utf-8")
    (tree / path).write_text(text.replace(old, new, 1), encoding="utf-8")
    before = generate.output_files(tree)
    assert generate.main([], tree) == 1
    assert message in capsys.readouterr().err
    assert generate.output_files(tree) == before
