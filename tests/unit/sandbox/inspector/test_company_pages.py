from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from inspector_support import ROOT, Inspector
from sandbox_support import LIMITED_VOUCHER, StillClock, sale

from havn_ext.sandbox import associates, companies
from havn_ext.sandbox.companies import Company
from havn_ext.sandbox.inspector import money
from havn_ext.sandbox.inspector.cents import split
from havn_ext.sandbox.inspector.masking import fingerprint
from havn_ext.sandbox.inspector.referral_tree import nodes
from havn_ext.sandbox.inspector.voucher_cards import cards
from havn_ext.sandbox.messages import Call
from havn_ext.sandbox.transactions import send_transaction

if TYPE_CHECKING:
    from havn_ext.sandbox.store import CompanyData, Row


def sell(data: CompanyData, **fields: Any) -> Row:
    """Record a sale; its row."""
    body = sale(**fields)
    send_transaction(Call(data=data, body=body, query={}, now=StillClock().now, base_url=""))
    return data.all("transactions", payment_id=body["payment_gateway_transaction_id"])[0]


@given(st.integers(1, 10**12), st.sampled_from(["HAVN-A-001", "HAVN-CL-001", "HAVN-MJ-001", "HAVN-SE-002", None]))
def test_every_cent_of_a_sale_is_accounted_for(amount: int, referral: str | None) -> None:
    """What was paid, what nobody claimed, what rounding left and the rest are the sale, exactly."""
    inspector = Inspector()
    row = sell(inspector.data, amount=amount, referral_code=referral)
    shared = split(inspector.data, row)
    assert shared.paid + shared.unclaimed + shared.by_rounding + shared.rest == amount
    assert shared.paid == sum(each["usd_cents"] for each in inspector.data.all("commissions"))
    assert all(abs(level.by_rounding) <= Decimal("0.5") for level in shared.levels)
    assert shared.exact == Decimal(amount * 12) / 100
    inspector.store.close()


def test_a_transaction_shows_where_each_cent_went(inspector: Inspector) -> None:
    """Level, associate, percent, exact share, cents, and what rounding left."""
    sell(inspector.data, amount=9999, referral_code="HAVN-BS-001")
    listed = inspector.get(f"{ROOT}/transactions").text
    assert "pay_1" in listed
    page = inspector.get(f"{ROOT}/transactions/txn_001").text
    for shown in ("Budi Santoso", "499.95 ¢", "500 ¢", "\N{MINUS SIGN}0.05 ¢", "nobody", "9,999.00 ¢", "USD 99.99"):
        assert shown in page


def test_the_tree_has_everybody_once_in_order(inspector: Inspector) -> None:
    """Each associate right before those below it, with what it earned, every list closed."""
    sell(inspector.data, amount=10000, referral_code="HAVN-BS-001")
    budi = inspector.data.all("associates", referral_code="HAVN-BS-001")[0]
    associates.create(inspector.data, "Second Child", role="partner", upline=budi)
    associates.create(inspector.data, "Second Root", role="owner", upline=None)
    found = list(nodes(inspector.data))
    names = [node.associate["name"] for node in found]
    assert names[:2] == ["Andi Root", "Budi Santoso"]
    assert names[-2:] == ["Second Child", "Second Root"]
    assert [node.earned for node in found[:3]] == [300, 500, 0]
    page = inspector.get(f"{ROOT}/associates").text
    tree = page[page.index('<ul class="tree">') :]
    assert tree.count("<ul") == tree.count("</ul>")
    assert tree.count("<li>") == tree.count("</li>") == len(found)


@given(st.lists(st.integers(0, 30), min_size=1, max_size=30))
def test_any_tree_is_closed(uplines: list[int]) -> None:
    """However it branches, as many lists end as begin, and nobody is left out."""
    inspector = Inspector()
    for place, upline in enumerate(uplines):
        rows = inspector.data.all("associates")
        above = rows[upline] if upline < len(rows) else None
        associates.create(inspector.data, f"Name {place}", role="partner", upline=above)
    found = list(nodes(inspector.data))
    assert len(found) == len(inspector.data.all("associates"))
    assert sum(node.closes for node in found) == sum(node.has_children for node in found)
    inspector.store.close()


def test_vouchers_say_what_they_give_and_how_much_is_used(inspector: Inspector) -> None:
    """Discount, terms, use and state."""
    sell(inspector.data, promo_code=LIMITED_VOUCHER)
    shown = {card.voucher.code.rpartition("-")[2]: card for card in cards(inspector.data, StillClock().now)}
    assert shown["RUPIAH"].gives == "IDR 50,000 off"
    assert shown["FIXED"].terms == ("from USD 20.00", "up to USD 500.00", "since 2020-01-01")
    assert shown["NEWONLY"].terms == ("since 2020-01-01", "for new customers only")
    assert shown["EXPIRED"].state == "expired"
    assert shown["ABC123"].usable
    page = inspector.get(f"{ROOT}/vouchers").text
    assert '<progress value="1" max="5">' in page
    assert "used up" in page


@pytest.mark.parametrize("view", ["associates", "transactions", "vouchers"])
def test_an_address_names_its_company(inspector: Inspector, view: str) -> None:
    """By a fingerprint; a new company's pages say that there is nothing yet."""
    companies.open_data(inspector.store, Company("test_other_company", "secret"))
    page = inspector.get(f"{ROOT}/{view}?company={fingerprint('test_other_company')}")
    assert page.status_code == 200
    assert 'class="empty"' in page.text
    assert "selected>test••••" in page.text


@pytest.mark.parametrize(("cents", "text"), [(123456, "$1,234.56"), (-5, "\N{MINUS SIGN}$0.05"), (0, "$0.00")])
def test_dollars(cents: int, text: str) -> None:
    """US cents as people write dollars."""
    assert money.cents(cents) == text
