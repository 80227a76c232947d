"""The contract as Schemathesis reads it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

import schemathesis
from contract import ROOT, Node
from schemathesis.config import SchemathesisConfig

from harness.spec import SPEC

if TYPE_CHECKING:
    from schemathesis.specs.openapi.schemas import OpenApiSchema

__all__ = ["schemathesis_schema"]

_SETTINGS: Final = ROOT / "schemathesis.toml"
_TEST_MODE: Final = {"$ref": "#/components/parameters/TestMode"}


@cache
def schemathesis_schema(
    max_examples: int | None = None, *, boundaries: bool = True, dry: bool = False
) -> OpenApiSchema:
    """The contract for Schemathesis, with the settings of `schemathesis.toml`.

    Args:
        max_examples: Random cases for each operation; those of the Hypothesis profile when None.
        boundaries: Whether every boundary of every field is tried as well (Schemathesis' coverage phase).
        dry: Whether the sender decides about `X-Test-Mode`, so that no case may take it away.
    """
    config = SchemathesisConfig.from_path(_SETTINGS)
    if max_examples is not None:
        config.projects.default.generation.update(max_examples=max_examples)
    config.projects.default.phases.coverage.enabled = boundaries
    return schemathesis.openapi.from_dict(_without_test_mode() if dry else SPEC, config=config)


def _without_test_mode() -> Node:
    paths = {
        path: {
            method: {
                **definition,
                "parameters": [each for each in definition["parameters"] if each != _TEST_MODE],
            }
            for method, definition in item.items()
        }
        for path, item in SPEC["paths"].items()
    }
    return {**SPEC, "paths": paths}
