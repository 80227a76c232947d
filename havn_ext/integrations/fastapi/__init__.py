"""HAVN in a FastAPI application: the async client as a dependency, and the visitor's referral link.

    from havn_ext.integrations.fastapi import HAVNDependency, ReferralDependency, ReferralMiddleware, havn_lifespan

    app = FastAPI(lifespan=havn_lifespan())  # HAVN_API_KEY and HAVN_WEBHOOK_SECRET
    app.add_middleware(ReferralMiddleware)

    @app.post("/sign-up")
    async def sign_up(new: NewUser, havn: HAVNDependency, referral: ReferralDependency):
        synced = await havn.users.sync(email=new.email, name=new.name)

Needs the extra `havn-sdk[fastapi]`, and says so without it. Names load on first use (PEP 562).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from havn_ext.integrations.fastapi.clients import HAVNDependency, havn_client, havn_lifespan
    from havn_ext.integrations.fastapi.links import ReferralDependency, ReferralMiddleware, referral

__all__ = [
    "HAVNDependency",
    "ReferralDependency",
    "ReferralMiddleware",
    "havn_client",
    "havn_lifespan",
    "referral",
]

_HOMES: Final = {
    "HAVNDependency": "clients",
    "ReferralDependency": "links",
    "ReferralMiddleware": "links",
    "havn_client": "clients",
    "havn_lifespan": "clients",
    "referral": "links",
}


if not TYPE_CHECKING:  # to a checker a misspelt name would be anything

    def __getattr__(name: str) -> object:
        """Load a public name from the module that defines it (PEP 562)."""
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module  # noqa: PLC0415  comes with the first name

        from havn_ext._extras import needed_by  # noqa: PLC0415  comes with the first name

        with needed_by("HAVN in FastAPI", {"fastapi": "fastapi", "starlette": "fastapi"}.get):
            return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
