"""A shop that takes payments without end: each commits together with the promise to report it, or not at all.

Every seventh is rolled back and told on standard output. SIGTERM ends the shop between two payments.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from itertools import count, islice
from pathlib import Path
from typing import Final

from sqlalchemy import Column, Integer, MetaData, String, Table, func, insert, select

sys.path[0] = str(Path(__file__).resolve().parents[1])

from crash import points  # noqa: E402  needs the path above
from crash.ground import connect  # noqa: E402  as above
from crash.havn import REFERRAL  # noqa: E402  as above

from havn_ext.outbox import Outbox, outbox_tables  # noqa: E402  as above

__all__ = ["METADATA", "PAYMENTS", "main"]

AT_A_TIME: Final = 20
ROLLED_BACK: Final = 7
METADATA: Final = MetaData()
PAYMENTS: Final = Table("payments", METADATA, Column("id", String, primary_key=True), Column("amount", Integer))
MESSAGES: Final = outbox_tables(METADATA).messages


def main() -> None:
    """Takes payments until told to stop."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--database", required=True)
    parser.add_argument("--name", required=True, help="what the payment ids of this process begin with")
    parser.add_argument("--backlog", type=int, default=150, help="waits while so many messages are undelivered")
    options = parser.parse_args()
    stopped = False

    def stop(*_: object) -> None:
        nonlocal stopped
        stopped = True

    signal.signal(signal.SIGTERM, stop)
    engine = connect(options.database)
    outbox, hit = Outbox(), points.from_environment()
    backlog = select(func.count()).where(MESSAGES.c.state == "pending")
    numbers = count(1)
    while not stopped:
        with engine.connect() as connection:
            waiting = connection.execute(backlog).scalar_one()
        if waiting >= options.backlog:
            time.sleep(0.05)
            continue
        for number in islice(numbers, AT_A_TIME):
            key = f"{options.name}_{number}"
            kept = number % ROLLED_BACK != 0
            with engine.connect() as connection, connection.begin() as transaction:
                connection.execute(insert(PAYMENTS).values(id=key, amount=1000 + number))
                outbox.transaction(connection, 1000 + number, key, customer_id="c_1", referral_code=REFERRAL)
                if not kept:
                    transaction.rollback()
                hit("before_commit")
            hit("after_commit")
            if not kept:
                print(key, flush=True)


if __name__ == "__main__":
    main()
