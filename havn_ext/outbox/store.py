"""The outbox as its workers and keepers see it: claim, mark, renew, pause, count, list, retry, cancel, purge.

All of it blocks, in short transactions; the time is the database's in PostgreSQL, and this machine's in SQLite.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any, Final, cast

import attrs

from havn_ext._clock import SYSTEM_CLOCK, Clock
from havn_ext.errors import HAVNValidationError
from havn_ext.outbox.faults import Faults
from havn_ext.outbox.messages import MICROSECONDS, Claim, StoredMessage
from havn_ext.outbox.schedule import DAY
from havn_ext.outbox.statements import Statements

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from havn_ext.outbox.messages import Mark
    from havn_ext.outbox.protocol import Database, Execute
    from havn_ext.outbox.states import Kind, State

__all__ = ["Pause", "Purged", "Standing", "Status", "Store"]

PURGE_BATCH: Final = 1000
PUT_OFF_BATCH: Final = 1000
SHORTEST_PUT_OFF: Final = 5 * MICROSECONDS
LONGEST_PUT_OFF: Final = 300 * MICROSECONDS
"""Nobody waits for longer if a wake-up is missed: it and a putting off, at the same time, don't see each other."""
KEEP_PAYLOADS: Final = 7 * DAY
KEEP_KEYS: Final = 90 * DAY


@attrs.frozen
class Standing:
    """How many messages of one account and kind stand at one point.

    Attributes:
        account: Whose.
        kind: What they report.
        standing: `due`, `waiting` (for a retry), `held` (behind another of the same order key), `delivering`,
            or one of the states that are no longer pending.
        count: How many.
        oldest: Seconds since the oldest was enqueued.
        overdue: Seconds since the one that was due first has been due.
        ambiguous: How many HAVN may have processed without our knowing.
    """

    account: str
    kind: Kind
    standing: str
    count: int
    oldest: float
    overdue: float
    ambiguous: int


@attrs.frozen
class Pause:
    """An account whose messages wait until it is resumed.

    Attributes:
        account: Which one.
        since: Seconds since 1970-01-01 UTC.
        reason: What HAVN said.
    """

    account: str
    since: float
    reason: str


@attrs.frozen
class Status:
    """The outbox at one moment."""

    standings: tuple[Standing, ...]
    pauses: tuple[Pause, ...]

    @property
    def counts(self) -> Counter[str]:
        """Messages by where they stand."""
        total: Counter[str] = Counter()
        for each in self.standings:
            total[each.standing] += each.count
        return total

    @property
    def depth(self) -> int:
        """Messages that are still to be delivered."""
        return sum(self.counts[standing] for standing in _UNDELIVERED)

    @property
    def oldest_age(self) -> float:
        """Seconds since the oldest message that is still to be delivered was enqueued; 0 without one."""
        return max((each.oldest for each in self.standings if each.standing in _UNDELIVERED), default=0.0)

    @property
    def lag(self) -> float:
        """Seconds by which the message that is most overdue is overdue; 0 without one."""
        return max((each.overdue for each in self.standings if each.standing == "due"), default=0.0)

    @property
    def ambiguous(self) -> int:
        """Unfinished messages that HAVN may have processed."""
        return sum(each.ambiguous for each in self.standings if each.standing not in {"delivered", "cancelled"})


_UNDELIVERED: Final = frozenset({"due", "waiting", "held", "delivering"})


@attrs.frozen
class Purged:
    """What a purge took away.

    Attributes:
        payloads: Messages that lost payload and answer.
        messages: Messages that are gone.
    """

    payloads: int
    messages: int


