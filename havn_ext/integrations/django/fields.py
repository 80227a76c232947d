"""A textual primary key with nothing but its own index."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

    _CharField = models.CharField[str, str]
else:
    _CharField = models.CharField

__all__ = ["NameField"]


class NameField(_CharField):
    """A CharField without the second index, for LIKE, that Django gives a unique `varchar` in PostgreSQL."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str | None:
        """The same type by its longer name."""
        name = super().db_type(connection)
        if name is None or connection.vendor != "postgresql":
            return name
        return name.replace("varchar", "character varying")
