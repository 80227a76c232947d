"""The Flask extension: an app's own things stand in `app.extensions`, a request's in its environ."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, cast

import attrs
from flask import Flask, Response, current_app, request

from havn_ext.client import HAVNClient
from havn_ext.errors import HAVNValidationError
from havn_ext.referrals import REFERRAL_COOKIE, REFERRAL_DAYS, ReferralVisit, kept_for

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["HAVN"]

_NAME: Final = "havn"
_VISIT: Final = "havn_ext.referral"
_CLIENT_OPTIONS: Final = {
    "HAVN_API_KEY": "api_key",
    "HAVN_WEBHOOK_SECRET": "webhook_secret",
    "HAVN_BASE_URL": "base_url",
    "HAVN_TIMEOUT": "timeout",
    "HAVN_MAX_RETRIES": "max_retries",
    "HAVN_BACKOFF_FACTOR": "backoff_factor",
    "HAVN_TEST_MODE": "test_mode",
    "HAVN_RATES": "rates",
    "HAVN_RETRY": "retry",
    "HAVN_HOOKS": "hooks",
}


@attrs.frozen
class _PerApp:
    client: HAVNClient
    keep: timedelta


class HAVN:
    """A client for each app, and the referral link of each request's visitor.

    `app.config` may have `HAVN_API_KEY`, `HAVN_WEBHOOK_SECRET`, `HAVN_BASE_URL`, `HAVN_TIMEOUT`,
    `HAVN_MAX_RETRIES`, `HAVN_BACKOFF_FACTOR`, `HAVN_TEST_MODE`, `HAVN_RATES`, `HAVN_RETRY` and `HAVN_HOOKS`,
    which are the options of `HAVNClient`; what it has not, the environment may have. `HAVN_REFERRAL_DAYS` (30)
    says for how long a browser keeps a referral link.

    Args:
        app: Yours; without one, call `init_app` when there is one.

    Raises:
        HAVNValidationError: As `init_app`.
    """

    def __init__(self, app: Flask | None = None) -> None:
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Flask) -> None:
        """Gives an app its client, and has its answers keep the referral link. Connects nowhere.

        Args:
            app: Configured already.

        Raises:
            HAVNValidationError: Names every setting that is missing or wrong, and an app that has a client
                already.
        """
        if _NAME in app.extensions:
            raise HAVNValidationError(errors={"app": "has HAVN's extension already"})
        given = cast("Mapping[str, Any]", app.config)
        config = {key: value for key, value in given.items() if value is not None}
        options = {option: config[key] for key, option in _CLIENT_OPTIONS.items() if key in config}
        keep = _days(config.get("HAVN_REFERRAL_DAYS", REFERRAL_DAYS))
        app.extensions[_NAME] = _PerApp(HAVNClient(**options), keep)
        app.after_request(self._keep)

    @property
    def client(self) -> HAVNClient:
        """The current app's client, which all its threads share.

        Raises:
            RuntimeError: There is no current app, or it has no extension of ours.
        """
        return self._of_app().client

    @property
    def referral(self) -> ReferralVisit:
        """The referral link of this request's visitor: from the address, or kept by the browser.

        Raises:
            RuntimeError: There is no current request, or its app has no extension of ours.
        """
        self._of_app()
        visit: ReferralVisit | None = request.environ.get(_VISIT)  # not `g`, which requests may share in tests
        if visit is None:
            visit = ReferralVisit(request.args, request.cookies.get(REFERRAL_COOKIE))
            request.environ[_VISIT] = visit
        return visit

    def _keep(self, response: Response) -> Response:
        text = self.referral.cookie_after(response.status_code)
        if text is not None:
            age = self._of_app().keep if text else timedelta(0)
            response.set_cookie(
                REFERRAL_COOKIE, text, max_age=age, secure=request.is_secure, httponly=True, samesite="Lax"
            )
        return response

    @staticmethod
    def _of_app() -> _PerApp:
        found: _PerApp | None = current_app.extensions.get(_NAME)
        if found is None:
            raise RuntimeError("this app has no HAVN client: call HAVN(app), or init_app(app)")
        return found


def _days(value: object) -> timedelta:
    try:
        return kept_for(value)
    except ValueError as error:
        raise HAVNValidationError(errors={"HAVN_REFERRAL_DAYS": str(error)}) from None
