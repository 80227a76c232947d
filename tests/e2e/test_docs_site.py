"""The documents' site in a real browser: both languages, search, a phone, and nothing asked of anyone else."""

from __future__ import annotations

import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Literal

import build_docs
import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from playwright.sync_api import Browser, Page, Route

PAGES = sorted(
    f"{language}/{path.stem}.html"
    for language in ("en", "id")
    for path in (build_docs.DOCS / language).glob("*.md")
)
WORDS = {
    # language: a word of a page's prose, and in the other half of the alphabet an API name
    "en": ("sandbox", "to_minor_units"),
    "id": ("kedaluwarsa", "to_minor_units"),
}


class Quiet(SimpleHTTPRequestHandler):
    """Serves the site, and says nothing."""

    def log_message(self, *_: Any) -> None:
        """Not into the tests' output."""


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Generator[str]:
    """The address of the site, as it is built; whether it was built without a warning is asked by `make docs`."""
    folder: Path = tmp_path_factory.mktemp("site") / "docs"
    build_docs.build(folder)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.fixture
def reader(browser: Browser, site: str, request: pytest.FixtureRequest) -> Generator[Page]:
    """A page; it fails the test when anything is missing, is logged as an error, or is asked of anyone else."""
    context = browser.new_context(base_url=site, locale=getattr(request, "param", "en-GB"))
    complaints: list[str] = []

    def guard(route: Route) -> None:
        if route.request.url.startswith((site, "data:", "blob:")):
            route.continue_()
        else:
            complaints.append(f"asks for {route.request.url}")
            route.abort()

    context.route("**/*", guard)
    page = context.new_page()
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "response",
        lambda answer: complaints.append(f"{answer.status} {answer.url}") if answer.status >= 400 else None,
    )
    yield page
    context.close()
    assert complaints == []


@pytest.mark.parametrize(
    ("reader", "language"), [("id-ID", "id"), ("en-GB", "en"), ("de-DE", "en")], indirect=["reader"]
)
def test_the_first_page_speaks_the_reader_s_language(reader: Page, language: str) -> None:
    """Indonesian for an Indonesian browser, English for any other; what was chosen before counts more."""
    reader.goto("/")
    reader.wait_for_url(f"**/{language}/index.html")
    expect(reader.locator("html")).to_have_attribute("lang", language)
    other = {"en": "id", "id": "en"}[language]
    reader.locator(f".sidebar-drawer .languages a[hreflang={other}]").click()
    reader.wait_for_url(f"**/{other}/index.html")
    reader.goto("/")
    reader.wait_for_url(f"**/{other}/index.html")


@pytest.mark.parametrize("page", ["transactions", "api/client", "http-reference", "http-api", "genindex"])
def test_a_page_leads_to_itself_in_the_other_language(reader: Page, page: str) -> None:
    """There and back again."""
    reader.goto(f"/en/{page}.html")
    for language in ("id", "en"):
        reader.locator(f".languages a[hreflang={language}]:visible").first.click()
        reader.wait_for_url(f"**/{language}/{page}.html")


def test_a_page_in_english_alone_leads_to_the_index(reader: Page) -> None:
    """The other language has no such page, and says so by its own beginning."""
    reader.goto("/en/benchmarks.html")
    reader.locator(".sidebar-drawer .languages a[hreflang=id]").click()
    reader.wait_for_url("**/id/index.html")


@pytest.mark.parametrize(("language", "word"), [(code, word) for code, words in WORDS.items() for word in words])
def test_search_finds(reader: Page, language: str, word: str) -> None:
    """A word of the prose, and a name of the API, in the index of the language."""
    reader.goto(f"/{language}/index.html")
    reader.locator(".sidebar-search").fill(word)
    reader.keyboard.press("Enter")
    first = reader.locator("#search-results li a").first
    expect(first).to_be_visible()
    first.click()
    expect(reader.locator("article")).to_contain_text(word, ignore_case=True)


@pytest.mark.parametrize("address", PAGES)
def test_a_page_is_whole_on_a_desk_and_on_a_phone(reader: Page, address: str) -> None:
    """It has its title and all that it shows; on a phone nothing is wider than the screen."""
    reader.goto(f"/{address}")
    expect(reader.locator("article h1")).to_be_visible()
    broken = "[...document.images].filter(each => each.complete && !each.naturalWidth).map(each => each.src)"
    reader.wait_for_load_state("load")
    assert reader.evaluate(broken) == []
    reader.set_viewport_size({"width": 360, "height": 740})
    assert reader.evaluate("document.documentElement.scrollWidth") == 360


@pytest.mark.parametrize("language", ["en", "id"])
def test_the_http_reference_shows_every_operation(reader: Page, language: str) -> None:
    """Redoc, from the site itself: a row of the table leads to its operation."""
    reader.goto(f"/{language}/http-reference.html")
    reader.get_by_role("link", name="validateVoucher").click()
    expect(reader.get_by_role("heading", name="Check that a voucher can be used now")).to_be_in_viewport()
    for path in ("transaction", "user-sync", "voucher/validate", "vouchers", "login"):
        expect(reader.get_by_text(f"/api/v1/webhook/{path}", exact=True).first).to_be_attached()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_site_follows_the_system_s_colours(reader: Page, scheme: Literal["light", "dark"]) -> None:
    """Light on a light desk, dark on a dark one."""
    reader.emulate_media(color_scheme=scheme)
    reader.goto("/id/index.html")
    red = int(reader.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0]"))
    assert (red > 127) is (scheme == "light")
