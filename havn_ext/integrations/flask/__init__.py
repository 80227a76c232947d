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

if TYPE_CHECKING:
    from havn_ext.integrations.flask.extension import HAVN

__all__ = ["HAVN"]

_HOMES: Final = {"HAVN": "extension"}


if not TYPE_CHECKING:  # to a checker a misspelt name would be anything

    def __getattr__(name: str) -> object:
        """Load a public name from the module that defines it (PEP 562)."""
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module  # noqa: PLC0415  comes with the first name

        from havn_ext._extras import needed_by  # noqa: PLC0415  comes with the first name

        with needed_by("HAVN's Flask extension", {"flask": "flask"}.get):
            return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
