"""Sales: what converts, who earns, what a repetition answers, and what test mode keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from harness import examples, probes
from harness.freshness import fresh_id
from harness.money import us_cents
from harness.spec import SPEC
from harness.target import SANDBOX_RATES
from hypothesis import given
from hypothesis import strategies as st

if TYPE_CHECKING:
    from harness.target import Target

CURRENCIES = st.sampled_from(sorted(set(SPEC["components"]["schemas"]["Currency"]["enum"]) - {"USD"}))
AMOUNTS = st.integers(1, 1_000_000_000) | st.integers(1, 2000)
CODES = st.sampled_from(["HAVN-A-001", "HAVN-CL-001", "HAVN-MJ-001", "HAVN-SE-002"])


@given(amount=AMOUNTS, currency=CURRENCIES, code=CODES)
def test_havn_converts_to_the_cent(shop: Target, amount: int, currency: str, code: str) -> None:
    """Commissions of a sale that HAVN converts are shares of its value in US cents, computed with fractions."""
    sale = examples.sale(amount=amount, currency=currency, referral_code=code, server_side_conversion=True)
    answered = shop.call("sendTransaction", sale)
    assert answered.status == 201
    assert answered.answer["transaction"]["status"] == "success"


@given(amount=AMOUNTS, code=CODES, currency=CURRENCIES | st.just("USD"))
def test_an_amount_is_read_as_cents(shop: Target, amount: int, code: str, currency: str) -> None:
    """Without conversion by HAVN the amount counts as US cents, whatever the currency says."""
    sale = examples.sale(amount=amount, currency=currency, referral_code=code)
    assert shop.call("sendTransaction", sale).status == 201


def converted(original: int, currency: str, off_by: int, field: str = "original_amount") -> dict[str, Any]:
    """A sale that the client converted itself, and got wrong by so many cents."""
    cents = us_cents(original, currency, SANDBOX_RATES) + off_by
    fields = {"original_amount": original, "original_currency": currency, "exchange_rate": "1"}
    if field == "original_amount":
        return examples.sale(amount=cents, custom_fields=fields)
    fields |= {"original_amount": original, "original_subtotal": original}
    right = us_cents(original, currency, SANDBOX_RATES)
    return examples.sale(
        amount=right, subtotal_transaction=cents, promo_code="HAVN-AQNEO-S08-ABC123", custom_fields=fields
    )


CONVERTIBLE = st.integers(1_000_000, 1_000_000_000)


@given(original=CONVERTIBLE, currency=CURRENCIES)
def test_an_exact_conversion_counts(shop: Target, original: int, currency: str) -> None:
    """A client's own conversion that is exact to the cent is recorded, and somebody earns from it."""
    if not 1 <= us_cents(original, currency, SANDBOX_RATES) <= 1_000_000_000:
        return
    answered = shop.call("sendTransaction", converted(original, currency, 0))
    assert answered.answer["transaction"]["status"] == "success"


@given(original=CONVERTIBLE, currency=CURRENCIES, off_by=st.sampled_from([-1, 1]))
def test_one_cent_off_fails(shop: Target, original: int, currency: str, off_by: int) -> None:
    """A client's own conversion that is one cent off leaves the transaction FAILED, and nobody earns."""
    if not 2 <= us_cents(original, currency, SANDBOX_RATES) < 1_000_000_000:
        return
    answered = shop.call("sendTransaction", converted(original, currency, off_by))
    assert answered.status == 201
    assert answered.answer["transaction"]["status"] == "FAILED"


def test_one_cent_off_in_the_subtotal_fails(sandbox: Target) -> None:
    """The subtotal is converted again as well."""
    for off_by, status in ((0, "success"), (1, "FAILED")):
        sale = converted(1_000_000, "EUR", off_by, "original_subtotal")
        assert sandbox.call("sendTransaction", sale).answer["transaction"]["status"] == status


