"""The blocking contenders, ours and what they are measured against, side by side.

Each is a context manager over the server's URL that gives a turn: a function that makes so many calls.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx
import requests
from bench.payloads import API_KEY, SALE, SALE_BODY, TRANSACTION_PATH, WEBHOOK_SECRET
from bench.typed_peer import Transaction
from requests.adapters import HTTPAdapter
from urllib3 import Retry

from havn import HAVNClient

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bench.rounds import Turn


# ── ours ─────────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def own_client(url: str, threads: int = 1) -> Iterator[Turn]:
    """`transactions.send` of a client that makes its own connections."""
    with HAVNClient(API_KEY, WEBHOOK_SECRET, base_url=url) as client, _threads(threads) as spread:
        yield spread(lambda: client.transactions.send(**SALE))


@contextmanager
def supplied_client(url: str) -> Iterator[Turn]:
    """The same over a stock `httpx.Client` of the user's."""
    with (
        httpx.Client() as http_client,
        HAVNClient(API_KEY, WEBHOOK_SECRET, base_url=url, http_client=http_client) as client,
        _threads(1) as spread,
    ):
        yield spread(lambda: client.transactions.send(**SALE))


# ── references ───────────────────────────────────────────────────────────────────────────────────


def signed(body: dict[str, Any]) -> tuple[bytes, dict[str, str]]:
    """Bytes and headers as people write them by hand: sorted JSON, its HMAC, four headers."""
    content = json.dumps(body, sort_keys=True, separators=(",", ":")).encode()
    signature = hmac.new(WEBHOOK_SECRET.encode(), content, hashlib.sha256).hexdigest()
    return content, {
        "Accept": "application/json",
        "Content-Type": "application/json",
        "X-API-Key": API_KEY,
        "X-Signature": signature,
    }


@contextmanager
def raw_httpx(url: str, threads: int = 1) -> Iterator[Turn]:
    """`httpx.Client.post` by hand: no check of what goes out, no retry, a dict back, whatever the status."""
    address = url + TRANSACTION_PATH
    limits = httpx.Limits(max_connections=max(threads, 100), max_keepalive_connections=max(threads, 20))
    with httpx.Client(timeout=120, limits=limits) as client, _threads(threads) as spread:

        def call() -> object:
            content, headers = signed(SALE_BODY)
            return client.post(address, content=content, headers=headers).json()

        yield spread(call)


@contextmanager
def typed_requests(url: str, threads: int = 1) -> Iterator[Turn]:
    """A client on requests that does our work: signs, retries by urllib3's policy, checks status, parses."""
    address = url + TRANSACTION_PATH
    retry = Retry(total=3, backoff_factor=0.5, status_forcelist=[429, 500, 502, 503, 504], allowed_methods=None)
    with requests.Session() as session, _threads(threads) as spread:
        session.mount("http://", HTTPAdapter(max_retries=retry, pool_maxsize=max(threads, 10)))

        def call() -> object:
            content, headers = signed(SALE_BODY)
            response = session.post(address, data=content, headers=headers, timeout=30)
            response.raise_for_status()
            return Transaction.read(response.json())

        yield spread(call)


# ── threads ──────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def _threads(count: int) -> Iterator[Callable[[Callable[[], object]], Turn]]:
    """Makes turns of a call: in the calling thread, or spread over so many that stay between turns."""
    if count == 1:
        yield lambda call: lambda calls: _repeat(call, calls)
        return
    with ThreadPoolExecutor(count) as pool:

        def spread(call: Callable[[], object]) -> Turn:
            def turn(calls: int) -> None:
                parts = [pool.submit(_repeat, call, calls // count) for _ in range(count)]
                for part in parts:
                    part.result()

            return turn

        yield spread


def _repeat(call: Callable[[], object], times: int) -> None:
    for _ in range(times):
        call()
