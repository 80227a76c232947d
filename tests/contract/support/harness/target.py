"""Where calls go: the sandbox in process, the sandbox over HTTP, or any server that claims to be HAVN."""

from __future__ import annotations

import json
from contextlib import contextmanager
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

import attrs

from harness.exchange import Exchange
from harness.freshness import make_plausible
from harness.ledger import EXERCISED, Ledger
from harness.schema import schemathesis_schema
from harness.signer import Signer
from harness.verdict import differences
from havn_ext.sandbox import SandboxConfig, SandboxServer, create_app
from havn_ext.sandbox.conversion import DEFAULT_RATES

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from schemathesis import Case
    from schemathesis.core.transport import Response
    from schemathesis.specs.openapi.schemas import OpenApiSchema
    from starlette.types import Receive, Scope, Send

    from harness.money import Rates
    from harness.pace import Pace
    from harness.verdict import Difference

__all__ = ["SANDBOX_RATES", "ContractBreachError", "Target", "in_process", "over_http"]

SANDBOX_RATES: Final[Rates] = {currency: Fraction(rate) for currency, rate in DEFAULT_RATES.items()}


class ContractBreachError(AssertionError):
    """A server is not what the contract says."""


def _fail(difference: Difference) -> None:
    raise ContractBreachError(str(difference))


@attrs.define
class Target:
    """A server, and how to speak to it.

    Args:
        signer: Who calls.
        route: What leads there: `app` or `base_url`, as for `Case.call`.
        rates: The server's exchange rates; None when they are not known.
        schema: The contract that hand-written calls belong to.
        on_difference: Told of every difference; raises unless it is given.
        pace: Bounds on the calls; None is no bound.
        ledger: Counts the calls of this target.
    """

    signer: Signer
    route: Mapping[str, Any]
    rates: Rates | None = None
    schema: OpenApiSchema = attrs.field(factory=schemathesis_schema, repr=False)
    on_difference: Callable[[Difference], None] = _fail
    pace: Pace | None = None
    ledger: Ledger = attrs.field(factory=Ledger)

    def try_out(self, case: Case[Any]) -> None:
        """Send a generated case and judge the answer, if the pace allows one more."""
        assert case.meta is not None
        valid = case.meta.generation.mode.is_positive
        if self.pace and not self.pace.admits(case.operation.definition.raw["operationId"], valid=valid):
            return
        make_plausible(case)
        self.judge(case, case.call(auth=self.signer, **self.route))

    def call(
        self,
        operation_id: str,
        body: Mapping[str, Any] | None = None,
        *,
        query: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        signer: Signer | None = None,
    ) -> Exchange:
        """Send a call written by hand and judge the answer, whatever its status.

        Args:
            operation_id: What to call.
            body: The JSON body.
            query: Query parameters.
            headers: Headers beyond the credentials.
            signer: Who calls, if it is not the usual one.
        """
        operation = self.schema.find_operation_by_id(operation_id)
        content = {} if body is None else {"body": json.loads(json.dumps(body)), "media_type": "application/json"}
        case = operation.Case(query=dict(query or {}), headers=dict(headers or {}), **content)
        if self.pace:
            self.pace.wait(operation_id)
        return self.judge(case, case.call(auth=signer or self.signer, **self.route))

    def judge(self, case: Case[Any], response: Response) -> Exchange:
        """Count an answer and tell every difference that it shows; a 429 that pace expects shows none."""
        exchange = Exchange.of(case, response)
        for ledger in (self.ledger, EXERCISED):
            ledger.record(exchange, {name.lower() for name in response.request.headers})
        if self.pace:
            self.pace.learn(exchange)
        if not (self.pace and exchange.status == 429):
            for difference in differences(exchange, case, response, self.rates):
                self.on_difference(difference)
        return exchange

    def as_company(self, api_key: str) -> Signer:
        """Another company of the sandbox's, made by its key."""
        return Signer(api_key, f"{api_key}_secret")


class _Door:
    """An application whose lifespan is somebody else's: Schemathesis would end it after the first test."""

    def __init__(self, config: SandboxConfig) -> None:
        self.app = create_app(config)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self.app(scope, receive, send)


@contextmanager
def in_process() -> Generator[Target]:
    """A sandbox of its own, called without a socket; its rate limits are off."""
    config = SandboxConfig(rate_limits=False)
    door = _Door(config)
    try:
        signer = Signer(config.api_key, config.webhook_secret)
        yield Target(signer, {"app": door}, SANDBOX_RATES)
    finally:
        door.app.state.store.close()


@contextmanager
def over_http() -> Generator[Target]:
    """A sandbox of its own behind a socket on this machine; its rate limits are off."""
    config = SandboxConfig(rate_limits=False)
    with SandboxServer(config) as server:
        signer = Signer(config.api_key, config.webhook_secret)
        yield Target(signer, {"base_url": server.url}, SANDBOX_RATES)
