"""The shortcut to a request gives what the user's own httpx client would build, whatever its settings are."""

from __future__ import annotations

import gc
import weakref
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from fakes import FakeHAVN, Kind, make_client, outcome
from hypothesis import example, given
from hypothesis import strategies as st

from havn_ext._requests import RequestBuilder
from havn_ext._steps import Request, Send

if TYPE_CHECKING:
    from collections.abc import Callable

COMMON = {"Accept": "application/json", "Content-Type": "application/json", "X-API-Key": "key"}
PATH = "/api/v1/webhook/transaction"

NAMES = st.sampled_from(["X-Team", "Accept", "user-agent", "X-Signature", "Idempotency-Key"])
VALUES = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=8)
SETTINGS = st.fixed_dictionaries(
    {},
    optional={
        "headers": st.dictionaries(NAMES, VALUES, max_size=3),
        "params": st.dictionaries(VALUES, VALUES, max_size=2),
        "cookies": st.dictionaries(st.sampled_from(["a", "b"]), st.sampled_from(["1", "2"]), max_size=2),
        "base_url": st.sampled_from(["https://gateway.example.com/havn", "https://other.example.com"]),
        "timeout": st.sampled_from([None, 3.5]),
    },
)


def sent(body: bytes, signature: str, key: str | None) -> Request:
    """A request as a call makes it."""
    headers = {"X-Signature": signature, **({"Idempotency-Key": key} if key else {})}
    return Request("POST", PATH, None, headers, body, COMMON)


REQUESTS = st.builds(sent, st.binary(max_size=20), VALUES, st.none() | VALUES)


def shape(request: httpx.Request) -> dict[str, Any]:
    """All that a request is, in whatever order its headers stand."""
    return {
        "method": request.method,
        "url": str(request.url),
        "headers": sorted((name.lower(), value) for name, value in request.headers.raw),
        "content": request.content,
        "timeout": request.extensions["timeout"],
    }


def clipped(own: httpx.Timeout, given_timeout: float | None) -> httpx.Timeout:
    """The call's timeout, or else the client's own, and never more than the 20 seconds that are left."""
    if given_timeout is not None:
        return httpx.Timeout(min(given_timeout, 20))
    return httpx.Timeout(**{phase: min(limit or 20, 20) for phase, limit in own.as_dict().items()})


@example(
    httpx.Client,
    [({"headers": {"Idempotency-Key": "own"}}, sent(b"", "s", "1"), None), ({}, sent(b"", "s", None), None)],
)
@given(
    st.sampled_from([httpx.Client, httpx.AsyncClient]),
    st.lists(st.tuples(SETTINGS, REQUESTS, st.none() | st.floats(1, 50)), min_size=1, max_size=4),
)
def test_a_request_is_what_the_client_would_build(
    maker: Callable[..., Any], steps: list[tuple[dict[str, Any], Request, float | None]]
) -> None:
    """Also when the client's settings change between two calls, and for each of many calls."""
    client, builder = maker(), RequestBuilder("https://havn.example.com")
    for settings, request, timeout in steps:
        for name, value in settings.items():
            setattr(client, name, value)
        expected = client.build_request(
            request.method,
            "https://havn.example.com" + request.path,
            headers=request.all_headers,
            content=request.content,
            timeout=clipped(client.timeout, timeout),
        )
        for _ in range(2):
            assert shape(builder.build(client, Send(request, timeout, 20))) == shape(expected)


class Stamping(httpx.Client):
    """A client that builds requests in its own way."""

    def build_request(self, *arguments: Any, **options: Any) -> httpx.Request:
        """As httpx does, with a stamp."""
        request = super().build_request(*arguments, **options)
        request.headers["X-Stamp"] = request.headers["X-Signature"][:4]
        return request


def test_a_client_that_builds_requests_itself_does_so_every_time() -> None:
    """Whoever overrides `build_request` is asked for each request."""
    havn = FakeHAVN()
    client = make_client("sync", http_client=Stamping(transport=httpx.MockTransport(havn)))
    for code in ("HAVN-A", "HAVN-B"):
        outcome(client.vouchers.validate(code))
    assert [each.headers["X-Stamp"] for each in havn.requests] == [
        each.headers["X-Signature"][:4] for each in havn.requests
    ]
    assert len({each.headers["X-Stamp"] for each in havn.requests}) == 2


@pytest.mark.parametrize("header", ["headers", "params", "base_url"])
def test_a_change_of_the_supplied_client_counts_at_once(kind: Kind, header: str) -> None:
    """What is changed on the supplied client between two calls is in the second."""
    havn = FakeHAVN()
    maker = httpx.Client if kind == "sync" else httpx.AsyncClient
    supplied = maker(transport=httpx.MockTransport(havn), base_url="https://a.example.com")
    client = make_client(kind, http_client=supplied)
    outcome(client.vouchers.validate("HAVN-A"))
    if header == "headers":
        supplied.headers["X-Team"] = "billing"
    elif header == "params":
        supplied.params = httpx.QueryParams({"region": "eu"})
    else:
        supplied.base_url = httpx.URL("https://b.example.com")
    outcome(client.vouchers.validate("HAVN-A"))
    first, second = havn.requests
    assert ("x-team" in second.headers, dict(second.url.params), second.url.host) == {
        "headers": (True, {}, "a.example.com"),
        "params": (False, {"region": "eu"}, "a.example.com"),
        "base_url": (False, {}, "b.example.com"),
    }[header]
    assert ("x-team" in first.headers, dict(first.url.params), first.url.host) == (False, {}, "a.example.com")
    assert first.content == second.content == second.read()


def test_an_exchange_is_freed_at_once(kind: Kind) -> None:
    """With its result in hand, nothing is left of a call for the garbage collector."""
    answers: list[weakref.ref[httpx.Response]] = []

    def remember(response: httpx.Response) -> None:
        answers.append(weakref.ref(response))

    async def remember_async(response: httpx.Response) -> None:
        remember(response)

    transport = httpx.MockTransport(FakeHAVN())
    supplied: httpx.Client | httpx.AsyncClient
    if kind == "sync":
        supplied = httpx.Client(transport=transport, event_hooks={"response": [remember]})
    else:
        supplied = httpx.AsyncClient(transport=transport, event_hooks={"response": [remember_async]})
    client = make_client(kind, http_client=supplied)
    gc.disable()
    try:
        outcome(client.vouchers.validate("HAVN-A"))
        assert [answer() for answer in answers] == [None]
    finally:
        gc.enable()
