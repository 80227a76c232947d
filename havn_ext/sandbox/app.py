"""The sandbox as an ASGI application: routes, and what every answer has in common."""

from __future__ import annotations

import re
import uuid
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final, cast

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.routing import Route

from havn_ext.sandbox import control, inspector, spec
from havn_ext.sandbox.box import Box
from havn_ext.sandbox.config import SandboxConfig
from havn_ext.sandbox.cutting import Cutter
from havn_ext.sandbox.endpoint import Endpoint
from havn_ext.sandbox.failures import defect
from havn_ext.sandbox.guard import Guard
from havn_ext.sandbox.login import create_login_link
from havn_ext.sandbox.messages import RefusedError
from havn_ext.sandbox.pipeline import Pipeline
from havn_ext.sandbox.recording import Recorder
from havn_ext.sandbox.responses import json_response
from havn_ext.sandbox.transactions import send_transaction
from havn_ext.sandbox.users import sync_users
from havn_ext.sandbox.voucher_list import list_vouchers
from havn_ext.sandbox.vouchers import validate_voucher

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

    from starlette.responses import JSONResponse
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from havn_ext.sandbox.messages import Handler
    from havn_ext.sandbox.spec import Operation

__all__ = ["create_app"]

_HANDLERS: Final[Mapping[str, Handler]] = {
    "sendTransaction": send_transaction,
    "syncUsers": sync_users,
    "validateVoucher": validate_voucher,
    "listVouchers": list_vouchers,
    "createLoginLink": create_login_link,
}
"""operationId to rule."""


def create_app(config: SandboxConfig | None = None) -> Starlette:
    """A sandbox of its own, with its own data.

    `app.state.box` is all that it keeps, `app.state.store` the open database in it; the application closes it
    when its lifespan ends. Who drives the application without a lifespan (`httpx.ASGITransport`) closes it:
    `app.state.store.close()`.

    Raises:
        StoreError: The database file cannot be used.
        SpecError: The contract uses something that the sandbox cannot do yet.
        FaultError: A configured fault cannot happen.
    """
    box = Box.open(config or SandboxConfig())
    app = Starlette(
        routes=[
            *inspector.routes(),
            *control.routes(box),
            *(_route(box, operation) for operation in spec.operations()),
        ],
        middleware=[
            Middleware(Cutter),
            Middleware(Recorder, box.log, box.clock),
            Middleware(_RequestId),
            Middleware(Guard, box.config.allowed_hosts),
        ],
        exception_handlers={HTTPException: _unroutable, Exception: _defective},
        lifespan=_lifespan,
    )
    app.router.redirect_slashes = False  # a path that the contract does not know is a 404, not a redirect
    app.state.box = box
    app.state.store = box.store
    return app


def _route(box: Box, operation: Operation) -> Route:
    handler = _HANDLERS[operation.operation_id]
    endpoint = Endpoint(Pipeline(operation, handler, box.store, box.limiter, box.clock), box.faults)
    return Route(operation.path, endpoint.respond, methods=[operation.method], name=operation.operation_id)


async def _unroutable(_request: Request, error: Exception) -> JSONResponse:
    """Starlette's own 404 and 405 (with its `Allow`) in the shape of HAVN's errors."""
    fault = cast("HTTPException", error)  # what it is registered for
    return json_response(RefusedError(fault.status_code, fault.detail, headers=fault.headers).answer)


async def _defective(_request: Request, _error: Exception) -> JSONResponse:
    """Any other exception, once the server has logged it (Starlette raises it again)."""
    return json_response(defect().answer)


@asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncGenerator[None]:
    yield
    app.state.store.close()


class _RequestId:
    """Puts `X-Request-Id` on every answer: the client's own if it is harmless, else a new one."""

    _HARMLESS: Final = re.compile(r"[A-Za-z0-9._-]{1,128}")

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Request(scope).headers.get("X-Request-Id", "")
        request_id = given if self._HARMLESS.fullmatch(given) else uuid.uuid4().hex

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["X-Request-Id"] = request_id
            await send(message)

        await self._app(scope, receive, send_with_id)
