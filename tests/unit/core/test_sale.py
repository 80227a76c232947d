from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from havn_api.models import TransactionRequest
from havn_api.models.currency import CURRENCY_VALUES
from havn_ext._checks import Problems
from havn_ext._sale import Sale, checked_sale
from havn_ext.currency import Conversion
from havn_ext.errors import HAVNValidationError

NOTHING: dict[str, object] = dict.fromkeys(TransactionRequest.__annotations__)
LEAST: dict[str, object] = {
    "amount": 8000,
    "payment_gateway_transaction_id": "txn_1",
    "customer_email": "customer@example.com",
}
MOST = 1_000_000_000
RATE = Decimal("0.0000625")


def sale(*, can_convert: bool = False, **given: Any) -> Sale:
    """The sale of the least arguments and `given`."""
    return checked_sale({**NOTHING, **LEAST, **given}, Problems(), can_convert=can_convert)


def sent(**given: Any) -> dict[str, Any]:
    """What goes on the wire for a sale that needs no conversion."""
    return sale(**given).request(None).to_dict()


def converted(rate: Decimal = RATE, **given: Any) -> dict[str, Any]:
    """What goes on the wire for a sale that the client converts from rupiah."""
    found = sale(can_convert=True, **{"currency": "IDR", **given})
    assert found.needs_rate
    return found.request(Conversion(found.amount, found.currency, rate, found.subtotal)).to_dict()


def errors_of(**given: Any) -> dict[str, str]:
    """What is wrong with a sale."""
    with pytest.raises(HAVNValidationError) as caught:
        sale(**given)
    return caught.value.errors


def test_the_least_that_is_sent() -> None:
    """What the caller leaves out is not sent, but for the currency of the amount."""
    assert sent() == {**LEAST, "currency": "USD"}


@pytest.mark.parametrize(
    ("field", "given", "wire"),
    [
        ("amount", 1, 1),
        ("amount", MOST, MOST),
        ("payment_gateway_transaction_id", "t" * 200, "t" * 200),
        ("customer_email", " customer@example.com ", "customer@example.com"),
        ("customer_id", "cus_789", "cus_789"),
        ("payment_gateway", " midtrans", "MIDTRANS"),
        ("referral_code", "havn-mj-001 ", "HAVN-MJ-001"),
        ("promo_code", " havn-aqneo-s08-abc123", "havn-aqneo-s08-abc123"),
        ("subtotal_transaction", 8000, 8000),
        ("currency", " usd ", "USD"),
        *[("customer_type", kind, kind) for kind in ("NEW_CUSTOMER", "RETURNING_CUSTOMER", "RECURRING")],
        ("custom_fields", {"a": "x", "b": 1, "c": 0.5, "d": False}, {"a": "x", "b": 1, "c": 0.5, "d": False}),
        ("invoice_id", "i" * 100, "i" * 100),
        ("transaction_type", "SUBSCRIPTION", "SUBSCRIPTION"),
        ("description", "Langganan ☕", "Langganan ☕"),
        ("is_recurring", False, False),
        ("server_side_conversion", True, True),
    ],
)
def test_a_right_field_goes_on_the_wire(field: str, given: object, wire: object) -> None:
    """A field is sent as the contract has it."""
    assert sent(**{field: given}) == {**LEAST, "currency": "USD", field: wire}


@pytest.mark.parametrize(
    ("field", "absent"),
    [
        *[(field, None) for field in sorted(NOTHING.keys() - LEAST.keys())],
        *[
            (field, "")
            for field in ("referral_code", "promo_code", "invoice_id", "customer_id", "currency", "description")
        ],
        ("custom_fields", {}),
        ("server_side_conversion", False),
    ],
)
def test_an_absent_field_is_not_sent(field: str, absent: object) -> None:
    """None is never sent, nor is what says nothing."""
    assert sent(**{field: absent}) == {**LEAST, "currency": "USD"}


@pytest.mark.parametrize("absent", [None, "", "  "])
def test_the_invoice_stands_in_for_the_payment(absent: object) -> None:
    """A missing payment id is the invoice's; with neither, the payment id is named."""
    wire = sent(payment_gateway_transaction_id=absent, invoice_id="INV-1")
    assert (wire["payment_gateway_transaction_id"], wire["invoice_id"]) == ("INV-1", "INV-1")
    assert list(errors_of(payment_gateway_transaction_id=absent, invoice_id=absent)) == [
        "payment_gateway_transaction_id"
    ]


