"""Screenshots for the documentation, made from what the inspector shows of a small working day."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest
from playwright.sync_api import expect
from sandbox_support import LIMITED_VOUCHER, LOGIN, REFERRAL, TRANSACTION, USER_SYNC, VALIDATE, VOUCHERS, sale

if TYPE_CHECKING:
    from playwright.sync_api import Page
    from sandbox_support import Caller

ROOT = "/_sandbox/inspector"
IMAGES = Path(__file__).parents[2] / "docs" / "images"
LARGEST = 200 * 1024  # bytes

SCREENSHOTS: list[tuple[str, str, Literal["light", "dark"], int, int]] = [
    ("list", "/", "light", 1280, 800),
    ("detail", f"{ROOT}/requests/9", "dark", 1280, 1180),
    ("tree", f"{ROOT}/associates", "light", 1280, 800),
    ("cents", f"{ROOT}/transactions/txn_002", "light", 1280, 800),
    ("vouchers", f"{ROOT}/vouchers", "dark", 1280, 820),
    ("phone", "/", "light", 360, 740),
]


@pytest.fixture
def working_day(havn: Caller) -> None:
    """Good requests, wrong ones, an injected fault, and sales along a tree that branches."""
    partners = [("Ratna Sari", "HAVN-BS-001"), ("Eko Prasetyo", "HAVN-BS-001"), ("Sari Dewi", "HAVN-CL-001")]
    for name, upline in partners:
        email = f"{name.split()[0].lower()}@example.com"
        havn.post(USER_SYNC, {"email": email, "name": name, "upline_code": upline})
    for number, (amount, referral) in enumerate([(9999, REFERRAL), (4990, "HAVN-SE-002"), (129900, "HAVN-RS-001")]):
        body = sale(amount=amount, referral_code=referral, payment_gateway_transaction_id=f"pay_{7101 + number}")
        havn.post(TRANSACTION, {**body, "promo_code": LIMITED_VOUCHER} if number == 1 else body)
    havn.get(VOUCHERS, params={"active": "true", "per_page": 20})
    spaced = json.dumps(sale()).encode()
    havn.send("POST", TRANSACTION, spaced, signed=spaced)
    odd = {"amount": -5, "currency": "EURO", "payment_gateway_transaction_id": "pay_7104", "surprise": [1, 2.0]}
    havn.post(TRANSACTION, odd)
    havn.post(VALIDATE, {"voucher_code": "HAVN-NO-SUCH"})
    havn.post(LOGIN, {"email": "owner@example.com"})
    havn.as_company("test_checkout_ci").post(USER_SYNC, {"email": "ada@example.com", "name": "Ada Lovelace"})
    havn.post(TRANSACTION, sale(payment_gateway_transaction_id="pay_7105"), x_sandbox_fault="status=503")


@pytest.mark.usefixtures("working_day")
@pytest.mark.parametrize(
    ("name", "path", "scheme", "width", "height"), SCREENSHOTS, ids=[each[0] for each in SCREENSHOTS]
)
def test_a_screenshot(
    page: Page, name: str, path: str, scheme: Literal["light", "dark"], width: int, height: int
) -> None:
    """It is made from the page as it is, and small enough for a repository; `make screenshots` keeps it."""
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme=scheme)
    page.goto(path)
    if path == "/":
        expect(page.locator("#live")).to_have_text("live")
    kept = IMAGES / f"inspector-{name}.png" if os.environ.get("HAVN_KEEP_SCREENSHOTS") == "1" else None
    image = page.screenshot(path=kept)
    assert len(image) < LARGEST
