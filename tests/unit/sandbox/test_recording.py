from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sandbox_support import KEY, LOGIN, MISSING, SECRET, TRANSACTION, VOUCHERS, Caller, canonical, sale

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox_support import StillClock

OUTCOMES: dict[str, tuple[Callable[[Caller], object], str, int]] = {
    "ok": (lambda havn: havn.post(TRANSACTION, sale()), "ok", 201),
    "replayed": (lambda havn: [havn.post(TRANSACTION, sale()) for _ in range(2)], "replayed", 200),
    "a wrong signature": (lambda havn: havn.get(x_signature="0"), "unauthorized", 401),
    "an unknown key": (lambda havn: havn.get(x_api_key="nobody"), "unauthorized", 401),
    "no JSON": (lambda havn: havn.send("POST", LOGIN, b"{"), "invalid", 400),
    "off the contract": (lambda havn: havn.post(LOGIN, {}), "invalid", 400),
    "an unknown path": (lambda havn: havn.send("GET", "/api/v2", None), "invalid", 404),
    "a wrong method": (lambda havn: havn.send("PUT", LOGIN, b"{}"), "invalid", 405),
    "an unknown user": (lambda havn: havn.post(LOGIN, {"email": "x@example.com"}), "refused", 404),
    "a magic value": (lambda havn: havn.post(LOGIN, {"email": "error-503@sandbox.example"}), "refused", 503),
    "too many": (lambda havn: [havn.post(LOGIN, {}) for _ in range(21)], "limited", 429),
    "a fault": (lambda havn: havn.get(x_sandbox_fault="status=500"), "fault", 500),
}


@pytest.mark.parametrize(("act", "verdict", "status"), OUTCOMES.values(), ids=OUTCOMES)
def test_every_outcome_has_its_verdict(
    havn: Caller, act: Callable[[Caller], object], verdict: str, status: int
) -> None:
    """One word says what became of a request."""
    act(havn)
    newest = havn.control("GET", "/requests").json()["requests"][0]
    assert (newest["verdict"], newest["status"]) == (verdict, status)


def test_an_entry_says_all_about_an_exchange(havn: Caller, clock: StillClock) -> None:
    """Who, when, what, how it was to be signed, and what was answered."""
    body = {"email": "owner@example.com"}
    answer = havn.send("POST", f"{LOGIN}?a=%20b", b' {"email" : "owner@example.com"}', signed=canonical(body))
    entry = havn.logged()
    assert (entry["method"], entry["path"], entry["query"]) == ("POST", LOGIN, "a=%20b")
    assert (entry["operation"], entry["at"]) == ("createLoginLink", f"{clock.now:%Y-%m-%dT%H:%M:%SZ}")
    assert entry["request"]["body"] == {
        "text": ' {"email" : "owner@example.com"}',
        "size": 32,
        "truncated": False,
    }
    assert entry["canonical"]["text"] == '{"email":"owner@example.com"}'
    assert entry["answer"]["body"]["text"] == answer.text
    assert dict(entry["answer"]["headers"])["x-request-id"] == answer.headers["X-Request-Id"]
    assert [fault["rule"] for fault in entry["validation"]] == ["unknown"]
    assert entry["duration"] > 0


def test_credentials_are_masked(havn: Caller) -> None:
    """Of the key its first four characters are shown, of the secret nothing; a search needs the whole key."""
    havn.get()
    entry = havn.logged(company=KEY)
    assert entry["company"] == dict(entry["request"]["headers"])["x-api-key"] == "havn****"
    assert KEY not in str(entry)
    assert SECRET not in str(entry)
    assert havn.control("GET", "/requests", company="havn").json()["requests"] == []


def test_a_diagnosis_is_kept_with_its_request(havn: Caller) -> None:
    """What is wrong with a signature stands apart from what is wrong otherwise."""
    havn.post(LOGIN, {"email": "owner@example.com"}, x_signature="0")
    entry = havn.logged()
    assert [fault["rule"] for fault in entry["signature"]] == ["secret"]
    assert entry["validation"] == []


@pytest.mark.parametrize("headers", [{"x_api_key": "nobody"}, {"x_signature": MISSING}])
def test_a_body_that_nobody_asked_for_is_kept(havn: Caller, headers: dict[str, Any]) -> None:
    """A request that is refused before its body is read is logged with it."""
    havn.send("POST", LOGIN, b"hello", **headers)
    entry = havn.logged()
    assert entry["request"]["body"]["text"] == "hello"
    assert entry["canonical"] is None


def test_a_large_body_is_kept_in_part(havn: Caller) -> None:
    """The log says how large it was."""
    havn.send("POST", LOGIN, b"x" * 100_000)
    body = havn.logged()["request"]["body"]
    assert (len(body["text"]), body["size"], body["truncated"]) == (65536, 100_000, True)


def test_the_sandboxs_own_pages_are_not_logged(havn: Caller) -> None:
    """Looking leaves no trace."""
    for path in ("/", "/_sandbox", "/_sandbox/health", "/_sandbox/nothing"):
        havn.send("GET", path, None)
    assert havn.control("GET", "/requests").json() == {"requests": [], "last_id": 0}


def test_a_get_signs_braces(havn: Caller) -> None:
    """The canonical form of a request without a body is `{}`."""
    havn.get(VOUCHERS)
    assert havn.logged()["canonical"]["text"] == "{}"
