from __future__ import annotations

import sys
import warnings
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from fastapi import FastAPI, Request, WebSocket
from fastapi.responses import RedirectResponse

from havn_ext import AsyncHAVNClient, HAVNValidationError
from havn_ext.integrations.fastapi import (
    HAVNDependency,
    ReferralDependency,
    ReferralMiddleware,
    havn_client,
    havn_lifespan,
)
from havn_ext.referrals import REFERRAL_COOKIE

with warnings.catch_warnings():  # it recommends another HTTP library
    warnings.simplefilter("ignore")
    from fastapi.testclient import TestClient

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator

LINK = "ref=HAVN-MJ-001&vc=HAVN-AQNEO-S08-ABC123"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The credentials of a shop."""
    monkeypatch.setenv("HAVN_API_KEY", "key")
    monkeypatch.setenv("HAVN_WEBHOOK_SECRET", "secret")
    monkeypatch.delenv("HAVN_BASE_URL", raising=False)


def with_routes(app: FastAPI) -> FastAPI:
    """An app with an endpoint that tells which client it was given."""

    @app.get("/client")
    async def client(havn: HAVNDependency) -> str:
        return f"{id(havn)} {havn!r}"

    return app


def test_an_app_has_one_client_from_start_to_end() -> None:
    """Every request gets the same client, which is closed with the app, and made anew with the next start."""

    class Watched(AsyncHAVNClient):
        closed = False

        async def close(self) -> None:
            self.closed = True
            await super().close()

    made: list[Watched] = []

    def make() -> Watched:
        made.append(Watched(base_url="http://one.example"))
        return made[-1]

    app = with_routes(FastAPI(lifespan=havn_lifespan(make)))
    with TestClient(app) as browser:
        answers = {browser.get("/client").json() for _ in range(3)}
        assert len(answers) == 1
        assert "http://one.example" in answers.pop()
        assert not made[0].closed
    assert made[0].closed
    with TestClient(app) as browser:
        browser.get("/client")
    assert len(made) == 2


def test_beside_a_lifespan_of_ones_own() -> None:
    """An app's own lifespan may pass on the state, with its own; mounted apps have the client as well."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[dict[str, Any]]:
        async with havn_lifespan()(app) as state:
            yield {**state, "mine": 7}

    app = with_routes(FastAPI(lifespan=lifespan))
    app.mount("/sub", with_routes(FastAPI()))

    @app.get("/mine")
    async def mine(request: Request) -> int:
        found: int = request.state.mine
        return found

    with TestClient(app) as browser:
        assert browser.get("/mine").json() == 7
        assert browser.get("/client").json() == browser.get("/sub/client").json()


def test_tests_may_give_another_client() -> None:
    """`dependency_overrides` replaces the client."""
    app = with_routes(FastAPI(lifespan=havn_lifespan()))
    other = AsyncHAVNClient(base_url="http://other.example")
    app.dependency_overrides[havn_client] = lambda: other
    with TestClient(app) as browser:
        assert "http://other.example" in browser.get("/client").json()


