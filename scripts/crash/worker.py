"""`havn outbox run` with two more points to die at: before a claim, and before an answer is read.

The second is the moment at which HAVN has processed the call and nobody here knows what it said.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

sys.path[0] = str(Path(__file__).resolve().parents[1])

from crash import points  # noqa: E402  needs the path above

from havn_ext.cli import main  # noqa: E402  as above
from havn_ext.outbox import Store  # noqa: E402  as above

if TYPE_CHECKING:
    from havn_ext.outbox.messages import Claim


def instrument() -> None:
    """Lets this process die where it is told to."""
    hit = points.from_environment()
    claim, handle = Store.claim, httpx.AsyncHTTPTransport.handle_async_request

    def claiming(store: Store, *arguments: Any, **options: Any) -> list[Claim]:  # noqa: ANN401  passed on
        hit("before_claim")
        return claim(store, *arguments, **options)

    async def handling(transport: httpx.AsyncHTTPTransport, request: httpx.Request) -> httpx.Response:
        response = await handle(transport, request)
        hit("before_read")
        return response

    patched: Any = Store
    patched.claim = claiming
    patched = httpx.AsyncHTTPTransport
    patched.handle_async_request = handling


if __name__ == "__main__":
    instrument()
    sys.exit(main())
