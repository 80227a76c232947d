"""How many users a bulk sync sends a second time when it is killed: a server that counts, a sync that dies.

The sync is `users.sync_many` in a process of its own, with a checkpoint; it is killed (SIGKILL) after a random
number of requests and started anew, until it comes to its end.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bench.outbox.answering import answering
from bench.payloads import BATCH

if TYPE_CHECKING:
    import random

AT_ONCE: Final = 16
PATIENCE: Final = 60.0
"""Seconds within which the sync has to send its next requests."""
SHORTEST: Final = 20
LONGEST: Final = 60
"""Requests after which it is killed."""

PROGRAM: Final = f"""
import asyncio, sys
from havn import AsyncHAVNClient

async def sync(url, checkpoint, count):
    users = ({{"email": f"user{{n}}@example.com", "name": f"User {{n}}"}} for n in range(count))
    async with AsyncHAVNClient("key", "secret", base_url=url) as client:
        stream = client.users.sync_many(users, batch_size={BATCH}, concurrency={AT_ONCE}, checkpoint=checkpoint)
        report = await stream.finish()
    assert (report.succeeded, len(report.failures)) == (count, 0), report

asyncio.run(sync(sys.argv[1], sys.argv[2], int(sys.argv[3])))
"""


class Arrivals:
    """The users that have reached the server."""

    def __init__(self) -> None:
        self.known: set[str] = set()
        self.again = 0
        """Users that came when they were known."""
        self.requests = 0
        self._changed = threading.Condition()

    def add(self, emails: list[str]) -> None:
        """Notes a request."""
        with self._changed:
            self.again += sum(email in self.known for email in emails)
            self.known.update(emails)
            self.requests += 1
            self._changed.notify_all()

    def await_requests(self, count: int) -> bool:
        """Waits until so many requests have come in all; False when they don't come."""
        with self._changed:
            return self._changed.wait_for(lambda: self.requests >= count, PATIENCE)


def after_kills(kills: int, rng: random.Random) -> list[int]:
    """The users that were sent again after each of so many kills.

    Raises:
        RuntimeError: The sync ended or stuck before it was killed, or lost a user.
    """
    users = BATCH * LONGEST * (kills + 1)
    arrivals = Arrivals()
    again = []

    def answer(body: bytes) -> bytes:
        sent = json.loads(body)["users"]
        arrivals.add([user["email"] for user in sent])
        return json.dumps(_answer(sent)).encode()

    with answering(answer) as url, tempfile.TemporaryDirectory(prefix="havn-bench-") as folder:
        command = [sys.executable, "-c", PROGRAM, url, str(Path(folder, "checkpoint.db")), str(users)]
        for _ in range(kills):
            before = arrivals.again
            _killed(command, arrivals, rng.randint(SHORTEST, LONGEST - AT_ONCE))
            again.append(arrivals.again - before)
        before = arrivals.again
        subprocess.run(command, check=True)
        again.append(arrivals.again - before)
    if len(arrivals.known) != users:
        raise RuntimeError(f"{users - len(arrivals.known)} users never came")
    return again[1:]  # nothing is sent again before the first kill


def _killed(command: list[str], arrivals: Arrivals, requests: int) -> None:
    begun = arrivals.requests
    with subprocess.Popen(command) as process:
        came = arrivals.await_requests(begun + requests)
        process.kill()
    if not came or process.returncode != -signal.SIGKILL:
        raise RuntimeError("the sync was over or stuck before it could be killed")


def _answer(users: list[dict[str, Any]]) -> dict[str, Any]:
    results = [{"success": True, "user": {"email": user["email"], "name": user["name"]}} for user in users]
    summary = {"total": len(users), "success": len(users), "errors": 0}
    return {"success": True, "message": "ok", "results": results, "summary": summary, "errors": []}
