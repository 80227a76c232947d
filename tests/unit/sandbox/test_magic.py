from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from sandbox_support import LOGIN, TRANSACTION, USER_SYNC, VALIDATE, VOUCHERS, Caller, sale

from havn_ext.sandbox import spec

if TYPE_CHECKING:
    import httpx

STATUSES = (400, 401, 404, 409, 422, 429, 500, 501, 502, 503, 504)

PERSON = {"email": "new@example.com", "name": "New"}
BODIES: dict[str, tuple[str, str, dict[str, Any]]] = {
    # operation, path, and a body in which 404 stands for a status
    "a sale's referral_code": ("sendTransaction", TRANSACTION, sale(referral_code="HAVN-ERROR-404")),
    "promo_code": ("sendTransaction", TRANSACTION, sale(promo_code="HAVN-ERROR-404")),
    "customer_email": ("sendTransaction", TRANSACTION, sale(customer_email="error-404@sandbox.example")),
    "a sale's amount": ("sendTransaction", TRANSACTION, sale(amount=999000404)),
    "a user's email": ("syncUsers", USER_SYNC, {**PERSON, "email": "error-404@sandbox.example"}),
    "upline_code": ("syncUsers", USER_SYNC, {**PERSON, "upline_code": "HAVN-ERROR-404"}),
    "a user's referral_code": ("syncUsers", USER_SYNC, {**PERSON, "referral_code": "havn-error-404"}),
    "an email of many": (
        "syncUsers",
        USER_SYNC,
        {"users": [PERSON, {**PERSON, "email": "Error-404@sandbox.example"}]},
    ),
    "voucher_code": ("validateVoucher", VALIDATE, {"voucher_code": "HAVN-ERROR-404"}),
    "a voucher's amount": ("validateVoucher", VALIDATE, {"voucher_code": "HAVN-X", "amount": 999000404}),
    "a login's email": ("createLoginLink", LOGIN, {"email": "error-404@sandbox.example"}),
}


def with_status(body: dict[str, Any], status: int) -> dict[str, Any]:
    """The body with another status in place of 404."""
    changed: dict[str, Any] = json.loads(json.dumps(body).replace("404", str(status)))
    return changed


def fails_by_magic(answer: httpx.Response, status: int) -> bool:
    """Whether an answer is the failure that was asked for."""
    return answer.status_code == status and "the sandbox always answers so" in answer.json()["message"]


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize(("operation", "path", "body"), BODIES.values(), ids=BODIES)
def test_a_value_fails_with_the_status_that_it_names(
    havn: Caller, operation: str, path: str, body: dict[str, Any], status: int
) -> None:
    """In every field that the contract speaks of, for every error status that the operation has, and no other."""
    answer = havn.post(path, with_status(body, status))
    assert fails_by_magic(answer, status) == spec.operation(operation).can_fail_with(status)


@pytest.mark.parametrize("status", STATUSES)
def test_a_search_fails_with_the_status_that_it_names(havn: Caller, status: int) -> None:
    """The list of vouchers has no body, but a search; where it has no such status it finds nothing."""
    answer = havn.get(VOUCHERS, {"search": f"HAVN-ERROR-{status}"})
    assert fails_by_magic(answer, status) == (status not in {404, 409, 422})


def test_signature_and_shape_come_first(havn: Caller) -> None:
    """A request that is not signed, or not well formed, hears that."""
    body = sale(amount=999000409)
    assert havn.post(TRANSACTION, body, x_signature="0").json()["error"] == "invalid_signature"
    assert havn.post(TRANSACTION, {**body, "surplus": 1}).status_code == 400
    assert havn.post(TRANSACTION, sale(amount=1000000404)).status_code == 400


def test_a_failure_stores_nothing(havn: Caller) -> None:
    """The same payment with another amount is new."""
    assert havn.post(TRANSACTION, sale(amount=999000500)).status_code == 500
    assert havn.post(TRANSACTION, sale()).status_code == 201


@pytest.mark.parametrize("amount", [999000399, 999000505, 99900040, 9990004040 // 100])
def test_other_amounts_are_amounts(havn: Caller, amount: int) -> None:
    """Only 400 to 504 are statuses."""
    assert havn.post(TRANSACTION, sale(amount=amount)).status_code == 201


def test_waiting_is_told(havn: Caller) -> None:
    """429 and 503 say when to come again; a 429 leaves nothing."""
    for status in (429, 503):
        assert havn.post(TRANSACTION, sale(amount=999000000 + status)).headers["Retry-After"] == "1"
    assert havn.post(TRANSACTION, sale(amount=999000429)).headers["X-RateLimit-Remaining"] == "0"


def test_an_amount_may_be_spelt_as_a_decimal(havn: Caller) -> None:
    """999000404.0 is the same JSON integer."""
    body = {**sale(), "amount": 999000404.0}
    assert havn.post(TRANSACTION, body).status_code == 404
