"""What goes over the wire: method, path, query, headers, and bytes that are the ones signed."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from fakes import API_KEY, WEBHOOK_SECRET, FakeHAVN, Reply, make_client, outcome

from havn_ext import HAVNConversionError

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx
    from fakes import AnyClient, Kind

LOGIN = Reply(body={"data": {"redirect_url": "https://app.example.com/login"}})
SALE: dict[str, Any] = {"amount": 1000, "payment_gateway_transaction_id": "pay_1", "customer_id": "c_1"}
IDR = {"IDR": "0.0000625"}

OPERATIONS: dict[str, tuple[Callable[[AnyClient], Any], str, str]] = {
    "send": (lambda c: c.transactions.send(**SALE), "POST", "/api/v1/webhook/transaction"),
    "sync": (lambda c: c.users.sync("ada@example.com", "Ada"), "POST", "/api/v1/webhook/user-sync"),
    "sync_bulk": (
        lambda c: c.users.sync_bulk([{"email": "ada@example.com", "name": "Ada"}]),
        "POST",
        "/api/v1/webhook/user-sync",
    ),
    "sync_many": (
        lambda c: c.users.sync_many(iter([{"email": "ada@example.com", "name": "Ada"}])),
        "POST",
        "/api/v1/webhook/user-sync",
    ),
    "validate": (lambda c: c.vouchers.validate("HAVN-A"), "POST", "/api/v1/webhook/voucher/validate"),
    "get_all": (lambda c: c.vouchers.get_all(), "GET", "/api/v1/webhook/vouchers"),
    "iter_all": (lambda c: c.vouchers.iter_all(), "GET", "/api/v1/webhook/vouchers"),
    "get_combined": (lambda c: c.vouchers.get_combined(), "GET", "/api/v1/webhook/vouchers"),
    "login": (lambda c: c.auth.login("ada@example.com"), "POST", "/api/v1/webhook/login"),
}
every_operation = pytest.mark.parametrize("name", OPERATIONS)


def request_of(kind: Kind, call: Callable[[AnyClient], Any], **options: Any) -> httpx.Request:
    """The one request that a call makes."""
    havn = FakeHAVN(LOGIN)
    outcome(call(make_client(kind, havn, **options)))
    return havn.request


def body_of(kind: Kind, call: Callable[[AnyClient], Any], **options: Any) -> dict[str, Any]:
    """The JSON that a call sends."""
    body: dict[str, Any] = json.loads(request_of(kind, call, **options).content)
    return body


def sale_of(kind: Kind, fields: dict[str, Any], **options: Any) -> dict[str, Any]:
    """The JSON of a sale with these fields beside the least that one needs."""
    return body_of(kind, lambda client: client.transactions.send(**{**SALE, **fields}), **options)


# ── every operation ──────────────────────────────────────────────────────────────────────────────


@every_operation
def test_an_operation_goes_to_its_place(kind: Kind, name: str) -> None:
    """Each operation has its method and its path, at HAVN's address unless told otherwise."""
    call, method, path = OPERATIONS[name]
    request = request_of(kind, call)
    assert (request.method, request.url.scheme, request.url.host) == (method, "https", "api.havn.com")
    assert request.url.path == path


@every_operation
def test_the_signature_is_that_of_the_bytes_sent(kind: Kind, name: str) -> None:
    """`X-Signature` is the lower-case hex HMAC-SHA256 of the bytes on the wire; a GET signs `{}` and sends none."""
    call, method, _ = OPERATIONS[name]
    request = request_of(kind, call)
    assert (request.content == b"") is (method == "GET")
    signed = request.content or b"{}"
    expected = hmac.new(WEBHOOK_SECRET.encode(), signed, hashlib.sha256).hexdigest()
    assert request.headers["X-Signature"] == expected
    assert WEBHOOK_SECRET not in str(request.url) + repr(request.headers.raw)


