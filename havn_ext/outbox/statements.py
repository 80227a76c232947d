"""Every statement of the outbox but the enqueueing one: plain SQL that PostgreSQL and SQLite both run.

What differs stands in `_WORDS`: what time it is, how a list of rows comes in as JSON, and how rows that
others have locked are passed by. States are literals, so that the partial indexes serve.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from havn_ext.outbox.states import STATES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from havn_ext.outbox.protocol import Dialect
    from havn_ext.outbox.states import State

__all__ = ["POSTGRESQL_NOW", "Statements"]

POSTGRESQL_NOW: Final = "CAST(extract(epoch FROM statement_timestamp()) * 1000000 AS bigint)"
_NOW: Final[Mapping[Dialect, str]] = {"postgresql": POSTGRESQL_NOW, "sqlite": "CAST(:now AS integer)"}
_SKIP_LOCKED: Final[Mapping[Dialect, str]] = {"postgresql": "FOR UPDATE OF m SKIP LOCKED", "sqlite": ""}

_LEASES: Final = {"row_id": "bigint", "epoch": "integer"}
_MARKS: Final = {
    **_LEASES,
    "state": "text",
    "delay": "bigint",
    "attempted": "integer",
    "ambiguous": "integer",
    "status": "integer",
    "error": "text",
    "response": "text",
}
_IDS: Final = {"row_id": "bigint"}

SHOWN: Final = (
    "id, account, kind, dedup_key, order_key, state, payload, payload_sha256, attempts, claims, available_at,"
    " leased_by, ambiguous_at, created_at, finished_at, last_status, last_error, response"
)
_AMBIGUOUS: Final = (  # whoever held a lease that lapsed may have sent the message
    "CASE WHEN leased_by IS NULL THEN ambiguous_at ELSE COALESCE(ambiguous_at, available_at) END"
)
_UNLEASED: Final = "(leased_by IS NULL OR available_at <= {now})"
# The first by id, and not whether there is one: an order with a limit leaves PostgreSQL no better way than the
# index, where an EXISTS once had it read the whole table for each message.
_FIRST: Final = """(
    SELECT p.id FROM {messages} AS p WHERE p.account = m.account AND p.order_key = m.order_key
      AND p.order_key IS NOT NULL AND p.state <> 'delivered' AND p.state IN ('pending', 'dead', 'reconcile')
    ORDER BY p.account, p.order_key, p.id LIMIT 1)"""
_HELD: Final = f"m.order_key IS NOT NULL AND {_FIRST} < m.id"

_CLAIM: Final = """WITH due AS MATERIALIZED (
  SELECT m.id AS due_id FROM {messages} AS m
  WHERE m.state = 'pending' AND m.account = :account AND m.kind = :kind AND m.available_at <= {now}
    AND NOT EXISTS (SELECT 1 FROM {pauses} AS s WHERE s.account = :account)
    AND NOT ({held})
  ORDER BY m.available_at, m.id LIMIT :batch {skip_locked})
UPDATE {messages} SET
  ambiguous_at = {ambiguous},
  available_at = {now} + :lease, lease_epoch = lease_epoch + 1, claims = claims + 1, leased_by = :worker
FROM due WHERE id = due_id
RETURNING id, lease_epoch, account, kind, dedup_key, payload, payload_sha256, attempts, claims,
  {now} - created_at, {now} - ambiguous_at, order_key"""

# Where very many messages wait behind one, every claim would look at all of them. They are put off, for as long
# as they have waited already, so that each is looked at seldom; whoever finishes the one in front wakes the next.
_PUT_OFF: Final = """WITH held AS MATERIALIZED (
  SELECT m.id AS held_id FROM {messages} AS m
  WHERE m.state = 'pending' AND m.account = :account AND m.kind = :kind AND m.available_at <= {now}
    AND m.leased_by IS NULL AND {held}
  ORDER BY m.available_at, m.id LIMIT :batch {skip_locked})
UPDATE {messages} SET available_at = {now} + CASE
  WHEN {now} - created_at < :shortest THEN :shortest WHEN {now} - created_at > :longest THEN :longest
  ELSE {now} - created_at END