@pytest.mark.parametrize("absent", [None, "", "  "])
def test_a_customer_has_an_email_or_an_id(absent: object) -> None:
    """Either will do; with neither, both are named."""
    assert sent(customer_email=absent, customer_id="cus_1")["customer_id"] == "cus_1"
    assert sent(customer_id=None)["customer_email"] == "customer@example.com"
    assert list(errors_of(customer_email=absent, customer_id=absent)) == ["customer_email", "customer_id"]


def test_everything_missing_is_named_at_once() -> None:
    """One error names every field that a sale can't do without."""
    assert list(errors_of(**NOTHING)) == [
        "amount",
        "payment_gateway_transaction_id",
        "customer_email",
        "customer_id",
    ]


@pytest.mark.parametrize(
    ("field", "given", "reason"),
    [
        *[
            (field, value, "must be an int, a whole number of minor units")
            for field in ("amount", "subtotal_transaction")
            for value in (80.0, "8000", True, Decimal(8000))
        ],
        *[
            (field, value, "must be at least 1")
            for field in ("amount", "subtotal_transaction")
            for value in (0, -1)
        ],
        *[(field, MOST + 1, "must be at most 1000000000") for field in ("amount", "subtotal_transaction")],
        *[
            (field, value, "must be a str")
            for field in (
                "payment_gateway_transaction_id",
                "customer_email",
                "customer_id",
                "referral_code",
                "promo_code",
                "currency",
                "customer_type",
                "invoice_id",
                "transaction_type",
                "description",
                "payment_gateway",
            )
            for value in (5, ["x"], {"x": 1})
        ],
        *[(field, 1, "must be True or False") for field in ("is_recurring", "server_side_conversion")],
        ("payment_gateway_transaction_id", "t" * 201, "must have at most 200 characters, not 201"),
        ("customer_email", "customer", "is not an e-mail address"),
        ("referral_code", "ab", "must have 3 to 50 characters, not 2"),
        ("promo_code", "HAVN-" + "x" * 96, "must have at most 100 characters, not 101"),
        ("invoice_id", "i" * 101, "must have at most 100 characters, not 101"),
        ("payment_gateway", "g" * 101, "must have 1 to 100 characters, not 101"),
        ("customer_type", "OLD", "must be one of NEW_CUSTOMER, RECURRING, RETURNING_CUSTOMER"),
        ("currency", "XYZ", "must be one of AUD, "),
        ("custom_fields", [("a", 1)], "must be a mapping, not list"),
        ("custom_fields", {1: "a"}, "must have str keys, not int"),
        ("custom_fields", dict.fromkeys("abcdefghijk", 1), "must have at most 10 entries, not 11"),
        ("subtotal_transaction", 7999, "must not be below amount"),
    ],
)
def test_a_wrong_field_is_named(field: str, given: object, reason: str) -> None:
    """A sale with a wrong field is not sent, and the field is named; no exception but ours comes out."""
    errors = errors_of(**{field: given})
    assert list(errors) == [field]
    assert errors[field].startswith(reason)


@pytest.mark.parametrize("entry", [None, [1], {"a": 1}, b"x", Decimal(1), float("nan"), float("inf")])
def test_a_wrong_custom_field_is_named(entry: object) -> None:
    """Each entry that is no text, number or switch is named by its key."""
    errors = errors_of(custom_fields={"fine": 1, "one": entry, "two": entry})
    assert errors == dict.fromkeys(
        ("custom_fields.one", "custom_fields.two"), "must be a str, a bool or a finite number"
    )


# ── vouchers ─────────────────────────────────────────────────────────────────────────────────────


def test_a_voucher_of_havn_goes_out_with_its_subtotal() -> None:
    """HAVN hears of its own voucher and of the price before the discount."""
    wire = sent(promo_code="HAVN-A-1", subtotal_transaction=10_000)
    assert (wire["promo_code"], wire["subtotal_transaction"], wire["amount"]) == ("HAVN-A-1", 10_000, 8000)


@pytest.mark.parametrize("code", ["LOCAL10", "XHAVN-1", "havn", " local "])
def test_a_local_voucher_stays_at_home(code: str) -> None:
    """Of a local voucher neither code nor subtotal is sent; the sale still knows the caller's subtotal."""
    local = sale(promo_code=code, subtotal_transaction=10_000, referral_code="HAVN-MJ-001")
    assert local.local_voucher
    assert local.subtotal == 10_000
    assert local.request(None).to_dict() == {**LEAST, "currency": "USD", "referral_code": "HAVN-MJ-001"}


@pytest.mark.parametrize("code", [None, "", "  "])
def test_a_discount_needs_a_code(code: object) -> None:
    """A subtotal above the amount without a code would be refused by HAVN, so it is not sent."""
    errors = errors_of(subtotal_transaction=10_000, promo_code=code)
    assert errors == {"promo_code": "is required when subtotal_transaction is above amount"}


