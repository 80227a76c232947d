"""A claim from a long queue beside one from a short queue, in the same database."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from bench.payloads import TRANSACTION_ANSWER
from bench.rounds import Cost
from sqlalchemy import MetaData, text

from havn_ext.outbox import SQLAlchemyDatabase, Store, outbox_tables
from havn_ext.outbox.outcomes import released

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Engine

BATCH: Final = 64
LEASE: Final = 120.0
SECOND: Final = 1_000_000  # microseconds, which the outbox's moments are in

_NUMBERS: Final = {
    "postgresql": "generate_series(1, :count) AS n(n)",
    "sqlite": "(WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < :count) SELECT n FROM n)",
}
_PAYLOAD: Final = (
    '{"amount":10000,"currency":"USD","customer_email":"customer@example.com","customer_type":"NEW_CUSTOMER",'
    '"payment_gateway":"STRIPE","payment_gateway_transaction_id":"%s","referral_code":"HAVN-MJ-001"}'
)
_PENDING: Final = """INSERT INTO {table}
  (account, kind, dedup_key, payload, payload_sha256, available_at, created_at)
SELECT 'default', 'transaction', 'due_' || n, replace(:payload, '%s', 'due_' || n), :sha256, :since + n, :since + n
FROM {numbers}"""
_DELIVERED: Final = """INSERT INTO {table} (account, kind, dedup_key, payload, payload_sha256, available_at,
  created_at, state, claims, attempts, lease_epoch, finished_at, last_status, response)
SELECT 'default', 'transaction', 'done_' || n, replace(:payload, '%s', 'done_' || n), :sha256, :since + n,
  :since + n, 'delivered', 1, 1, 1, :since + n, 200, :response
FROM {numbers}"""


def filled(engine: Engine, prefix: str, *, pending: int, delivered: int) -> Store:
    """An outbox with so many messages, the delivered ones before the others.

    As autovacuum and the background writer leave it: else the claims would write what the filling has left in
    PostgreSQL's buffers.
    """
    metadata = MetaData()
    table = outbox_tables(metadata, prefix).messages.name
    metadata.create_all(engine)
    now = round(time.time() * SECOND)
    words = {"table": table, "numbers": _NUMBERS[engine.dialect.name]}
    shared = {"payload": _PAYLOAD, "sha256": "0" * 64, "response": TRANSACTION_ANSWER.decode()}
    with engine.begin() as connection:
        # an hour ago, and two: the steps of a microsecond end long before now
        for statement, count, age in ((_DELIVERED, delivered, 7200), (_PENDING, pending, 3600)):
            if count:
                row = {**shared, "count": count, "since": now - age * SECOND}
                connection.execute(text(statement.format(**words)), row)  # takes those that it names
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        is_postgresql = engine.dialect.name == "postgresql"
        for statement in (f"VACUUM ANALYZE {table}", "CHECKPOINT") if is_postgresql else ("ANALYZE",):
            connection.execute(text(statement))
    return Store(SQLAlchemyDatabase(engine), prefix=prefix)


def claiming(store: Store) -> Callable[[], Cost]:
    """A turn: one claim; giving the messages back does not count."""

    def measure() -> Cost:
        cpu, wall = time.process_time(), time.perf_counter()
        claims = store.claim([("default", "transaction")], BATCH, lease=LEASE, worker="bench")
        cost = Cost(time.process_time() - cpu, time.perf_counter() - wall)
        assert len(claims) == BATCH  # noqa: S101  else something else was measured
        store.mark(released(claim) for claim in claims)
        return cost

    return measure
