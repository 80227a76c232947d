"""A call as OpenTelemetry sees it: spans, their events and metrics, read back from the SDK's own exporters."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from contextlib import suppress
from contextvars import copy_context
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from fakes import FakeHAVN, Reply, make_client, outcome, settled
from opentelemetry import trace
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from havn_ext import HAVNError, Hooks
from havn_ext.integrations.otel import opentelemetry_hooks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fakes import AnyClient, Kind, Script
    from opentelemetry.sdk.trace import ReadableSpan

SALE: dict[str, Any] = {"amount": 1000, "payment_gateway_transaction_id": "pay_1", "customer_id": "c_1"}
PATH = "/api/v1/webhook/transaction"
BUSY = Reply(503, {"message": "Busy"})
LIMITED = Reply(429, {"message": "Slow down"}, {"Retry-After": "7", "X-Request-Id": "req_limited"})
FINE = Reply(body={"message": "done"}, headers={"X-Request-Id": "req_fine"})
TARGET = {
    "http.request.method": "POST",
    "server.address": "api.havn.com",
    "server.port": 443,
    "url.template": PATH,
}


class Telescope:
    """Providers that keep what they are given, and what is read from them."""

    def __init__(self) -> None:
        self.exporter = InMemorySpanExporter()
        self.tracer_provider = TracerProvider(shutdown_on_exit=False)
        self.tracer_provider.add_span_processor(SimpleSpanProcessor(self.exporter))
        self.reader = InMemoryMetricReader()
        self.meter_provider = MeterProvider([self.reader], shutdown_on_exit=False)
        self.hooks = opentelemetry_hooks(tracer_provider=self.tracer_provider, meter_provider=self.meter_provider)

    @property
    def spans(self) -> tuple[ReadableSpan, ...]:
        """The spans that have ended."""
        return self.exporter.get_finished_spans()

    @property
    def span(self) -> ReadableSpan:
        """The only one."""
        (span,) = self.spans
        return span

    def events(self) -> list[tuple[str, dict[str, Any]]]:
        """The events of the only span."""
        return [(event.name, dict(event.attributes or {})) for event in self.span.events]

    def points(self) -> dict[str, list[Any]]:
        """The data points of each metric."""
        data = self.reader.get_metrics_data()
        if data is None:
            return {}
        (resource,) = data.resource_metrics
        (scope,) = resource.scope_metrics
        assert scope.scope.name == "havn_ext"
        return {metric.name: list(metric.data.data_points) for metric in scope.metrics}

    def call(self, kind: Kind, *script: Script, call: Any = None, **options: Any) -> Any:
        """What a sale (or another call) comes to; an error is none here."""
        client = make_client(kind, FakeHAVN(*script), hooks=self.hooks, **options)
        with suppress(HAVNError):
            return outcome((call or (lambda client: client.transactions.send(**SALE)))(client))
        return None


@pytest.fixture
def telescope() -> Iterator[Telescope]:
    """Fresh providers, shut down in the end."""
    telescope = Telescope()
    yield telescope
    telescope.tracer_provider.shutdown()
    telescope.meter_provider.shutdown()


# ── spans ────────────────────────────────────────────────────────────────────────────────────────


def test_a_call_is_one_client_span(kind: Kind, telescope: Telescope) -> None:
    """A call is a span of kind CLIENT, named and described as the conventions for HTTP clients say."""
    telescope.call(kind, FINE)
    span = telescope.span
    assert (span.name, span.kind) == (f"POST {PATH}", trace.SpanKind.CLIENT)
    assert dict(span.attributes or {}) == {
        **TARGET,
        "url.full": f"https://api.havn.com{PATH}",
        "http.response.status_code": 200,
        "havn.request_id": "req_fine",
    }
    assert span.status.status_code is trace.StatusCode.UNSET
    assert span.instrumentation_scope is not None
    assert span.instrumentation_scope.name == "havn_ext"


def test_tries_and_retries_are_events_of_the_span(kind: Kind, telescope: Telescope) -> None:
    """However many tries there are it is one span; each try and each wait is an event, in their order."""
    telescope.call(kind, LIMITED, httpx.ReadTimeout("slow"), FINE)
    assert telescope.events() == [
        (
            "havn.attempt",
            {
                "havn.attempt": 1,
                "http.response.status_code": 429,
                "error.type": "429",
                "havn.request_id": "req_limited",
            },
        ),
        (
            "havn.retry",
            {"havn.attempt": 1, "havn.wait": 7.0, "http.response.status_code": 429, "error.type": "429"},
        ),
        ("havn.attempt", {"havn.attempt": 2, "error.type": "HAVNTimeoutError"}),
        ("havn.retry", {"havn.attempt": 2, "havn.wait": 1.0, "error.type": "HAVNTimeoutError"}),
        ("havn.attempt", {"havn.attempt": 3, "http.response.status_code": 200, "havn.request_id": "req_fine"}),
    ]
    assert (telescope.span.attributes or {})["http.request.resend_count"] == 2


FAILURES: dict[str, tuple[Script, str, str | None]] = {
    "by status": (Reply(404, {"message": "No such user"}), "404", None),
    "no answer": (
        httpx.ConnectError("refused"),
        "HAVNNetworkError",
        f"HAVN did not answer POST {PATH} at all (ConnectError: refused); the call is safe to repeat",
    ),
    "unreadable": (
        Reply(200, b"<html>"),
        "HAVNResponseError",
        "HAVN processed the call, but its answer is not a JSON object",
    ),
}


@pytest.mark.parametrize(("script", "error_type", "description"), FAILURES.values(), ids=FAILURES)
def test_a_failed_call_is_a_failed_span(
    kind: Kind, telescope: Telescope, script: Script, error_type: str, description: str | None
) -> None:
    """A span fails with the status or else the error's class; words stand beside it where no status says it."""
    telescope.call(kind, script, max_retries=0)
    span = telescope.span
    assert (span.attributes or {})["error.type"] == error_type
    assert (span.status.status_code, span.status.description) == (trace.StatusCode.ERROR, description)


