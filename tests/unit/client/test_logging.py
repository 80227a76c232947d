"""What the log says of a call: one line at INFO, bodies at DEBUG without what is personal, and nothing unasked."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from contract import ROOT, parse
from fakes import FakeClock, FakeHAVN, Reply, make_client, outcome
from hypothesis import given
from hypothesis import strategies as st

from havn_ext import HAVNError, _bodies
from havn_ext._steps import Answer, Request

if TYPE_CHECKING:
    from fakes import Kind, Script

SALE: dict[str, Any] = {"amount": 1000, "payment_gateway_transaction_id": "pay_1", "customer_id": "c_1"}
BUSY = Reply(503, {"message": "Busy"}, {"X-Request-Id": "req_busy"})
FINE = Reply(body={"message": "done"}, headers={"X-Request-Id": "req_fine"})
PATH = "/api/v1/webhook/transaction"

Records = list[logging.LogRecord]


def logged(
    caplog: pytest.LogCaptureFixture, kind: Kind, level: str, *script: Script, call: Any = None, **options: Any
) -> Records:
    """What the logger tree `havn` has of one call that comes to anything."""
    caplog.set_level(level, "havn")
    client = make_client(kind, FakeHAVN(*script), **options)
    with suppress(HAVNError):
        outcome((call or (lambda client: client.transactions.send(**SALE)))(client))
    return [record for record in caplog.records if record.name.partition(".")[0] == "havn"]


def slow(clock: FakeClock, reply: Reply) -> Any:
    """An answer that takes a quarter of a second."""

    def answer(_request: httpx.Request) -> Reply:
        clock.pass_by(0.25)
        return reply

    return answer


# ── one line a call ──────────────────────────────────────────────────────────────────────────────

LINES: dict[str, tuple[tuple[Script, ...], str]] = {
    "success": ((FINE,), f"POST {PATH}: 200, 1 attempt, 0.000 s, request req_fine"),
    "second try": ((BUSY, FINE), f"POST {PATH}: 200, 2 attempts, 0.500 s, request req_fine"),
    "failure": ((Reply(404),), f"POST {PATH}: 404 HAVNNotFoundError, 1 attempt, 0.000 s, request -"),
    "no answer": (
        (httpx.ReadTimeout("slow"),),
        f"POST {PATH}: no answer HAVNTimeoutError, 2 attempts, 0.500 s, request -",
    ),
    "unreadable": ((Reply(200, b"<"),), f"POST {PATH}: 200 HAVNResponseError, 1 attempt, 0.000 s, request -"),
}


@pytest.mark.parametrize(("script", "line"), LINES.values(), ids=LINES)
def test_a_call_is_one_line_at_info(
    kind: Kind, script: tuple[Script, ...], line: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A call is one INFO record of `havn.client`: method, path, status, attempts, duration, HAVN's request id."""
    records = logged(caplog, kind, "INFO", *script, max_retries=1)
    (record,) = [record for record in records if record.levelname == "INFO"]
    assert record.name == "havn.client"
    assert record.getMessage() == line


def test_structured_loggers_get_the_same_facts(kind: Kind, caplog: pytest.LogCaptureFixture) -> None:
    """The record carries each fact as an attribute of its own, whose names clash with nobody's."""
    clock = FakeClock()
    (record,) = logged(caplog, kind, "INFO", slow(clock, FINE), clock=clock)
    facts = {name: value for name, value in vars(record).items() if name.startswith("havn_")}
    assert facts == {
        "havn_method": "POST",
        "havn_path": PATH,
        "havn_status": 200,
        "havn_attempts": 1,
        "havn_duration": 0.25,
        "havn_request_id": "req_fine",
        "havn_error": None,
    }


def test_a_retry_carries_its_facts(kind: Kind, caplog: pytest.LogCaptureFixture) -> None:
    """The warning about a retry has the wait and the reason as attributes."""
    records = logged(caplog, kind, "WARNING", BUSY, FINE)
    (record,) = records
    facts = {name: value for name, value in vars(record).items() if name.startswith("havn_")}
    assert facts == {
        "havn_method": "POST",
        "havn_path": PATH,
        "havn_status": 503,
        "havn_attempts": 1,
        "havn_wait": 0.5,
        "havn_request_id": "req_busy",
        "havn_error": "HAVNServerError",
    }


