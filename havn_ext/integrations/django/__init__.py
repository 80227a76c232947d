"""HAVN in a Django project: an outbox with tables, worker and admin, a client, checks, the referral link.

    INSTALLED_APPS = [..., "havn_ext.integrations.django"]

    from havn_ext.integrations.django import outbox

    with transaction.atomic():
        order.save()
        outbox.transaction(amount=10000, payment_gateway_transaction_id=order.payment_id, customer_id="c_1")

and elsewhere `manage.py havn_outbox run`. See `docs/en/django.md`. Needs the extra `havn-sdk[django]`, and no
SQLAlchemy. Names load on first use (PEP 562).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from havn_ext._extras import needed_by
from havn_ext._lazy import loaded_on_use

if TYPE_CHECKING:
    from havn_ext.integrations.django.conf import client, sender, store
    from havn_ext.integrations.django.database import DjangoDatabase
    from havn_ext.integrations.django.enqueueing import Outbox, outbox
    from havn_ext.integrations.django.referrals import referral

__all__ = ["DjangoDatabase", "Outbox", "client", "outbox", "referral", "sender", "store"]

_HOMES: Final = {
    "DjangoDatabase": "database",
    "Outbox": "enqueueing",
    "client": "conf",
    "outbox": "enqueueing",
    "referral": "referrals",
    "sender": "conf",
    "store": "conf",
}


if not TYPE_CHECKING:  # to a checker a misspelt name would be anything
    __getattr__ = loaded_on_use(__name__, _HOMES, lambda: needed_by("HAVN's Django app", {"django": "django"}.get))


def __dir__() -> list[str]:
    return __all__
