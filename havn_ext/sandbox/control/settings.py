"""Control of the sandbox itself: health, its contract, clock and faults."""

from __future__ import annotations

import json
from datetime import timedelta
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from havn_ext.sandbox import moments
from havn_ext.sandbox.control.asks import CONTRACT, deleted, done
from havn_ext.sandbox.faults import FaultError, FaultRule
from havn_ext.sandbox.messages import Answer, RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from havn_ext.sandbox.control.asks import Ask, Rule

__all__ = ["RULES"]


async def _health(_ask: Ask) -> Answer:
    return Answer(200, {"status": "ok"})


async def _contract(_ask: Ask) -> Answer:
    return Answer(200, json.loads(files("havn_ext.sandbox").joinpath(CONTRACT).read_text("utf-8")))


async def _get_clock(ask: Ask) -> Answer:
    clock = ask.box.clock
    return Answer(200, {"now": moments.stamp(clock()), "frozen": clock.frozen})


async def _set_clock(ask: Ask) -> Answer:
    clock = ask.box.clock
    seconds: float = ask.body.get("advance", 0)
    try:
        if "freeze_at" in ask.body:
            clock.freeze(moments.first_moment(ask.body["freeze_at"]) + timedelta(seconds=seconds))
        else:
            clock.advance(seconds)
    except (ValueError, OverflowError) as error:
        raise RefusedError(400, str(error)) from error
    return await _get_clock(ask)


async def _resume_clock(ask: Ask) -> Answer:
    ask.box.clock.resume()
    return await _get_clock(ask)


async def _list_faults(ask: Ask) -> Answer:
    return Answer(200, {"faults": [planned.described() for planned in ask.box.faults.all()]})


async def _add_fault(ask: Ask) -> Answer:
    try:
        planned = ask.box.faults.add(FaultRule.from_json(ask.body))
    except FaultError as error:
        raise RefusedError.at("/status", status=409, rule="fault", message=str(error)) from error
    return Answer(201, planned.described())


async def _clear_faults(ask: Ask) -> Answer:
    return deleted(ask.box.faults.clear(ask.scope))


async def _remove_fault(ask: Ask) -> Answer:
    if not ask.box.faults.remove(ask.path["id"]):
        raise RefusedError(404, "No fault has this number")
    return done("The fault is lifted")


RULES: Final[Mapping[str, Rule]] = {
    "getHealth": _health,
    "getControlContract": _contract,
    "getClock": _get_clock,
    "setClock": _set_clock,
    "resumeClock": _resume_clock,
    "listFaults": _list_faults,
    "addFault": _add_fault,
    "clearFaults": _clear_faults,
    "removeFault": _remove_fault,
}
"""operationId to rule."""
