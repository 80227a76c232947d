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
        assert "know you yet" in browser.post("/dashboard", follow_redirects=True).text
        assert sandbox.sent() == []

        with example.running(WORKER, ready="takes messages"):
            page = f"/orders/{payment}"
            example.until(lambda: "delivered" in browser.get(page).text, "the order is reported")
        assert "12.00 USD" in browser.get(page).text
        dashboard = browser.post("/dashboard")
        assert dashboard.headers["Location"].startswith("http")
        assert (dashboard.status_code, dashboard.headers["Cache-Control"]) == (303, "no-store")
        assert browser.get("/dashboard").status_code == 405

        browser.get("/login?ref=HAVN-SE-002")
        log_in(browser, "ann@shop.example")
        assert "havn_referral" not in browser.cookies
        log_in(browser, "budi@shop.example")
        assert browser.get(page).status_code == 404

    assert "Mary Jane HAVN-MJ-001 5 % 500.00 ¢ 500 ¢" in sandbox.page_of(payment)
    (synced,) = sandbox.company.requests(operation="syncUsers")[-1:]
    assert "HAVN-MJ-001" in sandbox.company.request(synced["id"])["request"]["body"]["text"]


def test_a_mistake_at_sign_up_costs_no_recommendation(example: Example, sandbox: Sandbox) -> None:
    """Whoever mistypes their address is still recommended when they have mended it."""
    with example.serving(*SERVER) as browser:
        browser.get("/login?ref=HAVN-MJ-001")
        assert "email is not an e-mail address" in log_in(browser, "nobody").text
        assert "recommended by HAVN-MJ-001" in browser.get("/login").text
        log_in(browser, "ann@shop.example")
        payment = buy(browser)
    example.run(WORKER, "--drain")
    assert "Mary Jane HAVN-MJ-001 5 % 500.00 ¢ 500 ¢" in sandbox.page_of(payment)


def test_nonsense_in_a_link_is_sent_nowhere(example: Example, sandbox: Sandbox) -> None:
    """A code that can't be HAVN's keeps nobody from signing up and buying, and leaves no dead message."""
    with example.serving(*SERVER) as browser:
        browser.get("/login?ref=nonsense")
        log_in(browser, "ann@shop.example")
        assert "havn_referral" not in browser.cookies
        payment = buy(browser)
        example.run(WORKER, "--drain")
        assert "delivered" in browser.get(f"/orders/{payment}").text
    (synced,) = sandbox.company.requests(operation="syncUsers")
    assert synced["status"] in {200, 201}


def test_no_key_is_known_to_others(example: Example) -> None:
    """Without SECRET_KEY the sessions are signed by one that nobody knows, another with each start."""
    program = "print(__import__('app').create_app().secret_key)"
    first, second = (example.run("python -c", program, SECRET_KEY="") for _ in range(2))
    assert len(first.strip()) >= 32
    assert first != second
    assert example.run("python -c", program, SECRET_KEY="mine") == "mine\n"


def test_what_can_go_wrong(example: Example, sandbox: Sandbox) -> None:
    """An address that is none, a product that is none, nobody logged in, HAVN away: each is said."""
    with example.serving(*SERVER) as browser:
        assert browser.post("/checkout/team").headers["Location"] == "/login"
        assert browser.post("/dashboard").headers["Location"] == "/login"
        assert "email is not an e-mail address" in log_in(browser, "nobody").text
        assert "name must not be empty" in log_in(browser, "ann@shop.example", " ").text
        log_in(browser, "ann@shop.example")
        assert browser.post("/checkout/nothing").status_code == 404
        sandbox.company.add_fault("status", status=503, operation="createLoginLink")
        assert "can&#39;t be reached" in browser.post("/dashboard", follow_redirects=True).text
        assert len(sandbox.company.requests(operation="createLoginLink")) == 1


def test_missing_credentials_keep_it_from_starting(example: Example) -> None:
    """The shop does not begin to sell what it can't report."""
    printed = example.run(*SERVER, code=1, HAVN_API_KEY=None)
    assert "api_key: is missing" in printed
