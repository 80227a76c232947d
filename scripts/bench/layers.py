"""What the SDK adds to a call of httpx, and nothing else: no socket on either side."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx
from bench.blocking import signed
from bench.payloads import API_KEY, SALE, SALE_BODY, TRANSACTION_ANSWER, TRANSACTION_PATH, WEBHOOK_SECRET

from havn import HAVNClient

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.rounds import Turn


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
