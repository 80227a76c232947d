"""What `manage.py check` says about HAVN before anything is lost: settings, credentials, the database.

havn.E001  settings.HAVN is malformed
havn.E002  credentials of an account are missing or malformed
havn.E003  the outbox's database is missing, or is none that it can live in
havn.W001  SQLite's transactions don't take the write lock when they begin
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register  # noqa: A004  Django's name
from django.db import connections
from django.utils.connection import ConnectionDoesNotExist

from havn_ext.config import resolve
from havn_ext.errors import HAVNValidationError
from havn_ext.integrations.django.conf import read
from havn_ext.integrations.django.database import DjangoDatabase
from havn_ext.outbox.errors import HAVNOutboxError

if TYPE_CHECKING:
    from havn_ext.integrations.django.conf import Configuration
    from havn_ext.outbox.delivery import AccountOptions

__all__ = ["check_havn", "register_all"]


def register_all() -> None:
    """Has Django run the check with its own."""
    register(check_havn)


def check_havn(**_: object) -> list[CheckMessage]:
    """All that is wrong; connects nowhere."""
    found, faults = read(getattr(settings, "HAVN", {}))
    if faults:
        return [Error(fault, hint="See docs/en/django.md.", id="havn.E001") for fault in faults]
    credentials = [message for name, options in found.accounts.items() for message in _credentials(name, options)]
    return [*credentials, *_database(found)]


def _credentials(account: str, options: AccountOptions) -> list[CheckMessage]:
    try:
        resolve(**options)
    except HAVNValidationError as error:
        return [
            Error(
                f"HAVN account {account!r}: {name} {what}",
                hint="Set them in settings.HAVN or the environment; a process that delivers nothing, such as one"
                " that runs tests, may have any, or silence havn.E002.",
                id="havn.E002",
            )
            for name, what in error.errors.items()
        ]
    return []


def _database(found: Configuration) -> list[CheckMessage]:
    try:
        database = DjangoDatabase(found.database)
    except (ConnectionDoesNotExist, HAVNOutboxError) as error:
        return [Error(f"settings.HAVN['DATABASE']: {error}", id="havn.E003")]
    options = connections[found.database].settings_dict
    if not options.get("AUTOCOMMIT", True):
        what = f"the database {found.database!r} has AUTOCOMMIT off, so that no worker's transaction would end"
        return [Error(f"settings.HAVN['DATABASE']: {what}", id="havn.E003")]
    if database.dialect == "sqlite" and (options["OPTIONS"].get("transaction_mode") or "").upper() != "IMMEDIATE":
        return [
            Warning(
                f"transactions of the database {found.database!r} take SQLite's write lock half-way: one that has"
                " read before it enqueues fails at once when a worker writes meanwhile",
                hint="Set DATABASES[...]['OPTIONS']['transaction_mode'] = 'IMMEDIATE'.",
                id="havn.W001",
            )
        ]
    return []
