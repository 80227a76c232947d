"""A sync in a process of its own, killed in the middle with SIGKILL, and gone on with by another."""

from __future__ import annotations

import itertools
import json
import signal
import subprocess
import sys
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

import pytest
from sandbox_support import USER_SYNC, Caller

from havn_ext.sandbox import SandboxConfig, SandboxServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

USERS = 60
BATCH = 10

USERS_OF_ALL = f"""
import asyncio, sys
from havn import AsyncHAVNClient, HAVNClient

url, key, secret, checkpoint = sys.argv[1:]
users = ({{"email": f"user{{n}}@example.com", "name": f"User {{n}}"}} for n in range({USERS}))
options = {{"batch_size": {BATCH}, "checkpoint": checkpoint, "carry_referral_code": True}}

def handle(result):
    print(result.user.email, flush=True)
    input()
"""
"""Each result is told, and the next one is asked for only when the test says so: so a kill hits where it shall."""

PROGRAMS = {
    "sync": """
with HAVNClient(key, secret, url) as client:
    stream = client.users.sync_many(users, **options)
    for result in stream:
        handle(result)
    print(stream.report.succeeded, stream.report.total, stream.report.finished)
""",
    "async": """
async def main():
    async with AsyncHAVNClient(key, secret, url) as client:
        stream = client.users.sync_many(users, **options)
        async for result in stream:
            handle(result)
        print(stream.report.succeeded, stream.report.total, stream.report.finished)

asyncio.run(main())
""",
}


@pytest.fixture
def sandbox() -> Iterator[SandboxServer]:
    """A sandbox of this test alone."""
    with SandboxServer(SandboxConfig(seed="demo")) as server:
        yield server


class Process:
    """A sync under way."""

    def __init__(self, popen: subprocess.Popen[str], said: IO[str], told: IO[str]) -> None:
        self._popen = popen
        self._said = said
        self._told = told

    def results(self) -> Iterator[str]:
        """What it says, line by line; it goes on when the next one is asked for."""
        for line in self._said:
            yield line.strip()
            self._told.write("\n")
            self._told.flush()

    def kill(self) -> int:
        """Kills it while it waits; what it ended with."""
        assert self._popen.poll() is None
        self._popen.kill()
        return self._popen.wait(timeout=30)


@contextmanager
def syncing(kind: str, sandbox: SandboxServer, checkpoint: Path) -> Iterator[Process]:
    """A process that syncs all users."""
    program = [sys.executable, "-c", USERS_OF_ALL + PROGRAMS[kind]]
    where = [sandbox.url, sandbox.api_key, sandbox.webhook_secret, str(checkpoint)]
    with subprocess.Popen(  # noqa: S603  a program of ours
        [*program, *where], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as popen:
        assert popen.stdin is not None
        assert popen.stdout is not None
        try:
            yield Process(popen, popen.stdout, popen.stdin)
        finally:
            popen.kill()


def arrived(sandbox: SandboxServer) -> list[list[str]]:
    """The users of each call that reached the sandbox, in order."""
    caller = Caller(None, sandbox.api_key, sandbox.webhook_secret, base_url=sandbox.url)
    calls = caller.control("GET", "/requests", limit=1000).json()["requests"]
    entries = [
        caller.control("GET", f"/requests/{call['id']}").json() for call in calls if call["path"] == USER_SYNC
    ]
    batches = [
        json.loads(entry["request"]["body"]["text"])["users"]
        for entry in sorted(entries, key=lambda each: each["id"])
    ]
    return [[user["email"] for user in users] for users in batches]


@pytest.mark.parametrize("kind", ["sync", "async"])
@pytest.mark.parametrize("handled", [25, 30, 31], ids=["amid a batch", "at its end", "at its start"])
def test_a_sync_that_is_killed_goes_on(kind: str, handled: int, sandbox: SandboxServer, tmp_path: Path) -> None:
    """After a kill -9 another process sends what is left, and again only the batch that was in flight."""
    checkpoint = tmp_path / "checkpoint"
    with syncing(kind, sandbox, checkpoint) as process:
        first = list(itertools.islice(process.results(), handled))
        assert process.kill() == -signal.SIGKILL
    assert len(first) == handled
    saved = (handled - 1) // BATCH
    with syncing(kind, sandbox, checkpoint) as process:
        *second, last = process.results()
    assert last == f"{USERS} {USERS} True"
    batches = [[f"user{n}@example.com" for n in range(start, start + BATCH)] for start in range(0, USERS, BATCH)]
    assert arrived(sandbox) == [*batches[: saved + 1], *batches[saved:]]
    assert second == [email for batch in batches[saved:] for email in batch]
    assert set(first) | set(second) == {email for batch in batches for email in batch}
