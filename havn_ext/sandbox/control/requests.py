"""Control of the request log: search it, read it, wait for what comes, forget."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from havn_ext.sandbox.control.asks import deleted
from havn_ext.sandbox.messages import Answer, RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from havn_ext.sandbox.control.asks import Ask, Rule

__all__ = ["RULES"]


async def _list(ask: Ask) -> Answer:
    log = ask.box.log
    found = log.entries(**ask.query)
    return Answer(200, {"requests": [entry.summary() for entry in found], "last_id": log.last_id})


async def _get(ask: Ask) -> Answer:
    entry = ask.box.log.get(ask.path["id"])
    if entry is None:
        raise RefusedError(404, "The log has no entry with this number, or has it no more")
    return Answer(200, entry.described())


async def _wait(ask: Ask) -> Answer:
    try:
        entry = await ask.box.log.wait_for(**ask.query)
    except TimeoutError as error:
        raise RefusedError(408, f"No request matched within {ask.query['timeout']:g} s") from error
    return Answer(200, entry.described())


async def _clear(ask: Ask) -> Answer:
    return deleted(ask.box.log.clear(ask.scope))


RULES: Final[Mapping[str, Rule]] = {
    "listRequests": _list,
    "getRequest": _get,
    "waitForRequest": _wait,
    "clearRequests": _clear,
}
"""operationId to rule."""
