"""A transactional outbox: the payment and the promise to report it commit together, and a worker keeps the promise.

    from havn_ext.outbox import Outbox

    outbox = Outbox()
    with Session(engine) as session, session.begin():
        session.add(payment)
        outbox.transaction(session, amount=10000, payment_gateway_transaction_id="pay_1", customer_id="c_1")

and elsewhere `havn outbox run --database postgresql+psycopg:///shop`. See `docs/en/outbox.md`. Needs the extra
`havn-sdk[outbox]` (SQLAlchemy 2), and says so without it. Names load on first use (PEP 562).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from havn_ext._lazy import loaded_on_use
from havn_ext.outbox.extra import outbox_extra

if TYPE_CHECKING:
    from havn_ext.outbox.database import SQLAlchemyDatabase
    from havn_ext.outbox.delivery import AccountOptions, ClientSender, Sender
    from havn_ext.outbox.enqueue import AsyncOutbox, Outbox
    from havn_ext.outbox.errors import HAVNOutboxConflictError, HAVNOutboxError
    from havn_ext.outbox.messages import StoredMessage
    from havn_ext.outbox.metrics import Metrics
    from havn_ext.outbox.protocol import Database
    from havn_ext.outbox.schedule import Schedule
    from havn_ext.outbox.store import Status, Store
    from havn_ext.outbox.tables import outbox_tables
    from havn_ext.outbox.tally import Tally
    from havn_ext.outbox.worker import Worker

__all__ = [
    "AccountOptions",
    "AsyncOutbox",
    "ClientSender",
    "Database",
    "HAVNOutboxConflictError",
    "HAVNOutboxError",
    "Metrics",
    "Outbox",
    "SQLAlchemyDatabase",
    "Schedule",
    "Sender",
    "Status",
    "Store",
    "StoredMessage",
    "Tally",
    "Worker",
    "outbox_tables",
]

_HOMES: Final = {
    "AccountOptions": "delivery",
    "AsyncOutbox": "enqueue",
    "ClientSender": "delivery",
    "Database": "protocol",
    "HAVNOutboxConflictError": "errors",
    "HAVNOutboxError": "errors",
    "Metrics": "metrics",
    "Outbox": "enqueue",
    "SQLAlchemyDatabase": "database",
    "Schedule": "schedule",
    "Sender": "delivery",
    "Status": "store",
    "Store": "store",
    "StoredMessage": "messages",
    "Tally": "tally",
    "Worker": "worker",
    "outbox_tables": "tables",
}


if not TYPE_CHECKING:  # to a checker a misspelt name would be anything
    __getattr__ = loaded_on_use(__name__, _HOMES, outbox_extra)


def __dir__() -> list[str]:
    return __all__