def test_info_has_no_body_and_no_query(kind: Kind, caplog: pytest.LogCaptureFixture) -> None:
    """At INFO neither a body nor a query is logged, in no attribute of a record."""
    records = logged(
        caplog,
        kind,
        "INFO",
        Reply(body={"data": []}),
        call=lambda client: client.vouchers.get_all(search="Lovelace"),
    )
    assert [record.getMessage().partition(":")[0] for record in records] == ["GET /api/v1/webhook/vouchers"]
    assert "Lovelace" not in str([vars(record) for record in records])


def test_a_batch_is_a_line_each(kind: Kind, caplog: pytest.LogCaptureFixture) -> None:
    """A method that makes several HTTP calls has a line for each, also from its threads and tasks."""
    users = [{"email": f"u{number}@example.com", "name": "U"} for number in range(6)]
    records = logged(
        caplog,
        kind,
        "INFO",
        Reply(body={"results": []}),
        call=lambda client: client.users.sync_many(users, batch_size=2, concurrency=3),
    )
    assert len(records) == 3


def test_a_cancelled_call_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """A call that its caller gives up has its line too."""
    caplog.set_level("INFO", "havn")

    async def cancelled(_request: httpx.Request) -> httpx.Response:
        raise asyncio.CancelledError

    client = make_client("async", http_client=httpx.AsyncClient(transport=httpx.MockTransport(cancelled)))
    with pytest.raises(asyncio.CancelledError):
        outcome(client.transactions.send(**SALE))
    assert "no answer CancelledError, 1 attempt" in caplog.text


# ── silence ──────────────────────────────────────────────────────────────────────────────────────


def test_a_call_is_silent_by_default(kind: Kind, caplog: pytest.LogCaptureFixture) -> None:
    """At the standard library's default level a call that needs no second try says nothing."""
    assert logged(caplog, kind, "WARNING", FINE) == []


QUIET = """
import logging, sys, httpx
from havn import HAVNClient
answers = [httpx.Response(503), httpx.Response(200, json={})]
transport = httpx.MockTransport(lambda request: answers.pop(0))
HAVNClient("key", "secret", http_client=httpx.Client(transport=transport), backoff_factor=0).users.sync(
    "ada@example.com", "Ada"
)
print(sorted({"havn_ext._watching", "havn_ext._bodies", "havn_ext.hooks", "opentelemetry"} & set(sys.modules)))
"""


def test_who_does_not_watch_loads_nothing_and_hears_nothing() -> None:
    """Without hooks or a log a call loads none of what watches, and prints nothing of a retry either."""
    run = subprocess.run(  # noqa: S603  a program of ours
        [sys.executable, "-c", QUIET], capture_output=True, text=True, check=True
    )
    assert (run.stdout.strip(), run.stderr) == ("[]", "")


# ── bodies ───────────────────────────────────────────────────────────────────────────────────────


def test_bodies_are_logged_at_debug(kind: Kind, caplog: pytest.LogCaptureFixture) -> None:
    """At DEBUG the request's body is logged once, and that of every answer; what is personal is masked."""
    records = logged(
        caplog,
        kind,
        "DEBUG",
        BUSY,
        Reply(body={"user": {"email": "ada@example.com", "name": "Ada"}, "referral_code": "HAVN-1"}),
        call=lambda client: client.users.sync("ada@example.com", "Ada Lovelace", country_code="GB"),
    )
    path = "/api/v1/webhook/user-sync"
    user = '{"country_code": "GB", "create_associate": true, "email": "****", "is_owner": false, "name": "****"}'
    assert [record.getMessage() for record in records if record.levelname == "DEBUG"] == [
        f"POST {path} sends {user}",
        f'POST {path} answered 503: {{"message": "Busy"}}',
        f'POST {path} answered 200: {{"user": {{"email": "****", "name": "****"}}, "referral_code": "HAVN-1"}}',
    ]
    assert not any("Lovelace" in str(vars(record)) for record in records)