class Store:
    """The outbox in one database.

    Args:
        database: Where it is.
        prefix: What the names of its tables begin with.
        schema: The schema that they are in; None for the database's usual one.
        keep_payloads: Seconds for which delivered and cancelled messages keep payload and answer, which hold
            personal data; 0 takes them away with the delivery itself.
        clock: The time for SQLite; PostgreSQL has its own.
        faults: Where to crash on purpose; by `HAVN_OUTBOX_FAULT` when None.
    """

    def __init__(
        self,
        database: Database,
        *,
        prefix: str = "havn_",
        schema: str | None = None,
        keep_payloads: float = KEEP_PAYLOADS,
        clock: Clock = SYSTEM_CLOCK,
        faults: Faults | None = None,
    ) -> None:
        name = f"{prefix}outbox"
        messages, pauses = (_quoted(each, schema) for each in (name, f"{name}_pause"))
        self.database = database
        self.clock = clock
        self.faults = Faults.from_environment() if faults is None else faults
        self._sql = Statements.of(database.dialect, messages, pauses)
        self._keep_payloads = keep_payloads

    @property
    def transient(self) -> tuple[type[Exception], ...]:
        """The errors after which the database may work again."""
        return self.database.transient

    # ── workers ──────────────────────────────────────────────────────────────────────────────────────

    def claim(self, lanes: Iterable[tuple[str, Kind]], batch: int, *, lease: float, worker: str) -> list[Claim]:
        """Takes leases on due messages, in one transaction.

        Args:
            lanes: Accounts and kinds, those to be served first before the others.
            batch: The most messages to take, of all lanes together.
            lease: Seconds until they are due again for anybody, unless renewed.
            worker: Who takes them.
        """
        claims: list[Claim] = []
        with self.database.transaction() as execute:
            for account, kind in lanes:
                left = batch - len(claims)
                if left <= 0:
                    break
                parameters = {"account": account, "kind": kind, "batch": left, "worker": worker}
                rows = execute(self._sql.claim, self._at(**parameters, lease=_microseconds(lease)))
                claims += sorted((_claim(row) for row in rows), key=lambda each: each.id)
        return claims

    def put_off(self, lanes: Iterable[tuple[str, Kind]]) -> set[int]:
        """Puts off due messages that wait behind another of their order key; gives those that it found, in part.

        Nothing but speed depends on it: else claims look at every one of them again and again. A message is put
        off for as long as it is old, within limits, and comes back when the one in front is out of the way.
        """
        found: set[int] = set()
        terms = {"batch": PUT_OFF_BATCH, "shortest": SHORTEST_PUT_OFF, "longest": LONGEST_PUT_OFF}
        with self.database.transaction() as execute:
            for account, kind in lanes:
                rows = execute(self._sql.put_off, self._at(account=account, kind=kind, **terms))
                found.update(row[0] for row in rows)
        return found

    def mark(self, marks: Iterable[Mark]) -> set[int]:
        """Writes down what became of messages, in one transaction.

        Returns:
            The messages whose mark counted; the others have meanwhile gone to another worker, or are finished.
        """
        counted: set[int] = set()
        waited_for: set[int] = set()
        with self.database.transaction() as execute:
            for group in _without_repetition(marks):
                rows = json.dumps([_mark_row(mark) for mark in group])
                parameters = self._at(rows=rows, forget=int(self._keep_payloads <= 0))
                delivered = {mark.id for mark in group if mark.state == "delivered"}
                for message_id, order_key in execute(self._sql.mark, parameters):
                    counted.add(message_id)
                    if order_key is not None and message_id in delivered:
                        waited_for.add(message_id)
            self._wake_behind(execute, waited_for)
            self.faults.hit("mid_mark")
        return counted

    def renew(self, leases: Iterable[tuple[int, int]], *, lease: float) -> set[int]:
        """Prolongs leases, given as (id, epoch), by seconds from now. Gives the messages that are still ours."""
        rows = json.dumps([{"row_id": message_id, "epoch": epoch} for message_id, epoch in leases])
        with self.database.transaction() as execute:
            found = execute(self._sql.renew, self._at(rows=rows, lease=_microseconds(lease)))
            self.faults.hit("in_renew")
            return {row[0] for row in found}

    # ── keepers ──────────────────────────────────────────────────────────────────────────────────────

    def pause(self, account: str, reason: str) -> bool:
        """Lets the messages of an account wait until it is resumed; False if they do already."""
        return bool(self._run(self._sql.pause, account=account, reason=reason))

    def resume(self, account: str) -> bool:
        """Lets an account go on; False if it was not paused."""
        return bool(self._run(self._sql.resume, account=account))

    def status(self, *, finished: bool = True) -> Status:
        """How many messages stand where.

        Args:
            finished: Also count those that are delivered or cancelled, of which there may be very many.
        """
        with self.database.transaction() as execute:
            standings = execute(self._sql.status if finished else self._sql.unfinished, self._at())
            pauses = execute(self._sql.paused, {})
        return Status(
            tuple(
                Standing(account, kind, standing, count, oldest / MICROSECONDS, overdue / MICROSECONDS, ambiguous)
                for account, kind, standing, count, oldest, overdue, ambiguous in standings
            ),
            tuple(Pause(account, since / MICROSECONDS, reason) for account, since, reason in pauses),
        )

    def list(
        self,
        *,
        state: State | None = None,
        account: str | None = None,
        kind: Kind | None = None,
        key: str | None = None,
        limit: int = 100,
    ) -> list[StoredMessage]:
        """The newest messages first, of one state, account, kind or key where given."""
        rows = self._run(self._sql.listing, state=state, account=account, kind=kind, key=key, limit=limit)
        return [_stored(row) for row in rows]

    def show(self, message_id: int) -> StoredMessage | None:
        """One message; None if there is none of this id."""
        rows = self._run(self._sql.one, id=message_id)
        return _stored(rows[0]) if rows else None

    def retry(self, ids: Iterable[int]) -> set[int]:
        """Makes messages due at once, with all attempts before them. Gives those that it could do it for.

        Not for what is delivered, what a worker holds at the moment, and what has lost its payload.
        """
        return {row[0] for row in self._run(self._sql.retry, rows=_id_rows(ids))}

    def retry_all(self, state: State = "dead", *, account: str | None = None) -> set[int]:
        """Does `retry` for all messages of a state."""
        return {row[0] for row in self._run(_of_state(self._sql.retry_all, state), account=account)}

    def cancel(self, ids: Iterable[int]) -> set[int]:
        """Takes messages out of delivery for good. Gives those that it could do it for.

        Not for what is delivered, and what a worker holds at the moment.
        """
        return self._cancelled(self._sql.cancel, rows=_id_rows(ids))

    def cancel_all(self, state: State = "dead", *, account: str | None = None) -> set[int]:
        """Does `cancel` for all messages of a state."""
        return self._cancelled(_of_state(self._sql.cancel_all, state), account=account)

    def purge(self, *, keep_keys: float = KEEP_KEYS, keep_payloads: float | None = None) -> Purged:
        """Forgets what is delivered or cancelled, in batches. What is dead stays until somebody decides.

        Args:
            keep_keys: Seconds after their end for which messages are kept: as long, a payment that is
                enqueued again is known again.
            keep_payloads: Seconds for which they keep payload and answer; the store's own when None.
        """
        payloads = self._keep_payloads if keep_payloads is None else keep_payloads
        forgotten = self._in_batches(self._sql.forget, payloads)
        return Purged(forgotten, self._in_batches(self._sql.delete, keep_keys))

    # ── within ───────────────────────────────────────────────────────────────────────────────────────

    def _in_batches(self, sql: str, age: float) -> int:
        total = 0
        while True:
            done = len(self._run(sql, age=_microseconds(age), batch=PURGE_BATCH))
            total += done
            if done < PURGE_BATCH:
                return total

    def _cancelled(self, sql: str, **parameters: object) -> set[int]:
        with self.database.transaction() as execute:
            cancelled = {row[0] for row in execute(sql, self._at(**parameters))}
            self._wake_behind(execute, cancelled)
        return cancelled

    def _wake_behind(self, execute: Execute, ids: Collection[int]) -> None:
        """Undoes `put_off` for those whose turn comes now that these are out of their way."""
        if ids:
            execute(self._sql.wake, self._at(rows=_id_rows(ids)))

    def _run(self, sql: str, **parameters: object) -> Sequence[Sequence[Any]]:
        with self.database.transaction() as execute:
            return execute(sql, self._at(**parameters))

    def _at(self, **parameters: object) -> Mapping[str, object]:
        """The parameters, and the time where the database asks for it."""
        if self.database.dialect == "postgresql":
            return parameters
        return {**parameters, "now": _microseconds(self.clock.now())}


