"""The rows of a file as `users.sync_many` takes them, with what it takes to speak of them by their lines."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, cast

from havn_ext.cli.credentials import masked
from havn_ext.errors import HAVNError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from havn_ext.cli.user_rows import Row
    from havn_ext.models import SyncError

__all__ = ["Feed"]


class _UnreadableRow:
    """Stands for a row that can't be read: no mapping, so that the SDK counts it as a failure and goes on."""


class Feed(Iterator["Mapping[str, Any]"]):
    """Users one after the other, until there are no more or `stop` is called.

    To end the users early ends a sync cleanly: the calls under way are waited for, and the checkpoint stands
    behind them.

    Args:
        rows: The rows.
        taking: Called before each of them is taken.
    """

    def __init__(self, rows: Iterator[Row], taking: Callable[[], None] = lambda: None) -> None:
        self._rows = rows
        self.taking = taking
        self._lines = array("Q")
        self._faults: dict[int, str] = {}
        self.stopped = False

    def __next__(self) -> Mapping[str, Any]:
        if self.stopped:
            raise StopIteration
        self.taking()
        try:
            row = next(self._rows)
        except OSError as error:
            raise HAVNError(f"FILE can't be read any further: {error.strerror or error}") from error
        self._lines.append(row.line)
        if row.user is not None:
            return row.user
        self._faults[len(self._lines) - 1] = row.fault or ""
        return cast("Mapping[str, Any]", _UnreadableRow())

    @property
    def taken(self) -> int:
        """Rows so far."""
        return len(self._lines)

    def stop(self) -> None:
        """Gives no more users. Any signal handler may call it."""
        self.stopped = True

    def line_of(self, position: int | None) -> int | None:
        """The line of a row, by its position from 0."""
        return self._lines[position] if position is not None and position < len(self._lines) else None

    def reason_of(self, failure: SyncError) -> str:
        """Why a row failed: what is wrong with the file, or else what the SDK or HAVN said, without secrets."""
        return masked(self._faults.get(-1 if failure.index is None else failure.index, failure.error))
