from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import flask
import pytest
from flask import Flask

from havn_ext import HAVNClient, HAVNValidationError
from havn_ext.integrations.flask import HAVN
from havn_ext.referrals import REFERRAL_COOKIE

if TYPE_CHECKING:
    from flask.testing import FlaskClient

LINK = "ref=HAVN-MJ-001&vc=HAVN-AQNEO-S08-ABC123"
CREDENTIALS = {"HAVN_API_KEY": "key", "HAVN_WEBHOOK_SECRET": "secret"}


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing comes from the environment that a test has not set."""
    for name in ("HAVN_API_KEY", "HAVN_WEBHOOK_SECRET", "HAVN_BASE_URL"):
        monkeypatch.delenv(name, raising=False)


def app_with(havn: HAVN, **config: Any) -> Flask:
    """An app with the extension, by a factory."""
    app = Flask("shop")
    app.config.update(CREDENTIALS, **config)
    havn.init_app(app)
    return app


@pytest.fixture
def users() -> list[Any]:
    """Who has signed up."""
    return []


@pytest.fixture
def browser(users: list[Any]) -> FlaskClient:
    """A visitor of a shop."""
    havn = HAVN()
    app = app_with(havn, HAVN_REFERRAL_DAYS=2)

    @app.route("/")
    def home() -> dict[str, str]:
        return {"link": str(havn.referral.link or "")}

    @app.post("/sign-up")
    def sign_up() -> flask.typing.ResponseReturnValue:
        user = SimpleNamespace(referral_code=None, voucher_code=None)
        havn.referral.attach(user)
        users.append(user)
        return flask.redirect("/", int(flask.request.form.get("status", 302)))

    return app.test_client()


def test_each_app_has_its_own_client() -> None:
    """One extension serves several apps, each with a client by its own settings; requests share it."""
    havn = HAVN()
    first, second = app_with(havn, HAVN_BASE_URL="http://one.example"), app_with(havn, HAVN_TEST_MODE=True)
    with first.app_context():
        client = havn.client
        assert isinstance(client, HAVNClient)
        assert "http://one.example" in repr(client)
    with second.app_context():
        assert havn.client is not client
        assert "test_mode=True" in repr(havn.client)
    with first.app_context():
        assert havn.client is client


def test_the_environment_fills_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """What app.config does not have, or has as None, the environment may have."""
    monkeypatch.setenv("HAVN_API_KEY", "key")
    monkeypatch.setenv("HAVN_WEBHOOK_SECRET", "secret")
    app = Flask("shop")
    app.config["HAVN_API_KEY"] = None
    havn = HAVN(app)
    with app.app_context():
        assert isinstance(havn.client, HAVNClient)


@pytest.mark.parametrize(
    ("config", "named"),
    [
        ({"HAVN_API_KEY": None}, "api_key"),
        ({"HAVN_WEBHOOK_SECRET": "sec ret"}, "webhook_secret"),
        ({"HAVN_TIMEOUT": 0}, "timeout"),
        ({"HAVN_RATES": 3}, "rates"),
        ({"HAVN_HOOKS": 3}, "hooks"),
        ({"HAVN_REFERRAL_DAYS": 0}, "HAVN_REFERRAL_DAYS"),
        ({"HAVN_REFERRAL_DAYS": "soon"}, "HAVN_REFERRAL_DAYS"),
        ({"HAVN_REFERRAL_DAYS": 1e12}, "HAVN_REFERRAL_DAYS"),
    ],
)
def test_wrong_settings_are_found_before_the_first_request(config: dict[str, Any], named: str) -> None:
    """`init_app` names what is missing or wrong."""
    with pytest.raises(HAVNValidationError) as caught:
        app_with(HAVN(), **config)
    assert list(caught.value.errors) == [named]


def test_an_app_has_one_extension() -> None:
    """A second one on the same app is refused: its client would take the first one's place."""
    app = app_with(HAVN())
    with pytest.raises(HAVNValidationError, match="already"):
        HAVN(app)


def test_an_app_without_it_says_so() -> None:
    """Whoever asks for a client outside of its app is told what to call."""
    havn = HAVN()
    with pytest.raises(RuntimeError, match="application context"):
        _ = havn.client
    with Flask("other").test_request_context(), pytest.raises(RuntimeError, match="init_app"):
        _ = havn.referral


def test_the_link_is_kept_until_sign_up(browser: FlaskClient, users: list[Any]) -> None:
    """A visitor's link is kept by the browser, attached to who signs up, and forgotten then."""
    first = browser.get(f"/?{LINK}")
    header = first.headers["Set-Cookie"]
    assert header.startswith(f"{REFERRAL_COOKIE}={LINK}; ")
    assert {"HttpOnly", "Path=/", "SameSite=Lax", "Max-Age=172800"} <= set(header.split("; "))
    assert "Secure" not in header
    again = browser.get("/")
    assert again.json == {"link": LINK}
    assert "Set-Cookie" not in again.headers
    browser.post("/sign-up")
    assert (users[0].referral_code, users[0].voucher_code) == ("HAVN-MJ-001", "HAVN-AQNEO-S08-ABC123")
    assert browser.get_cookie(REFERRAL_COOKIE) is None
    browser.post("/sign-up")
    assert users[1].referral_code is None


@pytest.mark.parametrize("status", [400, 422, 500])
def test_a_failed_sign_up_keeps_the_link(browser: FlaskClient, status: int) -> None:
    """After an error the browser still has the link."""
    browser.get(f"/?{LINK}")
    browser.post("/sign-up", data={"status": status})
    assert browser.get("/").json == {"link": LINK}


def test_each_request_has_its_own_link(browser: FlaskClient, users: list[Any]) -> None:
    """Requests inside of one application context, as tests push it, don't share a visitor."""
    with browser.application.app_context():
        browser.get(f"/?{LINK}")
        other = browser.application.test_client()
        assert other.get("/").json == {"link": ""}
        other.post("/sign-up")
        assert browser.get("/").json == {"link": LINK}
        browser.post("/sign-up")
    assert [user.referral_code for user in users] == [None, "HAVN-MJ-001"]


def test_over_https_the_cookie_stays_there(browser: FlaskClient) -> None:
    """A link that came by HTTPS is never sent in the clear."""
    assert "Secure" in browser.get(f"https://shop.example/?{LINK}").headers["Set-Cookie"]


def test_a_missing_flask_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Flask the first name says which extra to install."""
    import havn_ext.integrations.flask as package

    monkeypatch.delitem(sys.modules, f"{package.__name__}.extension", raising=False)
    monkeypatch.setitem(sys.modules, "flask", None)
    with pytest.raises(ModuleNotFoundError, match=r"flask is missing.*pip install 'havn-sdk\[flask\]'"):
        _ = package.HAVN
    assert dir(package) == package.__all__
    with pytest.raises(AttributeError, match="no attribute 'Havn'"):
        _ = package.Havn  # type: ignore[attr-defined]
