from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest
from inspector_support import ROOT, Inspector, entry
from sandbox_support import LOGIN

from havn_ext.sandbox.inspector import streaming
from havn_ext.sandbox.inspector.masking import fingerprint
from havn_ext.sandbox.messages import Detail
from havn_ext.sandbox.request_log import Body, RequestLog

if TYPE_CHECKING:
    from havn_ext.sandbox.request_log import Entry


def test_an_empty_log_says_how_to_send_the_first_request(inspector: Inspector) -> None:
    """Credentials that work, a curl line and three lines of Python."""
    page = inspector.get("/").text
    assert "Send the first request" in page
    assert "curl -H &#39;X-API-Key: test_first&#39;" in page
    assert "from havn import HAVNClient" in page


def test_the_list_shows_what_matters_newest_first(inspector: Inspector) -> None:
    """Method, operation, status, verdict, company and duration, each request a link."""
    inspector.add()
    inspector.add(path=LOGIN, operation="createLoginLink", status=429, verdict="limited")
    page = inspector.get("/").text
    for shown in ("POST", "sendTransaction", "createLoginLink", "429", "limited", "havn••••", "4.2 ms"):
        assert shown in page
    assert page.index(f"{ROOT}/requests/2") < page.index(f"{ROOT}/requests/1")


@pytest.mark.parametrize(
    "query",
    [
        "operation=createLoginLink",
        "status=429",
        "verdict=limited",
        "text=WEBHOOK/LOGIN",
        f"company={fingerprint('test_other')}",
        "status=429&verdict=limited&operation=createLoginLink",
    ],
)
def test_an_address_is_a_filter(inspector: Inspector, query: str) -> None:
    """The list, the stream and the exports of an address hold what fits it, and the form shows it."""
    inspector.add()
    inspector.add(path=LOGIN, operation="createLoginLink", status=429, verdict="limited", company="test_other")
    page = inspector.get(f"/?{query}").text
    assert f"{ROOT}/requests/2" in page
    assert f'href="{ROOT}/requests/1"' not in page
    exported = inspector.get(f"{ROOT}/requests.ndjson?{query}").text.splitlines()
    assert [json.loads(line)["verdict"] for line in exported] == ["limited"]
    assert len(inspector.get(f"{ROOT}/requests.har?{query}").json()["log"]["entries"]) == 1


@pytest.mark.parametrize("query", ["status=999", "status=abc", "company=00000000", "verdict=none", "text=zzzz"])
def test_a_filter_that_fits_nothing_says_so(inspector: Inspector, query: str) -> None:
    """An unknown value is no error."""
    inspector.add()
    page = inspector.get(f"/?{query}")
    assert page.status_code == 200
    assert "No request fits this filter" in page.text
    assert inspector.get(f"{ROOT}/requests.ndjson?{query}").text == ""


def test_the_browser_is_told_the_shortest_address(inspector: Inspector) -> None:
    """A form with empty fields makes no long address."""
    answer = inspector.get("/?text=&company=&operation=&status=401&verdict=")
    assert answer.headers["HX-Push-Url"] == "/?status=401"
    assert inspector.get("/").headers["HX-Push-Url"] == "/"


def test_a_request_in_detail(inspector: Inspector) -> None:
    """Faults stand where they belong: in the body's line, at the header, at the parameter."""
    faults = (
        Detail("body", "/amount", "minimum", "The value is too small"),
        Detail("body", "/customer_email", "required", "The field is missing"),
        Detail("header", "/X-Test-Mode", "enum", "The header is odd"),
        Detail("query", "/page", "unknown", "The parameter is odd"),
    )
    inspector.add(request_body=b'{"amount": 0}', query="page=x", status=400, verdict="invalid", validation=faults)
    page = inspector.get(f"{ROOT}/requests/1").text
    _, whole, amount = page.split('<li class="at-fault">')
    assert "The field is missing" in whole
    assert "/customer_email" in whole
    assert "&#34;amount&#34;" in amount
    assert "The value is too small" in amount
    assert "The header is odd" in page
    assert "The parameter is odd" in page


def test_a_lost_answer_and_a_body_that_is_no_json(inspector: Inspector) -> None:
    """Both are shown for what they are."""
    malformed = Detail("body", "", "json", "The body is not valid JSON in UTF-8")
    inspector.add(request_body=b"\xff{", canonical=None, status=None, verdict="fault", validation=(malformed,))
    page = inspector.get(f"{ROOT}/requests/1").text
    assert "lost" in page
    assert "\\xff{" in page
    assert "not valid JSON" in page


def test_a_body_of_which_the_log_kept_the_beginning_is_not_sent_again(inspector: Inspector) -> None:
    """The page offers neither copy nor resend, and the address refuses."""
    inspector.add(request_body=Body(b'{"amount":', 100_000))
    page = inspector.get(f"{ROOT}/requests/1").text
    assert "cannot be sent again" in page
    assert "Resend" not in page
    assert inspector.send("POST", f"{ROOT}/requests/1/resend").status_code == 404


@pytest.mark.parametrize("path", ["requests/7", "requests/7.har", "transactions/txn_999", "vouchers?company=0"])
def test_what_is_gone_is_a_page_that_says_so(inspector: Inspector, path: str) -> None:
    """404 in HTML, for people."""
    answer = inspector.get(f"{ROOT}/{path}")
    assert answer.status_code == 404
    assert "No such" in answer.text


def test_the_stream_begins_after_what_the_page_has() -> None:
    """An event for each newer request that fits, with its number as the event's id."""
    log = RequestLog()
    for verdict in ("ok", "ok", "limited"):
        log.add(entry(verdict=verdict))

    async def read() -> list[str]:
        stream = streaming.events(log, {"since_id": 1, "verdict": "ok"}, _verdict)
        earlier = await anext(stream)
        log.add(entry())
        return [earlier, await anext(stream)]

    assert asyncio.run(read()) == ["id: 2\ndata: ok\n\n", "id: 4\ndata: ok\n\n"]


def test_a_silent_stream_shows_that_it_lives(monkeypatch: pytest.MonkeyPatch) -> None:
    """A comment now and then, so that a reader who left is noticed."""
    monkeypatch.setattr(streaming, "_SILENCE", 0.01)

    async def first() -> str:
        return await anext(streaming.events(RequestLog(), {}, _verdict))

    assert asyncio.run(first()) == ": still here\n\n"


def _verdict(each: Entry) -> str:
    return each.verdict
