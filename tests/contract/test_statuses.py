"""Every documented status of every operation is answered, by the values that the contract promises for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from harness import examples
from harness.spec import OPERATIONS

if TYPE_CHECKING:
    from harness.target import Target

ERRORS = [
    (name, error)
    for name, operation in OPERATIONS.items()
    for status in operation.statuses
    if not status.startswith("2")
    for error in (range(500, 505) if status == "5XX" else [int(status)])
]
CODE_FIELDS = {
    "sendTransaction": ("referral_code", "promo_code"),
    "syncUsers": ("referral_code", "upline_code"),
    "validateVoucher": ("voucher_code",),
}
EMAIL_FIELDS = {"sendTransaction": "customer_email", "syncUsers": "email", "createLoginLink": "email"}
AMOUNT_FIELDS = dict.fromkeys(("sendTransaction", "validateVoucher"), ("amount",))


def fields(kind: dict[str, Any]) -> list[tuple[str, int, str]]:
    """Each error status of each operation, with each field of a kind."""
    return [
        (name, error, field)
        for name, error in ERRORS
        for field in ([kind[name]] if isinstance(kind.get(name), str) else kind.get(name, ()))
    ]


def spoilt(operation_id: str, **values: object) -> dict[str, Any]:
    """A good call with other values in its body."""
    return {"body": {**examples.good(operation_id)["body"], **values}}


@pytest.mark.parametrize(("operation_id", "status", "field"), fields(CODE_FIELDS))
def test_a_code_names_the_status(operation_id: str, status: int, field: str, shop: Target) -> None:
    """`HAVN-ERROR-404` in any field for a code is answered 404, and so on for every error of the operation."""
    answered = shop.call(operation_id, **spoilt(operation_id, **{field: f"HAVN-ERROR-{status}"}))
    assert answered.status == status


@pytest.mark.parametrize(("operation_id", "status", "field"), fields(EMAIL_FIELDS))
def test_an_address_names_the_status(operation_id: str, status: int, field: str, shop: Target) -> None:
    """`error-404@sandbox.example` in any field for an e-mail address is answered 404, and so on."""
    answered = shop.call(operation_id, **spoilt(operation_id, **{field: f"error-{status}@sandbox.example"}))
    assert answered.status == status


@pytest.mark.parametrize(("operation_id", "status", "field"), fields(AMOUNT_FIELDS))
def test_an_amount_names_the_status(operation_id: str, status: int, field: str, shop: Target) -> None:
    """The amount `999000404` is answered 404, and so on."""
    answered = shop.call(operation_id, **spoilt(operation_id, **{field: 999_000_000 + status}))
    assert answered.status == status


@pytest.mark.parametrize(("operation_id", "status"), [each for each in ERRORS if each[0] == "listVouchers"])
def test_a_search_names_the_status(operation_id: str, status: int, shop: Target) -> None:
    """Looking for `HAVN-ERROR-404` is answered 404, and so on."""
    assert shop.call(operation_id, query={"search": f"HAVN-ERROR-{status}"}).status == status


@pytest.mark.parametrize("operation_id", OPERATIONS)
def test_a_magic_value_spares_nobody_the_signature(operation_id: str, shop: Target) -> None:
    """The values work once a request is signed: an unsigned one is answered 401."""
    call = examples.good(operation_id)
    call.setdefault("query", {})
    if operation_id == "listVouchers":
        call["query"]["search"] = "HAVN-ERROR-503"
    elif operation_id in EMAIL_FIELDS:
        call["body"][EMAIL_FIELDS[operation_id]] = "error-503@sandbox.example"
    else:
        call["body"]["voucher_code"] = "HAVN-ERROR-503"
    unsigned = examples.SPOILT_CREDENTIALS["signature missing"](shop.signer)
    assert shop.call(operation_id, **call, signer=unsigned).status == 401


def test_a_repeated_sale_is_answered_200(shop: Target) -> None:
    """A sale is created once (201); after that the same call finds it (200)."""
    sale = examples.sale()
    assert [shop.call("sendTransaction", sale).status for _ in range(3)] == [201, 200, 200]


def test_a_known_user_is_answered_200(shop: Target) -> None:
    """A user is created once (201); after that the same call updates it (200)."""
    user = examples.good("syncUsers")["body"]
    assert [shop.call("syncUsers", user).status for _ in range(2)] == [201, 200]
