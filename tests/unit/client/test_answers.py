"""What HAVN, or something in front of it, answers: one error class for each status, with the evidence kept."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from fakes import API_KEY, NOON, WEBHOOK_SECRET, FakeHAVN, Reply, make_client, outcome

import havn_ext
from havn_ext import HAVNAPIError, HAVNConversionError, HAVNResponseError, errors

if TYPE_CHECKING:
    from fakes import Kind

SALE: dict[str, Any] = {"amount": 1000, "payment_gateway_transaction_id": "pay_1", "customer_id": "c_1"}
EMAIL = "grace.hopper@example.com"

STATUSES: dict[int, type[HAVNAPIError]] = {
    400: errors.HAVNBadRequestError,
    401: errors.HAVNAuthError,
    402: errors.HAVNAPIError,
    403: errors.HAVNAPIError,
    404: errors.HAVNNotFoundError,
    408: errors.HAVNAPIError,
    409: errors.HAVNConflictError,
    418: errors.HAVNAPIError,
    422: errors.HAVNUnprocessableError,
    429: errors.HAVNRateLimitError,
    499: errors.HAVNAPIError,
    500: errors.HAVNServerError,
    502: errors.HAVNServerError,
    503: errors.HAVNServerError,
    520: errors.HAVNServerError,
    599: errors.HAVNServerError,
    301: errors.HAVNResponseError,
    302: errors.HAVNResponseError,
    304: errors.HAVNResponseError,
    307: errors.HAVNResponseError,
}

BODIES: dict[str, bytes] = {
    "nothing": b"",
    "HTML": b"<html><title>502 Bad Gateway</title></html>",
    "truncated": b'{"success": fal',
    "array": b"[1, 2]",
    "null": b"null",
    "NaN": b"NaN",
    "number": b"42",
    "text": b'"no"',
    "other bytes": b"\xff\xfe\x00\xd8",
    "nesting without end": b'{"a":' * 100_000,
    "number without end": b'{"a":' + b"9" * 5_000 + b"}",
}
every_body = pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)


def failure(kind: Kind, *replies: Reply, **options: Any) -> HAVNAPIError:
    """The error that a sale ends in."""
    client = make_client(kind, FakeHAVN(*replies), **{"max_retries": 0, **options})
    with pytest.raises(HAVNAPIError) as caught:
        outcome(client.transactions.send(**SALE))
    return caught.value


# ── errors ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("status", "error_class"), STATUSES.items())
def test_a_status_is_an_error_class(kind: Kind, status: int, error_class: type[HAVNAPIError]) -> None:
    """Every status but a success has one error class, and the error keeps what HAVN said."""
    body = {"success": False, "error": "some_fault", "message": "This did not work", "details": [1]}
    error = failure(kind, Reply(status, body, {"X-Request-Id": "req_1"}))
    assert type(error) is error_class
    assert "This did not work" in error.message
    assert f"(HTTP {status}, request req_1)" in str(error)
    assert (error.status_code, error.request_id, error.error_type) == (status, "req_1", "some_fault")
    assert error.response == body
    assert json.loads(error.body or "") == body


@every_body
@pytest.mark.parametrize("status", [400, 404, 429, 502])
def test_an_error_without_words_is_still_its_class(kind: Kind, status: int, body: bytes) -> None:
    """An error whose body is not a JSON object has its status' class, words of ours, and the body as it came."""
    error = failure(kind, Reply(status, body))
    assert type(error) is STATUSES[status]
    assert "not JSON" in error.message
    assert (error.response, error.error_type) == ({}, None)
    assert error.body == body.decode("utf-8", "replace")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"message": "Said"}, "Said"),
        ({"error": "some_fault"}, "some_fault"),
        ({"message": "", "error": "some_fault"}, "some_fault"),
        ({"message": ["Said"]}, "gave no reason"),
        ({"error": {"code": 1}}, "gave no reason"),
        ({}, "gave no reason"),
    ],
)
def test_the_message_is_in_havns_words_where_it_has_any(kind: Kind, body: dict[str, Any], message: str) -> None:
    """The message is HAVN's `message`, else its `error`, else says that HAVN gave no reason."""
    assert message in failure(kind, Reply(400, body)).message


def test_a_bad_key_says_what_to_check(kind: Kind) -> None:
    """A 401 names both variables."""
    message = failure(kind, Reply(401, {"message": "Invalid signature"})).message
    assert "HAVN_API_KEY" in message
    assert "HAVN_WEBHOOK_SECRET" in message


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, (None, None, None, None)),
        ({"Retry-After": "7"}, (7.0, None, None, None)),
        (
            {"X-RateLimit-Limit": "20", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(NOON) + 30)},
            (30.0, 20, 0, int(NOON) + 30),
        ),
        ({"Retry-After": "soon", "X-RateLimit-Limit": "many", "X-RateLimit-Reset": "-1"}, (None, None, None, None)),
        ({"X-RateLimit-Limit": "1e3", "X-RateLimit-Remaining": "9" * 5000}, (None, None, None, None)),
    ],
    ids=["nothing", "retry after", "reset", "nonsense", "hostile"],
)
def test_a_rate_limit_says_how_long(kind: Kind, headers: dict[str, str], expected: tuple[Any, ...]) -> None:
    """A 429 tells how long to wait and where the limit stands, as far as its headers make sense."""
    error = failure(kind, Reply(429, {"message": "Slow down"}, headers))
    assert isinstance(error, havn_ext.HAVNRateLimitError)
    assert (error.retry_after, error.limit, error.remaining, error.reset_at) == expected


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("follows", [False, True], ids=["cautious client", "client that follows by default"])
def test_a_redirect_is_not_followed(kind: Kind, status: int, follows: bool) -> None:
    """A signed request goes nowhere but to HAVN, even with a client that follows redirects by default."""
    havn = FakeHAVN(Reply(status, b"", {"Location": "https://elsewhere.example.com/"}))
    maker = httpx.Client if kind == "sync" else httpx.AsyncClient
    http_client = maker(transport=httpx.MockTransport(havn), follow_redirects=follows)
    with pytest.raises(HAVNResponseError, match="redirected the call"):
        outcome(make_client(kind, http_client=http_client).transactions.send(**SALE))
    assert len(havn.requests) == 1


