"""The Celery app of the worker processes that the tests start, and kill: `celery --app shop worker`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from celery import Celery

from havn_ext.integrations.celery import KeyRanges, configure, configure_users

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from havn_ext.models import UserSyncResult

DATABASE = os.environ["SHOP_DATABASE"]
NOTES = Path(os.environ["SHOP_NOTES"])
USERS = 2000
WRONG = (7, 1000, 1999)

app: Any = Celery("shop", broker=os.environ["SHOP_BROKER"])
app.conf.update(
    task_default_queue=os.environ["SHOP_NAME"],
    broker_connection_retry_on_startup=True,
    broker_transport_options=(
        {"global_keyprefix": os.environ["SHOP_NAME"]} if os.environ["SHOP_BROKER"].startswith("redis") else {}
    ),
    worker_enable_remote_control=False,
)
configure(app, database=DATABASE, timeout=1.0, lease=2.0, concurrency=2, sweep_every=0.5)
configure_users(app, database=DATABASE, lease=3.0, concurrency=2, sweep_every=0.5)


def ended(job: str) -> None:
    """Notes that a sync has ended."""
    _note(f"ended {job}")


app.task(name="shop.ended")(ended)


def keep(result: UserSyncResult) -> None:
    """Notes whom HAVN has synced."""
    assert result.user is not None
    _note(f"synced {result.user.email}")


def customers() -> KeyRanges:
    """Two thousand users in eight parts; three of them have no proper address."""
    return KeyRanges(lambda: (0, USERS - 1), _between, size=250)


def _between(start: int, end: int) -> Iterator[Mapping[str, Any]]:
    for number in range(start, end):
        email = "nobody" if number in WRONG else f"user{number}@shop.example"
        yield {"email": email, "name": f"User {number}"}


def _note(line: str) -> None:
    with NOTES.open("a", encoding="utf-8") as notes:
        notes.write(f"{line}\n")  # in one write, so that processes don't mix their lines