def test_a_call_that_is_refused_here_is_no_span(kind: Kind, telescope: Telescope) -> None:
    """A call that the SDK refuses sends nothing: neither a span nor a number comes of it."""
    telescope.call(kind, FINE, call=lambda client: client.auth.login("nobody"))
    assert telescope.spans == ()
    assert telescope.points() == {}


def test_the_span_is_a_child_of_the_callers(kind: Kind, telescope: Telescope) -> None:
    """Calls within a span of the user's are its children, also from threads and tasks; after them it is current."""
    tracer = telescope.tracer_provider.get_tracer("shop")
    users = [{"email": f"u{number}@example.com", "name": "U"} for number in range(6)]
    calls: list[Any] = [
        lambda client: client.transactions.send(**SALE),
        lambda client: client.users.sync_many(users, batch_size=2, concurrency=3),
        lambda client: client.vouchers.iter_all(),
    ]
    client = make_client(kind, FakeHAVN(Reply(body={"results": [], "data": []})), hooks=telescope.hooks)
    with tracer.start_as_current_span("checkout") as parent:
        settled(client, *calls)
        assert trace.get_current_span() is parent
    children = [span for span in telescope.spans if span.name != "checkout"]
    assert len(children) == 5
    assert {span.parent.span_id for span in children if span.parent} == {parent.get_span_context().span_id}
    assert {span.context.trace_id for span in children if span.context} == {parent.get_span_context().trace_id}


def test_concurrent_tasks_keep_their_spans_apart(telescope: Telescope) -> None:
    """Calls that run at once, each in a span of its own task, do not become each other's children."""
    tracer = telescope.tracer_provider.get_tracer("shop")
    held: list[asyncio.Event] = []

    async def held_up(_request: httpx.Request) -> httpx.Response:
        event = asyncio.Event()
        held.append(event)
        if len(held) == 3:
            for each in reversed(held):
                each.set()
        await event.wait()
        return FINE.response()

    async def one(client: Any, number: int) -> None:
        with tracer.start_as_current_span(f"order {number}"):
            await client.transactions.send(**SALE)

    async def main() -> None:
        supplied = httpx.AsyncClient(transport=httpx.MockTransport(held_up))
        client = make_client("async", http_client=supplied, hooks=telescope.hooks)
        await asyncio.gather(*[one(client, number) for number in range(3)])

    asyncio.run(main())
    parents = {span.context.span_id: span.name for span in telescope.spans if span.context}
    calls = [span for span in telescope.spans if span.name.startswith("POST")]
    assert sorted(parents[span.parent.span_id] for span in calls if span.parent) == [
        "order 0",
        "order 1",
        "order 2",
    ]