def test_wrong_settings_keep_the_app_from_starting(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is missing is named at the start, not with the first payment."""
    monkeypatch.delenv("HAVN_WEBHOOK_SECRET")
    with pytest.raises(HAVNValidationError, match="webhook_secret"), TestClient(FastAPI(lifespan=havn_lifespan())):
        pass


def test_an_app_without_them_says_so() -> None:
    """Whoever asks for what was never set up is told what to do."""
    app = with_routes(FastAPI())

    @app.get("/link")
    async def link(visit: ReferralDependency) -> str:
        return str(visit.link)

    with TestClient(app) as browser:
        with pytest.raises(RuntimeError, match=r"lifespan=havn_lifespan\(\)"):
            browser.get("/client")
        with pytest.raises(RuntimeError, match=r"add_middleware\(ReferralMiddleware\)"):
            browser.get("/link")


# ── the referral link ────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def users() -> list[Any]:
    """Who has signed up."""
    return []


@pytest.fixture
def browser(users: list[Any]) -> Iterator[TestClient]:
    """A visitor of a shop."""
    app = FastAPI()
    app.add_middleware(ReferralMiddleware, days=2)

    @app.get("/")
    async def home(visit: ReferralDependency) -> str:
        return str(visit.link or "")

    @app.post("/sign-up")
    async def sign_up(visit: ReferralDependency, status: int = 303) -> RedirectResponse:
        user = SimpleNamespace(referral_code=None, voucher_code=None)
        visit.attach(user)
        users.append(user)
        return RedirectResponse("/", status)

    @app.websocket("/talk")
    async def talk(socket: WebSocket, visit: ReferralDependency) -> None:
        await socket.accept()
        await socket.send_text(str(visit.link or ""))
        await socket.close()

    with TestClient(app, follow_redirects=False) as made:
        yield made


def test_the_link_is_kept_until_sign_up(browser: TestClient, users: list[Any]) -> None:
    """A visitor's link is kept by the browser, attached to who signs up, and forgotten then."""
    header = browser.get(f"/?{LINK}").headers["Set-Cookie"]
    assert header.startswith(f'{REFERRAL_COOKIE}="{LINK}"; ')
    assert {"HttpOnly", "Path=/", "SameSite=lax", "Max-Age=172800"} <= set(header.split("; "))
    assert "Secure" not in header
    again = browser.get("/")
    assert again.json() == LINK
    assert "Set-Cookie" not in again.headers
    assert browser.post("/sign-up").status_code == 303
    assert (users[0].referral_code, users[0].voucher_code) == ("HAVN-MJ-001", "HAVN-AQNEO-S08-ABC123")
    assert REFERRAL_COOKIE not in browser.cookies
    browser.post("/sign-up")
    assert users[1].referral_code is None


@pytest.mark.parametrize("status", [400, 422, 500])
def test_a_failed_sign_up_keeps_the_link(browser: TestClient, status: int) -> None:
    """After an error the browser still has the link."""
    browser.get(f"/?{LINK}")
    assert browser.post(f"/sign-up?status={status}").status_code == status
    assert browser.get("/").json() == LINK


def test_a_websocket_has_the_link(browser: TestClient) -> None:
    """An endpoint of a WebSocket gets the link that the browser keeps, or that of its own address."""
    with browser.websocket_connect(f"/talk?{LINK}") as talk:
        assert talk.receive_text() == LINK
    with browser.websocket_connect("/talk") as talk:
        assert talk.receive_text() == ""
    browser.get(f"/?{LINK}")
    with browser.websocket_connect("/talk") as talk:
        assert talk.receive_text() == LINK


def test_over_https_the_cookie_stays_there(browser: TestClient) -> None:
    """A link that came by HTTPS is never sent in the clear."""
    assert "Secure" in browser.get(f"https://testserver/?{LINK}").headers["Set-Cookie"]


@pytest.mark.parametrize("days", [0, -1, float("nan"), float("inf"), 1e12, "soon"])
def test_days_are_a_number(days: Any) -> None:
    """A link that would be kept for no time, or for ever, is refused where the app is put together."""
    with pytest.raises(HAVNValidationError, match="days"):
        ReferralMiddleware(FastAPI(), days)


def test_a_missing_fastapi_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without FastAPI the first name says which extra to install."""
    import havn_ext.integrations.fastapi as package

    monkeypatch.delitem(sys.modules, f"{package.__name__}.clients", raising=False)
    for name in [name for name in sys.modules if name.partition(".")[0] == "fastapi"]:
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ModuleNotFoundError, match=r"fastapi is missing.*pip install 'havn-sdk\[fastapi\]'"):
        _ = package.havn_client
    assert dir(package) == package.__all__
    with pytest.raises(AttributeError, match="no attribute 'client'"):
        _ = package.client  # type: ignore[attr-defined]
