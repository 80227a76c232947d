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

from havn_ext._extras import needed_by
from havn_ext._lazy import loaded_on_use

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
    __getattr__ = loaded_on_use(
        __name__, _HOMES, lambda: needed_by("HAVN in FastAPI", {"fastapi": "fastapi", "starlette": "fastapi"}.get)
    )


def __dir__() -> list[str]:
    return __all__