@every_operation
def test_the_body_is_canonical(kind: Kind, name: str) -> None:
    """A body has sorted keys, no white space, escaped non-ASCII and no null."""
    call, method, _ = OPERATIONS[name]
    content = request_of(kind, call).content
    if method == "GET":
        assert content == b""
        return
    value = json.loads(content)
    assert content == json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()
    assert b"null" not in content


STORED: dict[str, tuple[Callable[[AnyClient, bytes], Any], bytes]] = {
    "send_prepared": (
        lambda c, payload: c.transactions.send_prepared(payload),
        b'{"payment_gateway_transaction_id":"pay_1", "amount":1000, "customer_id":"Ren\xc3\xa9e"}',
    ),
    "sync_prepared": (
        lambda c, payload: c.users.sync_prepared(payload),
        b'{"name":"Ada", "email":"ada@example.com"}',
    ),
}


@pytest.mark.parametrize("name", STORED)
def test_what_was_stored_is_sent_byte_for_byte(kind: Kind, name: str) -> None:
    """A stored payload goes out as it is and is signed as it is, even if this version would spell it otherwise."""
    call, payload = STORED[name]
    request = request_of(kind, lambda client: call(client, payload))
    assert request.content == payload
    expected = hmac.new(WEBHOOK_SECRET.encode(), payload, hashlib.sha256).hexdigest()
    assert request.headers["X-Signature"] == expected
    assert request.headers.get("Idempotency-Key") == ("pay_1" if name == "send_prepared" else None)


@every_operation
def test_the_headers_say_who_and_what(kind: Kind, name: str) -> None:
    """Every request carries the key, both content headers and the SDK's name, and no test mode unless asked."""
    headers = request_of(kind, OPERATIONS[name][0]).headers
    assert headers["X-API-Key"] == API_KEY
    assert headers["Content-Type"] == headers["Accept"] == "application/json"
    assert headers["User-Agent"].startswith("havn-sdk/")
    assert "X-Test-Mode" not in headers


@every_operation
def test_test_mode_is_a_header(kind: Kind, name: str) -> None:
    """In test mode every request says `X-Test-Mode: true`, also after `with_options`."""
    call = OPERATIONS[name][0]
    assert request_of(kind, call, test_mode=True).headers["X-Test-Mode"] == "true"
    havn = FakeHAVN(LOGIN)
    outcome(call(make_client(kind, havn).with_options(test_mode=True)))
    assert havn.request.headers["X-Test-Mode"] == "true"


@pytest.mark.parametrize(
    "base_url", ["http://127.0.0.1:8787", "http://127.0.0.1:8787/", "https://proxy.example.com/havn"]
)
@every_operation
def test_the_base_url_is_a_prefix(kind: Kind, name: str, base_url: str) -> None:
    """A base URL, with or without a path and a slash at its end, comes before the operation's path."""
    call, _, path = OPERATIONS[name]
    url = request_of(kind, call, base_url=base_url).url
    assert str(url).partition("?")[0] == base_url.rstrip("/") + path


# ── transactions ─────────────────────────────────────────────────────────────────────────────────

