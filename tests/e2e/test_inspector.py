from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from typing import TYPE_CHECKING, Literal

import pytest
from playwright.sync_api import expect
from sandbox_support import KEY, LOGIN, REFERRAL, TRANSACTION, USER_SYNC, VOUCHERS, sale

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route
    from sandbox_support import Caller

ROOT = "/_sandbox/inspector"
ROWS = "#rows tr"


def open_list(page: Page, address: str = "/") -> None:
    """Open the list and wait until it is live."""
    page.goto(address)
    expect(page.locator("#live")).to_have_text("live")


def test_a_request_appears_without_reloading(page: Page, havn: Caller) -> None:
    """The first request takes the place of the help, the next one comes above it."""
    open_list(page)
    expect(page.get_by_text("Send the first request")).to_be_visible()
    havn.post(TRANSACTION, sale())
    expect(page.locator(ROWS)).to_have_count(1)
    expect(page.get_by_text("Send the first request")).to_be_hidden()
    havn.post(LOGIN, {"email": "nobody@example.com"})
    expect(page.locator(ROWS)).to_have_count(2)
    expect(page.locator(ROWS).first).to_contain_text("createLoginLink")


@pytest.mark.parametrize("script", ["vendor/htmx.min.js", "vendor/hx-sse.min.js", "inspector.js"])
def test_a_script_that_comes_late_holds_up_the_others(page: Page, script: str) -> None:
    """The list is live in whatever order the scripts arrive."""

    def come_late(route: Route) -> None:
        for _ in range(50):
            page.request.get("/")
        route.continue_()

    page.route(f"**/{script}", come_late)
    open_list(page)


def test_the_list_goes_on_where_it_was_after_a_lost_connection(page: Page, havn: Caller) -> None:
    """A request that came while the page was offline is shown once it is back."""
    open_list(page)
    havn.get(VOUCHERS)
    expect(page.locator(ROWS)).to_have_count(1)
    page.reload()
    havn.get(VOUCHERS)
    expect(page.locator(ROWS)).to_have_count(2)


def test_the_keyboard_is_enough(page: Page, havn: Caller) -> None:
    """The keys j and k move, Enter opens, u leads back, / searches, ? helps and Escape closes it."""
    havn.post(TRANSACTION, sale())
    havn.get(VOUCHERS)
    open_list(page)
    page.keyboard.press("j")
    expect(page.locator(".row-link").first).to_be_focused()
    page.keyboard.press("j")
    expect(page.locator(".row-link").last).to_be_focused()
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("listVouchers")
    expect(page.locator("html.scripted")).to_be_attached()
    page.keyboard.press("u")
    expect(page.locator("#live")).to_have_text("live")
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#help")).to_be_hidden()
    page.keyboard.press("2")
    expect(page.get_by_role("heading", level=1)).to_have_text("Associates")


def test_a_filter_is_in_the_address_and_holds_for_what_comes(page: Page, havn: Caller) -> None:
    """Choosing narrows the list at once; a bookmark shows the same; a new request that does not fit stays out."""
    havn.post(TRANSACTION, sale())
    havn.get(VOUCHERS)
    open_list(page)
    page.get_by_label("Operation").select_option("listVouchers")
    expect(page.locator(ROWS)).to_have_count(1)
    expect(page).to_have_url(re.compile(r"/\?operation=listVouchers$"))
    havn.post(LOGIN, {"email": "owner@example.com"})
    havn.get(VOUCHERS)
    expect(page.locator(ROWS)).to_have_count(2)
    page.reload()
    expect(page.locator(ROWS)).to_have_count(2)
    page.get_by_role("searchbox").fill("no such text")
    expect(page.get_by_text("No request fits this filter")).to_be_visible()


def test_a_request_is_sent_again(page: Page, havn: Caller) -> None:
    """The button leads to the new request, which was replayed."""
    havn.post(TRANSACTION, sale())
    page.goto(f"{ROOT}/requests/1")
    page.get_by_role("button", name="Resend").click()
    expect(page).to_have_url(re.compile("/requests/2$"))
    expect(page.locator(".title")).to_contain_text("replayed")


