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
from starlette.responses import JSONResponse
from starlette.routing import Route

from havn_ext.sandbox import companies, seed, spec
from havn_ext.sandbox.companies import Company
from havn_ext.sandbox.config import SandboxConfig
from havn_ext.sandbox.login import create_login_link
from havn_ext.sandbox.messages import Answer, RefusedError
from havn_ext.sandbox.pipeline import Pipeline
from havn_ext.sandbox.rate_limits import RateLimiter
from havn_ext.sandbox.store import Store
from havn_ext.sandbox.transactions import send_transaction
from havn_ext.sandbox.users import sync_users
from havn_ext.sandbox.voucher_list import list_vouchers
from havn_ext.sandbox.vouchers import validate_voucher

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from havn_ext.sandbox.messages import Handler

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

    `app.state.store` is the open database; the application closes it when its lifespan ends. Who drives
    the application without a lifespan (`httpx.ASGITransport`) closes it: `app.state.store.close()`.

    Raises:
        StoreError: The database file cannot be used.
        SpecError: The contract uses something that the sandbox cannot do yet.
    """
    config = config or SandboxConfig()
    operations = spec.operations()
    store = Store(config.database)
    _open_default_company(store, config)
    limiter = RateLimiter(config)
    pipelines = [
        Pipeline(operation, _HANDLERS[operation.operation_id], store, limiter, config.clock)
        for operation in operations
    ]
    app = Starlette(
        routes=[Route("/_sandbox/health", _health), *map(_route, pipelines)],
        middleware=[Middleware(_RequestId)],
        exception_handlers={HTTPException: _unroutable},
        lifespan=_lifespan,
    )
    app.router.redirect_slashes = False  # a path that the contract does not know is a 404, not a redirect
    app.state.store = store
    return app


def _open_default_company(store: Store, config: SandboxConfig) -> None:
    """Make the configured company; one that is new is seeded."""
    company = Company(config.api_key, config.webhook_secret)
    with store.transaction():
        if companies.register(store, company) and config.seed == "demo":
            seed.plant_demo_data(companies.open_data(store, company))


def _route(pipeline: Pipeline) -> Route:
    async def endpoint(request: Request) -> JSONResponse:
        return _response(await pipeline.answer(request))

    operation = pipeline.operation
    return Route(operation.path, endpoint, methods=[operation.method], name=operation.operation_id)


def _response(answer: Answer) -> JSONResponse:
    return JSONResponse(answer.body, answer.status, answer.headers)


async def _health(_request: Request) -> JSONResponse:
    return JSONResponse({"status": "ok"})


async def _unroutable(_request: Request, error: Exception) -> JSONResponse:
    """Starlette's own 404 and 405 (with its `Allow`) in the shape of HAVN's errors."""
    fault = cast("HTTPException", error)  # what it is registered for
    return _response(RefusedError(fault.status_code, fault.detail, headers=fault.headers).answer)


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
