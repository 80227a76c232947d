"""What our own httpx clients take from their surroundings, and who can listen in on them."""

from __future__ import annotations

import asyncio
import ssl
import sys
import traceback
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from fakes import API_KEY, WEBHOOK_SECRET, Kind, RawServer, http, make_client, read_request, serve, settled

from havn_ext import AsyncHAVNClient, HAVNClient, HAVNError, HAVNNetworkError, HAVNTimeoutError, HAVNValidationError
from havn_ext._own_clients import _tls_context, make_async_client
from havn_ext._own_clients import make_client as make_http_client

if TYPE_CHECKING:
    import socket

    import respx
    from fakes import AnyClient
    from pytest_httpx import HTTPXMock

URL = "https://havn.example.com"


def validate(client: AnyClient) -> Any:
    """The smallest call."""
    return client.vouchers.validate("HAVN-A")


# ── the environment ──────────────────────────────────────────────────────────────────────────────


def test_a_proxy_of_the_environment_is_used(kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    """HTTP_PROXY is honoured, and so is NO_PROXY."""
    heads: list[bytes] = []

    def proxy(connection: socket.socket) -> None:
        heads.append(read_request(connection).partition(b"\r\n")[0])
        connection.sendall(http())

    with RawServer(proxy) as server:
        monkeypatch.setenv("HTTP_PROXY", server.url)
        settled(make_client(kind, base_url="http://havn.example.com"), validate)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        settled(make_client(kind, base_url=server.url), validate)
    assert [head.split()[1] for head in heads] == [
        b"http://havn.example.com/api/v1/webhook/voucher/validate",
        b"/api/v1/webhook/voucher/validate",
    ]


def test_a_proxy_of_the_environment_is_used_by_aiohttp(monkeypatch: pytest.MonkeyPatch) -> None:
    """HTTP_PROXY is honoured by the other transport, too."""
    heads: list[bytes] = []

    def proxy(connection: socket.socket) -> None:
        heads.append(read_request(connection).partition(b"\r\n")[0])
        connection.sendall(http())

    with RawServer(proxy) as server:
        monkeypatch.setenv("HTTP_PROXY", server.url)
        assert asyncio.run(several(with_aiohttp("http://havn.example.com"), 1)) == [True]
    assert heads == [b"POST http://havn.example.com/api/v1/webhook/voucher/validate HTTP/1.1"]


def test_certificates_of_the_environment_are_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    """SSL_CERT_FILE counts, also when it comes after the first client; a file that is missing is told of."""
    loaded: list[str | None] = []
    create = ssl.create_default_context

    def remember(*arguments: Any, cafile: str | None = None, **options: Any) -> ssl.SSLContext:
        loaded.append(cafile)
        return create(*arguments, **options)

    monkeypatch.setattr(ssl, "create_default_context", remember)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "one.pem"))
    make_http_client().close()
    make_http_client().close()
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "two.pem"))
    make_http_client().close()
    assert loaded == [str(tmp_path / "one.pem"), str(tmp_path / "two.pem")]


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("SSL_CERT_FILE", "/no/such/file.pem"),
        ("SSL_CERT_FILE", __file__),
        ("HTTP_PROXY", "ftp://user:pass_word@127.0.0.1:1"),
        ("HTTP_PROXY", "http://user:pass_word@[::1"),
    ],
)
def test_what_is_wrong_with_the_environment_is_an_error_of_ours(
    kind: Kind, monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    """A proxy or a file of certificates that can't be used is a `HAVNError`; no password is shown."""
    monkeypatch.setenv(variable, value)
    with pytest.raises(HAVNError, match=variable) as caught:
        settled(make_client(kind, base_url=URL), validate)
    assert "pass_word" not in "".join(traceback.format_exception(caught.value))


def test_a_missing_package_for_a_proxy_is_told_of(kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy of the environment that httpx needs a package for is a `HAVNError` which names both."""
    monkeypatch.setitem(sys.modules, "socksio", None)
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:1")
    with pytest.raises(HAVNError, match=r"ALL_PROXY.*socksio"):
        settled(make_client(kind, base_url=URL), validate)


def test_certificates_are_checked() -> None:
    """The TLS context of our clients verifies the server's certificate and its name."""
    context = _tls_context()
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)


# ── cookies ──────────────────────────────────────────────────────────────────────────────────────


def test_a_cookie_that_is_set_comes_back(kind: Kind) -> None:
    """What a load balancer in front of HAVN sets for its own use is sent back to it."""
    heads: list[bytes] = []

    def sticky(connection: socket.socket) -> None:
        while request := read_request(connection):
            heads.append(request.lower())
            connection.sendall(http().replace(b"Content-Type", b"Set-Cookie: node=7\r\nContent-Type"))

    with RawServer(sticky) as server:
        settled(make_client(kind, base_url=server.url), validate, validate)
    assert [b"cookie: node=7" in head for head in heads] == [False, True]


# ── who listens in ───────────────────────────────────────────────────────────────────────────────


def test_respx_intercepts_the_default_client(kind: Kind, respx_mock: respx.MockRouter) -> None:
    """Users' tests that patch httpx with respx need no other client."""
    route = respx_mock.post(f"{URL}/api/v1/webhook/voucher/validate").respond(200, json={})
    assert settled(make_client(kind, base_url=URL), validate) == [True]
    assert route.call_count == 1


def test_pytest_httpx_intercepts_the_default_client(kind: Kind, httpx_mock: HTTPXMock) -> None:
    """Users' tests that patch httpx with pytest-httpx need no other client."""
    httpx_mock.add_response(url=f"{URL}/api/v1/webhook/voucher/validate", json={})
    assert settled(make_client(kind, base_url=URL), validate) == [True]


# ── aiohttp ──────────────────────────────────────────────────────────────────────────────────────


def with_aiohttp(url: str, **options: Any) -> AsyncHAVNClient:
    """A client whose calls aiohttp carries."""
    return AsyncHAVNClient(API_KEY, WEBHOOK_SECRET, url, max_retries=0, transport="aiohttp", **options)


async def several(client: AsyncHAVNClient, calls: int) -> list[bool]:
    """Calls at the same time."""
    async with client:
        return await asyncio.gather(*(client.vouchers.validate("HAVN-A") for _ in range(calls)))


def test_aiohttp_carries_calls() -> None:
    """Sixteen calls at once over aiohttp come back, and nothing is left open."""
    with RawServer(serve) as server:
        assert asyncio.run(several(with_aiohttp(server.url), 16)) == [True] * 16


def test_a_lost_connection_over_aiohttp_is_no_timeout() -> None:
    """A server that takes the request and hangs up is a lost answer: httpx-aiohttp calls it a connect timeout."""

    def hang_up(connection: socket.socket) -> None:
        read_request(connection)

    with RawServer(hang_up) as server, pytest.raises(HAVNNetworkError) as caught:
        asyncio.run(several(with_aiohttp(server.url), 1))
    assert not isinstance(caught.value, HAVNTimeoutError)


def test_a_timeout_over_aiohttp_is_one() -> None:
    """A server that says nothing is a timeout."""

    def say_nothing(connection: socket.socket) -> None:
        read_request(connection)
        read_request(connection)

    with RawServer(say_nothing) as server, pytest.raises(HAVNTimeoutError):
        asyncio.run(several(with_aiohttp(server.url, timeout=0.05), 1))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"transport": "curl"}, "must be one of httpx, aiohttp"),
        ({"transport": "aiohttp", "http_client": httpx.AsyncClient()}, "left out with http_client"),
    ],
)
def test_a_wrong_transport_is_refused(options: dict[str, Any], said: str) -> None:
    """A transport that there is not, or besides a client that has its own, is an error at once."""
    with pytest.raises(HAVNValidationError, match=said):
        AsyncHAVNClient(API_KEY, WEBHOOK_SECRET, **options)


def test_aiohttp_is_asynchronous() -> None:
    """The blocking client refuses a transport that it can't have."""
    with pytest.raises(HAVNValidationError, match="takes the AsyncHAVNClient"):
        HAVNClient(API_KEY, WEBHOOK_SECRET, transport="aiohttp")


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without its package the transport says what to install."""
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(HAVNValidationError, match=r"havn-sdk\[aiohttp\]"):
        AsyncHAVNClient(API_KEY, WEBHOOK_SECRET, transport="aiohttp")


def test_our_clients_are_closed_without_a_trace() -> None:
    """Both kinds of our own client close what they opened."""
    make_http_client().close()

    async def run() -> None:
        await make_async_client("httpx").aclose()
        await make_async_client("aiohttp").aclose()

    asyncio.run(run())
