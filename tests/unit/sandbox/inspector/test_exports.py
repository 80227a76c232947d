from __future__ import annotations

import contextlib
import json
import shlex
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from inspector_support import ROOT, Inspector, entry
from sandbox_support import (
    FIXED_VOUCHER,
    KEY,
    LOGIN,
    REFERRAL,
    SECRET,
    TRANSACTION,
    USER_SYNC,
    VALIDATE,
    VOUCHERS,
    Caller,
    canonical,
    sale,
)

from havn import HAVNError
from havn_ext.sandbox import SandboxServer
from havn_ext.sandbox.inspector.as_curl import curl
from havn_ext.sandbox.inspector.as_python import python
from havn_ext.sandbox.inspector.har import archive

if TYPE_CHECKING:
    from collections.abc import Generator

REQUESTS: list[tuple[str, str, Any, dict[str, Any]]] = [
    ("sdk", TRANSACTION, sale(referral_code=REFERRAL, promo_code=FIXED_VOUCHER, subtotal_transaction=10500), {}),
    ("sdk", TRANSACTION, sale(referral_code="HAVN-NO-999"), {}),
    ("sdk", TRANSACTION, sale(), {"x_test_mode": "true"}),
    ("httpx", TRANSACTION, sale(currency="IDR"), {}),
    ("httpx", TRANSACTION, sale(amount=0, surprise="'\"$(x)`y`\n"), {}),
    ("httpx", TRANSACTION, sale(), {"x_signature": "0" * 64}),
    ("sdk", USER_SYNC, {"email": "ada@example.com", "name": "Ada 'O\"Hara"}, {}),
    ("sdk", USER_SYNC, {"users": [{"email": "ada@example.com", "name": "Ada"}], "upline_code": REFERRAL}, {}),
    ("sdk", VALIDATE, {"voucher_code": FIXED_VOUCHER, "amount": 3000, "currency": None}, {}),
    ("sdk", VOUCHERS, None, {"params": {"search": "123", "page": "2", "active": "true", "min_value": "5"}}),
    ("httpx", VOUCHERS, None, {"params": {"pages": "[2]"}}),
    ("sdk", LOGIN, {"email": "owner@example.com"}, {}),
]


@pytest.fixture(scope="module")
def servers() -> Generator[tuple[SandboxServer, SandboxServer]]:
    """Where requests are recorded, and where they are tried again."""
    with SandboxServer() as recorded, SandboxServer() as tried:
        yield recorded, tried


def logged(server: SandboxServer) -> list[dict[str, Any]]:
    """What a server was asked, oldest first."""
    lines = httpx.get(f"{server.url}{ROOT}/requests.ndjson").text.splitlines()
    return [json.loads(line) for line in lines]


def copied(server: SandboxServer, language: str) -> str:
    """The program that the page of the newest request offers, for the other server."""
    page = httpx.get(f"{server.url}{ROOT}/requests/{logged(server)[-1]['id']}").text
    start = page.index("<pre", page.index(f'<details id="{language}">'))
    from html import unescape

    return unescape(page[page.index(">", start) + 1 : page.index("</pre>", start)])


def record(server: SandboxServer, path: str, body: object, options: dict[str, Any]) -> None:
    """Send a request as a company's backend would."""
    caller = Caller(base_url=server.url)
    _ = caller.get(path, **options) if body is None else caller.post(path, body, **options)


