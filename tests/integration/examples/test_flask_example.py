"""`examples/flask`: from the referral link to the commission, in a browser's steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx
    from integration.examples.conftest import Example, Sandbox

SERVER = ("flask --app app run", "--port", "0")
WORKER = "havn outbox run --database sqlite:///shop.db"


def log_in(browser: httpx.Client, email: str, name: str = "Ann") -> httpx.Response:
    """Fills in the form, and goes where it leads."""
    return browser.post("/login", data={"email": email, "name": name}, follow_redirects=True)


def buy(browser: httpx.Client, product: str = "team") -> str:
    """Buys a plan; gives the payment's id."""
    page = browser.post(f"/checkout/{product}", follow_redirects=True)
    assert "Thank you" in page.text
    return page.url.path.rpartition("/")[2]


def test_from_the_link_to_the_commission(example: Example, sandbox: Sandbox) -> None:
    """Who came by a link and buys pays commissions; the worker delivers, and the page says what was shared out."""
    with example.serving(*SERVER) as browser:
        assert "recommended by HAVN-MJ-001" in browser.get("/login?ref=HAVN-MJ-001").text
        assert "recommended by HAVN-MJ-001" in browser.get("/login").text
        log_in(browser, "ann@shop.example")
        assert "havn_referral" not in browser.cookies
        payment = buy(browser)
        assert "pending" in browser.get(f"/orders/{payment}").text
        assert "know you yet" in browser.get("/dashboard", follow_redirects=True).text
        assert sandbox.sent() == []

        with example.running(WORKER, ready="takes messages"):
            page = f"/orders/{payment}"
            example.until(lambda: "delivered" in browser.get(page).text, "the order is reported")
        assert "12.00 USD" in browser.get(page).text
        assert browser.get("/dashboard").headers["Location"].startswith("http")

        log_in(browser, "budi@shop.example")
        assert browser.get(page).status_code == 404

    assert "Mary Jane HAVN-MJ-001 5 % 500.00 ¢ 500 ¢" in sandbox.page_of(payment)
    (synced,) = sandbox.company.requests(operation="syncUsers")[-1:]
    assert "HAVN-MJ-001" in sandbox.company.request(synced["id"])["request"]["body"]["text"]


def test_what_can_go_wrong(example: Example, sandbox: Sandbox) -> None:
    """An address that is none, a product that is none, nobody logged in, HAVN away: each is said."""
    with example.serving(*SERVER) as browser:
        assert browser.post("/checkout/team").headers["Location"] == "/login"
        assert "email is not an e-mail address" in log_in(browser, "nobody").text
        assert "name must not be empty" in log_in(browser, "ann@shop.example", " ").text
        log_in(browser, "ann@shop.example")
        assert browser.post("/checkout/nothing").status_code == 404
        sandbox.company.add_fault("status", status=400, operation="createLoginLink")
        assert "can&#39;t be reached" in browser.get("/dashboard", follow_redirects=True).text


def test_missing_credentials_keep_it_from_starting(example: Example) -> None:
    """The shop does not begin to sell what it can't report."""
    printed = example.run(*SERVER, code=1, HAVN_API_KEY=None)
    assert "api_key: is missing" in printed
