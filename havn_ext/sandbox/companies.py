"""Companies: an API key is a company, with a webhook secret and data of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from havn_ext.sandbox.conversion import DEFAULT_RATES
from havn_ext.sandbox.store import CompanyData

if TYPE_CHECKING:
    from havn_ext.sandbox.store import Store

__all__ = ["Company", "find", "forget", "keys", "open_data", "other_secrets", "register"]

_OPEN_PREFIX: Final = "test_"
"""Any key that begins so is good, so that every test can have a company of its own."""


@attrs.frozen
class Company:
    """The credentials of a company."""

    api_key: str
    webhook_secret: str = attrs.field(repr=lambda _: "****")


def find(store: Store, api_key: str | None) -> Company | None:
    """The company with this key; None when the key is missing or unknown."""
    if api_key is None:
        return None
    row = store.connection.execute("SELECT * FROM companies WHERE api_key = ?", (api_key,)).fetchone()
    if row is not None:
        return Company(row["api_key"], row["webhook_secret"])
    if api_key.startswith(_OPEN_PREFIX):
        return Company(api_key, f"{api_key}_secret")
    return None


def other_secrets(store: Store, company: Company) -> list[str]:
    """The secrets of all other companies that the sandbox keeps."""
    rows = store.connection.execute("SELECT webhook_secret FROM companies WHERE api_key <> ?", (company.api_key,))
    return [row["webhook_secret"] for row in rows]


def keys(store: Store) -> list[str]:
    """The API keys of all companies that the sandbox keeps."""
    rows = store.connection.execute("SELECT api_key FROM companies ORDER BY id")
    return [row["api_key"] for row in rows]


def forget(store: Store, api_key: str) -> None:
    """Delete a company and all its rows, inside a transaction; harmless when there is none."""
    row = store.connection.execute("SELECT id FROM companies WHERE api_key = ?", (api_key,)).fetchone()
    if row is not None:
        CompanyData(store, row["id"]).delete_all()
        store.connection.execute("DELETE FROM companies WHERE id = ?", (row["id"],))


def register(store: Store, company: Company) -> bool:
    """Keep a company: its FX table if it is new, its secret in any case; whether it is new."""
    data = _find_data(store, company)
    if data is not None:
        store.connection.execute(
            "UPDATE companies SET webhook_secret = ? WHERE id = ?", (company.webhook_secret, data.company_id)
        )
        return False
    _create(store, company)
    return True


def open_data(store: Store, company: Company) -> CompanyData:
    """The tables of a company, made on its first use."""
    return _find_data(store, company) or _create(store, company)


def _find_data(store: Store, company: Company) -> CompanyData | None:
    row = store.connection.execute("SELECT id FROM companies WHERE api_key = ?", (company.api_key,)).fetchone()
    return None if row is None else CompanyData(store, row["id"])


def _create(store: Store, company: Company) -> CompanyData:
    row = store.connection.execute(
        "INSERT INTO companies (api_key, webhook_secret) VALUES (?, ?) RETURNING id",
        (company.api_key, company.webhook_secret),
    ).fetchone()
    data = CompanyData(store, row["id"])
    for currency, usd_per_unit in DEFAULT_RATES.items():
        data.insert("rates", currency=currency, usd_per_unit=usd_per_unit)
    return data
