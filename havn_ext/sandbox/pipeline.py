"""The way of one request: who calls, may they, is it signed, is it valid; then the rule, then the answer.

Everything from the first statement of a rule to the commit runs without interruption on the event loop.
The answer leaves only after the commit, and only if the contract allows it.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

import attrs

from havn_ext.sandbox import bodies, companies, magic, signatures
from havn_ext.sandbox.failures import defect
from havn_ext.sandbox.messages import Call, Detail, RefusedError
from havn_ext.sandbox.recording import Trace
from havn_ext.signing import canonical_json

if TYPE_CHECKING:
    from starlette.requests import Request

    from havn_ext.sandbox.companies import Company
    from havn_ext.sandbox.config import Clock
    from havn_ext.sandbox.messages import Answer, Handler
    from havn_ext.sandbox.rate_limits import Allowance, RateLimiter
    from havn_ext.sandbox.spec import Operation
    from havn_ext.sandbox.store import Store

__all__ = ["Pipeline"]

_logger: Final = logging.getLogger("havn.sandbox")


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

    def identify(self, request: Request) -> Company | None:
        """The company that calls, None when nobody has its key; noted like the operation."""
        company = companies.find(self.store, request.headers.get("X-API-Key"))
        trace = Trace.of(request)
        trace.operation = self.operation.operation_id
        trace.company = None if company is None else company.api_key
        return company

    async def answer(self, request: Request, *, instead: RefusedError | None = None) -> Answer:
        """The answer to a request; a defect of the sandbox is one as well (500), and logged.

        Args:
            request: What is asked.
            instead: A refusal to answer with, whatever is asked.
        """
        company = self.identify(request)
        allowance = self.limiter.take(Trace.of(request).company, self.operation.operation_id)
        passage = _Passage(self, request, company, allowance)
        try:
            return await passage.answer(instead)
        except Exception:
            _logger.exception("The sandbox failed to answer %s", self.operation.operation_id)
            passage.trace.verdict = "defect"
            return defect().answer.with_headers(allowance.headers)


@attrs.frozen
class _Passage:
    """One request on its way through a pipeline."""

    pipeline: Pipeline
    request: Request
    company: Company | None
    allowance: Allowance

    @property
    def trace(self) -> Trace:
        return Trace.of(self.request)

    async def answer(self, instead: RefusedError | None) -> Answer:
        try:
            if instead is not None:
                raise instead
            self.allowance.check()
            company = _known(self.company, self.request)
            answer = self._process(company, await self._signed_document(company))
        except RefusedError as refusal:
            self.trace.refused(refusal)
            return self._checked(refusal.answer)
        self.trace.answered(answer)
        return answer

    async def _signed_document(self, company: Company) -> object:
        """The JSON body, its signature checked; `{}` for an operation without a body."""
        signature = self.request.headers.get("X-Signature")
        if signature is None:
            raise _unauthorized("X-Signature", "missing_signature", "The header X-Signature is missing")
        raw = b""
        document: object = {}
        if self.pipeline.operation.body:
            raw = await bodies.read(self.request)
            document = bodies.parse(raw, self.request.headers.get("Content-Type", ""))
        self.trace.canonical = canonical_json(document)
        store = self.pipeline.store
        signatures.check(raw, document, signature, company, lambda: companies.other_secrets(store, company))
        return document

    def _process(self, company: Company, document: object) -> Answer:
        """Apply the rule in one transaction, which is undone by a refusal, a defect and in test mode."""
        pipeline, request = self.pipeline, self.request
        query, headers = pipeline.operation.check_request(request.query_params, request.headers, document)
        self.trace.valid = True
        body = bodies.without_nulls(document)
        magic.check(pipeline.operation, body, query)
        with pipeline.store.transaction(keep=headers.get("X-Test-Mode") != "true"):
            call = Call(
                data=companies.open_data(pipeline.store, company),
                body=body,
                query=query,
                now=pipeline.clock(),
                base_url=str(request.base_url).rstrip("/"),
            )
            return self._checked(pipeline.handler(call))

    def _checked(self, answer: Answer) -> Answer:
        """The answer with the usual headers, once the contract allows it."""
        allowance = self.allowance.used_up if answer.status == 429 else self.allowance
        complete = answer.with_headers(allowance.headers)
        self.pipeline.operation.check_answer(complete)
        return complete


def _known(company: Company | None, request: Request) -> Company:
    if company is not None:
        return company
    if "X-API-Key" in request.headers:
        raise _unauthorized("X-API-Key", "unknown_api_key", "No company has this API key")
    raise _unauthorized("X-API-Key", "missing_api_key", "The header X-API-Key is missing")


def _unauthorized(header: str, error: str, message: str) -> RefusedError:
    return RefusedError(401, message, error=error, details=(Detail("header", f"/{header}", error, message),))