def test_a_query_is_logged_at_debug(kind: Kind, caplog: pytest.LogCaptureFixture) -> None:
    """Of a GET the query is logged; what was searched for may be a person, and is masked."""
    records = logged(
        caplog,
        kind,
        "DEBUG",
        Reply(body=b"<html>"),
        call=lambda client: client.vouchers.get_all(search="Lovelace", sort_by="code"),
    )
    said = [record.getMessage() for record in records if record.levelname == "DEBUG"]
    assert said[0] == (
        'GET /api/v1/webhook/vouchers sends {"page": 1, "per_page": 10, "search": "****", "sort_by": "code"}'
    )
    assert said[1] == "GET /api/v1/webhook/vouchers answered 200: 6 bytes that are not JSON"


PERSONAL = {
    "affiliates_qr_image", "affiliates_url", "associate_name", "avatar", "created_by", "custom_fields",
    "customer_email", "customer_id", "description", "email", "google_id", "name", "picture", "redirect_url",
    "search", "token",
}  # fmt: skip
"""Fields of the contract that are masked: people, what the caller wrote freely, and what opens a session."""


def contract_fields() -> set[str]:
    """The names of all fields and query parameters of the contract."""
    spec = parse((ROOT / "openapi.yaml").read_text(encoding="utf-8"))
    found: set[str] = set()

    def collect(node: Any) -> None:
        if isinstance(node, dict):
            properties = node.get("properties")
            found.update(properties if isinstance(properties, dict) else ())
            if node.get("in") == "query":
                found.add(node["name"])
            for each in node.values():
                collect(each)
        elif isinstance(node, list):
            for each in node:
                collect(each)

    collect(spec)
    return found


def test_every_field_of_the_contract_is_shown_or_masked_on_purpose() -> None:
    """A field that is new in the contract has to be put on one side or the other."""
    assert contract_fields() == _bodies.SHOWN | PERSONAL
    assert not _bodies.SHOWN & PERSONAL


SECRET = "whsec_0123456789"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.just("Lovelace"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=12,
)


@given(value=JSON, field=st.sampled_from(sorted(PERSONAL | {"nobody_knows_this"})))
def test_a_field_that_is_not_known_to_be_harmless_is_masked(value: Any, field: str) -> None:
    """Whatever a personal or an unknown field holds, at any depth, the log shows no more than that it is there."""
    content = httpx.Response(200, json={"data": [{field: ["Lovelace", value]}]}).content
    text = _bodies.answer_text(Answer(200, {}, content), ())
    assert text == f'{{"data": [{{"{field}": "****"}}]}}'


def test_what_is_shown_is_searched_for_secrets() -> None:
    """Credentials, e-mail addresses and tokens are masked in fields that are shown as well, and in their names."""
    content = (
        b'{"message": "ada@example.com whsec_0123456789 token=abc", "ada@example.com": 1,'
        b' "errors": ["whsec_0123456789"]}'
    )
    text = _bodies.answer_text(Answer(400, {}, content), (SECRET,))
    assert (
        text == '{"message": "a****@example.com **** token=****", "a****@example.com": "****", "errors": ["****"]}'
    )


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"", "0 bytes that are not JSON"),
        (b"\xff\xfe", "2 bytes that are not JSON"),
        (b"[" * 100_000, "100000 bytes that are not JSON"),
        (b'"ada@example.com"', '"a****@example.com"'),
        (b"null", "null"),
        (b'{"message": "\\ud800\\n"}', '{"message": "\\ud800\\n"}'),
    ],
)
def test_any_answer_has_a_text(content: bytes, text: str) -> None:
    """Whatever HAVN answers, the log has one printable line for it."""
    shown = _bodies.answer_text(Answer(200, {}, content), ())
    assert shown == text
    assert shown.isascii()
    assert shown.isprintable()


def test_long_bodies_are_cut() -> None:
    """Of a body no more than 4 000 characters are logged, and how long it is."""
    request = Request("POST", "/", None, {}, httpx.Request("POST", "/", json={"code": "A" * 10_000}).read())
    text = _bodies.request_text(request, ())
    assert text == '{"code": "' + "A" * 3_990 + "… (10012 characters)"
