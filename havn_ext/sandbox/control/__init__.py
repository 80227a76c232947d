"""The control API under `/_sandbox`: routes from `control.openapi.json`, rules from the modules here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.routing import Route

from havn_ext.sandbox import bodies, spec
from havn_ext.sandbox.control import data, requests, settings
from havn_ext.sandbox.control.asks import CONTRACT, Ask
from havn_ext.sandbox.messages import RefusedError
from havn_ext.sandbox.responses import json_response

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.responses import JSONResponse

    from havn_ext.sandbox.box import Box
    from havn_ext.sandbox.control.asks import Rule
    from havn_ext.sandbox.spec import Operation

__all__ = ["routes"]

_RULES: Final[Mapping[str, Rule]] = {**data.RULES, **requests.RULES, **settings.RULES}
"""operationId to rule."""


def routes(box: Box) -> list[Route]:
    """The routes of the control API, in the order of its contract."""
    return [_route(box, operation) for operation in spec.operations(CONTRACT)]


def _route(box: Box, operation: Operation) -> Route:
    rule = _RULES[operation.operation_id]

    async def endpoint(request: Request) -> JSONResponse:
        try:
            answer = await rule(await _ask(box, operation, request))
        except RefusedError as refusal:
            answer = refusal.answer
        operation.check_answer(answer)
        return json_response(answer)

    return Route(operation.path, endpoint, methods=[operation.method], name=operation.operation_id)


async def _ask(box: Box, operation: Operation, request: Request) -> Ask:
    """The request, once its contract allows it."""
    document: object = {}
    if operation.body:
        document = bodies.parse(await bodies.read(request), request.headers.get("Content-Type", ""))
    path = operation.check_path(request.path_params)
    query, _ = operation.check_request(request.query_params, request.headers, document)
    return Ask(box, path, query, bodies.without_nulls(document))
