"""`examples/fastapi`: from the referral link to the commission, by the shop's API."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx
    from integration.examples.conftest import Example, Sandbox

SERVER = ("uvicorn app:app", "--port", "0")
LINK = "ref=HAVN-MJ-001&vc=HAVN-AQNEO-S08-ABC123"
ANN = {"email": "Ann@shop.example", "name": "Ann"}
PURCHASE = {"email": "ann@shop.example", "subtotal": 10_000}


@pytest.fixture
def browser(example: Example) -> Iterator[httpx.Client]:
    """Somebody who calls the API."""
    with example.serving(*SERVER) as made:
        yield made


def test_from_the_link_to_the_commission(browser: httpx.Client, example: Example, sandbox: Sandbox) -> None:
    """The link's voucher counts for the first purchase; both sales are reported by the worker inside, at once."""
    invited = {"recommended_by": "HAVN-MJ-001", "voucher_code": "HAVN-AQNEO-S08-ABC123"}
    assert browser.get(f"/login?{LINK}").json() == invited
    assert browser.get("/login").json() == invited
    user = browser.post("/users", json=ANN).json()
    assert user["recommended_by"] == "HAVN-MJ-001"
    assert user["link"].startswith("https://shop.example/login?ref=HAVN-A-")
    assert "havn_referral" not in browser.cookies

    first, second = (browser.post("/orders", json=PURCHASE).json() for _ in range(2))
    assert [order["amount"] for order in (first, second)] == [8_000, 10_000]

    def shown(order: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = browser.get(f"/orders/{order['payment_id']}").json()
        return found

    example.until(lambda: shown(second)["report"] == shown(first)["report"] == "delivered", "both are reported")
    assert [shown(order)["commission"] for order in (first, second)] == [960, 1_200]
    assert [body.get("promo_code") for body in sandbox.sent()] == ["HAVN-AQNEO-S08-ABC123", None]
    assert "Mary Jane HAVN-MJ-001 5 % 400.00 ¢ 400 ¢" in sandbox.page_of(first["payment_id"])


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_session_of_the_readme(browser: httpx.Client, example: Example) -> None:
    """Each call of the README answers as it shows; only the payment's id is another one each time."""
    readme = (example.folder / "README.md").read_text(encoding="utf-8")
    session = re.findall(r"^\$ (curl .*)\n(.*)$", readme, re.MULTILINE)
    assert len(session) == 3
    for command, shown in session:
        words = shlex.split(command.replace("http://127.0.0.1:8000", str(browser.base_url).rstrip("/")))
        run = subprocess.run(  # noqa: S603  our own document
            [*words, "--silent", "--noproxy", "*"], cwd=example.folder, capture_output=True, text=True, check=True
        )
        assert re.sub(r"pay_\w+", "pay_…", run.stdout) == shown


def test_havn_away(browser: httpx.Client, example: Example, sandbox: Sandbox) -> None:
    """Without HAVN people sign up and pay all the same, after one try, without the discount; it is told later."""
    for operation, status in (("syncUsers", 503), ("listVouchers", 503), ("sendTransaction", 400)):
        sandbox.company.add_fault("status", status=status, operation=operation, times=1)
    browser.get(f"/login?{LINK}")
    assert browser.post("/users", json=ANN).json() == {"recommended_by": "HAVN-MJ-001", "link": None}
    order = browser.post("/orders", json=PURCHASE).json()
    assert order["amount"] == 10_000
    example.until(lambda: sandbox.company.requests(operation="syncUsers", verdict="ok"), "the user is synced")
    page = f"/orders/{order['payment_id']}"
    example.until(lambda: browser.get(page).json()["report"] != "pending", "the order's report is over")


def test_a_mistake_at_sign_up_costs_no_recommendation(browser: httpx.Client) -> None:
    """Whoever mistypes their address is still recommended when they have mended it."""
    browser.get(f"/login?{LINK}")
    assert browser.post("/users", json={**ANN, "email": "nobody"}).status_code == 422
    assert browser.get("/login").json()["recommended_by"] == "HAVN-MJ-001"
    assert browser.post("/users", json=ANN).json()["recommended_by"] == "HAVN-MJ-001"


@pytest.mark.parametrize("code", ["nonsense", "HAVN-ZZ-999"])
def test_an_unknown_code(browser: httpx.Client, example: Example, sandbox: Sandbox, code: str) -> None:
    """Whoever comes by a code that HAVN does not know joins without an upline, and buys without one."""
    browser.get(f"/login?ref={code}")
    user = browser.post("/users", json=ANN).json()
    assert user["recommended_by"] is None
    assert user["link"].startswith("https://shop.example/login?ref=HAVN-A-")
    assert "havn_referral" not in browser.cookies
    page = f"/orders/{browser.post('/orders', json=PURCHASE).json()['payment_id']}"
    example.until(lambda: browser.get(page).json()["report"] == "delivered", "the order is reported")
    assert "referral_code" not in sandbox.sent()[0]


def test_a_voucher_for_other_customers(example: Example, sandbox: Sandbox) -> None:
    """What only those may use who have bought before takes nothing off a first purchase."""

    def reserve(answer: dict[str, Any]) -> None:
        if "pagination" in answer:
            for voucher in answer["data"]:
                voucher["client_type"] = "RECURRING"

    with (
        sandbox.saying(reserve) as address,
        example.serving(*SERVER, HAVN_BASE_URL=address) as browser,
    ):
        browser.get(f"/login?{LINK}")
        browser.post("/users", json=ANN)
        assert browser.post("/orders", json=PURCHASE).json()["amount"] == 10_000


def test_what_can_go_wrong(browser: httpx.Client) -> None:
    """Each wrong call is answered with what is wrong, and nothing is kept of it."""
    wrong = browser.post("/users", json={"email": "nobody", "name": "Ann"})
    assert (wrong.status_code, list(wrong.json()["errors"])) == (422, ["email"])
    assert browser.post("/users", json=ANN).status_code == 201
    assert browser.post("/users", json=ANN).status_code == 409
    assert browser.post("/orders", json={**PURCHASE, "email": "bob@shop.example"}).status_code == 404
    assert browser.post("/orders", json={**PURCHASE, "subtotal": 0}).status_code == 422
    huge = browser.post("/orders", json={**PURCHASE, "subtotal": 2_000_000_000})
    assert (huge.status_code, list(huge.json()["errors"])) == (422, ["amount"])
    assert browser.get("/orders/pay_none").status_code == 404


def test_missing_credentials_keep_it_from_starting(example: Example) -> None:
    """The shop does not begin to sell what it can't report."""
    assert "webhook_secret: is missing" in example.run(*SERVER, code=3, HAVN_WEBHOOK_SECRET=None)
