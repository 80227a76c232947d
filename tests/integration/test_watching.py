"""Log, hooks and spans over real HTTP: what they say of a call is what the sandbox has seen of it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from fakes import settled
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from havn_ext import AsyncHAVNClient, HAVNClient, HAVNNetworkError, ResponseEvent, RetryEvent
from havn_ext.integrations.otel import opentelemetry_hooks
from havn_ext.testing import no_waiting

if TYPE_CHECKING:
    from havn_ext.testing import SandboxCompany

UPLINE = "HAVN-MJ-001"
SALE: dict[str, Any] = {
    "amount": 10_000,
    "payment_gateway_transaction_id": "pay_watched",
    "customer_email": "ada@example.com",
    "referral_code": UPLINE,
}

either = pytest.mark.parametrize("kind", ["client", "async_client"])


def client_of(company: SandboxCompany, kind: str, **options: Any) -> HAVNClient | AsyncHAVNClient:
    """One of the two clients of a company."""
    client: HAVNClient | AsyncHAVNClient = getattr(company, kind)(**options)
    return client


@pytest.fixture
def shop(havn_sandbox: SandboxCompany) -> SandboxCompany:
    """A company with the demo data."""
    havn_sandbox.seed()
    return havn_sandbox


@either
def test_the_request_id_is_the_one_of_the_answer(
    shop: SandboxCompany, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The log line and the hooks name the request id by which the other side finds the call."""
    caplog.set_level(logging.INFO, "havn")
    told: list[Any] = []
    client = client_of(shop, kind, on_end=told.append)
    (result,) = settled(client, lambda client: client.transactions.send(**SALE))
    (record,) = [record for record in caplog.records if record.name == "havn.client"]
    (seen,) = shop.requests(operation="sendTransaction")
    assert result.request_id == told[0].request_id == vars(record)["havn_request_id"]
    assert result.request_id in str(shop.request(seen["id"]))
    assert told[0].url == f"{shop.url}/api/v1/webhook/transaction"


@either
def test_a_lost_answer_is_a_try_without_a_status(shop: SandboxCompany, kind: str) -> None:
    """When the connection breaks after HAVN has processed a sale, the hooks tell of two tries, and one retry."""
    shop.add_fault("reset_after", operation="sendTransaction", times=1)
    told: list[Any] = []
    client = client_of(shop, kind, on_response=told.append, on_retry=told.append, max_retries=2)
    with no_waiting():
        (result,) = settled(client, lambda client: client.transactions.send(**SALE))
    first, retry, second = told
    assert result.replayed
    assert isinstance(first, ResponseEvent)
    assert isinstance(retry, RetryEvent)
    assert (first.status, second.status) == (None, 200)
    assert first.error == retry.error == HAVNNetworkError.__name__
    assert len(shop.requests(operation="sendTransaction")) == 2


@either
def test_a_rate_limit_is_seen_and_waited_for(shop: SandboxCompany, kind: str) -> None:
    """A real 429 is one span with two tries and the wait that the sandbox asked for."""
    shop.add_fault("status", status=429, retry_after=3, operation="createLoginLink", times=1)
    exporter = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    client = client_of(shop, kind, hooks=opentelemetry_hooks(tracer_provider=provider))
    with no_waiting():
        settled(
            client,
            lambda client: client.users.sync("ada@example.com", "Ada"),
            lambda client: client.auth.login("ada@example.com"),
        )
    provider.shutdown()
    span = exporter.get_finished_spans()[-1]
    events = [(event.name, dict(event.attributes or {})) for event in span.events]
    assert [name for name, _ in events] == ["havn.attempt", "havn.retry", "havn.attempt"]
    assert events[1][1]["havn.wait"] == 3.0
    address = httpx.URL(shop.url)
    attributes = span.attributes or {}
    assert (attributes["server.address"], attributes["server.port"]) == (address.host, address.port)
    assert attributes["http.response.status_code"] == 200


@either
def test_a_failing_hook_loses_no_commission(shop: SandboxCompany, kind: str) -> None:
    """With every hook failing at every chance, through a retry, the sale is reported once and pays commissions."""
    shop.add_fault("status", status=503, operation="sendTransaction", times=1)

    def fail(_event: object) -> None:
        raise RuntimeError("the hook's own fault")

    client = client_of(shop, kind, on_request=fail, on_response=fail, on_retry=fail, on_end=fail)
    with no_waiting():
        (result,) = settled(client, lambda client: client.transactions.send(**SALE))
    assert result.total_commission > 0
    assert not result.replayed
