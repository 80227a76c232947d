"""One operation as an ASGI endpoint: its pipeline, and the faults that strike before and after it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import attrs
from starlette.requests import ClientDisconnect

from havn_ext.sandbox.failures import failure
from havn_ext.sandbox.faults import Fault, FaultError
from havn_ext.sandbox.messages import Detail, RefusedError
from havn_ext.sandbox.misbehaviour import INSTEAD, spoilt
from havn_ext.sandbox.recording import Trace
from havn_ext.sandbox.responses import json_response

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import ASGIApp

    from havn_ext.sandbox.faults import FaultPlan
    from havn_ext.sandbox.pipeline import Pipeline

__all__ = ["FAULT_HEADER", "Endpoint"]

FAULT_HEADER: Final = "X-Sandbox-Fault"


@attrs.frozen
class Endpoint:
    """Answers the requests of one operation, or fails to as it is told.

    What a fault does to an answer happens behind the pipeline, hence behind the check of the contract.

    Args:
        pipeline: The way of a request.
        faults: What shall go wrong.
    """

    pipeline: Pipeline
    faults: FaultPlan

    async def respond(self, request: Request) -> ASGIApp:
        """What is sent back, as an ASGI application."""
        try:
            fault = self._fault_of(request)
        except RefusedError as refusal:
            return json_response(await self.pipeline.answer(request, instead=refusal))
        if fault is None:
            return json_response(await self.pipeline.answer(request))
        return await self._fail(request, fault)

    async def _fail(self, request: Request, fault: Fault) -> ASGIApp:
        trace = Trace.of(request)
        trace.fault = str(fault)
        if fault.delay:
            await _delay(request, fault.delay)
        if fault.kind in INSTEAD:
            self.pipeline.identify(request)
            return INSTEAD[fault.kind]
        response = json_response(await self.pipeline.answer(request, instead=_failure(fault)))
        if fault.kind == "reset_after":
            trace.lost = response
        return spoilt(response, fault)

    def _fault_of(self, request: Request) -> Fault | None:
        """The fault that the request asks for, else the one that is planned for it."""
        asked = request.headers.get(FAULT_HEADER)
        if asked is None:
            return self.faults.strike(self.pipeline.operation, request.headers.get("X-API-Key"))
        try:
            fault = Fault.from_header(asked)
            if fault.status is not None and not self.pipeline.operation.can_fail_with(fault.status):
                raise FaultError(f"the operation never answers {fault.status}")  # noqa: TRY301  told as the others
        except FaultError as error:
            detail = Detail("header", f"/{FAULT_HEADER}", "fault", str(error))
            raise RefusedError(400, f"{FAULT_HEADER} is no fault: {error}", details=(detail,)) from error
        return fault


async def _delay(request: Request, seconds: float) -> None:
    """Let time pass with the whole request at hand: a caller that hangs up meanwhile has asked nevertheless."""
    with suppress(ClientDisconnect):  # one that hangs up before is told of in the log, by who reads the body
        await request.body()
    await asyncio.sleep(seconds)


def _failure(fault: Fault) -> RefusedError | None:
    if fault.status is None:
        return None
    return failure(fault.status, "a fault that the sandbox was told", fault.retry_after)
