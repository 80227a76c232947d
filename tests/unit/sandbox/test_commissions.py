from __future__ import annotations

from fractions import Fraction
from math import floor
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sandbox_support import REFERRAL, TRANSACTION, Caller, sale

from havn_ext.sandbox import associates, commissions

if TYPE_CHECKING:
    from havn_ext.sandbox.store import CompanyData, Row

AMOUNTS = st.integers(1, 1_000_000_000)


@given(AMOUNTS)
def test_every_level_earns_its_exact_share_rounded_half_up(usd_cents: int) -> None:
    """Each of the five levels earns 5, 3, 2, 1 and 1 % of the sale, rounded by itself, half up."""
    exact = [Fraction(usd_cents * percent, 100) for percent in (5, 3, 2, 1, 1)]
    assert [share.usd_cents for share in commissions.shares(usd_cents)] == [
        floor(share + Fraction(1, 2)) for share in exact
    ]


@given(AMOUNTS)
def test_rounding_moves_at_most_half_a_cent_a_level(usd_cents: int) -> None:
    """What is paid in all is within two and a half cents of twelve percent."""
    paid = sum(share.usd_cents for share in commissions.shares(usd_cents))
    assert abs(paid - Fraction(usd_cents * 12, 100)) <= Fraction(5, 2)


@pytest.mark.parametrize(("usd_cents", "paid"), [(10, [1, 0, 0, 0, 0]), (50, [3, 2, 1, 1, 1]), (1, [0] * 5)])
def test_half_a_cent_goes_up(usd_cents: int, paid: list[int]) -> None:
    """Half a cent is a cent for the associate, less than half is nothing."""
    assert [share.usd_cents for share in commissions.shares(usd_cents)] == paid


@pytest.mark.parametrize("depth", range(1, 9))
def test_as_many_levels_as_there_are_associates_and_never_more_than_five(data: CompanyData, depth: int) -> None:
    """A referrer with n uplines pays n + 1 levels, five at the most, nearest first."""
    chain = _chain(data, depth)
    data.insert(
        "transactions",
        id="txn_1",
        payment_id="p",
        payload="{}",
        message="",
        status="success",
        amount=10000,
        currency="USD",
        usd_cents=10000,
        customer_type="NEW_CUSTOMER",
        created_at="",
    )
    commissions.distribute(data, "txn_1", chain[-1], 10000)
    rows = data.all("commissions", transaction_id="txn_1")
    assert [row["associate_id"] for row in rows] == [each["id"] for each in reversed(chain)][:5]
    assert [row["level"] for row in rows] == list(range(1, min(depth, 5) + 1))


def test_the_documents_example(havn: Caller) -> None:
    """A hundred dollars through HAVN-MJ-001 pay 5, 3, 2, 1 and 1 dollars (HAVN transaction webhook)."""
    answer = havn.post(TRANSACTION, sale(referral_code=REFERRAL)).json()
    assert [each["amount"] for each in answer["commissions"]] == [500, 300, 200, 100, 100]
    assert [each["level"] for each in answer["commissions"]] == [1, 2, 3, 4, 5]
    assert [each["percentage"] for each in answer["commissions"]] == [5.0, 3.0, 2.0, 1.0, 1.0]
    assert [each["rate"] for each in answer["commissions"]] == [0.05, 0.03, 0.02, 0.01, 0.01]
    assert answer["total_commission"] == 1200
    assert answer["commission_distributed"] is True


def test_a_commission_is_shown_in_full(havn: Caller) -> None:
    """Every field of the contract is there, in HAVN's words (HAVN transaction webhook)."""
    answer = havn.post(TRANSACTION, sale(referral_code=REFERRAL)).json()
    assert answer["commissions"][0] == {
        "commission_id": "com_001",
        "associate_id": "asc_005",
        "level": 1,
        "percentage": 5.0,
        "rate": 0.05,
        "amount": 500,
        "currency": "USD",
        "type": "REFERRAL",
        "direction": "CREDIT",
        "status": "pending",
    }


def test_a_share_of_nothing_is_listed(havn: Caller) -> None:
    """A commission of 0 cents is listed, so that every level is accounted for."""
    answer = havn.post(TRANSACTION, sale(amount=1, referral_code=REFERRAL)).json()
    assert [each["amount"] for each in answer["commissions"]] == [0] * 5


def _chain(data: CompanyData, length: int) -> list[Row]:
    chain: list[Row] = []
    for _ in range(length):
        upline = chain[-1] if chain else None
        chain.append(associates.create(data, "Any Body", role="partner", upline=upline))
    return chain
