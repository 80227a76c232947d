"""What the inspector's tests share: its routes alone, around a store and a log that the test fills."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import httpx
from sandbox_support import KEY, SECRET, TRANSACTION, StillClock, canonical, hand_signed, sale
from starlette.applications import Starlette

from havn_ext.sandbox import companies
from havn_ext.sandbox.box import Box
from havn_ext.sandbox.companies import Company
from havn_ext.sandbox.config import SandboxConfig
from havn_ext.sandbox.inspector import routes
from havn_ext.sandbox.request_log import Body, Entry

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = "/_sandbox/inspector"


def entry(**changes: Any) -> Entry:
    """A sale of a hundred dollars that was recorded, with changes; bodies are given as bytes."""
    body = canonical(sale())
    fields: dict[str, Any] = {
        "at": StillClock().now,
        "duration": 0.0042,
        "company": KEY,
        "method": "POST",
        "path": TRANSACTION,
        "query": "",
        "operation": "sendTransaction",
        "status": 201,
        "verdict": "ok",
        "request_headers": (
            ("host", "box"),
            ("x-api-key", KEY),
            ("x-signature", hand_signed(body)),
            ("content-type", "application/json"),
        ),
        "request_body": body,
        "canonical": body,
        "answer_headers": (("content-type", "application/json"),),
        "answer_body": b'{"success": true}',
        **changes,
    }
    for name in ("request_body", "canonical", "answer_body"):
        fields[name] = Body.of(fields[name]) if isinstance(fields[name], bytes) else fields[name]
    return Entry(**fields)


class Inspector:
    """The inspector, its log and the default company's data."""

    def __init__(self) -> None:
        self.box = Box.open(SandboxConfig(clock=StillClock()))
        self.store, self.log = self.box.store, self.box.log
        self.data = companies.open_data(self.store, Company(KEY, SECRET))
        self.app = Starlette(routes=routes())
        self.app.state.box = self.box

    def add(self, **changes: Any) -> Entry:
        """Log a request."""
        return self.log.add(entry(**changes))

    def get(self, path: str = "/", *, host: str = "box", **headers: str) -> httpx.Response:
        """What a browser gets."""
        return self.send("GET", path, {"Host": host, **headers})

    def send(self, method: str, path: str, headers: Mapping[str, str] | None = None) -> httpx.Response:
        """What any request gets."""

        async def transmit() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://box") as client:
                return await client.request(method, path, headers=headers)

        return asyncio.run(transmit())
