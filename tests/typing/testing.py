"""Test helpers and sandbox as a type checker sees them. Never run; `tests/guards/test_typing.py` checks it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from threading import Event
from typing import Any, assert_type

import httpx
from starlette.applications import Starlette

from havn import AsyncHAVNClient, HAVNClient, RetryPolicy
from havn_ext.sandbox import SandboxConfig, SandboxServer, create_app
from havn_ext.sandbox.config import Seed
from havn_ext.sandbox.faults import FaultRule
from havn_ext.testing import (
    HAVNSandboxTestCase,
    LocalSandbox,
    SandboxCompany,
    SandboxTransport,
    SentRequest,
    UnwaitedTime,
    assert_not_sent,
    assert_sent,
    assert_transaction_reported,
    no_waiting,
    recorded_requests,
    start_sandbox,
)
from havn_ext.testing.control import Control
from havn_ext.testing.plugin import async_havn_client, havn_client, havn_local_sandbox, havn_sandbox

FIXTURES = (async_havn_client, havn_client, havn_local_sandbox, havn_sandbox)
"""Users name them as arguments of tests, and write their types themselves."""

# ── the sandbox ──────────────────────────────────────────────────────────────────────────────────


def serve(server: SandboxServer) -> None:
    """Every call of a server."""
    assert_type(SandboxServer(), SandboxServer)
    assert_type(SandboxServer(SandboxConfig(seed="none"), host="127.0.0.1", port=8420), SandboxServer)
    assert_type(server.start(), None)
    assert_type(server.stop(), None)
    assert_type(server.url, str)
    assert_type(server.api_key, str)
    assert_type(server.webhook_secret, str)
    with SandboxServer() as entered:
        assert_type(entered, SandboxServer)


def configure(config: SandboxConfig) -> None:
    """What a sandbox can be told."""
    assert_type(SandboxConfig(database="sandbox.sqlite3", rate_limits=False), SandboxConfig)
    assert_type(SandboxConfig(database=Path("sandbox.sqlite3")), SandboxConfig)
    assert_type(SandboxConfig(database=None, seed="demo"), SandboxConfig)
    assert_type(create_app(config), Starlette)
    assert_type(config.api_key, str)
    assert_type(config.webhook_secret, str)
    assert_type(config.database, Path | None)
    assert_type(config.seed, Seed)
    assert_type(config.rate_limits, bool)
    assert_type(config.requests_per_minute, Mapping[str, int])
    assert_type(config.default_requests_per_minute, int)
    assert_type(config.clock, Callable[[], datetime])
    assert_type(config.faults, Sequence[FaultRule])
    assert_type(config.allowed_hosts, Sequence[str])
    assert_type(config.log_entries, int)
    assert_type(config.log_bytes, int)


# ── its companies ────────────────────────────────────────────────────────────────────────────────


def share(sandbox: LocalSandbox) -> None:
    """A sandbox in this process."""
    with start_sandbox() as entered:
        assert_type(entered, LocalSandbox)
    assert_type(start_sandbox(), LocalSandbox)
    assert_type(sandbox.url, str)
    assert_type(sandbox.company(), SandboxCompany)
    assert_type(sandbox.control("POST", "clock", json={"advance": 60}), dict[str, Any])
    assert_type(sandbox.stop(), None)


def use(company: SandboxCompany, control: Control, policy: RetryPolicy) -> None:
    """Every call of a company."""
    assert_type(company.new("http://127.0.0.1:8420", control), SandboxCompany)
    assert_type(company.url, str)
    assert_type(company.api_key, str)
    assert_type(company.webhook_secret, str)
    assert_type(company.environ, dict[str, str])
    assert_type(company.client(), HAVNClient)
    assert_type(
        company.client(timeout=1, retry=policy, rates=company.rates, http_client=httpx.Client()), HAVNClient
    )
    assert_type(company.async_client(http_client=httpx.AsyncClient(), transport="httpx"), AsyncHAVNClient)
    assert_type(company.seed(), None)
    assert_type(company.reset(), None)
    assert_type(company.rates, dict[str, Decimal])
    assert_type(company.set_rates({"IDR": "0.0000625", "EUR": Decimal("1.1")}), None)
    assert_type(company.add_fault("status", status=503, times=2), None)
    assert_type(company.clear_faults(), None)
    assert_type(company.requests(operation="syncUsers", limit=5), list[dict[str, Any]])
    assert_type(company.request(1), dict[str, Any])
    assert_type(company.control("GET", "requests/wait", timeout=1.5), dict[str, Any])


class CheckoutTest(HAVNSandboxTestCase):
    """The fixtures for unittest."""

    def test_types(self) -> None:
        """What a test case has."""
        assert_type(self.havn_sandbox, SandboxCompany)
        assert_type(self.havn_client, HAVNClient)
        assert_type(self.async_havn_client, AsyncHAVNClient)


def test_case(case: HAVNSandboxTestCase) -> None:
    """What the fixtures of a test case are."""
    assert_type(case.havn_sandbox, SandboxCompany)
    assert_type(case.havn_client, HAVNClient)
    assert_type(case.async_havn_client, AsyncHAVNClient)
    assert_type(case.setUpClass(), None)


# ── no server ────────────────────────────────────────────────────────────────────────────────────


async def carry(transport: SandboxTransport, request: httpx.Request) -> None:
    """A sandbox straight behind an httpx client, of either kind."""
    assert_type(SandboxTransport(SandboxConfig()), SandboxTransport)
    with SandboxTransport() as entered:
        assert_type(entered, SandboxTransport)
    HAVNClient(transport.api_key, transport.webhook_secret, http_client=httpx.Client(transport=transport))
    AsyncHAVNClient(http_client=httpx.AsyncClient(transport=transport))
    assert_type(transport.api_key, str)
    assert_type(transport.webhook_secret, str)
    assert_type(transport.handle_request(request), httpx.Response)
    assert_type(await transport.handle_async_request(request), httpx.Response)
    assert_type(transport.close(), None)
    assert_type(await transport.aclose(), None)


# ── what was sent ────────────────────────────────────────────────────────────────────────────────


def record(sent: SentRequest) -> None:
    """What goes out, and what is asserted of it."""
    with recorded_requests() as records:
        assert_type(records, Sequence[SentRequest])
    assert_type(records[0], SentRequest)
    assert_type(assert_sent(records, operation="sendTransaction", status=200, amount=10_000), SentRequest)
    assert_type(assert_not_sent(records, operation="syncUsers"), None)
    assert_type(assert_transaction_reported(records, payment_id="pay_1", currency="USD"), SentRequest)
    assert_type(sent.method, str)
    assert_type(sent.path, str)
    assert_type(sent.operation, str | None)
    assert_type(sent.query, Mapping[str, Any])
    assert_type(sent.json, Any)
    assert_type(sent.headers, Mapping[str, str])
    assert_type(sent.attempt, int)
    assert_type(sent.status, int | None)


# ── time ─────────────────────────────────────────────────────────────────────────────────────────


@no_waiting()
def unwaited(text: str) -> int:
    """A decorated function keeps its type."""
    return len(text)


@no_waiting()
async def unwaited_async(text: str) -> int:
    """So does a coroutine function."""
    return len(text)


async def skip_waits(time: UnwaitedTime) -> None:
    """Time that goes on by what would have been waited."""
    with no_waiting() as entered:
        assert_type(entered, UnwaitedTime)
    assert_type(unwaited("HAVN"), int)
    assert_type(await unwaited_async("HAVN"), int)
    assert_type(UnwaitedTime(), UnwaitedTime)
    assert_type(time.waits, list[float])
    assert_type(time.now(), float)
    assert_type(time.monotonic(), float)
    assert_type(time.latest(), float)
    assert_type(time.sleep(2), None)
    assert_type(time.sleep_unless(Event(), 2), None)
    assert_type(await time.sleep_async(2.5), None)
