from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from havn_ext.sandbox import associates
from havn_ext.sandbox.companies import Company, open_data
from havn_ext.sandbox.messages import RefusedError
from havn_ext.sandbox.store import Store

if TYPE_CHECKING:
    from havn_ext.sandbox.store import CompanyData


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("John Doe", "HAVN-JD-001"),
        ("élise van Dam", "HAVN-EVD-001"),
        ("Madonna", "HAVN-M-001"),
        ("李 小龙", "HAVN-XX-001"),
        ("42 !", "HAVN-XX-001"),
        ("李 Bruce", "HAVN-B-001"),
        ("a b c d e f g h i j k l", "HAVN-ABCDEFGHIJ-001"),
    ],
)
def test_a_code_is_made_of_the_initials(data: CompanyData, name: str, code: str) -> None:
    """A generated code has one to ten initials without accents, XX where there are none, and a number."""
    assert associates.create(data, name, role="partner", upline=None)["referral_code"] == code


def test_a_code_is_never_given_twice(data: CompanyData) -> None:
    """Numbers count up, pass over codes that are taken, and grow beyond three digits."""
    associates.create(data, "Any", role="partner", upline=None, referral_code="HAVN-JD-002")
    made = [associates.create(data, "John Doe", role="partner", upline=None) for _ in range(1000)]
    codes = [each["referral_code"] for each in made]
    assert codes[:2] == ["HAVN-JD-001", "HAVN-JD-003"]
    assert codes[-1] == "HAVN-JD-1001"
    assert len(set(codes)) == 1000


@given(st.text(min_size=1, max_size=200))
def test_any_name_gives_a_code_of_havns_form(name: str) -> None:
    """Whatever the name, the code is HAVN, one to ten letters, three digits or more."""
    store = Store()
    data = open_data(store, Company("test_names", "secret"))
    code = associates.create(data, name.encode("utf-8", "replace").decode(), role="partner", upline=None)[
        "referral_code"
    ]
    store.close()
    assert re.fullmatch(r"HAVN-[A-Z]{1,10}-[0-9]{3,}", code)


def test_codes_are_found_in_any_case(data: CompanyData) -> None:
    """HAVN upper-cases referral codes, so havn-jd-001 finds HAVN-JD-001."""
    associates.create(data, "John Doe", role="partner", upline=None)
    assert associates.by_code(data, "havn-jd-001", path="/x")["name"] == "John Doe"


def test_an_unknown_code_is_refused(data: CompanyData) -> None:
    """A code that nobody has is a 404 that names the field."""
    with pytest.raises(RefusedError) as caught:
        associates.by_code(data, "HAVN-NO-404", path="/referral_code")
    assert caught.value.answer.status == 404
    assert caught.value.answer.body["details"][0]["path"] == "/referral_code"


def test_lineage_goes_up_to_the_root(data: CompanyData) -> None:
    """A lineage starts with the associate itself and ends with who has no upline."""
    root = associates.create(data, "A", role="owner", upline=None)
    middle = associates.create(data, "B", role="partner", upline=root)
    leaf = associates.create(data, "C", role="partner", upline=middle)
    assert [each["name"] for each in associates.lineage(data, leaf)] == ["C", "B", "A"]