def test_a_script_in_a_body_stays_text(page: Page, havn: Caller) -> None:
    """It is shown, it does not run, and the list shows it neither."""
    open_list(page)
    attack = "<script>document.title = 'owned'</script>"
    havn.send("POST", f"/{attack}", json.dumps({"note": attack}).encode())
    havn.post(USER_SYNC, {"email": attack, "name": f"<img src=x onerror={attack}>"})
    expect(page.locator(ROWS)).to_have_count(2)
    page.locator(".row-link").first.click()
    expect(page.locator("ol.code").first).to_contain_text(attack)
    expect(page).not_to_have_title("owned")


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
def test_copied_curl_runs(page: Page, havn: Caller) -> None:
    """What the button puts on the clipboard, a shell can run, and the sandbox takes it for the same."""
    havn.post(TRANSACTION, sale(custom_fields={"note": "it's $HOME"}))
    page.goto(f"{ROOT}/requests/1")
    page.get_by_role("button", name="Copy as curl").click()
    expect(page.locator("#said")).to_have_text("Copied")
    command: str = page.evaluate("navigator.clipboard.readText()")
    assert shlex.split(command.replace("\\\n", ""))[0] == "curl"
    run = subprocess.run(  # noqa: S602  the command is the test
        command, shell=True, env={"HAVN_API_KEY": KEY, "PATH": "/usr/bin:/bin"}, capture_output=True, check=True
    )
    assert b"idempotent-replayed: true" in run.stdout


def test_where_every_cent_went(page: Page, havn: Caller) -> None:
    """The tree shows what each associate earned, the transaction how that came about."""
    havn.post(TRANSACTION, sale(amount=9999, referral_code=REFERRAL))
    page.goto(f"{ROOT}/associates")
    expect(page.locator(".tree")).to_contain_text("$5.00 from 1 sale")
    assert page.locator(".tree ul .tree, .tree li ul").count() == 5
    page.goto(f"{ROOT}/transactions")
    page.get_by_role("link", name="pay_1").click()
    expect(page.locator(".cents tfoot")).to_contain_text("1,199.88 ¢")
    expect(page.locator(".cents tfoot")).to_contain_text("1200 ¢")
    expect(page.locator(".sum .total")).to_contain_text("9,999.00 ¢")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_follows_the_systems_colours(page: Page, scheme: Literal["light", "dark"]) -> None:
    """Light on a light desk, dark on a dark one."""
    page.emulate_media(color_scheme=scheme)
    page.goto("/")
    red = int(page.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0]"))
    assert (red > 127) is (scheme == "light")


@pytest.mark.parametrize(
    "path",
    ["/", f"{ROOT}/requests/1", f"{ROOT}/associates", f"{ROOT}/transactions", f"{ROOT}/transactions/txn_001",
     f"{ROOT}/vouchers"],
)  # fmt: skip
def test_a_phone_shows_it_without_scrolling_sideways(page: Page, havn: Caller, path: str) -> None:
    """Nothing is wider than 360 pixels."""
    havn.post(TRANSACTION, sale(referral_code=REFERRAL, custom_fields={"long": "x" * 300}))
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(path)
    assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_a_phone_shows_the_whole_tree(page: Page) -> None:
    """Six levels of associates stand within 360 pixels, none cut off at the side."""
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(f"{ROOT}/associates")
    expect(page.locator(".associate")).to_have_count(6)
    assert page.locator(".scroll").evaluate("region => region.scrollWidth - region.clientWidth") == 0


def test_the_list_works_without_javascript(page: Page, havn: Caller) -> None:
    """Filters are a form, requests are links."""
    assert page.context.browser is not None
    havn.post(TRANSACTION, sale())
    plain = page.context.browser.new_context(java_script_enabled=False, base_url=havn.base_url).new_page()
    plain.goto("/")
    plain.get_by_label("Verdict").select_option("ok")
    plain.get_by_role("button", name="Filter").click()
    plain.get_by_role("link", name="sendTransaction").click()
    expect(plain.get_by_role("heading", level=1)).to_have_text("sendTransaction")
    plain.context.close()
