"""Calls as OpenTelemetry sees them: a client span each, its tries as events, and metrics. Built upon the hooks.

    from havn import HAVNClient
    from havn_ext.integrations.otel import opentelemetry_hooks

    client = HAVNClient(hooks=opentelemetry_hooks())

Names and attributes are those of OpenTelemetry's conventions for HTTP clients, and beside them `havn.…` where
there are none. Needs the extra `havn-sdk[otel]`, and says so without it. See `docs/en/observability.md`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import urlsplit

from havn_ext._extras import needed_by
from havn_ext._version import __version__
from havn_ext.hooks import Hooks

with needed_by("HAVN's OpenTelemetry integration", {"opentelemetry": "otel"}.get):
    from opentelemetry import context, metrics, trace

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextvars import Token

    from opentelemetry.context import Context
    from opentelemetry.metrics import MeterProvider
    from opentelemetry.trace import Span, TracerProvider

    from havn_ext.hooks import CallEvent, EndEvent, RequestEvent, ResponseEvent, RetryEvent

    Attributes = Mapping[str, str | int | float]

__all__ = ["opentelemetry_hooks"]

SCOPE: Final = "havn_ext"
REQUEST_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10)
"""The buckets that the conventions advise for `http.client.request.duration`."""
CALL_SECONDS: Final = (*REQUEST_SECONDS, 30, 60, 120)
WAIT_SECONDS: Final = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60)
DEFAULT_PORTS: Final = {"http": 80, "https": 443}


def opentelemetry_hooks(
    *, tracer_provider: TracerProvider | None = None, meter_provider: MeterProvider | None = None
) -> Hooks:
    """Hooks for any number of clients, blocking and async: `HAVNClient(hooks=opentelemetry_hooks())`.

    A span begins before the first try and ends with the call, as a child of the span that is current then; while
    it lasts it is the current one, so that log records and the spans of an instrumented httpx belong to it. No
    trace context is sent to HAVN.

    Args:
        tracer_provider: The global one when None.
        meter_provider: The global one when None.

    Raises:
        ModuleNotFoundError: opentelemetry-api is missing; raised when this module is imported.
    """
    tracer = trace.get_tracer(SCOPE, __version__, tracer_provider)
    meter = metrics.get_meter(SCOPE, __version__, meter_provider)
    telemetry = _Telemetry(tracer, meter)
    return Hooks(
        on_request=telemetry.on_request,
        on_response=telemetry.on_response,
        on_retry=telemetry.on_retry,
        on_end=telemetry.on_end,
    )


class _Open(NamedTuple):
    """The span of a call under way, and what makes the one before it current again."""

    span: Span
    token: Token[Context]


class _Telemetry:
    def __init__(self, tracer: trace.Tracer, meter: metrics.Meter) -> None:
        self._tracer = tracer
        self._open: dict[str, _Open] = {}
        self._request_duration = meter.create_histogram(
            "http.client.request.duration",
            "s",
            "Duration of HTTP client requests.",
            explicit_bucket_boundaries_advisory=REQUEST_SECONDS,
        )
        self._call_duration = meter.create_histogram(
            "havn.client.call.duration",
            "s",
            "Of a call, with all of its tries and waits.",
            explicit_bucket_boundaries_advisory=CALL_SECONDS,
        )
        self._retries = meter.create_counter("havn.client.retries", "{retry}", "Tries after the first of a call.")
        self._rate_limit_wait = meter.create_histogram(
            "havn.client.rate_limit.wait",
            "s",
            "Waits between two tries because of HAVN's rate limit.",
            explicit_bucket_boundaries_advisory=WAIT_SECONDS,
        )

    def on_request(self, event: RequestEvent) -> None:
        """Begins the span of a call with its first try."""
        if event.attempt == 1:
            span = self._tracer.start_span(
                f"{event.method} {event.path}",
                kind=trace.SpanKind.CLIENT,
                attributes={**_target(event), "url.full": event.url},
            )
            self._open[event.call_id] = _Open(span, context.attach(trace.set_span_in_context(span)))

    def on_response(self, event: ResponseEvent) -> None:
        """Measures a try."""
        outcome = _outcome(event)
        self._request_duration.record(event.duration, {**_target(event), **outcome})
        self._add_event(event, "havn.attempt", {"havn.attempt": event.attempt, **outcome, **_request_id(event)})

    def on_retry(self, event: RetryEvent) -> None:
        """Counts a retry, and measures the wait before it where a rate limit asks for it."""
        failure = _outcome(event)
        self._retries.add(1, {**_target(event), **failure})
        if event.rate_limited:
            self._rate_limit_wait.record(event.wait, _target(event))
        self._add_event(event, "havn.retry", {"havn.attempt": event.attempt, "havn.wait": event.wait, **failure})

    def on_end(self, event: EndEvent) -> None:
        """Ends the span of a call."""
        outcome = _outcome(event)
        self._call_duration.record(event.duration, {**_target(event), **outcome})
        opened = self._open.pop(event.call_id, None)
        if opened is None:
            return
        span = opened.span
        span.set_attributes({**outcome, **_request_id(event)})
        if event.attempts > 1:
            span.set_attribute("http.request.resend_count", event.attempts - 1)
        if event.error is not None:
            # where a status says it all the conventions want no words beside it
            said_by_status = event.status is not None and event.status >= 400
            span.set_status(trace.StatusCode.ERROR, None if said_by_status else event.reason)
        # A call that was abandoned may end elsewhere than it began, where there is nothing to set right.
        if trace.get_current_span() is span:
            context.detach(opened.token)
        span.end()

    def _add_event(self, event: CallEvent, name: str, attributes: Attributes) -> None:
        opened = self._open.get(event.call_id)
        if opened is not None:
            opened.span.add_event(name, attributes)


def _target(event: CallEvent) -> dict[str, str | int]:
    """Where a request goes. The path is a template by itself: it has no variable part."""
    url = urlsplit(event.url)
    return {
        "http.request.method": event.method,
        "server.address": url.hostname or "",
        "server.port": url.port or DEFAULT_PORTS.get(url.scheme, 0),
        "url.template": event.path,
    }


def _outcome(event: ResponseEvent | RetryEvent | EndEvent) -> dict[str, str | int]:
    """What became of a try or a call: the status if there is one, and what was wrong if something was."""
    found: dict[str, str | int] = {}
    if event.status is not None:
        found["http.response.status_code"] = event.status
    if event.error is not None:
        by_status = event.status is not None and event.status >= 400
        found["error.type"] = str(event.status) if by_status else event.error
    return found


def _request_id(event: ResponseEvent | EndEvent) -> dict[str, str]:
    return {} if event.request_id is None else {"havn.request_id": event.request_id}
