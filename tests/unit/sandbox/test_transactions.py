from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sandbox_support import (
    FIXED_VOUCHER,
    LIMITED_VOUCHER,
    PERCENT_VOUCHER,
    REFERRAL,
    TRANSACTION,
    Caller,
    rules,
    sale,
    sandbox_in_process,
)


def usage(havn: Caller, code: str) -> int:
    """How often a voucher was used, by the list."""
    used: int = havn.get(params={"search": code}).json()["data"][0]["current_usage"]
    return used


def test_a_new_sale_is_recorded(havn: Caller) -> None:
    """The first call with a payment id answers 201 and what was sent."""
    response = havn.post(TRANSACTION, sale(referral_code=REFERRAL, custom_fields={"order": "1", "gift": False}))
    assert response.status_code == 201
    assert response.json()["transaction"] == {
        "transaction_id": "txn_001",
        "amount": 10000,
        "currency": "USD",
        "status": "success",
        "customer_type": "NEW_CUSTOMER",
        "acquisition_method": "REFERRAL",
        "referral_code": REFERRAL,
        "promo_code": None,
        "subtotal_transaction": None,
        "subtotal_discount": None,
        "created_at": "2024-06-01T08:30:00Z",
        "custom_fields": {"order": "1", "gift": False},
    }


def test_without_a_referral_code_nothing_is_distributed(havn: Caller) -> None:
    """No referral code: the commission stays with the platform."""
    answer = havn.post(TRANSACTION, sale()).json()
    assert answer["commissions"] == []
    assert answer["total_commission"] == 0
    assert answer["commission_distributed"] is False
    assert answer["transaction"]["acquisition_method"] is None


def test_an_unknown_referral_code_is_refused(havn: Caller) -> None:
    """A referral code that nobody has is a 404, and the payment id stays free."""
    response = havn.post(TRANSACTION, sale(referral_code="HAVN-NO-404"))
    assert response.status_code == 404
    assert rules(response) == [("/referral_code", "unknown_referral_code")]
    assert havn.post(TRANSACTION, sale()).status_code == 201


def test_a_voucher_sale_shows_its_discount(havn: Caller) -> None:
    """The discount is the subtotal less the amount, and the customer was won by the voucher."""
    body = sale(amount=8000, subtotal_transaction=10000, promo_code=PERCENT_VOUCHER, referral_code=REFERRAL)
    transaction = havn.post(TRANSACTION, body).json()["transaction"]
    assert transaction["subtotal_discount"] == 2000
    assert transaction["acquisition_method"] == "REFERRAL_VOUCHER"
    assert transaction["promo_code"] == PERCENT_VOUCHER


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"subtotal_transaction": 9999}, "subtotal_below_amount"),
        ({"subtotal_transaction": 9999, "promo_code": PERCENT_VOUCHER}, "subtotal_below_amount"),
        ({"subtotal_transaction": 10001}, "promo_code_required"),
    ],
)
def test_a_subtotal_must_fit_the_amount(havn: Caller, fields: dict[str, Any], rule: str) -> None:
    """A subtotal is never below the amount, and above it only with a promo code (422)."""
    response = havn.post(TRANSACTION, sale(**fields))
    assert response.status_code == 422
    assert rules(response) == [("/subtotal_transaction", rule)]


def test_a_subtotal_equal_to_the_amount_needs_no_code(havn: Caller) -> None:
    """No discount, no voucher to explain."""
    response = havn.post(TRANSACTION, sale(subtotal_transaction=10000))
    assert response.status_code == 201
    assert response.json()["transaction"]["subtotal_discount"] == 0


@pytest.mark.parametrize(
    ("fields", "status", "fault"),
    [
        ({"promo_code": "HAVN-NO-SUCH"}, 404, ("/promo_code", "unknown_voucher")),
        ({"promo_code": "HAVN-AQNEO-S08-EXPIRED"}, 400, ("/promo_code", "voucher_expired")),
        ({"promo_code": "HAVN-AQNEO-S08-USEDUP"}, 400, ("/promo_code", "voucher_used_up")),
        ({"promo_code": "HAVN-AQNEO-S08-INACTIVE"}, 400, ("/promo_code", "voucher_inactive")),
        (
            {"promo_code": "HAVN-AQNEO-S08-NEWONLY", "customer_type": "RECURRING"},
            400,
            ("/promo_code", "voucher_client_type"),
        ),
        ({"promo_code": FIXED_VOUCHER, "amount": 1999}, 422, ("/amount", "voucher_min_purchase")),
        ({"promo_code": FIXED_VOUCHER, "amount": 50001}, 422, ("/amount", "voucher_max_purchase")),
        (
            {"promo_code": FIXED_VOUCHER, "amount": 49999, "subtotal_transaction": 50001},
            422,
            ("/subtotal_transaction", "voucher_max_purchase"),
        ),
    ],
)
def test_a_voucher_must_be_usable(
    havn: Caller, fields: dict[str, Any], status: int, fault: tuple[str, str]
) -> None:
    """A sale whose voucher cannot be used is refused, and nothing is recorded."""
    response = havn.post(TRANSACTION, sale(**fields))
    assert response.status_code == status
    assert rules(response) == [fault]
    assert havn.post(TRANSACTION, sale()).status_code == 201


