"""Generates from `openapi.yaml` everything that the tree keeps of it, or checks that it is up to date.

    python scripts/generate.py            # writes the outputs
    python scripts/generate.py --check    # compares them to the byte, writes nothing

Outputs: the client `generated/havn_api`, its lock, and the contract as JSON for the sandbox, which reads it
at run time: a YAML parser is slow and none of its dependencies.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from contract import ROOT, ContractError, parse

if TYPE_CHECKING:
    from collections.abc import Sequence

SPEC = Path("openapi.yaml")
CONFIG = Path("scripts/generator.yaml")
TEMPLATES = Path("scripts/templates")
PINS = Path("requirements/dev.txt")

PACKAGE = Path("generated/havn_api")
LOCK = Path("generated/havn_api.lock")
SPEC_JSON = Path("havn_ext/sandbox/openapi.json")
OUTPUTS = (PACKAGE, LOCK, SPEC_JSON)

GENERATOR = "openapi-python-client"
#: Isolated, so that neither the project's settings nor its .gitignore change the output.
RUFF_OPTIONS = ("--isolated", "--no-cache", "--no-respect-gitignore", "--quiet")
RUFF_STYLE = ("--line-length", "110", "--target-version", "py311")


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Runs the command line; the exit code is 1 for a fault and, with `--check`, for any difference."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare with the tree and write nothing")
    try:
        return check(root) if parser.parse_args(arguments).check else generate(root)
    except ContractError as error:
        print(error, file=sys.stderr)
        return 1


def generate(root: Path) -> int:
    """Replaces every output, whole, once all of them could be made."""
    with TemporaryDirectory(prefix=".generate-", dir=root) as staging:  # so near that a move is a rename
        build(root, Path(staging))
        install(Path(staging), root)
    return 0


def check(root: Path) -> int:
    """Prints every file in which the tree is not what the contract gives."""
    with TemporaryDirectory(prefix="havn-generate-") as staging:
        build(root, Path(staging))
        found = differences(Path(staging), root)
    for difference in found:
        print(difference)
    if found:
        print("Mend openapi.yaml, never its outputs; then run `make generate` and commit what it changes.")
    return 1 if found else 0


def build(root: Path, staging: Path) -> None:
    """Makes every output of `root`'s contract below `staging`, each where it stands in the tree.

    Raises:
        ContractError: A tool is not the pinned one, or warns or fails; or JSON can't hold the contract.
    """
    versions = {name: pinned_version(root, name) for name in (GENERATOR, "ruff")}
    for output in OUTPUTS:
        (staging / output).parent.mkdir(parents=True, exist_ok=True)
    package = staging / PACKAGE
    run_generator(root, package)
    format_package(package)
    (package / "py.typed").touch()
    (staging / LOCK).write_text(lock(root, versions), encoding="utf-8")
    (staging / SPEC_JSON).write_text(spec_json(root), encoding="utf-8")


def pinned_version(root: Path, name: str) -> str:
    """The version of a tool that is pinned and installed.

    Raises:
        ContractError: It is not pinned, or another version is installed: it could give another output.
    """
    pin = re.search(rf"^{re.escape(name)}==(\S+)", (root / PINS).read_text(encoding="utf-8"), re.MULTILINE)
    if pin is None:
        raise ContractError(f"{PINS} pins no version of {name}.")
    if version(name) != pin[1]:
        raise ContractError(f"{name} {version(name)} is installed, {PINS} pins {pin[1]}: run `make setup`.")
    return pin[1]


def run_generator(root: Path, package: Path) -> None:
    """Generates the client as the folder `package`."""
    source = ("--path", str(root / SPEC), "--config", str(root / CONFIG))
    ways = ("--custom-template-path", str(root / TEMPLATES), "--fail-on-warning")
    target = ("--output-path", str(package), "--meta", "none")
    run("openapi_python_client", "generate", *source, *target, *ways)


def format_package(package: Path) -> None:
    """Drops unused imports, sorts the others and formats, in one style whatever the project's own."""
    run("ruff", "check", "--fix", "--select", "I,F401", *RUFF_OPTIONS, *RUFF_STYLE, str(package))
    run("ruff", "format", *RUFF_OPTIONS, *RUFF_STYLE, str(package))


def run(module: str, *arguments: str) -> None:
    """Runs a tool of this environment in silence, unless it fails: then its own text is the fault."""
    command = (sys.executable, "-m", module, *arguments)
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    if done.returncode:
        raise ContractError(f"{done.stdout}{done.stderr}{module} failed (exit code {done.returncode}).")


def lock(root: Path, versions: dict[str, str]) -> str:
    """What the client was made of, so that a reader of a diff sees why it changed."""
    digest = hashlib.sha256((root / SPEC).read_bytes()).hexdigest()
    return json.dumps({**versions, f"{SPEC} sha256": digest}, indent=2, sort_keys=True) + "\n"


def spec_json(root: Path) -> str:
    """The contract as JSON, for readers without a YAML parser.

    Raises:
        ContractError: It holds what JSON does not know, such as an unquoted date.
    """
    spec = parse((root / SPEC).read_text(encoding="utf-8"))
    try:
        return json.dumps(spec, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    except (TypeError, ValueError) as error:
        raise ContractError(f"{SPEC} holds a value that JSON does not know; quote it: {error}") from error


def install(staging: Path, root: Path) -> None:
    """Moves every output into the tree; what stood there goes to `staging`, to vanish with it."""
    for output in OUTPUTS:
        target = root / output
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists():
            target.rename(staging / f"{output.name}.old")
        (staging / output).rename(target)


def differences(expected: Path, actual: Path) -> list[str]:
    """One line for each file of the outputs that is missing, not generated, or different by a byte."""
    wanted, found = output_files(expected), output_files(actual)
    missing = [f"{name}: missing" for name in wanted.keys() - found.keys()]
    extra = [f"{name}: not generated" for name in found.keys() - wanted.keys()]
    stale = [f"{name}: differs" for name in wanted.keys() & found.keys() if wanted[name] != found[name]]
    return sorted(missing + extra + stale)


def output_files(root: Path) -> dict[str, bytes]:
    """The content of each file of the outputs below `root`, by name; bytecode caches are none."""
    candidates = [path for output in OUTPUTS for path in (root / output, *(root / output).rglob("*"))]
    files = (path for path in candidates if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in files}


if __name__ == "__main__":
    sys.exit(main())
