"""The referral link through Django's middleware, and the client of the project's settings."""

from __future__ import annotations

import asyncio
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory, override_settings

from havn_ext import HAVNClient, HAVNValidationError
from havn_ext.integrations.django import client, referral
from havn_ext.integrations.django.referrals import middleware
from havn_ext.referrals import REFERRAL_COOKIE

LINK = "ref=HAVN-MJ-001&vc=HAVN-AQNEO-S08-ABC123"
GOOD = {"API_KEY": "key", "WEBHOOK_SECRET": "secret"}


def sign_up(request: HttpRequest, status: int = 200) -> HttpResponse:
    """A view that attaches the link to a new user, and answers with the code."""
    user = SimpleNamespace(referral_code="", voucher_code="")
    referral(request).attach(user)
    return HttpResponse(user.referral_code, status=status)


def look(request: HttpRequest) -> HttpResponse:
    """A view that only looks."""
    return HttpResponse(str(referral(request).link or ""))


def request_of(path: str = "/", cookie: str | None = None, *, secure: bool = False) -> HttpRequest:
    """A visitor's request."""
    request = RequestFactory().get(path, secure=secure)
    if cookie is not None:
        request.COOKIES[REFERRAL_COOKIE] = cookie
    return request


def test_a_link_is_kept() -> None:
    """A link of the address becomes a cookie for the configured time; one that is kept already does not again."""
    with override_settings(HAVN={**GOOD, "REFERRAL_DAYS": 2}):
        response = middleware(look)(request_of(f"/?{LINK}"))
    cookie = response.cookies[REFERRAL_COOKIE]
    assert (response.content.decode(), cookie.value) == (LINK, LINK)
    assert (cookie["max-age"], cookie["httponly"], cookie["samesite"], cookie["secure"]) == (
        172800,
        True,
        "Lax",
        "",
    )
    again = middleware(look)(request_of(cookie=LINK))
    assert (again.content.decode(), dict(again.cookies)) == (LINK, {})


def test_over_https_the_cookie_stays_there() -> None:
    """A link that came by HTTPS is never sent in the clear."""
    assert middleware(look)(request_of(f"/?{LINK}", secure=True)).cookies[REFERRAL_COOKIE]["secure"] is True


def test_an_attached_link_is_forgotten() -> None:
    """Whoever signs up has the code, and the browser forgets it; a failed request leaves the cookie alone."""
    response = middleware(sign_up)(request_of(cookie=LINK))
    assert response.content == b"HAVN-MJ-001"
    assert response.cookies[REFERRAL_COOKIE]["max-age"] == 0
    for status in (400, 422, 500):
        failed = middleware(partial(sign_up, status=status))(request_of(cookie=LINK))
        assert dict(failed.cookies) == {}


def test_in_an_asynchronous_project() -> None:
    """Under ASGI the middleware awaits, and does the same."""

    async def view(request: HttpRequest) -> HttpResponse:
        return look(request)

    response: Any = asyncio.run(middleware(view)(request_of(f"/?{LINK}")))
    assert (response.content.decode(), response.cookies[REFERRAL_COOKIE].value) == (LINK, LINK)


def test_without_the_middleware_it_is_said() -> None:
    """A view that asks for a link that nobody keeps names the middleware to add."""
    with (
        override_settings(MIDDLEWARE=[]),
        pytest.raises(ImproperlyConfigured, match=r"add 'havn_ext\.integrations\.django\.referrals\.middleware'"),
    ):
        look(request_of())


def test_a_request_made_by_hand_has_no_link() -> None:
    """What went through no middleware, as the test client's `force_login`, is a visit all the same."""
    assert referral(HttpRequest()).link is None


@pytest.mark.parametrize("days", [0, -1, "soon", True, float("inf"), 1e12])
def test_days_are_a_number(days: Any) -> None:
    """REFERRAL_DAYS that are none are a fault of the settings."""
    with override_settings(HAVN={**GOOD, "REFERRAL_DAYS": days}), pytest.raises(ImproperlyConfigured, match="DAYS"):
        client()


def test_the_client_lasts_as_long_as_its_settings() -> None:
    """The same settings give the same client, with its connections; others give another."""
    with override_settings(HAVN=GOOD):
        first = client()
        assert isinstance(first, HAVNClient)
        assert client() is first
    with override_settings(HAVN={**GOOD, "ACCOUNTS": {"east": {**GOOD, "BASE_URL": "http://east.example"}}}):
        assert client() is first
        assert "http://east.example" in repr(client("east"))
    with override_settings(HAVN={**GOOD, "RATES": {"IDR": "0.00006"}}):
        assert client() is not first


def test_a_client_of_wrong_settings_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Missing credentials and unknown accounts are named."""
    monkeypatch.delenv("HAVN_API_KEY", raising=False)
    monkeypatch.delenv("HAVN_WEBHOOK_SECRET", raising=False)
    with override_settings(HAVN={}), pytest.raises(HAVNValidationError, match="webhook_secret"):
        client()
    with override_settings(HAVN=GOOD), pytest.raises(ImproperlyConfigured, match="'west'"):
        client("west")
