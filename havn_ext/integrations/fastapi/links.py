"""The visitor's referral link: a middleware that has the browser keep it, and the dependency that hands it out.

The middleware is plain ASGI, because a dependency's cookies are lost when an endpoint answers by itself, as a
redirect after a login does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

from fastapi import Depends
from fastapi.requests import HTTPConnection
from starlette.responses import Response

from havn_ext.errors import HAVNValidationError
from havn_ext.referrals import REFERRAL_COOKIE, REFERRAL_DAYS, ReferralVisit, kept_for

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["ReferralDependency", "ReferralMiddleware", "referral"]

_KEY: Final = "havn_ext.referral"


class ReferralMiddleware:
    """Has the visitor's browser keep the referral link: `app.add_middleware(ReferralMiddleware)`.

    A WebSocket's endpoint may look at the link; only the answer to an HTTP request changes what is kept.

    Args:
        app: The application around which it is.
        days: For how long the browser keeps a link, above 0 and at most 400.

    Raises:
        HAVNValidationError: `days` is none of these.
    """

    def __init__(self, app: ASGIApp, days: float = REFERRAL_DAYS) -> None:
        try:
            self._keep = kept_for(days)
        except ValueError as error:
            raise HAVNValidationError(errors={"days": str(error)}) from None
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        request = HTTPConnection(scope)
        visit = scope[_KEY] = ReferralVisit(request.query_params, request.cookies.get(REFERRAL_COOKIE))

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                text = visit.cookie_after(message["status"])
                if text is not None:
                    header = self._header(text, secure=request.url.scheme == "https")
                    message = {**message, "headers": [*message.get("headers", ()), header]}
            await send(message)

        await self._app(scope, receive, send_with_cookie)

    def _header(self, text: str, *, secure: bool) -> tuple[bytes, bytes]:
        age = int(self._keep.total_seconds()) if text else 0
        writer = Response()
        writer.set_cookie(REFERRAL_COOKIE, text, max_age=age, secure=secure, httponly=True, samesite="lax")
        return next(each for each in writer.raw_headers if each[0] == b"set-cookie")


def referral(connection: HTTPConnection) -> ReferralVisit:
    """The visitor's referral link: `visit: Annotated[ReferralVisit, Depends(referral)]`, or `ReferralDependency`.

    Raises:
        RuntimeError: The app is without the middleware, so no browser would keep a link.
    """
    visit: ReferralVisit | None = connection.scope.get(_KEY)
    if visit is None:
        raise RuntimeError("nobody keeps the referral link: app.add_middleware(ReferralMiddleware)")
    return visit


ReferralDependency = Annotated[ReferralVisit, Depends(referral)]
"""The visitor's referral link, as the type of a parameter."""
