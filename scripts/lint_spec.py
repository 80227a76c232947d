"""Checks the contract: that it is valid OpenAPI 3.1, and that it keeps our own rules (`spec_rules.py`).

    python scripts/lint_spec.py [openapi.yaml]

Prints every finding with the JSON pointer of where it stands.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from contract import ROOT, ContractError, Node, operations, parse, pointer
from openapi_spec_validator import OpenAPIV31SpecValidator
from spec_rules import RULES, Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line; the exit code is 1 if there is any finding."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("path", nargs="?", type=Path, default=ROOT / "openapi.yaml")
    path = parser.parse_args(arguments).path
    try:
        spec = parse(path.read_text(encoding="utf-8"))
        findings = lint(spec)
    except (ContractError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    for finding in findings:
        print(finding)
    print(f"{path.name}: {summary(spec, findings)}")
    return 1 if findings else 0


def lint(spec: Node) -> list[Finding]:
    """Every finding. Our own rules take valid OpenAPI for granted, so they wait until it is."""
    return list(openapi(spec)) or [finding for rule in RULES for finding in rule(spec)]


def openapi(spec: Node) -> Iterator[Finding]:
    """What OpenAPI 3.1 itself has against the contract.

    Its validator names the place of a fault in a schema from that schema on, not from the top.
    """
    for error in OpenAPIV31SpecValidator(spec).iter_errors():
        yield Finding(pointer(*error.absolute_path), error.message)


def summary(spec: Node, findings: list[Finding]) -> str:
    """One line that says how it went."""
    if findings:
        return f"{len(findings)} finding(s)"
    return f"clean, {len(list(operations(spec)))} operations, {len(RULES)} rules"


if __name__ == "__main__":
    sys.exit(main())
