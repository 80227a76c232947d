"""Files of faults: a JSON list of what `POST /_sandbox/faults` takes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

from havn_ext.sandbox import spec
from havn_ext.sandbox.bodies import without_nulls
from havn_ext.sandbox.control.asks import CONTRACT
from havn_ext.sandbox.faults import FaultError, FaultRule

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["read"]


def read(path: Path) -> list[FaultRule]:
    """The rules of a file, in its order.

    Raises:
        FaultError: It cannot be read, is no JSON list, or has an entry that is not as the control API wants it.
    """
    try:
        document: Any = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise FaultError(f"cannot read the faults in {path}: {error}") from error
    if not isinstance(document, list):
        raise FaultError(f"the faults in {path} are no JSON list")
    entries = enumerate(cast("list[object]", document), start=1)
    return [_rule(entry, f"fault {number} in {path}") for number, entry in entries]


def _rule(entry: object, place: str) -> FaultRule:
    body = spec.operation("addFault", CONTRACT).body
    wrong = body.faults(entry) if body else []
    if wrong:
        raise FaultError(f"{place}: {wrong[0].path} {wrong[0].message}")
    try:
        return FaultRule.from_json(without_nulls(entry))
    except FaultError as error:
        raise FaultError(f"{place}: {error}") from error
