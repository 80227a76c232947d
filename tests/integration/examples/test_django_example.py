"""`examples/django`: from the referral link to the commission, in a browser's steps."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import httpx
    from integration.examples.conftest import Example, Sandbox

VOUCHER = "HAVN-AQNEO-S08-ABC123"
LINK = f"?ref=HAVN-MJ-001&vc={VOUCHER}"
SERVER = ("python manage.py runserver", "--noreload", "127.0.0.1:0")
WORKER = ("python manage.py havn_outbox run", "--drain")
PASSWORD = "a long enough one"


def post(browser: httpx.Client, path: str, on: str | None = None, **fields: str) -> httpx.Response:
    """Fills in the form of a page, with its hidden fields, and sends it."""
    page = browser.get(on or path)
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text))
    return browser.post(path, data={**hidden, **fields}, headers={"Referer": str(page.url)}, follow_redirects=True)


def sign_up(browser: httpx.Client, name: str) -> httpx.Response:
    """Makes an account, which logs in."""
    fields = {"username": name, "email": f"{name}@shop.example", "password1": PASSWORD, "password2": PASSWORD}
    return post(browser, "/sign-up/", **fields)


def buy(browser: httpx.Client, product: int = 2, **fields: str) -> str:
    """Buys the team plan; gives the payment's id."""
    page = post(browser, f"/checkout/{product}/", **fields)
    assert "Thank you" in page.text
    return page.url.path.strip("/").rpartition("/")[2]


@pytest.fixture
def shop(example: Example) -> Example:
    """The shop with its tables."""
    example.run("python manage.py migrate", "-v", "0")
    return example


def test_the_check_finds_missing_credentials(example: Example) -> None:
    """`manage.py check` is content with the sandbox's credentials, and names those that are missing."""
    assert "no issues" in example.run("python manage.py check")
    found = example.run("python manage.py check", code=1, HAVN_API_KEY=None)
    assert "havn.E002" in found
    assert "api_key is missing" in found


def test_the_migrations_are_those_of_the_models(example: Example) -> None:
    """No migration is missing."""
    example.run("python manage.py makemigrations --check --dry-run")


def test_a_recommended_customer(shop: Example, sandbox: Sandbox) -> None:
    """The link is kept until sign-up; its voucher counts once; both sales are reported, and shared out."""
    with shop.serving(*SERVER) as browser:
        assert browser.get(f"/login/{LINK}").cookies["havn_referral"]
        sign_up(browser, "ann")
        assert "havn_referral" not in browser.cookies
        page = browser.get("/checkout/2/").text
        assert "recommended by HAVN-MJ-001" in page
        assert f"Voucher {VOUCHER}, first purchase" in page
        assert "20.00 USD" in page
        first = buy(browser)
        assert "pending" in browser.get(f"/orders/{first}/").text
        assert sandbox.sent() == []

        shop.run(*WORKER)
        assert "delivered" in browser.get(f"/orders/{first}/").text
        assert VOUCHER not in browser.get("/checkout/2/").text
        second = buy(browser)
        shop.run(*WORKER)

    new, again = sandbox.sent()
    assert (new["amount"], new["subtotal_transaction"], new["promo_code"]) == (8000, 10000, VOUCHER)
    assert (again["amount"], again["customer_type"], "promo_code" in again) == (10000, "RETURNING_CUSTOMER", False)
    answers = sandbox.reported()
    assert {key: each["total_commission"] for key, each in answers.items()} == {first: 960, second: 1200}
    assert "Mary Jane HAVN-MJ-001 5 % 400.00 ¢ 400 ¢" in sandbox.page_of(first)


def test_the_price_that_was_shown_is_what_is_paid(shop: Example, sandbox: Sandbox) -> None:
    """Nobody pays another price than they were shown: not with a form of their own, not when HAVN is away."""
    with shop.serving(*SERVER) as browser:
        browser.get(f"/login/{LINK}")
        sign_up(browser, "ann")
        for agreed in ("1", "", "all"):
            assert "paid nothing yet" in post(browser, "/checkout/2/", agreed=agreed).text
        sandbox.company.add_fault("status", status=503, operation="listVouchers")
        assert "can&#x27;t check your voucher" in browser.get("/checkout/2/").text
        assert "paid nothing yet" in post(browser, "/checkout/2/", agreed="8000").text
        sandbox.company.clear_faults()
        buy(browser)


def test_a_visitor_of_their_own_accord(shop: Example, sandbox: Sandbox) -> None:
    """Without a link the sale is reported, and shared out among nobody; others don't see the order."""
    with shop.serving(*SERVER) as browser:
        sign_up(browser, "ann")
        payment = buy(browser, 1)
        post(browser, "/logout/", on="/")
        assert "/login/" in browser.get("/checkout/1/", follow_redirects=True).url.path
        sign_up(browser, "bob")
        assert browser.get(f"/orders/{payment}/").status_code == 404
    shop.run(*WORKER)
    assert sandbox.reported()[payment]["commissions"] == []


def test_a_link_that_counts_for_nobody_is_forgotten(shop: Example, sandbox: Sandbox) -> None:
    """Nonsense is sent nowhere; a customer who has bought before keeps no link in the browser for the next one."""
    with shop.serving(*SERVER) as browser:
        browser.get("/login/?ref=nonsense")
        sign_up(browser, "ann")
        assert "havn_referral" not in browser.cookies
        buy(browser, 1)
        shop.run(*WORKER)
        (sent,) = sandbox.reported()
        post(browser, "/logout/", on="/")
        browser.get(f"/login/{LINK}")
        post(browser, "/login/", username="ann", password=PASSWORD)
        assert "havn_referral" not in browser.cookies
        assert VOUCHER not in browser.get("/checkout/2/").text
    assert "referral_code" not in sandbox.sent()[0]
    assert sandbox.reported()[sent]["commissions"] == []


def test_settings_that_are_safe(shop: Example) -> None:
    """Out of debugging nothing is signed but with a key of its own; no page is shown in another's frame."""
    look = ("python manage.py shell", "-c", "from django.conf import settings; print(settings.SECRET_KEY)")
    printed = shop.run(*look, code=1, DEBUG="0", SECRET_KEY=None)
    assert "SECRET_KEY setting must not be empty" in printed
    assert "mine" in shop.run(*look, DEBUG="0", SECRET_KEY="mine")
    with shop.serving(*SERVER) as browser:
        assert browser.get("/").headers["X-Frame-Options"] == "DENY"


def test_the_back_office(shop: Example) -> None:
    """The admin shows who came by whom, and leads from an order to its report."""
    answers = ("--no-input", "--username", "root", "--email", "")
    shop.run("python manage.py createsuperuser", *answers, DJANGO_SUPERUSER_PASSWORD=PASSWORD)
    with shop.serving(*SERVER) as browser:
        browser.get(f"/login/{LINK}")
        post(browser, "/login/", username="root", password=PASSWORD)
        payment = buy(browser)
        assert "HAVN-MJ-001" in browser.get("/admin/shop/customer/").text
        orders = browser.get("/admin/shop/order/").text
        assert payment in orders
        (message,) = re.findall(r'href="(/admin/havn/message/\d+/change/)">pending<', orders)
        assert payment in browser.get(message).text
        assert browser.get("/admin/shop/order/add/").status_code == 403
