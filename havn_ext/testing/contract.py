"""The contract's names for its calls."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["operations"]


@cache
def operations() -> Mapping[tuple[str, str], str]:
    """The operationId for each method, in upper case, and path."""
    contract = json.loads(files("havn_ext.sandbox").joinpath("openapi.json").read_text("utf-8"))
    return {
        (method.upper(), path): operation["operationId"]
        for path, methods in contract["paths"].items()
        for method, operation in methods.items()
    }
