"""The way of one request: who calls, may they, is it signed, is it valid; then the rule, then the answer.

Everything from the first statement of a rule to the commit runs without interruption on the event loop.
The answer leaves only after the commit, and only if the contract allows it.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

import attrs

from havn_ext.sandbox import bodies, companies, signatures
from havn_ext.sandbox.messages import Call, Detail, RefusedError

if TYPE_CHECKING:
    from starlette.requests import Request

    from havn_ext.sandbox.companies import Company
    from havn_ext.sandbox.config import Clock
    from havn_ext.sandbox.messages import Answer, Handler
    from havn_ext.sandbox.rate_limits import Allowance, RateLimiter
    from havn_ext.sandbox.spec import Operation
    from havn_ext.sandbox.store import Store

__all__ = ["Pipeline"]

_logger: Final = logging.getLogger("havn_ext.sandbox")


@attrs.frozen
class Pipeline:
    """Answers the requests of one operation.

    Args:
        operation: Its contract.
        handler: Its rule.
        store: Where the data is.
        limiter: Grants the calls.
        clock: Tells the time, in UTC.
    """

    operation: Operation
    handler: Handler
    store: Store
    limiter: RateLimiter
    clock: Clock

    async def answer(self, request: Request) -> Answer:
        """The answer to a request; a defect of the sandbox is one as well (500), and logged."""
        company = companies.find(self.store, request.headers.get("X-API-Key"))
        allowance = self.limiter.take(company.api_key if company else None, self.operation.operation_id)
        try:
            return await self._answer_or_refuse(request, company, allowance)
        except Exception:
            _logger.exception("The sandbox failed to answer %s", self.operation.operation_id)
            defect = RefusedError(500, "This is a defect of the sandbox, not of the request; see its log")
            return defect.answer.with_headers(allowance.headers)

    async def _answer_or_refuse(self, request: Request, company: Company | None, allowance: Allowance) -> Answer:
        try:
            allowance.check()
            company = _known(company, request)
            document = await self._signed_document(request, company)
            return self._process(request, company, document, allowance)
        except RefusedError as refusal:
            return self._checked(refusal.answer, allowance)

    async def _signed_document(self, request: Request, company: Company) -> object:
        """The JSON body, its signature checked; `{}` for an operation without a body."""
        signature = request.headers.get("X-Signature")
        if signature is None:
            raise _unauthorized("X-Signature", "missing_signature", "The header X-Signature is missing")
        raw = b""
        document: object = {}
        if self.operation.body:
            raw = await bodies.read(request)
            document = bodies.parse(raw, request.headers.get("Content-Type", ""))
        signatures.check(raw, document, signature, company, lambda: companies.other_secrets(self.store, company))
        return document

    def _process(self, request: Request, company: Company, document: object, allowance: Allowance) -> Answer:
        """Apply the rule in one transaction, which is undone by a refusal, a defect and in test mode."""
        query, headers = self.operation.check_request(request.query_params, request.headers, document)
        test_mode = headers.get("X-Test-Mode") == "true"
        with self.store.transaction(keep=not test_mode):
            call = Call(
                data=companies.open_data(self.store, company),
                body=bodies.without_nulls(document),
                query=query,
                now=self.clock(),
                base_url=str(request.base_url).rstrip("/"),
            )
            return self._checked(self.handler(call), allowance)

    def _checked(self, answer: Answer, allowance: Allowance) -> Answer:
        """The answer with the usual headers, once the contract allows it."""
        complete = answer.with_headers(allowance.headers)
        self.operation.check_answer(complete)
        return complete


def _known(company: Company | None, request: Request) -> Company:
    if company is not None:
        return company
    if "X-API-Key" in request.headers:
        raise _unauthorized("X-API-Key", "unknown_api_key", "No company has this API key")
    raise _unauthorized("X-API-Key", "missing_api_key", "The header X-API-Key is missing")


def _unauthorized(header: str, error: str, message: str) -> RefusedError:
    return RefusedError(401, message, error=error, details=(Detail("header", f"/{header}", error, message),))
