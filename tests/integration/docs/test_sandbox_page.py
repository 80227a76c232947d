"""The tables of `docs/en/sandbox.md` say what is true; `test_pages` runs its shell and its Python."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, get_args

import pytest
from docs_support import DOCS, text_of
from sandbox_support import LOGIN, Caller

from havn_ext.sandbox.faults import FaultKind

if TYPE_CHECKING:
    from havn_ext.sandbox import SandboxServer

TEXT = text_of(DOCS / "en" / "sandbox.md")


def test_every_kind_of_fault_is_in_the_table() -> None:
    """None is missing, none is invented."""
    section = TEXT[TEXT.index("## Faults") :]
    kinds = re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)
    assert sorted(kinds) == sorted(get_args(FaultKind))


def test_the_demo_data_is_what_the_table_says(sandbox: SandboxServer) -> None:
    """The good vouchers of the table are all that can be used, the bad ones all the others."""
    havn = Caller(base_url=sandbox.url)
    table = {
        kind: {f"HAVN-AQNEO-S08-{code}" for code in re.findall(r"`(?:HAVN-AQNEO-S08|…)-(\w+)`", row)}
        for kind, row in re.findall(r"^\| (good|bad) vouchers \| (.*) \|$", TEXT, re.MULTILINE)
    }
    vouchers = havn.get(params={"per_page": 100}).json()["data"]
    usable = {True: "good", False: "bad"}
    actual: dict[str, set[str]] = {"good": set(), "bad": set()}
    for voucher in vouchers:
        actual[usable[voucher["is_valid"]]].add(voucher["code"])
    assert table == actual


@pytest.mark.parametrize("email", re.findall(r"`(\w+@example\.com)`", TEXT))
def test_the_demo_users_are_there(sandbox: SandboxServer, email: str) -> None:
    """All but the inactive one may log in."""
    status = Caller(base_url=sandbox.url).post(LOGIN, {"email": email}).status_code
    assert status == (400 if email.startswith("inactive") else 200)