def test_the_span_is_current_while_the_call_lasts(kind: Kind, telescope: Telescope) -> None:
    """What happens within a call, in httpx or in the user's hooks, belongs to its span; afterwards nothing does."""
    seen: list[Any] = []

    def look(_anything: object) -> Reply:
        seen.append(trace.get_current_span().get_span_context().span_id)
        return FINE

    def look_twice(client: AnyClient) -> Any:
        return client.with_options(on_request=look, on_end=look).transactions.send(**SALE)

    telescope.call(kind, look, call=look_twice)
    context = telescope.span.context
    assert context is not None
    assert seen == [context.span_id] * 3
    assert trace.get_current_span() is trace.INVALID_SPAN


def test_a_cancelled_call_ends_its_span(telescope: Telescope, caplog: pytest.LogCaptureFixture) -> None:
    """A call that is given up ends its span as failed, and leaves the context as it was."""

    async def cancelled(_request: httpx.Request) -> httpx.Response:
        raise asyncio.CancelledError

    async def main() -> None:
        supplied = httpx.AsyncClient(transport=httpx.MockTransport(cancelled))
        client: Any = make_client("async", http_client=supplied, hooks=telescope.hooks)
        with pytest.raises(asyncio.CancelledError):
            await client.transactions.send(**SALE)
        assert trace.get_current_span() is trace.INVALID_SPAN

    asyncio.run(main())
    assert (telescope.span.attributes or {})["error.type"] == "CancelledError"
    assert telescope.span.status.status_code is trace.StatusCode.ERROR
    assert not caplog.records


def test_a_call_that_is_cancelled_in_another_hook_ends_its_span(telescope: Telescope) -> None:
    """A call that is given up while it awaits a user's hook ends its span, and leaves the context as it was."""

    async def long(_event: object) -> None:
        asyncio.get_running_loop().call_soon(asyncio.current_task().cancel)  # type: ignore[union-attr]
        await asyncio.Event().wait()

    async def main() -> None:
        client: Any = make_client("async", FakeHAVN(FINE), hooks=telescope.hooks, on_response=long)
        with pytest.raises(asyncio.CancelledError):
            await client.transactions.send(**SALE)
        assert trace.get_current_span() is trace.INVALID_SPAN

    asyncio.run(main())
    assert (telescope.span.attributes or {})["error.type"] == "CancelledError"


