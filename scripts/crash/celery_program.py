"""A worker of Celery that drains the outbox, or with --beat what rings for it; dies where `crash.worker` does."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any, Final

from celery import Celery

sys.path[0] = str(Path(__file__).resolve().parents[1])

from crash.cells import CONCURRENCY, LEASE, TIMEOUT  # noqa: E402  needs the path above
from crash.worker import instrument  # noqa: E402  as above

from havn_ext.integrations.celery import configure  # noqa: E402  as above

QUIET: Final = ("--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "INFO")
DRAIN: Final = 2.0
SWEEP: Final = 0.2
"""Seconds."""


def main() -> None:
    """Works, or rings, until told to stop."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    for name in ("--database", "--broker", "--queue"):
        parser.add_argument(name, required=True)
    parser.add_argument("--beat", metavar="FILE", help="ring, and keep the schedule in a file")
    options = parser.parse_args()
    app: Any = Celery("crash", broker=options.broker)
    app.conf.update(
        task_default_queue=options.queue,
        broker_connection_retry_on_startup=True,
        worker_enable_remote_control=False,
    )
    configure(
        app,
        database=options.database,
        timeout=TIMEOUT,
        lease=LEASE,
        concurrency=CONCURRENCY,
        batch=16,
        max_seconds=DRAIN,
        sweep_every=SWEEP,
    )
    if options.beat:
        app.start(["beat", "--schedule", options.beat, "--pidfile=", "--loglevel", "INFO"])
        return
    instrument()
    app.worker_main(["worker", "--pool", "solo", *QUIET])  # one process, so that its death takes no other


if __name__ == "__main__":
    main()