@pytest.mark.parametrize(
    "fields", [{"amount": 2000}, {"amount": 1500, "subtotal_transaction": 2000}, {"amount": 50000}]
)
def test_the_bounds_of_a_voucher_belong_to_it(havn: Caller, fields: dict[str, Any]) -> None:
    """A subtotal, or an amount without one, exactly at a bound is within the terms."""
    assert havn.post(TRANSACTION, sale(promo_code=FIXED_VOUCHER, **fields)).status_code == 201


@pytest.mark.parametrize(("amount", "status"), [(200_000, 201), (199_999, 422)])
def test_terms_in_the_currency_of_the_sale(havn: Caller, amount: int, status: int) -> None:
    """A raw amount in the voucher's own currency is compared as it is."""
    body = sale(promo_code="HAVN-AQNEO-S08-RUPIAH", amount=amount, currency="IDR", server_side_conversion=True)
    assert havn.post(TRANSACTION, body).status_code == status


@pytest.mark.parametrize(("amount", "status"), [(1250, 201), (1249, 422)])
def test_terms_in_another_currency_are_compared_in_us_cents(havn: Caller, amount: int, status: int) -> None:
    """200000 rupiah are 12.50 dollars, which is what a sale in dollars must reach."""
    assert havn.post(TRANSACTION, sale(promo_code="HAVN-AQNEO-S08-RUPIAH", amount=amount)).status_code == status


def test_a_use_is_counted_once(havn: Caller) -> None:
    """An accepted sale counts one use; its repetition, a refused sale and a dry run count none."""
    body = sale(promo_code=LIMITED_VOUCHER, referral_code=REFERRAL)
    havn.post(TRANSACTION, body, x_test_mode="true")
    havn.post(TRANSACTION, {**body, "referral_code": "HAVN-NO-404"})
    assert usage(havn, LIMITED_VOUCHER) == 0
    havn.post(TRANSACTION, body)
    havn.post(TRANSACTION, body)
    assert usage(havn, LIMITED_VOUCHER) == 1


def test_a_limit_is_never_exceeded(havn: Caller) -> None:
    """The sixth use of a voucher that is good five times is refused."""
    bodies = [sale(promo_code=LIMITED_VOUCHER, payment_gateway_transaction_id=f"p{n}") for n in range(6)]
    assert [havn.post(TRANSACTION, body).status_code for body in bodies] == [201] * 5 + [400]
    assert usage(havn, LIMITED_VOUCHER) == 5


@given(
    amount=st.integers(1, 1_000_000_000),
    referral_code=st.sampled_from([None, REFERRAL, "havn-se-002"]),
    custom_fields=st.none() | st.dictionaries(st.text(max_size=5), st.text(max_size=5) | st.booleans(), max_size=9),
)
def test_a_replay_answers_what_the_first_call_answered(**fields: object) -> None:
    """The same payload again, spelt in any way and with nulls, is the same transaction: 200 and marked."""
    body = sale(**fields)
    with sandbox_in_process() as havn:
        first = havn.post(TRANSACTION, body)
        again = havn.post(TRANSACTION, {**dict(reversed(body.items())), "description": None})
    assert first.status_code == 201
    assert "Idempotent-Replayed" not in first.headers
    assert again.status_code == 200
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.json() == first.json()


def test_another_payload_under_the_same_payment_id_is_a_conflict(havn: Caller) -> None:
    """A payment id names one payload for ever."""
    havn.post(TRANSACTION, sale())
    response = havn.post(TRANSACTION, sale(amount=10001))
    assert response.status_code == 409
    assert rules(response) == [("/payment_gateway_transaction_id", "payment_id_taken")]


def test_payment_ids_of_companies_never_meet(havn: Caller, empty: Caller) -> None:
    """Another company's payment id is free."""
    havn.post(TRANSACTION, sale())
    assert empty.post(TRANSACTION, sale(amount=1)).status_code == 201


def test_test_mode_answers_and_stores_nothing(havn: Caller) -> None:
    """A dry run answers like the real call and leaves no trace, so that the real call is still the first."""
    body = sale(referral_code=REFERRAL)
    dry = havn.post(TRANSACTION, body, x_test_mode="true")
    real = havn.post(TRANSACTION, body, x_test_mode="false")
    assert dry.status_code == real.status_code == 201
    assert dry.json() == real.json()


def test_an_integer_may_be_spelt_with_a_fraction_of_zero(havn: Caller) -> None:
    """JSON Schema counts 10000.0 as an integer, and so does the sale."""
    response = havn.send(
        "POST",
        TRANSACTION,
        b'{"amount":10000.0,"customer_id":"c","payment_gateway_transaction_id":"p","subtotal_transaction":10000.0}',
        signed=b'{"amount":10000.0,"customer_id":"c","payment_gateway_transaction_id":"p","subtotal_transaction":10000.0}',
    )
    assert response.status_code == 201
    assert '"amount":10000,' in response.text