@pytest.mark.parametrize(("kind", "path", "body", "options"), REQUESTS)
def test_copied_python_does_the_same(
    servers: tuple[SandboxServer, SandboxServer],
    kind: str,
    path: str,
    body: object,
    options: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Run against a sandbox in the same state, it gets the same verdict; the SDK is used where it can say it."""
    recorded, tried = servers
    for server in servers:
        httpx.post(f"{server.url}/_sandbox/reset")
    record(recorded, path, body, options)
    program = copied(recorded, "python").replace(recorded.url, tried.url)
    assert ("HAVNClient" in program) is (kind == "sdk")
    monkeypatch.setenv("HAVN_API_KEY", KEY)
    monkeypatch.setenv("HAVN_WEBHOOK_SECRET", SECRET)
    with contextlib.suppress(HAVNError):
        exec(compile(program, "copied", "exec"), {})  # noqa: S102  the program is the test
    assert [(each["operation"], each["status"], each["verdict"]) for each in logged(tried)] == [
        (each["operation"], each["status"], each["verdict"]) for each in logged(recorded)
    ]


@pytest.mark.parametrize(("kind", "path", "body", "options"), REQUESTS)
def test_copied_curl_does_the_same(
    servers: tuple[SandboxServer, SandboxServer], kind: str, path: str, body: object, options: dict[str, Any]
) -> None:
    """Its words, read as a shell reads them, are a request that gets the same verdict."""
    del kind
    recorded, tried = servers
    for server in servers:
        httpx.post(f"{server.url}/_sandbox/reset")
    record(recorded, path, body, options)
    run_curl(copied(recorded, "curl").replace(recorded.url, tried.url))
    first, second = logged(recorded)[-1], logged(tried)[-1]
    assert (second["status"], second["verdict"]) == (first["status"], first["verdict"])
    assert second["request"]["body"] == first["request"]["body"]


def run_curl(command: str) -> None:
    """Do what curl would do with these words."""
    words = iter(shlex.split(command.replace("\\\n", "")))
    assert next(words) == "curl"
    method, url, headers, content = "", "", [], None
    for word in words:
        match word:
            case "--include":
                pass
            case "--request":
                method = next(words)
            case "--header":
                name, _, value = next(words).partition(":")
                headers.append((name, value.strip().replace("$HAVN_API_KEY", KEY)))
            case "--data-raw":
                content = next(words)
            case _:
                assert word.startswith("http")
                url = word
    httpx.request(method, url, headers=headers, content=content)


@given(st.binary(max_size=60), st.text(st.characters(codec="latin-1"), max_size=30), st.text(max_size=20))
def test_any_request_gives_words_and_a_program(body: bytes, header: str, path: str) -> None:
    """Whatever was sent, curl's words are one command that a shell can read, and the Python compiles."""
    request = entry(
        request_body=body,
        path=f"/{path}",
        query=header,
        request_headers=(("x-odd", header),),
        verdict="invalid",
    )
    command = curl(request, "http://box").replace("\\\n", "")
    words = shlex.split(command)
    assert "curl" in words
    assert urlsplit(words[words.index("POST") + 1]).netloc == "box"
    compile(python(request, "http://box"), "copied", "exec")


def test_a_body_that_no_argument_can_hold_goes_through_a_pipe() -> None:
    """Bytes that are not UTF-8, and a zero byte, reach curl in base64."""
    command = curl(entry(request_body=b"\xff\x00"), "http://box")
    assert command.startswith("echo /wA= | base64 --decode | curl")
    assert command.endswith("--data-binary @-")


def test_curl_sends_what_was_sent() -> None:
    """No Content-Type where there was none, an empty header as an empty one, HEAD without a body."""
    command = curl(entry(request_headers=(("x-empty", ""),), method="HEAD"), "http://box")
    assert "--header 'Content-Type:'" in command
    assert "--header 'x-empty;'" in command
    assert "--head http://box" in command


def test_a_har_archive_is_valid() -> None:
    """Every field that HAR 1.2 requires is there, oldest request first."""
    log = archive([entry(id=2), entry(id=1, query="page=2&x=")], "http://box")["log"]
    assert log.keys() == {"version", "creator", "entries"}
    assert log["version"] == "1.2"
    first = log["entries"][0]
    assert first.keys() == {"startedDateTime", "time", "request", "response", "cache", "timings"}
    assert first["timings"].keys() == {"send", "wait", "receive"}
    common = {"httpVersion", "cookies", "headers", "headersSize", "bodySize"}
    assert first["request"].keys() == common | {"method", "url", "queryString", "postData"}
    assert first["response"].keys() == common | {"status", "statusText", "content", "redirectURL"}
    assert first["response"]["content"].keys() == {"size", "mimeType", "text"}
    assert first["request"]["queryString"] == [{"name": "page", "value": "2"}, {"name": "x", "value": ""}]
    assert first["request"]["url"].endswith("?page=2&x=")
    assert first["response"]["statusText"] == "Created"
    assert first["time"] == sum(first["timings"].values()) == pytest.approx(4.2)


def test_a_lost_or_binary_answer_fits_into_a_har_archive() -> None:
    """Status 0 says that there was none; bytes that are no text are in base64."""
    response = archive([entry(status=None, answer_body=b"\xff")], "http://box")["log"]["entries"][0]["response"]
    assert (response["status"], response["statusText"]) == (0, "")
    assert (response["content"]["text"], response["content"]["encoding"]) == ("/w==", "base64")


def test_exports_are_files(inspector: Inspector) -> None:
    """A browser saves them, and masked keys are in them."""
    inspector.add(request_body=canonical(sale()))
    for path in ("requests/1.har", "requests.har", "requests.ndjson"):
        answer = inspector.get(f"{ROOT}/{path}")
        assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
        assert "havn" in answer.text