SALES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "the least": ({}, {}),
    "absent and empty are left out": (
        {"customer_email": None, "description": "", "custom_fields": {}, "promo_code": " ", "is_recurring": None},
        {},
    ),
    "everything": (
        {
            "customer_email": " Ada@Example.com ",
            "referral_code": " havn-mj-001 ",
            "promo_code": "havn-aqneo-s08-abc123",
            "subtotal_transaction": 1250,
            "customer_type": "RECURRING",
            "custom_fields": {"plan": "Größe M", "seats": 3, "trial": False, "score": 0.5},
            "invoice_id": "inv_1",
            "transaction_type": "subscription",
            "description": "One month",
            "payment_gateway": " stripe ",
            "is_recurring": False,
        },
        {
            "customer_email": "Ada@Example.com",
            "referral_code": "HAVN-MJ-001",
            "promo_code": "havn-aqneo-s08-abc123",
            "subtotal_transaction": 1250,
            "customer_type": "RECURRING",
            "custom_fields": {"plan": "Größe M", "seats": 3, "trial": False, "score": 0.5},
            "invoice_id": "inv_1",
            "transaction_type": "subscription",
            "description": "One month",
            "payment_gateway": "STRIPE",
            "is_recurring": False,
        },
    ),
    "the invoice stands in for the payment": (
        {"payment_gateway_transaction_id": None, "invoice_id": "inv_1"},
        {"payment_gateway_transaction_id": "inv_1", "invoice_id": "inv_1"},
    ),
    "a local voucher is not HAVN's business": (
        {"promo_code": "SUMMER", "subtotal_transaction": 1250, "referral_code": "havn-mj-001"},
        {"referral_code": "HAVN-MJ-001"},
    ),
    "a subtotal that equals the amount": ({"subtotal_transaction": 1000}, {"subtotal_transaction": 1000}),
    "HAVN converts": (
        {"amount": 150_000, "currency": "idr", "server_side_conversion": True, "subtotal_transaction": 150_000},
        {"amount": 150_000, "currency": "IDR", "server_side_conversion": True, "subtotal_transaction": 150_000},
    ),
}


@pytest.mark.parametrize(("fields", "expected"), SALES.values(), ids=SALES)
def test_a_sale_on_the_wire(kind: Kind, fields: dict[str, Any], expected: dict[str, Any]) -> None:
    """A sale goes out trimmed, with codes in upper case, and with nothing that the caller left out."""
    least = {**SALE, "currency": "USD", "customer_type": "NEW_CUSTOMER"}
    assert sale_of(kind, fields) == {**least, **expected}


def test_a_local_voucher_leaves_the_subtotal_to_the_result(kind: Kind) -> None:
    """With a local voucher the result shows the caller's subtotal, which HAVN never heard of."""
    havn = FakeHAVN()
    call = make_client(kind, havn).transactions.send(**SALE, promo_code="SUMMER", subtotal_transaction=1250)
    assert outcome(call).transaction.subtotal_transaction == 1250
    assert b"1250" not in havn.request.content


@pytest.mark.parametrize(
    ("payment_id", "header"),
    [
        ("pay_1", "pay_1"),
        ("a b~!", "a b~!"),
        ("p" * 200, "p" * 200),
        ("zahlung-ä", None),
        (" pay_1", None),
        ("pay\n1", None),
        ("pay\x001", None),
    ],
)
def test_the_payment_id_is_the_idempotency_key(kind: Kind, payment_id: str, header: str | None) -> None:
    """`Idempotency-Key` equals the payment id, and is left out where a header can't carry it unchanged."""
    request = request_of(
        kind, lambda client: client.transactions.send(**{**SALE, "payment_gateway_transaction_id": payment_id})
    )
    assert request.headers.get("Idempotency-Key") == header
    assert json.loads(request.content)["payment_gateway_transaction_id"] == payment_id


@pytest.mark.parametrize("name", sorted(OPERATIONS.keys() - {"send"}))
def test_only_a_sale_has_an_idempotency_key(kind: Kind, name: str) -> None:
    """What is an upsert or a question carries no `Idempotency-Key`."""
    assert "Idempotency-Key" not in request_of(kind, OPERATIONS[name][0]).headers


# ── conversion by the client ─────────────────────────────────────────────────────────────────────


async def awaited_rate(currency: str) -> Decimal:
    """A rate that must be waited for."""
    return Decimal(IDR[currency])


RATES: dict[str, Any] = {
    "mapping of text": IDR,
    "mapping of decimals": {"IDR": Decimal("0.0000625")},
    "function": IDR.__getitem__,
    "coroutine function": awaited_rate,
}


