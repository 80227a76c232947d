"""What a program waits for before its first call, each in a fresh interpreter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bench.payloads import API_KEY, SALE, WEBHOOK_SECRET
from bench.programs import cost

if TYPE_CHECKING:
    from bench.rounds import Cost

CLIENT: Final = f"havn.HAVNClient({API_KEY!r}, {WEBHOOK_SECRET!r}, base_url={{url!r}})"


def import_havn(_url: str) -> Cost:
    """`import havn`."""
    return cost("import havn")


def import_standard_library(_url: str) -> Cost:
    """What signing by hand needs, without any HTTP library."""
    return cost("import json, hmac, hashlib")


def build_ours(_url: str) -> Cost:
    """Importing the SDK and building a client, which has not called yet; like httpx's it is told no address."""
    return cost(f"import havn; client = havn.HAVNClient({API_KEY!r}, {WEBHOOK_SECRET!r})")


def build_httpx(_url: str) -> Cost:
    """Importing httpx and building its client, which has not called yet either."""
    return cost("import httpx; client = httpx.Client()")


def first_client(url: str) -> Cost:
    """From building the process's first client to the end of its first call."""
    return cost(_client_and_call(url), before="import havn\n")


def second_client(url: str) -> Cost:
    """The same of a second client, while the first one lives."""
    return cost(_client_and_call(url, "second"), before=f"import havn\n{_client_and_call(url)}\n")


def _client_and_call(url: str, name: str = "first") -> str:
    return f"{name} = {CLIENT.format(url=url)}; {name}.transactions.send(**{SALE!r})"