FROM held WHERE id = held_id
RETURNING id"""

_WAKE: Final = """UPDATE {messages} SET available_at = created_at
WHERE state = 'pending' AND leased_by IS NULL AND attempts = 0 AND available_at > {now}
  AND id IN (SELECT {first} FROM {messages} AS m JOIN {rows} ON m.id = d.row_id)"""

_MARK: Final = """UPDATE {messages} AS m SET
  state = d.state,
  available_at = CASE WHEN d.state = 'pending' THEN {now} + d.delay ELSE m.available_at END,
  leased_by = NULL,
  claims = m.claims - (1 - d.attempted) * CASE WHEN d.state = 'pending' THEN 1 ELSE 0 END,
  attempts = m.attempts + d.attempted,
  ambiguous_at = CASE WHEN d.ambiguous = 1 THEN COALESCE(m.ambiguous_at, {now}) ELSE m.ambiguous_at END,
  finished_at = CASE WHEN d.state = 'pending' THEN NULL ELSE {now} END,
  last_status = COALESCE(d.status, m.last_status),
  last_error = CASE WHEN d.error IS NULL AND d.state = 'pending' THEN m.last_error ELSE d.error END,
  response = CASE WHEN :forget = 1 THEN NULL ELSE d.response END,
  payload = CASE WHEN :forget = 1 AND d.state = 'delivered' THEN NULL ELSE m.payload END
FROM {rows} WHERE m.id = d.row_id
  AND ((m.state = 'pending' AND m.lease_epoch = d.epoch) OR (d.state = 'delivered' AND m.state <> 'delivered'))
RETURNING id, order_key"""

_RENEW: Final = """UPDATE {messages} AS m SET available_at = {now} + :lease
FROM {rows} WHERE m.id = d.row_id AND m.lease_epoch = d.epoch AND m.state = 'pending' AND m.leased_by IS NOT NULL
RETURNING id"""

_RETRY: Final = """UPDATE {messages} SET state = 'pending', available_at = {now}, attempts = 0, claims = 0,
  lease_epoch = lease_epoch + 1, leased_by = NULL, finished_at = NULL,
  ambiguous_at = CASE WHEN state = 'reconcile' THEN NULL ELSE {ambiguous} END
WHERE {chosen} AND state IN ('pending', 'dead', 'reconcile', 'cancelled') AND payload IS NOT NULL
  AND {unleased}
RETURNING id"""

_CANCEL: Final = """UPDATE {messages} SET state = 'cancelled', finished_at = {now},
  lease_epoch = lease_epoch + 1, leased_by = NULL, ambiguous_at = {ambiguous}
WHERE {chosen} AND state IN ('pending', 'dead', 'reconcile')
  AND {unleased}
RETURNING id"""

_OVER: Final = "state <> 'pending'"  # in the words of the index, or SQLite does not see that it serves
_CHOSEN_IDS: Final = "id IN (SELECT d.row_id FROM {rows})"
_CHOSEN_STATE: Final = "{in_state} AND (:account IS NULL OR account = :account)"

_STATUS: Final = """SELECT m.account, m.kind,
  CASE WHEN m.state <> 'pending' THEN m.state
       WHEN m.leased_by IS NOT NULL AND m.available_at > {now} THEN 'delivering'
       WHEN {held} THEN 'held'
       WHEN m.available_at > {now} THEN 'waiting' ELSE 'due' END AS standing, count(*),
  CAST({now} - min(m.created_at) AS bigint), CAST({now} - min(m.available_at) AS bigint), count(m.ambiguous_at)
FROM {which} AS m GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"""
_UNFINISHED: Final = """(SELECT * FROM {messages} WHERE state = 'pending'
  UNION ALL SELECT * FROM {messages} WHERE {over} AND state IN ('dead', 'reconcile'))"""

_LIST: Final = """SELECT {shown} FROM {messages}
WHERE (:state IS NULL OR state = :state) AND (:account IS NULL OR account = :account)
  AND (:kind IS NULL OR kind = :kind) AND (:key IS NULL OR dedup_key = :key)
ORDER BY id DESC LIMIT :limit"""

_ONE: Final = "SELECT {shown} FROM {messages} WHERE id = :id"

# The state is asked for twice: a message may be retried while the purge waits for its row, which PostgreSQL then
# looks at again, by what stands outside of the inner query alone.
_FORGET: Final = """UPDATE {messages} SET payload = NULL, response = NULL
WHERE state IN ('delivered', 'cancelled') AND id IN (
  SELECT id FROM {messages} WHERE {over} AND state IN ('delivered', 'cancelled') AND finished_at <= {now} - :age
    AND (payload IS NOT NULL OR response IS NOT NULL) LIMIT :batch)