@pytest.mark.parametrize("rates", RATES)
def test_the_client_converts_and_leaves_the_evidence(kind: Kind, rates: str) -> None:
    """A client with rates sends US cents, half up, and how it came to them beside the caller's own entries."""
    if (kind, rates) == ("sync", "coroutine function"):
        kind = "async"
    fields = {
        "amount": 150_040,
        "subtotal_transaction": 200_000,
        "promo_code": "HAVN-A",
        "currency": "IDR",
        "custom_fields": {"plan": "pro"},
    }
    havn = FakeHAVN()
    result = outcome(make_client(kind, havn, rates=RATES[rates]).transactions.send(**{**SALE, **fields}))
    sent = json.loads(havn.request.content)
    assert (sent["amount"], sent["subtotal_transaction"], sent["currency"]) == (938, 1250, "USD")
    assert sent["custom_fields"] == {
        "plan": "pro",
        "original_amount": 150_040,
        "original_currency": "IDR",
        "original_subtotal": 200_000,
        "exchange_rate": "0.0000625",
    }
    assert "server_side_conversion" not in sent
    assert (result.transaction.amount, result.transaction.currency) == (938, "USD")


def test_a_dollar_needs_no_rate(kind: Kind) -> None:
    """A client with rates asks for none when the sale is in US dollars or HAVN converts."""

    def rates(currency: str) -> str:
        raise AssertionError(currency)

    assert sale_of(kind, {}, rates=rates)["amount"] == 1000
    fields = {"currency": "IDR", "server_side_conversion": True}
    assert sale_of(kind, fields, rates=rates)["currency"] == "IDR"


@pytest.mark.parametrize(
    ("answered", "actual"),
    [
        ({"amount": 937, "status": "success"}, 937),
        ({"amount": 939}, 939),
        ({"amount": 938, "status": "FAILED"}, 938),
        ({"status": "failed"}, None),
        ({"amount": 937.5, "status": "success"}, None),
        ({"amount": "about 938"}, None),
    ],
)
def test_a_conversion_that_is_not_exact_is_an_error(
    kind: Kind, answered: dict[str, Any], actual: int | None
) -> None:
    """An answer with another amount, or `FAILED` in any case, raises with both amounts, the rate and the answer."""
    havn = FakeHAVN(Reply(body={"transaction": answered}, headers={"X-Request-Id": "req_1"}))
    client = make_client(kind, havn, rates=IDR)
    with pytest.raises(HAVNConversionError) as caught:
        outcome(client.transactions.send(**{**SALE, "amount": 150_040, "currency": "IDR"}))
    error = caught.value
    assert (error.expected, error.actual, error.rate) == (938, actual, Decimal("0.0000625"))
    assert (error.status_code, error.request_id, error.response) == (200, "req_1", {"transaction": answered})
    assert len(havn.requests) == 1


@pytest.mark.parametrize("answered", [{}, {"transaction": {}}, {"transaction": {"amount": None, "status": "new"}}])
def test_an_answer_without_an_amount_is_no_mismatch(kind: Kind, answered: dict[str, Any]) -> None:
    """An answer that names no amount and no failure leaves the conversion undisputed."""
    client = make_client(kind, FakeHAVN(Reply(body=answered)), rates=IDR)
    assert outcome(client.transactions.send(**{**SALE, "amount": 150_040, "currency": "IDR"})).success


def test_a_failed_sale_in_dollars_is_a_result(kind: Kind) -> None:
    """What HAVN marks as `FAILED` without a conversion is for the caller to read, not an error."""
    havn = FakeHAVN(Reply(body={"transaction": {"status": "FAILED"}}))
    assert outcome(make_client(kind, havn).transactions.send(**SALE)).transaction.failed


def test_a_rate_source_that_fails_reaches_the_caller(kind: Kind) -> None:
    """An error of the caller's rate function reaches the caller as it is, before anything is sent."""
    failure = LookupError("no rate today")

    def rates(_currency: str) -> str:
        raise failure

    havn = FakeHAVN()
    with pytest.raises(LookupError) as caught:
        outcome(make_client(kind, havn, rates=rates).transactions.send(**{**SALE, "currency": "IDR"}))
    assert caught.value is failure
    assert havn.requests == []


