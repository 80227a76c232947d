"""What the sandbox's tests share: a clock that stands still, and a caller that signs by hand.

The signature is made here with `hmac` and `json` alone, so that a bug in `havn_ext.signing` cannot hide
behind itself.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx

from havn_ext.sandbox import SandboxConfig, create_app

if TYPE_CHECKING:
    from collections.abc import Generator

    from starlette.applications import Starlette

TRANSACTION = "/api/v1/webhook/transaction"
USER_SYNC = "/api/v1/webhook/user-sync"
VALIDATE = "/api/v1/webhook/voucher/validate"
VOUCHERS = "/api/v1/webhook/vouchers"
LOGIN = "/api/v1/webhook/login"

KEY = "havn_test_key"
SECRET = "havn_test_secret"

REFERRAL = "HAVN-MJ-001"
PERCENT_VOUCHER = "HAVN-AQNEO-S08-ABC123"
FIXED_VOUCHER = "HAVN-AQNEO-S08-FIXED"
LIMITED_VOUCHER = "HAVN-AQNEO-S08-LIMIT5"

MISSING = object()
"""A header that is left out."""


class StillClock:
    """A clock that moves when it is told to."""

    def __init__(self) -> None:
        self.now = datetime(2024, 6, 1, 8, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        """The time."""
        return self.now

    def advance(self, seconds: float) -> None:
        """Let time pass; backwards if negative."""
        self.now += timedelta(seconds=seconds)


def canonical(document: object) -> bytes:
    """The canonical JSON of a value."""
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()


def hand_signed(message: bytes, secret: str = SECRET) -> str:
    """The signature of these very bytes."""
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


def sale(**fields: object) -> dict[str, Any]:
    """A sale of a hundred dollars; a field that is None is left out."""
    body: dict[str, object] = {
        "amount": 10000,
        "payment_gateway_transaction_id": "pay_1",
        "customer_email": "customer@example.com",
        **fields,
    }
    return {name: value for name, value in body.items() if value is not None}


class Caller:
    """A company's backend, calling a sandbox in process, or at `base_url` over HTTP."""

    def __init__(
        self, app: Starlette | None = None, key: str = KEY, secret: str = SECRET, *, base_url: str = "http://box"
    ) -> None:
        self.app = app
        self.key = key
        self.secret = secret
        self.base_url = base_url

    def post(self, path: str, body: object, **options: Any) -> httpx.Response:
        """POST the canonical JSON of `body`, well signed."""
        return self.send("POST", path, canonical(body), signed=canonical(body), **options)

    def get(self, path: str = VOUCHERS, params: Any = None, **options: Any) -> httpx.Response:
        """GET with a good signature."""
        return self.send("GET", path, None, signed=b"{}", params=params, **options)

    def send(
        self,
        method: str,
        path: str,
        content: bytes | None,
        *,
        signed: bytes = b"{}",
        params: Any = None,
        **headers: Any,
    ) -> httpx.Response:
        """Send `content` with the signature of `signed`; headers are given as `x_test_mode="true"`."""
        usual = {
            "X-API-Key": self.key,
            "X-Signature": hand_signed(signed, self.secret),
            "Content-Type": "application/json",
        }
        given = {name.replace("_", "-").title().replace("Api", "API"): value for name, value in headers.items()}
        chosen = {name: value for name, value in {**usual, **given}.items() if value is not MISSING}
        return self._transmit(method, path, content=content, params=params, headers=chosen)

    def _transmit(self, method: str, path: str, **options: Any) -> httpx.Response:
        if self.app is None:
            with httpx.Client(base_url=self.base_url) as client:
                return client.request(method, path, **options)
        app = self.app

        async def transmit() -> httpx.Response:
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url=self.base_url) as client:
                return await client.request(method, path, **options)

        return asyncio.run(transmit())

    def control(self, method: str, path: str, body: object = None, **params: Any) -> httpx.Response:
        """Call the control API; its parameters are given by name."""
        content = None if body is None else json.dumps(body).encode()
        return self.send(method, f"/_sandbox{path}", content, params=params)

    def logged(self, **wanted: Any) -> dict[str, Any]:
        """The newest logged request that is wanted, in full."""
        newest = self.control("GET", "/requests", limit=1, **wanted).json()["requests"][0]
        entry: dict[str, Any] = self.control("GET", f"/requests/{newest['id']}").json()
        return entry

    def as_company(self, key: str) -> Caller:
        """The backend of a company that its key makes."""
        return Caller(self.app, key, f"{key}_secret", base_url=self.base_url)


@contextmanager
def sandbox_in_process(**settings: Any) -> Generator[Caller]:
    """The default company's backend and a sandbox of its own, closed at the end."""
    app = create_app(SandboxConfig(**{"allowed_hosts": ["box"], **settings}))
    try:
        yield Caller(app)
    finally:
        app.state.store.close()


def rules(response: httpx.Response) -> list[tuple[str, str]]:
    """Where an error answer found faults, and of which kind."""
    return [(detail["path"], detail["rule"]) for detail in response.json()["details"]]