def _of_state(statements: Mapping[State, str], state: State) -> str:
    statement = statements.get(state)
    if statement is None:
        raise HAVNValidationError(errors={"state": f"must be one of {', '.join(statements)}"})
    return statement


def _quoted(name: str, schema: str | None) -> str:
    return ".".join('"{}"'.format(part.replace('"', '""')) for part in (schema, name) if part)


def _id_rows(ids: Iterable[int]) -> str:
    return json.dumps([{"row_id": each} for each in ids])


def _microseconds(seconds: float) -> int:
    return round(seconds * MICROSECONDS)


def _claim(row: Sequence[Any]) -> Claim:
    number, epoch, account, kind, key, payload, sha256, attempts, claims, age, ambiguous_for, order_key = row
    return Claim(
        id=number,
        epoch=epoch,
        account=account,
        kind=kind,
        key=key,
        payload=payload or "",  # NULL is what only a person can have made of it; its hash gives it away
        sha256=sha256,
        attempts=attempts,
        claims=claims,
        age=age / MICROSECONDS,
        ambiguous_for=None if ambiguous_for is None else ambiguous_for / MICROSECONDS,
        ordered=order_key is not None,
    )


def _mark_row(mark: Mark) -> dict[str, Any]:
    return {
        "row_id": mark.id,
        "epoch": mark.epoch,
        "state": mark.state,
        "delay": _microseconds(mark.delay),
        "attempted": int(mark.attempted),
        "ambiguous": int(mark.ambiguous),
        "status": mark.status,
        "error": mark.error,
        "response": mark.response,
    }


def _without_repetition(marks: Iterable[Mark]) -> list[list[Mark]]:
    """The marks in groups that have no message twice, those of one message in their order."""
    groups: list[dict[int, Mark]] = []
    for mark in marks:
        group = next((each for each in groups if mark.id not in each), None)
        if group is None:
            groups.append({mark.id: mark})
        else:
            group[mark.id] = mark
    return [list(group.values()) for group in groups]


def _stored(row: Sequence[Any]) -> StoredMessage:
    names = [field.name for field in attrs.fields(StoredMessage)]
    fields = dict(zip(names, row, strict=True))
    for moment in ("available_at", "ambiguous_at", "created_at", "finished_at"):
        value = cast("int | None", fields[moment])
        fields[moment] = None if value is None else value / MICROSECONDS
    return StoredMessage(**fields)
