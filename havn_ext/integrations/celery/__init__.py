"""Celery rings the bell for the outbox and for syncs of very many users; your database stays the truth.

    from celery import Celery
    from havn_ext.integrations.celery import configure, configure_users

    app = Celery("shop", broker="amqp://")
    havn = configure(app, database="postgresql+psycopg://host/shop")
    outbox.on_commit(havn.nudge)

No message carries a payload, and none has to arrive: see `docs/en/celery.md`. Needs the extras
`havn-sdk[celery,outbox]`, and says so without them. Names load on first use (PEP 562).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from havn_ext._lazy import loaded_on_use
from havn_ext.integrations.celery.extra import celery_extra

if TYPE_CHECKING:
    from havn_ext.integrations.celery.outbox import OutboxTasks, configure
    from havn_ext.integrations.celery.sources import KeyRanges, UserSource
    from havn_ext.integrations.celery.tables import sync_tables
    from havn_ext.integrations.celery.users import UserSyncTasks, configure_users

__all__ = [
    "KeyRanges",
    "OutboxTasks",
    "UserSource",
    "UserSyncTasks",
    "configure",
    "configure_users",
    "sync_tables",
]

_HOMES: Final = {
    "KeyRanges": "sources",
    "OutboxTasks": "outbox",
    "UserSource": "sources",
    "UserSyncTasks": "users",
    "configure": "outbox",
    "configure_users": "users",
    "sync_tables": "tables",
}


if not TYPE_CHECKING:  # to a checker a misspelt name would be anything
    __getattr__ = loaded_on_use(__name__, _HOMES, celery_extra)


def __dir__() -> list[str]:
    return __all__
