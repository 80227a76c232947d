from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sandbox_support import (
    LOGIN,
    MISSING,
    TRANSACTION,
    USER_SYNC,
    VALIDATE,
    Caller,
    hand_signed,
    rules,
    sale,
    sandbox_in_process,
)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"{} {}",
        b"'",
        b'{"email":NaN}',
        b'{"email":Infinity}',
        b'{"email":1e999}',
        b'{"email":"\xff"}',
        b'{"email":"\\ud800"}',
        b"\xef\xbb\xbf{}",
        '{"email":"a@b.co"}'.encode("utf-16"),
        b"[" * 100_000,
        b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
        *(b'{"email":' + b"[" * depth + b"]" * depth + b"}" for depth in (100, 254, 255, 300, 900)),
        b'{"email":' + b"1" * 5000 + b"}",
    ],
    ids=lambda content: repr(content[:20]),
)
def test_a_body_that_is_no_json_is_refused(havn: Caller, content: bytes) -> None:
    """NaN, half a surrogate pair, another encoding, endless nesting or digits: a 400, never a 500."""
    response = havn.send("POST", LOGIN, content, signed=content)
    assert response.status_code == 400
    assert response.json()["error"] == "malformed_body"
    assert rules(response) == [("", "json")]


def test_nesting_within_reason_reaches_the_contract(havn: Caller) -> None:
    """A hundred levels are read, and refused for what they are."""
    content = b'{"email":' + b"[" * 99 + b"]" * 99 + b"}"
    response = havn.send("POST", LOGIN, content, signed=content)
    assert response.status_code == 400
    assert rules(response) == [("/email", "type")]


def test_only_so_many_faults_are_told(havn: Caller) -> None:
    """The message counts them all, the details name the first hundred: an answer stays readable, and small."""
    response = havn.post(LOGIN, {"email": "a@example.com", **{f"field_{number}": 1 for number in range(5000)}})
    assert response.status_code == 400
    assert "5000 faults" in response.json()["message"]
    assert len(response.json()["details"]) == 100
    assert len(havn.logged()["validation"]) == 100


@pytest.mark.parametrize("content", [b"[]", b"null", b"7", b'"x"', b"true"])
@pytest.mark.parametrize("path", [TRANSACTION, USER_SYNC, VALIDATE, LOGIN])
def test_a_body_is_an_object(havn: Caller, path: str, content: bytes) -> None:
    """Any other JSON value is refused by the contract."""
    response = havn.send("POST", path, content, signed=content)
    assert response.status_code == 400
    assert ("", "type") in rules(response)


def test_a_repeated_key_counts_once(havn: Caller) -> None:
    """As in most parsers the last value wins, in the signature too."""
    content = b'{"email":"nobody@example.com","email":"owner@example.com"}'
    assert havn.send("POST", LOGIN, content, signed=b'{"email":"owner@example.com"}').status_code == 200


@pytest.mark.parametrize("content_type", ["text/plain", "", MISSING, "application/jsonx", "multipart/form-data"])
def test_a_body_is_labelled_as_json(havn: Caller, content_type: Any) -> None:
    """Another Content-Type, or none, is refused."""
    body = {"email": "owner@example.com"}
    response = havn.post(LOGIN, body, content_type=content_type)
    assert response.status_code == 400
    assert rules(response) == [("", "content_type")]
    assert havn.post(LOGIN, body, content_type="Application/JSON; charset=utf-8").status_code == 200


def test_a_body_has_at_most_a_mebibyte(havn: Caller) -> None:
    """A larger one is a 400, in one piece or in many."""
    padding = b" " * (1024 * 1024 - 29)
    fitting = b'{"email":"owner@example.com"}' + padding
    assert havn.send("POST", LOGIN, fitting, signed=b'{"email":"owner@example.com"}').status_code == 200
    assert rules(havn.send("POST", LOGIN, fitting + b" ")) == [("", "size")]


@pytest.mark.parametrize(
    ("fields", "faults"),
    [
        ({"amount": 0}, [("/amount", "minimum")]),
        ({"amount": 1_000_000_001}, [("/amount", "maximum")]),
        ({"amount": 10**30}, [("/amount", "maximum")]),
        ({"amount": 1.5}, [("/amount", "type")]),
        ({"amount": True}, [("/amount", "type")]),
        ({"amount": "1"}, [("/amount", "type")]),
        ({"amount": None}, [("/amount", "required")]),
        ({"payment_gateway_transaction_id": ""}, [("/payment_gateway_transaction_id", "minLength")]),
        ({"payment_gateway_transaction_id": "x" * 201}, [("/payment_gateway_transaction_id", "maxLength")]),
        ({"customer_email": "nobody"}, [("/customer_email", "format")]),
        ({"referral_code": "AB"}, [("/referral_code", "minLength")]),
        ({"currency": "XXX"}, [("/currency", "enum")]),
        ({"currency": 5}, [("/currency", "type"), ("/currency", "enum")]),
        ({"customer_type": "OLD"}, [("/customer_type", "enum")]),
        ({"custom_fields": {"a": [1]}}, [("/custom_fields/a", "type")]),
        ({"custom_fields": {"a/b~": None}}, [("/custom_fields/a~1b~0", "type")]),
        ({"custom_fields": {str(n): n for n in range(11)}}, [("/custom_fields", "maxProperties")]),
        ({"amonut": 1}, [("/amonut", "additionalProperties")]),
        (
            {"amount": 0, "currency": "XXX", "x": 1},
            [("/amount", "minimum"), ("/currency", "enum"), ("/x", "additionalProperties")],
        ),
    ],
)
def test_every_fault_of_a_sale_is_listed(
    havn: Caller, fields: dict[str, Any], faults: list[tuple[str, str]]
) -> None:
    """A request that breaks the contract is a 400 which names every fault, where it stands, and its rule."""
    response = havn.post(TRANSACTION, sale(**fields))
    assert response.status_code == 400
    assert response.json()["error"] == "bad_request"
    assert sorted(rules(response)) == sorted(faults)


