"""The areas of the API reference: which public names stand on which page, under which title."""

from __future__ import annotations

from importlib import import_module
from typing import Final, NamedTuple

import havn

DOCUMENTED_AS: Final = "havn"
"""A name that this package has is shown as its own: `havn.sign`, not `havn_ext.signing.sign`."""


class Area(NamedTuple):
    """A page of the reference: its titles, and what is on it.

    `sources` are modules, of which everything in `__all__` is meant, and single names such as `havn.UserInput`.
    """

    slug: str
    titles: dict[str, str]
    sources: tuple[str, ...]
    about: str = ""
    """The module whose docstring opens the page."""


AREAS: Final = (
    Area(
        "client",
        {"en": "Clients", "id": "Client"},
        (
            "havn.HAVNClient",
            "havn.AsyncHAVNClient",
            "havn_ext.resources.transactions.Transactions",
            "havn_ext.resources.users.Users",
            "havn_ext.resources.vouchers",
            "havn_ext.resources.auth",
            "havn.UserInput",
            "havn_ext.streams",
            "havn.SyncCheckpoint",
            "havn.SavedSync",
            "havn.__version__",
        ),
    ),
    Area("results", {"en": "Results", "id": "Hasil"}, ("havn_ext.models",)),
    Area("errors", {"en": "Errors", "id": "Error"}, ("havn_ext.errors",), "havn_ext.errors"),
    Area("retries", {"en": "Retries", "id": "Retry"}, ("havn_ext.retry",), "havn_ext.retry"),
    Area(
        "hooks", {"en": "Hooks", "id": "Hook"}, ("havn_ext.hooks", "havn_ext.integrations.otel"), "havn_ext.hooks"
    ),
    Area(
        "referrals",
        {"en": "Referral links", "id": "Tautan referral"},
        ("havn_ext.referrals",),
        "havn_ext.referrals",
    ),
    Area("currency", {"en": "Money", "id": "Uang"}, ("havn_ext.currency", "havn_ext.rates"), "havn_ext.currency"),
    Area("vouchers", {"en": "Voucher rules", "id": "Aturan voucher"}, ("havn_ext.vouchers",), "havn_ext.vouchers"),
    Area("signing", {"en": "Signatures", "id": "Signature"}, ("havn_ext.signing",), "havn_ext.signing"),
    Area(
        "outbox", {"en": "Outbox", "id": "Outbox"}, ("havn_ext.outbox", "havn_ext.outbox.otel"), "havn_ext.outbox"
    ),
    Area(
        "limits", {"en": "Shared rate limits", "id": "Rate limit bersama"}, ("havn_ext.limits",), "havn_ext.limits"
    ),
    Area(
        "django",
        {"en": "Django", "id": "Django"},
        ("havn_ext.integrations.django",),
        "havn_ext.integrations.django",
    ),
    Area("flask", {"en": "Flask", "id": "Flask"}, ("havn_ext.integrations.flask",), "havn_ext.integrations.flask"),
    Area(
        "fastapi",
        {"en": "FastAPI", "id": "FastAPI"},
        ("havn_ext.integrations.fastapi",),
        "havn_ext.integrations.fastapi",
    ),
    Area(
        "celery",
        {"en": "Celery", "id": "Celery"},
        ("havn_ext.integrations.celery",),
        "havn_ext.integrations.celery",
    ),
    Area(
        "testing",
        {"en": "Testing", "id": "Pengujian"},
        ("havn_ext.testing", "havn_ext.testing.plugin"),
        "havn_ext.testing",
    ),
    Area("sandbox", {"en": "Sandbox", "id": "Sandbox"}, ("havn_ext.sandbox",), "havn_ext.sandbox"),
)


def names(source: str) -> list[str]:
    """The full names that a source stands for, as they are documented."""
    try:
        module = import_module(source)
    except ModuleNotFoundError:
        return [source]
    listed = havn.__all__
    return [f"{DOCUMENTED_AS if name in listed else source}.{name}" for name in module.__all__]


def documented(area: Area) -> list[str]:
    """Every full name of an area, in order, each once."""
    return list(dict.fromkeys(name for source in area.sources for name in names(source)))
