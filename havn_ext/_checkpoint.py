"""Where a `sync_many` stands, kept outside the process: what is saved, by what protocol, and when."""

from __future__ import annotations

import hashlib
import json
import os
from typing import TYPE_CHECKING, Final, Protocol, cast

import attrs

from havn_ext._guards import is_mapping
from havn_ext._steps import Invoke, Take
from havn_ext.errors import HAVNValidationError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterable, Mapping

    from havn_ext._checkpoint_file import CheckpointFile
    from havn_ext._checks import Problems
    from havn_ext._steps import Flow
    from havn_ext._sync_progress import SyncProgress
    from havn_ext.models import SyncReport

__all__ = ["Journal", "KeptJournal", "SavedSync", "SyncCheckpoint", "journal"]

_NAME: Final = "checkpoint"
_SKIPPED_AT_ONCE: Final = 1000  # users


@attrs.frozen(kw_only=True)
class SavedSync:
    """Where a sync stands after a batch.

    Attributes:
        terms: Hash of everything else that was passed to `sync_many`. Goes on only under the same.
        users: Hash of the users up to `report.total`. Goes on only behind the same.
        report: Its `total` is the position from which to go on, its `referral_code` the one that is carried.
            Holds the failures since the last save when saved, and all of them when loaded.
    """

    terms: str
    users: str
    report: SyncReport


class SyncCheckpoint(Protocol):
    """Keeps where one sync stands, for instance in a table of yours. Under asyncio both may be coroutines.

    A failure's e-mail address and `raw` are personal data: keep them as such, or leave them out.
    """

    def load(self) -> SavedSync | Awaitable[SavedSync | None] | None:
        """What was saved last, with the failures of all saves in their order; None when nothing was."""
        ...

    def save(self, saved: SavedSync) -> Awaitable[None] | None:
        """Keeps it in one step: after a crash `load` gives either this or what was saved before.

        The next batch is not sent before this is done. What it raises ends the sync.

        Args:
            saved: Where the sync stands; of its failures only those since the last save.
        """
        ...


class Journal:
    """Of a sync that keeps nothing."""

    def resume(self, iterator: object, progress: SyncProgress) -> Flow[None]:
        """Goes to where the sync stands, taking from the users those that are done."""
        del iterator, progress
        yield from ()

    def taken(self, items: Iterable[object]) -> None:
        """Notes the next users that are done with."""

    def save(self, report: SyncReport) -> Flow[None]:
        """Keeps where the sync stands, with the failures that are new."""
        del report
        yield from ()

    def close(self) -> None:
        """Lets go of what was opened."""


class KeptJournal(Journal):
    """Of a sync that goes on after a crash.

    Args:
        checkpoint: A path, or a `SyncCheckpoint`.
        terms: Everything else that the sync was told.
    """

    def __init__(self, checkpoint: object, terms: Mapping[str, object]) -> None:
        self._given = checkpoint
        self._file: CheckpointFile | None = None
        self._terms = hashlib.sha256(_canonical(terms)).hexdigest()
        self._users = hashlib.sha256()

    def resume(self, iterator: object, progress: SyncProgress) -> Flow[None]:
        """Loads what was saved, and skips the users that it accounts for.

        Raises:
            HAVNValidationError: What was saved belongs to another sync.
        """
        if isinstance(self._given, (str, os.PathLike)):
            self._file = _open(cast("str | os.PathLike[str]", self._given))
        saved: SavedSync | None = yield Invoke(self._store.load, _NAME)
        if saved is None:
            return
        if saved.terms != self._terms:
            raise _refused(
                "was made with other arguments of sync_many, or another api_key, base_url or test_mode: "
                "pass the same, or name another checkpoint"
            )
        yield from self._skip(iterator, saved.report.total)
        if saved.users != self._users.hexdigest():
            raise _refused("was made with other users: pass the same again, or name another checkpoint")
        progress.restore(saved.report)

    def taken(self, items: Iterable[object]) -> None:
        """Adds users to the hash of all that are done with."""
        for item in items:
            self._users.update(_canonical(item) + b"\n")

    def save(self, report: SyncReport) -> Flow[None]:
        """Saves where the sync stands, behind the users that were noted."""
        saved = SavedSync(terms=self._terms, users=self._users.hexdigest(), report=report)
        yield Invoke(self._store.save, _NAME, (saved,))

    def close(self) -> None:
        """Closes the file; a `SyncCheckpoint` stays its owner's."""
        if self._file is not None:
            self._file.close()

    @property
    def _store(self) -> SyncCheckpoint:
        return self._file or cast("SyncCheckpoint", self._given)

    def _skip(self, iterator: object, count: int) -> Flow[None]:
        left = count
        while left:
            items = yield Take(iterator, "users", min(left, _SKIPPED_AT_ONCE))
            if not items:
                raise _refused(f"stands at {count} users, and only {count - left} were passed this time")
            self.taken(items)
            left -= len(items)


def journal(checkpoint: object, terms: Mapping[str, object], problems: Problems) -> Journal:
    """The journal for the `checkpoint` that a caller passed."""
    if checkpoint is None:
        return Journal()
    methods = (getattr(checkpoint, name, None) for name in ("load", "save"))
    if not isinstance(checkpoint, (str, os.PathLike)) and not all(map(callable, methods)):
        problems.add(_NAME, f"must be a path, or have load and save, which {type(checkpoint).__name__} has not")
    return KeptJournal(checkpoint, terms)


def _open(path: str | os.PathLike[str]) -> CheckpointFile:
    from havn_ext._checkpoint_file import CheckpointFile  # noqa: PLC0415  loads sqlite3, which few syncs need

    return CheckpointFile(path)


def _refused(reason: str) -> HAVNValidationError:
    return HAVNValidationError(errors={_NAME: reason})


def _canonical(item: object) -> bytes:
    """The same bytes for the same user, whatever kind of mapping holds it and in whatever order."""
    try:
        plain = dict(item) if is_mapping(item) else item
        return json.dumps(plain, sort_keys=True, default=_kind).encode()
    except (TypeError, ValueError, RecursionError):  # no user that could be sent; its kind has to do
        return _kind(item).encode()


def _kind(value: object) -> str:
    return type(value).__qualname__
