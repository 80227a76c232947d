"""Demo data: who and what HAVN's documents speak of, the same in every sandbox."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from havn_ext.sandbox import associates

if TYPE_CHECKING:
    from havn_ext.sandbox.store import CompanyData, Row

__all__ = ["LINEAGE", "plant_demo_data"]

LINEAGE: Final = (
    ("Andi Root", "HAVN-A-001"),
    ("Budi Santoso", "HAVN-BS-001"),
    ("Citra Lestari", "HAVN-CL-001"),
    ("Dewi Anggraini", "HAVN-DA-001"),
    ("Mary Jane", "HAVN-MJ-001"),
    ("Shop Easy", "HAVN-SE-002"),
)
"""Each below the one before: HAVN-MJ-001 has four uplines, HAVN-SE-002 five."""


@attrs.frozen
class _DemoVoucher:
    """A voucher of the demo data; the defaults make one that is always good for everybody."""

    code: str
    description: str
    type: str = "DISCOUNT_PERCENTAGE"
    value: int = 1000
    currency: str = "USD"
    usage_limit: int | None = None
    current_usage: int = 0
    min_purchase: int | None = None
    max_purchase: int | None = None
    start_date: str = "2020-01-01"
    end_date: str | None = None
    active: bool = True
    client_type: str | None = None


_VOUCHERS: Final = (
    _DemoVoucher("HAVN-AQNEO-S08-ABC123", "Twenty percent off, always", value=2000),
    _DemoVoucher("HAVN-AQNEO-S08-EXPIRED", "Ended with the year 2020", end_date="2020-12-31"),
    _DemoVoucher("HAVN-AQNEO-S08-USEDUP", "Used to its limit", usage_limit=3, current_usage=3),
    _DemoVoucher("HAVN-AQNEO-S08-INACTIVE", "Switched off", active=False),
    _DemoVoucher(
        "HAVN-AQNEO-S08-FIXED",
        "Five dollars off purchases from 20 to 500 dollars",
        type="DISCOUNT_FIXED",
        value=500,
        min_purchase=2000,
        max_purchase=50000,
    ),
    _DemoVoucher("HAVN-AQNEO-S08-NEWONLY", "For new customers only", client_type="NEW_CUSTOMER"),
    _DemoVoucher("HAVN-AQNEO-S08-LIMIT5", "Good five times", usage_limit=5),
    _DemoVoucher(
        "HAVN-AQNEO-S08-RUPIAH",
        "Fifty thousand rupiah off purchases from 200000 rupiah",
        type="DISCOUNT_FIXED",
        value=50000,
        currency="IDR",
        min_purchase=200000,
        usage_limit=100,
    ),
)

_USERS: Final = (
    ("owner@example.com", "Mary Jane", "HAVN-MJ-001", True),
    ("partner@example.com", "Shop Easy", "HAVN-SE-002", True),
    ("inactive@example.com", "Andi Root", "HAVN-A-001", False),
)
"""E-mail address, name, referral code, and whether the user may log in."""


def plant_demo_data(data: CompanyData) -> None:
    """Fill a company that is empty."""
    _plant_associates(data)
    _plant_vouchers(data)
    _plant_users(data)


def _plant_associates(data: CompanyData) -> None:
    upline: Row | None = None
    for name, referral_code in LINEAGE:
        upline = associates.create(data, name, role="owner", upline=upline, referral_code=referral_code)


def _plant_vouchers(data: CompanyData) -> None:
    owner = data.all("associates", referral_code="HAVN-MJ-001")[0]
    for day, voucher in enumerate(_VOUCHERS, start=1):
        data.insert(
            "vouchers",
            serial=data.next_id("vch"),
            associate_id=owner["id"],
            created_date=f"2020-01-{day:02d}T00:00:00Z",
            **attrs.asdict(voucher),
        )


def _plant_users(data: CompanyData) -> None:
    for email, name, referral_code, is_active in _USERS:
        associate = data.all("associates", referral_code=referral_code)[0]
        data.insert(
            "users",
            id=data.next_id("usr"),
            email=email,
            name=name,
            associate_id=associate["id"],
            is_active=is_active,
        )