RETURNING id"""

_DELETE: Final = """DELETE FROM {messages}
WHERE state IN ('delivered', 'cancelled') AND id IN (
  SELECT id FROM {messages} WHERE {over} AND state IN ('delivered', 'cancelled') AND finished_at <= {now} - :age
  LIMIT :batch)
RETURNING id"""

_PAUSE: Final = """INSERT INTO {pauses} (account, paused_at, reason) VALUES (:account, {now}, :reason)
ON CONFLICT (account) DO NOTHING RETURNING account"""
_RESUME: Final = "DELETE FROM {pauses} WHERE account = :account RETURNING account"
_PAUSED: Final = "SELECT account, paused_at, reason FROM {pauses} ORDER BY account"


@attrs.frozen
class Statements:
    """The statements for one dialect and one pair of tables."""

    claim: str
    put_off: str
    wake: str
    mark: str
    renew: str
    retry: str
    retry_all: Mapping[State, str]
    cancel: str
    cancel_all: Mapping[State, str]
    status: str
    unfinished: str
    listing: str
    one: str
    forget: str
    delete: str
    pause: str
    resume: str
    paused: str

    @classmethod
    def of(cls, dialect: Dialect, messages: str, pauses: str) -> Statements:
        """The statements.

        Args:
            dialect: Whose SQL.
            messages: Name of the table of messages, quoted where it has to be.
            pauses: Name of the table of paused accounts, likewise.
        """

        def made(template: str, rows: Mapping[str, str] | None = None, **words: str) -> str:
            words |= {"rows": _rows(dialect, rows)} if rows else {}
            usual = {
                "held": _HELD,
                "first": _FIRST,
                "ambiguous": _AMBIGUOUS,
                "unleased": _UNLEASED,
                "shown": SHOWN,
                "over": _OVER,
                "now": _NOW[dialect],
                "skip_locked": _SKIP_LOCKED[dialect],
                "messages": messages,
                "pauses": pauses,
            }
            for name, word in {**words, **usual}.items():
                template = template.replace(f"{{{name}}}", word)
            return _typed(template) if dialect == "postgresql" else template

        def of_each_state(template: str) -> dict[State, str]:
            return {state: made(template, chosen=_CHOSEN_STATE, in_state=_in_state(state)) for state in STATES}

        chosen = _CHOSEN_IDS.replace("{rows}", _rows(dialect, _IDS))
        return cls(
            claim=made(_CLAIM),
            put_off=made(_PUT_OFF),
            wake=made(_WAKE, _IDS),
            mark=made(_MARK, _MARKS),
            renew=made(_RENEW, _LEASES),
            retry=made(_RETRY, chosen=chosen),
            retry_all=of_each_state(_RETRY),
            cancel=made(_CANCEL, chosen=chosen),
            cancel_all=of_each_state(_CANCEL),
            status=made(_STATUS, which="{messages}"),
            unfinished=made(_STATUS, which=_UNFINISHED),
            listing=made(_LIST),
            one=made(_ONE),
            forget=made(_FORGET),
            delete=made(_DELETE),
            pause=made(_PAUSE),
            resume=made(_RESUME),
            paused=made(_PAUSED),
        )


def _in_state(state: State) -> str:
    return f"state = '{state}'" if state == "pending" else f"state = '{state}' AND {_OVER}"


def _rows(dialect: Dialect, columns: Mapping[str, str]) -> str:
    """A table `d` of the rows that the parameter `rows` has as a JSON array of objects."""
    if dialect == "postgresql":
        defined = ", ".join(f"{name} {kind}" for name, kind in columns.items())
        return f"jsonb_to_recordset(CAST(:rows AS jsonb)) AS d({defined})"
    read = ", ".join(f"json_extract(value, '$.{name}') AS {name}" for name in columns)
    return f"(SELECT {read} FROM json_each(:rows)) AS d"  # noqa: S608  made of the names above


def _typed(sql: str) -> str:
    """PostgreSQL wants to know the type of a parameter that may be null."""
    for name in ("state", "account", "kind", "key"):
        sql = sql.replace(f":{name} IS NULL", f"CAST(:{name} AS text) IS NULL")
    return sql