# ── users, vouchers, login ───────────────────────────────────────────────────────────────────────


def test_a_user_on_the_wire(kind: Kind) -> None:
    """A user goes out with its switches, codes in upper case, and without what was left out."""
    body = body_of(
        kind,
        lambda client: client.users.sync(
            " Ada@example.com ", "Ada", country_code="id", upline_code="havn-mj-001", is_owner=True, picture=""
        ),
    )
    assert body == {
        "email": "Ada@example.com",
        "name": "Ada",
        "country_code": "ID",
        "upline_code": "HAVN-MJ-001",
        "is_owner": True,
        "create_associate": True,
    }


def test_a_bulk_call_on_the_wire(kind: Kind) -> None:
    """A bulk call sends each user's own fields in `users` and the shared ones beside them."""
    users: list[dict[str, Any]] = [
        {"email": "ada@example.com", "name": "Ada", "is_owner": True},
        {"email": "bob@example.com", "name": "Bob"},
    ]
    body = body_of(
        kind, lambda client: client.users.sync_bulk(iter(users), upline_code="havn-mj-001", create_associate=False)
    )
    assert body == {"users": users, "upline_code": "HAVN-MJ-001", "create_associate": False, "is_owner": False}


def test_a_voucher_question_on_the_wire(kind: Kind) -> None:
    """A voucher's code goes out trimmed and in the caller's spelling, with the terms that were given."""
    assert body_of(kind, lambda client: client.vouchers.validate(" havn-a ")) == {"voucher_code": "havn-a"}
    full = body_of(kind, lambda client: client.vouchers.validate("HAVN-A", 10_000, "USD"))
    assert full == {"voucher_code": "HAVN-A", "amount": 10_000, "currency": "USD"}


@pytest.mark.parametrize("email", ["Ada@Example.COM", "  ada@example.com\n"])
def test_a_login_address_is_trimmed_and_lowered(kind: Kind, email: str) -> None:
    """A login goes out trimmed and in lower case."""
    assert body_of(kind, lambda client: client.auth.login(email)) == {"email": "ada@example.com"}


QUERIES: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "nothing": ({}, {"page": "1", "per_page": "10"}),
    "none is left out": ({"active": None, "search": ""}, {"page": "1", "per_page": "10"}),
    "switches": (
        {"active": True, "is_valid": False, "page": 3, "per_page": 100},
        {"page": "3", "per_page": "100", "active": "true", "is_valid": "false"},
    ),
    "days": (
        {"start_date_from": date(2025, 1, 2), "end_date_to": "2025-12-31"},
        {"page": "1", "per_page": "10", "start_date_from": "2025-01-02", "end_date_to": "2025-12-31"},
    ),
    "moments": (
        {"created_from": datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC), "created_to": date(2025, 12, 31)},
        {"page": "1", "per_page": "10", "created_from": "2025-01-02T03:04:05+00:00", "created_to": "2025-12-31"},
    ),
    "words": (
        {"type": "DISCOUNT_FIXED", "search": "50% off & more", "sort_by": "code", "sort_order": "asc"},
        {
            "page": "1",
            "per_page": "10",
            "type": "DISCOUNT_FIXED",
            "search": "50% off & more",
            "sort_by": "code",
            "sort_order": "asc",
        },
    ),
}


@pytest.mark.parametrize(("query", "expected"), QUERIES.values(), ids=QUERIES)
def test_a_query_on_the_wire(kind: Kind, query: dict[str, Any], expected: dict[str, str]) -> None:
    """A query goes out once for each name, in HAVN's spelling, and without what is None."""
    url = request_of(kind, lambda client: client.vouchers.get_all(**query)).url
    assert sorted(url.params.multi_items()) == sorted(expected.items())
