"""The shop's database by way of SQLAlchemy, to compare with."""

from __future__ import annotations

from django.db import connection
from sqlalchemy import URL, Engine, create_engine


def engine() -> Engine:
    """An engine on the database of the alias `default`."""
    given = connection.settings_dict
    if connection.vendor == "sqlite":
        return create_engine(URL.create("sqlite", database=str(given["NAME"])))
    query = {"host": given["HOST"]} if given["HOST"].startswith("/") else {}
    host = None if query else given["HOST"] or None
    return create_engine(
        URL.create(
            "postgresql+psycopg",
            username=given["USER"] or None,
            password=given["PASSWORD"] or None,
            host=host,
            port=int(given["PORT"]) if given["PORT"] else None,
            database=given["NAME"],
            query=query,
        )
    )