# ── conversion ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("currency", sorted(CURRENCY_VALUES - {"USD"}))
def test_another_currency_needs_a_conversion(currency: str) -> None:
    """Without HAVN's conversion and without rates, HAVN would read US cents: the currency is refused."""
    assert list(errors_of(currency=currency)) == ["currency"]
    assert sale(currency=currency, can_convert=True).needs_rate
    by_havn = sale(currency=currency.lower(), server_side_conversion=True, can_convert=True)
    assert not by_havn.needs_rate
    wire = by_havn.request(None).to_dict()
    assert (wire["amount"], wire["currency"], wire["server_side_conversion"]) == (8000, currency, True)


@pytest.mark.parametrize("given", [{}, {"currency": "USD"}, {"server_side_conversion": True}])
def test_dollars_need_no_rate(given: dict[str, object]) -> None:
    """A sale in US dollars is never converted by the client."""
    assert not sale(**given, can_convert=True).needs_rate


def test_a_converted_sale_is_in_us_cents() -> None:
    """The client sends cents, and beside the caller's own entries those that HAVN checks them by."""
    wire = converted(amount=1_000_000, custom_fields={"order_id": "7"})
    assert (wire["amount"], wire["currency"]) == (6250, "USD")
    assert "server_side_conversion" not in wire
    assert wire["custom_fields"] == {
        "order_id": "7",
        "original_amount": 1_000_000,
        "original_currency": "IDR",
        "exchange_rate": "0.0000625",
    }


def test_a_converted_subtotal_is_in_us_cents() -> None:
    """The price before the discount is converted too, and kept as it was."""
    wire = converted(amount=800_000, subtotal_transaction=1_000_000, promo_code="HAVN-A-1")
    assert (wire["amount"], wire["subtotal_transaction"]) == (5000, 6250)
    assert wire["custom_fields"]["original_subtotal"] == 1_000_000


def test_a_local_voucher_stays_at_home_when_converted() -> None:
    """The audit of a conversion does not tell HAVN of a subtotal that it must not hear of."""
    wire = converted(amount=800_000, subtotal_transaction=1_000_000, promo_code="LOCAL10")
    assert wire["amount"] == 5000
    assert "subtotal_transaction" not in wire
    assert "original_subtotal" not in wire["custom_fields"]


@pytest.mark.parametrize(
    ("field", "given", "rate", "cents"),
    [
        ("amount", {"amount": 79}, RATE, 0),
        ("amount", {"amount": MOST}, Decimal(2), 2 * MOST * 100),
        (
            "subtotal_transaction",
            {"amount": 1000, "subtotal_transaction": MOST, "promo_code": "HAVN-A-1"},
            Decimal(1),
            MOST * 100,
        ),
    ],
)
def test_a_conversion_beyond_the_bounds_is_refused(
    field: str, given: dict[str, object], rate: Decimal, cents: int
) -> None:
    """What converts to nothing, or to more than HAVN takes, is not sent."""
    with pytest.raises(HAVNValidationError) as caught:
        converted(rate, **given)
    assert caught.value.errors == {field: f"converts to {cents} US cents: must be 1 to 1000000000"}


@pytest.mark.parametrize(
    ("own", "subtotal", "fits"), [(7, None, True), (8, None, False), (6, 8000, True), (7, 8000, False)]
)
def test_the_audit_counts_within_the_limit(own: int, subtotal: int | None, fits: bool) -> None:
    """Own entries and those of the conversion are ten together; the error counts and names both."""
    given: dict[str, Any] = {
        "amount": 8000,
        "subtotal_transaction": subtotal,
        "custom_fields": {f"own_{number}": number for number in range(own)},
    }
    if fits:
        assert len(converted(**given)["custom_fields"]) == 10
        return
    with pytest.raises(HAVNValidationError) as caught:
        converted(**given)
    reason = caught.value.errors["custom_fields"]
    assert reason.startswith(f"has {own} entries (own_0, own_1")
    assert all(name in reason for name in ("original_amount", "original_currency", "exchange_rate"))
    assert reason.index("own_0") < reason.index("original_amount")


@pytest.mark.parametrize("name", ["original_amount", "original_currency", "exchange_rate"])
def test_the_audit_is_the_conversions_own(name: str) -> None:
    """An own entry under a name of the audit is refused, since one of the two would be lost."""
    with pytest.raises(HAVNValidationError, match=f"must not have {name}"):
        converted(custom_fields={name: "1"})
    assert sent(custom_fields={name: "1"})["custom_fields"] == {name: "1"}