# ── successes ────────────────────────────────────────────────────────────────────────────────────


@every_body
@pytest.mark.parametrize("status", [200, 201, 204])
def test_a_success_that_cannot_be_read_says_so(kind: Kind, status: int, body: bytes) -> None:
    """A 2xx without a JSON object is a `HAVNResponseError` that says that HAVN processed the call, unrepeated."""
    havn = FakeHAVN(Reply(status, body, {"X-Request-Id": "req_1"}))
    with pytest.raises(HAVNResponseError, match="HAVN processed the call") as caught:
        outcome(make_client(kind, havn).transactions.send(**SALE))
    error = caught.value
    assert (error.status_code, error.request_id) == (status, "req_1")
    assert error.body == body.decode("utf-8", "replace")
    assert len(havn.requests) == 1


@every_body
@pytest.mark.parametrize("status", [200, 201, 204])
def test_a_valid_voucher_needs_no_body(kind: Kind, status: int, body: bytes) -> None:
    """Any success means that a voucher is valid, whatever its body."""
    assert outcome(make_client(kind, FakeHAVN(Reply(status, body))).vouchers.validate("HAVN-A")) is True


@pytest.mark.parametrize(
    ("status", "error_class"),
    [(400, errors.HAVNBadRequestError), (404, errors.HAVNNotFoundError), (422, errors.HAVNUnprocessableError)],
)
def test_a_voucher_that_is_no_good_says_why(kind: Kind, status: int, error_class: type[HAVNAPIError]) -> None:
    """An unusable, an unknown and an unfitting voucher are three error classes."""
    with pytest.raises(error_class, match="No good"):
        outcome(make_client(kind, FakeHAVN(Reply(status, {"message": "No good"}))).vouchers.validate("HAVN-A"))


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"data": None},
        {"data": []},
        {"data": {}},
        {"data": {"redirect_url": None}},
        {"data": {"redirect_url": ""}},
        {"data": {"redirect_url": 7}},
        {"redirect_url": 7},
    ],
)
def test_a_login_without_an_address_is_unreadable(kind: Kind, body: dict[str, Any]) -> None:
    """A login that answers no address is a `HAVNResponseError`, never None or an empty str."""
    with pytest.raises(HAVNResponseError, match="redirect_url"):
        outcome(make_client(kind, FakeHAVN(Reply(body=body))).auth.login(EMAIL))


def test_a_login_is_its_address(kind: Kind) -> None:
    """A login answers the address as a str."""
    url = "https://app.example.com/login?token=t"
    havn = FakeHAVN(Reply(body={"success": True, "data": {"redirect_url": url, "token": "t", "expires_in": 300}}))
    assert outcome(make_client(kind, havn).auth.login(EMAIL)) == url


def test_a_result_keeps_what_the_sdk_does_not_know(kind: Kind) -> None:
    """A result has HAVN's request id, whether the answer was a replay, and the whole answer in `raw`."""
    body = {"transaction": {"transaction_id": "t_1", "mood": "good"}, "weather": "fine"}
    reply = Reply(201, body, {"X-Request-Id": "req_1", "Idempotent-Replayed": "true"})
    result = outcome(make_client(kind, FakeHAVN(reply)).transactions.send(**SALE))
    assert (result.request_id, result.replayed, result.raw) == ("req_1", True, body)
    assert result.transaction.raw["mood"] == "good"


# ── what an answer echoes ────────────────────────────────────────────────────────────────────────

ECHO = f"key {API_KEY}, secret {WEBHOOK_SECRET}, user {EMAIL}, token=abc123xyz"
ECHOES = [
    *(Reply(status, {"message": ECHO}) for status in STATUSES),
    Reply(400, {"error": ECHO}),
    Reply(400, ECHO.encode()),
    Reply(200, ECHO.encode()),
    Reply(200, {"transaction": {"amount": 1, "status": ECHO}}),
]


@pytest.mark.parametrize("reply", ECHOES, ids=[f"{number} {reply.status}" for number, reply in enumerate(ECHOES)])
def test_what_havn_echoes_is_masked(kind: Kind, reply: Reply) -> None:
    """Neither a credential, nor a token, nor a full e-mail address that HAVN echoes is in an error's message."""
    client = make_client(kind, FakeHAVN(reply), max_retries=0, rates={"IDR": "0.0000625"})
    with pytest.raises(HAVNAPIError) as caught:
        outcome(client.transactions.send(**{**SALE, "amount": 150_000, "currency": "IDR"}))
    shown = f"{caught.value} {caught.value!r} {caught.value.args}"
    for private in (API_KEY, WEBHOOK_SECRET, EMAIL, "abc123xyz"):
        assert private not in shown
    assert WEBHOOK_SECRET in (caught.value.body or "")
    assert isinstance(caught.value, HAVNConversionError) is (reply is ECHOES[-1])
