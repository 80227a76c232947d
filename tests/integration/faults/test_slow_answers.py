"""Answers that are late, and answers that trickle in. Where a caller loses patience, it does so in real time."""

from __future__ import annotations

import asyncio
import itertools
import math
import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from faults_support import OPERATIONS, TRANSACTION, check_sale

from havn_ext import HAVNTimeoutError
from havn_ext.sandbox import SandboxServer
from havn_ext.sandbox.protocol import CuttableProtocol

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from fakes import Kind
    from faults_support import Operation, Outcome, Scene

IMPATIENT = 0.1  # seconds that a caller waits for an answer
LATE = 0.4  # seconds after which it comes
PATIENT = 20.0  # seconds

every_operation = pytest.mark.parametrize("operation", OPERATIONS, ids=str)


def until_done(scene: Scene, tries: int) -> int:
    """Waits until the sandbox is done with so many tries; how many it has processed."""
    last = 0
    for _ in range(tries):
        last = scene.company.control("GET", "requests/wait", since_id=last, timeout=20)["id"]
    received = scene.received()
    assert len(received) == tries
    return sum(entry["status"] < 300 for entry in received)


def check_timeout(outcome: Outcome) -> None:
    """The caller knows that no answer came in time, and no more than that."""
    assert type(outcome.error) is HAVNTimeoutError
    assert type(outcome.error.original_error) is httpx.ReadTimeout
    assert (outcome.error.status_code, outcome.error.request_id, outcome.error.body) == (None, None, None)


@contextmanager
def impatient(scene: Scene, *, tries: float = math.inf) -> Generator[dict[str, Any]]:
    """Options of a client whose first tries wait briefly for the answer, and the others long.

    All other phases have plenty of time, so that a busy machine is not taken for a slow HAVN.
    """
    made = itertools.count()

    def hurry(request: httpx.Request) -> None:
        read = IMPATIENT if next(made) < tries else PATIENT
        request.extensions["timeout"] = httpx.Timeout(PATIENT, read=read).as_dict()

    async def hurry_async(request: httpx.Request) -> None:
        hurry(request)

    unkept = httpx.Limits(max_keepalive_connections=0)  # so that it can be closed in another event loop
    if scene.kind == "sync":
        with httpx.Client(limits=unkept, event_hooks={"request": [hurry]}) as client:
            yield {"http_client": client}
    else:
        loose = httpx.AsyncClient(limits=unkept, event_hooks={"request": [hurry_async]})
        yield {"http_client": loose}
        asyncio.run(loose.aclose())


@every_operation
def test_an_answer_that_is_late_once(scene: Scene, operation: Operation) -> None:
    """The next try has its answer; the late one is processed too, and a sale is nevertheless one."""
    scene.company.add_fault("delay", delay=LATE, times=1)
    with impatient(scene, tries=1) as options:
        outcome = scene.run(operation.call, **options)
    operation.check(outcome.result)
    assert len(outcome.waits) == 1
    processed = until_done(scene, tries=2)
    assert processed == 2
    scene.assert_kept(operation, processed)


@pytest.mark.parametrize(
    ("operation", "retries"), [(TRANSACTION, 0), (TRANSACTION, 3), *((each, 1) for each in OPERATIONS)], ids=str
)
def test_answers_that_are_always_late(scene: Scene, operation: Operation, retries: int) -> None:
    """Every try runs out of time, and HAVN has processed each of them: of a sale it keeps one."""
    scene.company.add_fault("delay", delay=LATE)
    with impatient(scene) as options:
        outcome = scene.run(operation.call, max_retries=retries, **options)
    check_timeout(outcome)
    assert len(outcome.waits) == retries
    processed = until_done(scene, tries=1 + retries)
    assert processed == 1 + retries
    scene.assert_kept(operation, processed)


def test_a_sale_whose_answer_was_late_can_be_sent_again(scene: Scene) -> None:
    """After the timeout the caller sends it once more, and gets the first one's commissions as a replay."""
    scene.company.add_fault("delay", delay=LATE, times=1)
    with impatient(scene) as options:
        check_timeout(scene.run(TRANSACTION.call, max_retries=0, **options))
    until_done(scene, tries=1)
    again = scene.run(TRANSACTION.call)
    check_sale(again.result)
    assert again.result.replayed
    scene.assert_sold(1)


def test_an_answer_that_trickles_in_steadily_is_read_to_its_end(scene: Scene) -> None:
    """The timeout is for each phase: an answer that takes longer as a whole, but never pauses so long, is good."""
    scene.company.add_fault("slow_drip", duration=1)
    outcome = scene.run(TRANSACTION.call, timeout=0.8, max_retries=0)
    check_sale(outcome.result)
    assert (len(outcome.received), outcome.waits) == (1, [])
    scene.assert_sold(1)


@every_operation
def test_an_answer_that_trickles_too_slowly(scene: Scene, operation: Operation) -> None:
    """A pause beyond the timeout ends the try, though the head was there; what was processed counts once.

    The sandbox notices that its caller has hung up, and trickles no further.
    """
    scene.company.add_fault("slow_drip", duration=3600)
    with impatient(scene) as options:
        outcome = scene.run(operation.call, max_retries=1, **options)
    check_timeout(outcome)
    assert len(outcome.waits) == 1
    processed = until_done(scene, tries=2)
    assert processed == 2
    scene.assert_kept(operation, processed)


def test_a_request_that_breaks_off_is_not_processed(stage: Callable[[Kind], Scene]) -> None:
    """A delay makes nothing of half a request: the sandbox logs that its body ended too early."""
    scene = stage("sync")
    scene.company.add_fault("delay", delay=0.01)
    host = httpx.URL(scene.company.url)
    with socket.create_connection((host.host, host.port or 80), timeout=PATIENT) as connection:
        connection.sendall(
            b"POST /api/v1/webhook/transaction HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n"
            b"X-Signature: none\r\nX-API-Key: %s\r\n\r\n{" % scene.company.api_key.encode()
        )
    assert until_done(scene, tries=1) == 0
    (entry,) = scene.received()
    assert [detail["rule"] for detail in scene.logged(entry)["validation"]] == ["incomplete"]
    scene.company.clear_faults()


def test_no_answer_is_slow_by_accident(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sandbox sends at once what it has to send: Nagle's algorithm is off on each of its connections."""
    options: list[int] = []
    begin = CuttableProtocol.connection_made

    def begun(protocol: CuttableProtocol, transport: asyncio.Transport) -> None:
        begin(protocol, transport)
        connection: socket.socket = transport.get_extra_info("socket")
        options.append(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))

    monkeypatch.setattr(CuttableProtocol, "connection_made", begun)
    with SandboxServer() as server:
        httpx.get(f"{server.url}/_sandbox/health", trust_env=False)
    assert options
    assert all(options)
