"""HAVN in a Flask application: a client for each app, and the referral link that a visitor came by.

    from havn_ext.integrations.flask import HAVN

    havn = HAVN()

    def create_app():
        app = Flask(__name__)
        havn.init_app(app)  # HAVN_API_KEY and HAVN_WEBHOOK_SECRET, of app.config or the environment
        return app

    @app.post("/sign-up")
    def sign_up():
        user = User(email=request.form["email"])
        havn.referral.attach(user)

Needs the extra `havn-sdk[flask]`, and says so without it. Names load on first use (PEP 562).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from havn_ext._extras import needed_by
from havn_ext._lazy import loaded_on_use

if TYPE_CHECKING:
    from havn_ext.integrations.flask.extension import HAVN

__all__ = ["HAVN"]

_HOMES: Final = {"HAVN": "extension"}


if not TYPE_CHECKING:  # to a checker a misspelt name would be anything
    __getattr__ = loaded_on_use(
        __name__, _HOMES, lambda: needed_by("HAVN's Flask extension", {"flask": "flask"}.get)
    )


def __dir__() -> list[str]:
    return __all__