def test_an_abandoned_call_ends_its_span(telescope: Telescope, caplog: pytest.LogCaptureFixture) -> None:
    """A call that is dropped in another context than it began in ends its span, and nobody complains."""

    async def silent(_request: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError("nobody sets it")

    async def main() -> None:
        supplied = httpx.AsyncClient(transport=httpx.MockTransport(silent))
        client: Any = make_client("async", http_client=supplied, hooks=telescope.hooks)
        call = client.transactions.send(**SALE)
        copy_context().run(call.send, None)
        call.close()

    asyncio.run(main())
    assert (telescope.span.attributes or {})["error.type"] == "GeneratorExit"
    assert not caplog.records


def test_nothing_personal_reaches_a_span(kind: Kind, telescope: Telescope) -> None:
    """No span holds a body, a query, a credential, an e-mail address or a login link."""
    link = "https://app.havn.com/login?token=hunter22"
    telescope.call(
        kind,
        Reply(503, {"message": "ada@example.com: havn_test_secret"}),
        Reply(body={"data": {"redirect_url": link}}),
        call=lambda client: client.auth.login("ada@example.com"),
    )
    telescope.call(
        kind, httpx.ReadError("ada@example.com"), call=lambda client: client.vouchers.get_all(search="Ada")
    )
    told = "".join(span.to_json() for span in telescope.spans)
    assert len(telescope.spans) == 2
    assert not [
        each for each in ("ada@example", "Ada", "hunter22", "havn_test_secret", "havn_test_key") if each in told
    ]


# ── metrics ──────────────────────────────────────────────────────────────────────────────────────


def test_every_try_is_measured(kind: Kind, telescope: Telescope) -> None:
    """`http.client.request.duration` has one measurement a try, in seconds, by target and outcome."""
    telescope.call(kind, BUSY, httpx.ReadTimeout("slow"), FINE)
    points = telescope.points()["http.client.request.duration"]
    assert {(point.count, frozenset(point.attributes.items())) for point in points} == {
        (1, frozenset({**TARGET, "http.response.status_code": 503, "error.type": "503"}.items())),
        (1, frozenset({**TARGET, "error.type": "HAVNTimeoutError"}.items())),
        (1, frozenset({**TARGET, "http.response.status_code": 200}.items())),
    }
    assert {point.explicit_bounds[0] for point in points} == {0.005}
    assert {point.explicit_bounds[-1] for point in points} == {10}


def test_a_call_is_measured_with_its_waits(kind: Kind, telescope: Telescope) -> None:
    """`havn.client.call.duration` has one measurement a call, waits included."""
    telescope.call(kind, BUSY, BUSY, FINE)
    (point,) = telescope.points()["havn.client.call.duration"]
    assert (point.count, point.sum) == (1, 1.5)
    assert dict(point.attributes) == {**TARGET, "http.response.status_code": 200}


def test_retries_are_counted_by_reason(kind: Kind, telescope: Telescope) -> None:
    """`havn.client.retries` counts tries after the first, by what made them necessary."""
    telescope.call(kind, BUSY, BUSY, LIMITED, FINE)
    counted = {point.attributes["error.type"]: point.value for point in telescope.points()["havn.client.retries"]}
    assert counted == {"503": 2, "429": 1}


def test_waits_for_the_rate_limit_are_measured(kind: Kind, telescope: Telescope) -> None:
    """`havn.client.rate_limit.wait` has the waits that HAVN's rate limit asked for, and no others."""
    telescope.call(kind, BUSY, LIMITED, LIMITED, FINE)
    (point,) = telescope.points()["havn.client.rate_limit.wait"]
    assert (point.count, point.sum, dict(point.attributes)) == (2, 14.0, TARGET)


@pytest.mark.parametrize(
    ("base_url", "address", "port"),
    [("http://127.0.0.1:8080/havn", "127.0.0.1", 8080), ("http://havn.example", "havn.example", 80)],
)
def test_the_server_is_named(telescope: Telescope, base_url: str, address: str, port: int) -> None:
    """Address and port are those of the base URL; the port is the scheme's own where none is named."""
    telescope.call("sync", FINE, base_url=base_url)
    attributes = telescope.span.attributes or {}
    assert (attributes["server.address"], attributes["server.port"]) == (address, port)
    assert attributes["url.full"] == base_url + PATH


# ── without ──────────────────────────────────────────────────────────────────────────────────────


def test_without_an_sdk_nothing_happens(kind: Kind) -> None:
    """Where only the API is installed, or no provider is set, calls come to the same."""
    client = make_client(kind, FakeHAVN(BUSY, FINE), hooks=opentelemetry_hooks())
    (result,) = settled(client, lambda client: client.transactions.send(**SALE))
    assert result.message == "done"


def test_hooks_of_a_user_go_beside_it(kind: Kind, telescope: Telescope) -> None:
    """OpenTelemetry's hooks are hooks like any others, and leave room for them."""
    told: list[Any] = []
    client = make_client(kind, FakeHAVN(FINE), hooks=[telescope.hooks, Hooks(on_end=told.append)])
    settled(client, lambda client: client.transactions.send(**SALE))
    assert (len(told), len(telescope.spans)) == (1, 1)


MISSING = """
import sys
sys.modules["opentelemetry"] = None
import havn_ext.integrations.otel
"""


def test_without_the_extra_it_says_what_to_install() -> None:
    """Where opentelemetry-api is missing the import says which extra brings it."""
    run = subprocess.run([sys.executable, "-c", MISSING], capture_output=True, text=True, check=False)  # noqa: S603  ours
    assert run.stderr.splitlines()[-1] == (
        "ModuleNotFoundError: opentelemetry is missing, which HAVN's OpenTelemetry integration needs:"
        " pip install 'havn-sdk[otel]'"
    )
