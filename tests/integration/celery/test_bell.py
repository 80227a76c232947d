"""The bell: many nudges are one message, and no failure is the caller's."""

from __future__ import annotations

import logging
import os
import queue
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

from havn_ext.integrations.celery.bell import Bell

if TYPE_CHECKING:
    import pytest

PATIENCE = 10


def test_many_nudges_are_one_ring() -> None:
    """Nudges that come while the bell rests are one ring afterwards, and none is forgotten."""
    rings: queue.Queue[int] = queue.Queue()
    rested = threading.Semaphore(0)
    ringing = Bell(lambda: rings.put(1), 1.0, sleep=lambda _: rested.acquire(timeout=PATIENCE))
    ringing.nudge()
    rings.get(timeout=PATIENCE)
    for _ in range(100):
        ringing.nudge()
    assert rings.empty()
    rested.release()
    rings.get(timeout=PATIENCE)
    rested.release()
    ringing.nudge()
    rings.get(timeout=PATIENCE)
    assert rings.empty()
    rested.release()


def test_a_failed_ring_is_logged_and_not_the_last(caplog: pytest.LogCaptureFixture) -> None:
    """After a ring that failed the next nudge rings again."""
    tried: queue.Queue[int] = queue.Queue()
    pauses: queue.Queue[float] = queue.Queue()

    def ring() -> None:
        tried.put(1)
        raise ConnectionError("password=hunter22")

    ringing = Bell(ring, 0.25, sleep=pauses.put)
    with caplog.at_level(logging.WARNING, "havn.celery"):
        for _ in range(2):
            ringing.nudge()
            tried.get(timeout=PATIENCE)
            assert pauses.get(timeout=PATIENCE) == 0.25
    assert len(caplog.records) == 2
    assert "ConnectionError" in caplog.text
    assert "hunter22" not in caplog.text


def test_a_fork_gets_a_thread_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a forked process, which has no thread of ours, the bell rings all the same."""
    rings: queue.Queue[str] = queue.Queue()
    ringing = Bell(lambda: rings.put(threading.current_thread().name), 0.01)
    ringing.nudge()
    rings.get(timeout=PATIENCE)
    parent = os.getpid()
    monkeypatch.setattr(os, "getpid", lambda: -parent)
    ringing.nudge()
    assert rings.get(timeout=PATIENCE) == "havn-bell"
    assert len(ringing._ringers) == 2


def test_a_process_that_ends_is_not_disturbed(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """When no thread can be started any more, a nudge is logged and nothing else."""

    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't create new thread at interpreter shutdown")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    Bell(lambda: None, 1.0).nudge()
    assert "were not nudged" in caplog.text


PROGRAM = """
import sys
import celery
from havn_ext.integrations.celery import configure

app = celery.Celery("shop", broker="memory://")
configure(app, database="sqlite:///shop.db")
before = set(sys.modules)
app.conf.task_always_eager
app.tasks["havn.outbox.drain"].apply_async()
print(*sorted(name for name in set(sys.modules) - before if name.partition(".")[0] == "celery"))
"""


def test_the_first_ring_imports_nothing_of_celery() -> None:
    """What Celery loads on first use is there before two threads could load it at the same time."""
    run = subprocess.run(  # noqa: S603  a program of ours
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True
    )
    assert run.stdout.split() == []
