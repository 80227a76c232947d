"""`<>` as SQL spells it: Django's own negation would be `NOT (… = …)`, by which SQLite finds no partial index."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models.lookups import BuiltinLookup

if TYPE_CHECKING:
    from typing import Any

    from django.db.backends.base.base import BaseDatabaseWrapper

    _Lookup = BuiltinLookup[Any]
else:
    _Lookup = BuiltinLookup

__all__ = ["NotEqual"]


class NotEqual(_Lookup):
    """Whether two values differ."""

    lookup_name = "not_equal"

    def get_rhs_op(self, connection: BaseDatabaseWrapper, rhs: str) -> str:
        """The operator and what stands right of it."""
        del connection
        return f"<> {rhs}"