def test_a_rule_between_fields_is_a_422(havn: Caller) -> None:
    """A sale needs a customer_email or a customer_id; with another fault beside it is a 400."""
    response = havn.post(TRANSACTION, sale(customer_email=None))
    assert response.status_code == 422
    assert rules(response) == [("/customer_email", "if")]
    assert havn.post(TRANSACTION, sale(customer_email=None, amount=0)).status_code == 400
    assert havn.post(TRANSACTION, sale(customer_email=None, customer_id="c")).status_code == 201


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        ({}, [("/email", "required"), ("/name", "required")]),
        ({"email": "x", "name": ""}, [("/email", "format"), ("/name", "minLength")]),
        ({"email": "a@b.co", "name": "A", "country_code": "id"}, [("/country_code", "pattern")]),
        ({"users": []}, [("/users", "minItems")]),
        ({"users": None}, [("/users", "type")]),
        ({"users": [{"email": "a@b.co"}]}, [("/users/0/name", "required")]),
        ({"users": [{"email": "a@b.co", "name": "A"}] * 51}, [("/users", "maxItems")]),
        ({"users": [{"email": "a@b.co", "name": "A"}], "name": "A"}, [("/name", "additionalProperties")]),
    ],
)
def test_a_sync_is_judged_as_what_it_means(
    havn: Caller, body: dict[str, Any], faults: list[tuple[str, str]]
) -> None:
    """`users` makes a call a bulk one; the faults are those of the kind that is meant, not of both."""
    response = havn.post(USER_SYNC, body)
    assert response.status_code == 400
    assert sorted(rules(response)) == sorted(faults)


@pytest.mark.parametrize(
    ("query", "rule"),
    [
        ("page=0", "minimum"),
        ("page=", "type"),
        ("page=null", "type"),
        ("page=1.0", "type"),
        ("page=1e2", "type"),
        ("page=%D9%A1", "type"),
        ("page=+1", "type"),
        ("page=01", "type"),
        ("page=" + "9" * 5000, "type"),
        ("page=1&page=1", "repeated"),
        ("per_page=101", "maximum"),
        ("active=yes", "type"),
        ("active=1", "type"),
        ("active=True", "type"),
        ("type=OTHER", "enum"),
        ("start_date_to=0", "format"),
        ("start_date_to=2024-02-30", "format"),
        ("created_from=yesterday", "format"),
        ("sort_by=colour", "enum"),
        ("pages=1", "unknown"),
        ("=1", "unknown"),
    ],
)
def test_a_query_is_judged_by_the_contract(havn: Caller, query: str, rule: str) -> None:
    """Parameters are decoded strictly, none is repeated, and an unknown one is refused."""
    response = havn.get(params=query)
    name = query.partition("=")[0]
    assert response.status_code == 400
    assert {(f"/{name}", rule)} == set(rules(response))
    assert {detail["in"] for detail in response.json()["details"]} == {"query"}


def test_faults_of_query_header_and_body_come_together(havn: Caller) -> None:
    """One answer lists what is wrong everywhere."""
    response = havn.post(LOGIN, {}, params="x=1", x_test_mode="maybe")
    assert {(each["in"], each["path"]) for each in response.json()["details"]} == {
        ("body", "/email"),
        ("header", "/X-Test-Mode"),
        ("query", "/x"),
    }


def test_an_idempotency_key_is_checked_like_any_header(havn: Caller) -> None:
    """It may have two hundred characters."""
    assert havn.post(TRANSACTION, sale(), idempotency_key="k" * 200).status_code == 201
    response = havn.post(TRANSACTION, sale(), idempotency_key="k" * 201)
    assert rules(response) == [("/Idempotency-Key", "maxLength")]


def test_null_means_absent(havn: Caller) -> None:
    """An optional field that is null has its default."""
    response = havn.post(
        TRANSACTION, {**sale(), "currency": None, "custom_fields": None, "subtotal_transaction": None}
    )
    assert response.status_code == 201
    assert response.json()["transaction"]["currency"] == "USD"


def test_values_are_not_repeated_in_messages(havn: Caller) -> None:
    """A message says what is wrong with an address, not the address."""
    response = havn.post(LOGIN, {"email": "secret.person@@example.com"})
    assert "secret.person" not in response.text


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)
FIELD_NAMES = [
    "email",
    "name",
    "users",
    "amount",
    "voucher_code",
    "payment_gateway_transaction_id",
    "custom_fields",
    "currency",
    "referral_code",
    "customer_id",
    "subtotal_transaction",
]


@given(
    path=st.sampled_from([TRANSACTION, USER_SYNC, VALIDATE, LOGIN]),
    body=st.dictionaries(st.sampled_from(FIELD_NAMES) | st.text(), JSON, max_size=6) | JSON,
)
def test_no_body_breaks_the_sandbox(path: str, body: Any) -> None:
    """Whatever JSON comes, the answer is one that the contract knows, and no defect."""
    with sandbox_in_process(rate_limits=False) as havn:
        assert havn.post(path, body).status_code < 500


@given(content=st.binary(max_size=200), path=st.sampled_from([TRANSACTION, USER_SYNC, VALIDATE, LOGIN]))
def test_no_bytes_break_the_sandbox(content: bytes, path: str) -> None:
    """Nor do bytes of any kind."""
    with sandbox_in_process(rate_limits=False) as havn:
        response = havn.send("POST", path, content, x_signature=hand_signed(content))
    assert response.status_code in {400, 401, 422}
