"""The visitor's referral link in Django: a middleware that has the browser keep it, and what hands it out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from asgiref.sync import iscoroutinefunction
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.decorators import sync_and_async_middleware

from havn_ext.integrations.django.conf import configuration
from havn_ext.referrals import REFERRAL_COOKIE, ReferralVisit

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

__all__ = ["middleware", "referral"]

_ATTRIBUTE: Final = "havn_referral"
_MIDDLEWARE: Final = f"{__name__}.middleware"


@sync_and_async_middleware
def middleware(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """For `MIDDLEWARE`: "havn_ext.integrations.django.referrals.middleware", wherever you like in it."""
    if iscoroutinefunction(get_response):  # pyright: ignore[reportDeprecated]  inspect's is blind in Python 3.11
        awaited = cast("Callable[[HttpRequest], Awaitable[HttpResponseBase]]", get_response)

        async def answer_async(request: HttpRequest) -> HttpResponseBase:
            visit = _begin(request)
            return _kept(visit, request, await awaited(request))

        return answer_async

    def answer(request: HttpRequest) -> HttpResponseBase:
        visit = _begin(request)
        return _kept(visit, request, get_response(request))

    return answer


def referral(request: HttpRequest) -> ReferralVisit:
    """The referral link of a request's visitor: from the address, or kept by the browser.

    Args:
        request: That of the view, or of the signal `user_logged_in`.

    Raises:
        ImproperlyConfigured: The middleware is not in `MIDDLEWARE`.
    """
    if _MIDDLEWARE not in settings.MIDDLEWARE:
        raise ImproperlyConfigured(f"nobody keeps the referral link: add {_MIDDLEWARE!r} to settings.MIDDLEWARE")
    visit: ReferralVisit | None = getattr(request, _ATTRIBUTE, None)
    return visit or _begin(request)  # one made by hand, as the test client's logins are, went through nothing


def _begin(request: HttpRequest) -> ReferralVisit:
    visit = ReferralVisit(request.GET, request.COOKIES.get(REFERRAL_COOKIE))
    setattr(request, _ATTRIBUTE, visit)
    return visit


def _kept(visit: ReferralVisit, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    text = visit.cookie_after(response.status_code)
    if text is not None:
        age = round(configuration().keep_referral) if text else 0
        response.set_cookie(
            REFERRAL_COOKIE, text, max_age=age, secure=request.is_secure(), httponly=True, samesite="Lax"
        )
    return response
