"""The options of a company's clients, for checkers and editors; `HAVNClient` says what each of them does."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from collections.abc import Iterable

    import httpx

    from havn_ext._pool import Transport
    from havn_ext.hooks import EndEvent, Hook, Hooks, RequestEvent, ResponseEvent, RetryEvent
    from havn_ext.rates import RateSource
    from havn_ext.retry import RetryPolicy

__all__ = ["AsyncClientOptions", "ClientOptions"]


class _Options(TypedDict, total=False):
    """What both kinds take, beside the company's own credentials and address."""

    timeout: float | None
    max_retries: int | None
    backoff_factor: float | None
    test_mode: bool
    rates: RateSource | None
    retry: RetryPolicy | None
    transport: Transport
    on_request: Hook[RequestEvent] | None
    on_response: Hook[ResponseEvent] | None
    on_retry: Hook[RetryEvent] | None
    on_end: Hook[EndEvent] | None
    hooks: Hooks | Iterable[Hooks] | None


class ClientOptions(_Options, total=False):
    """Of a `HAVNClient`."""

    http_client: httpx.Client | None


class AsyncClientOptions(_Options, total=False):
    """Of an `AsyncHAVNClient`."""

    http_client: httpx.AsyncClient | None