def test_five_levels_earn_and_no_sixth(sandbox: Target) -> None:
    """However long the line of uplines is, five of them earn."""
    code = "HAVN-SE-002"
    for depth in range(3):
        answered = sandbox.call("sendTransaction", examples.sale(referral_code=code))
        assert len(answered.answer["commissions"]) == 5, depth
        user = {**examples.good("syncUsers")["body"], "upline_code": code}
        code = sandbox.call("syncUsers", user).answer["referral_code"]


@pytest.mark.parametrize("levels", range(1, 5))
def test_a_short_line_earns_as_far_as_it_goes(levels: int, sandbox: Target) -> None:
    """Below the root there are as many levels as there are associates."""
    code: str | None = None
    for _ in range(levels):
        user = examples.good("syncUsers")["body"] | ({"upline_code": code} if code else {})
        code = sandbox.call("syncUsers", user).answer["referral_code"]
    answered = sandbox.call("sendTransaction", examples.sale(referral_code=code))
    assert [each["level"] for each in answered.answer["commissions"]] == list(range(1, levels + 1))


# ── repetition, test mode: what a server that is not ours is asked as well ──────────────────────────


@pytest.mark.parametrize("probe", probes.STORING, ids=lambda probe: probe.__name__)
def test_a_storing_probe_finds_nothing(probe: probes.Probe, sandbox: Target) -> None:
    """What a server is asked with HAVN_CONTRACT_WRITES=1, the sandbox answers as assumed."""
    assert list(probe(sandbox)) == []


@pytest.mark.parametrize("probe", probes.DRY, ids=lambda probe: probe.__name__)
def test_a_dry_probe_finds_nothing(probe: probes.Probe, sandbox: Target) -> None:
    """What every server is asked, the sandbox answers as the contract says."""
    assert list(probe(sandbox)) == []


TEST_MODE = {"X-Test-Mode": "true"}


def test_test_mode_keeps_no_sale(sandbox: Target) -> None:
    """A sale in test mode uses up neither its payment id nor its voucher, and nobody earns for good."""
    sale = examples.sale(promo_code="HAVN-AQNEO-S08-LIMIT5")
    for _ in range(6):
        assert sandbox.call("sendTransaction", sale, headers=TEST_MODE).status == 201
    assert sandbox.call("sendTransaction", sale).status == 201
    found = sandbox.call("listVouchers", query={"search": "LIMIT5"})
    assert [each["current_usage"] for each in found.answer["data"]] == [1]


def test_test_mode_keeps_no_user(sandbox: Target) -> None:
    """A user in test mode is nobody afterwards: it cannot log in, and its code earns nothing."""
    user = examples.good("syncUsers")["body"]
    code = sandbox.call("syncUsers", user, headers=TEST_MODE).answer["referral_code"]
    assert sandbox.call("createLoginLink", {"email": user["email"]}).status == 404
    assert sandbox.call("sendTransaction", examples.sale(referral_code=code)).status == 404
    assert sandbox.call("syncUsers", user).status == 201


def test_switched_off_test_mode_is_none(sandbox: Target) -> None:
    """`X-Test-Mode: false` stores like no header at all."""
    sale = examples.sale()
    assert sandbox.call("sendTransaction", sale, headers={"X-Test-Mode": "false"}).status == 201
    assert sandbox.call("sendTransaction", sale).status == 200


def test_another_payload_is_a_conflict_that_changes_nothing(sandbox: Target) -> None:
    """A payment id sent again with another payload is refused, and the first sale stays as it was."""
    sale = examples.sale()
    first = sandbox.call("sendTransaction", sale)
    assert sandbox.call("sendTransaction", {**sale, "amount": 1}).status == 409
    assert sandbox.call("sendTransaction", sale).answer == first.answer


def test_null_is_absent(sandbox: Target) -> None:
    """A repetition that spells absent fields as null is the same payload."""
    sale = examples.sale(payment_gateway_transaction_id=fresh_id("pay_null_"))
    first = sandbox.call("sendTransaction", sale)
    again = sandbox.call("sendTransaction", {**sale, "promo_code": None, "custom_fields": None})
    assert (again.status, again.answer) == (200, first.answer)
