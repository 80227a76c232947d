"""What the SDK's own layers cost: no socket on either side, and in the first pair no httpx either."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx
from bench.blocking import signed
from bench.payloads import API_KEY, SALE, SALE_BODY, TRANSACTION_ANSWER, TRANSACTION_PATH, WEBHOOK_SECRET

from havn import HAVNClient
from havn_ext._steps import Answer
from havn_ext.resources.transactions import Transactions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.rounds import Turn

    from havn_ext._steps import Flow


# ── the layers, without what carries a call ──────────────────────────────────────────────────────


@contextmanager
def typed_and_retried(url: str) -> Iterator[Turn]:
    """`transactions.send` with its one step taken at once: checks, model, JSON, signature, retry loop, reading."""
    session = HAVNClient(API_KEY, WEBHOOK_SECRET, base_url=url).transactions._session  # noqa: SLF001  beneath is measured
    answer = Answer(200, httpx.Headers({"Content-Type": "application/json"}), TRANSACTION_ANSWER)

    def carried_out(flow: Flow[Any]) -> object:
        next(flow)
        try:
            flow.send(answer)
        except StopIteration as end:
            result: object = end.value
            return result
        raise AssertionError("an answered call is over")

    transactions = Transactions(session, carried_out)

    def turn(calls: int) -> None:
        for _ in range(calls):
            transactions.send(**SALE)

    yield turn


@contextmanager
def by_hand(url: str) -> Iterator[Turn]:  # noqa: ARG001  a contender is given one
    """What a call by hand does as well: sorted JSON, its HMAC, four headers, and the answer as a dict."""

    def turn(calls: int) -> None:
        for _ in range(calls):
            signed(SALE_BODY)
            json.loads(TRANSACTION_ANSWER)

    yield turn


# ── the same within a whole call of httpx ────────────────────────────────────────────────────────


class _NoNetwork(httpx.BaseTransport):
    """Answers at once, with bytes made beforehand."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:  # noqa: ARG002  its interface
        headers = {"Content-Type": "application/json", "Content-Length": str(len(TRANSACTION_ANSWER))}
        return httpx.Response(200, headers=headers, stream=httpx.ByteStream(TRANSACTION_ANSWER))


@contextmanager
def typed_call(url: str) -> Iterator[Turn]:
    """`transactions.send`: checks, model, JSON, signature, request, retry loop, reading the answer."""
    with (
        httpx.Client(transport=_NoNetwork()) as http_client,
        HAVNClient(API_KEY, WEBHOOK_SECRET, base_url=url, http_client=http_client) as client,
    ):

        def turn(calls: int) -> None:
            for _ in range(calls):
                client.transactions.send(**SALE)

        yield turn


@contextmanager
def bare_send(url: str) -> Iterator[Turn]:
    """`httpx.Client.send` of a request that was built, serialised and signed beforehand; the answer stays bytes."""
    content, headers = signed(SALE_BODY)
    with httpx.Client(transport=_NoNetwork()) as client:
        request = client.build_request("POST", url + TRANSACTION_PATH, content=content, headers=headers)

        def turn(calls: int) -> None:
            for _ in range(calls):
                client.send(request)

        yield turn
