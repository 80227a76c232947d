"""Faults that were not asked for over the control API reach the client as well: by header, by file, by chance."""

from __future__ import annotations

import asyncio
import json
import random
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from fakes import FakeClock, Kind, make_client, settled
from faults_support import OPERATIONS, TRANSACTION, TROUBLES, check_sale

from havn_ext import HAVNServerError
from havn_ext.sandbox import SandboxConfig, SandboxServer, fault_files
from havn_ext.sandbox.faults import Fault

if TYPE_CHECKING:
    from pathlib import Path

    from fakes import AnyClient
    from faults_support import Scene, Trouble


@pytest.mark.parametrize(
    "trouble", [each for each in TROUBLES if each.is_possible_for(TRANSACTION)], ids=lambda each: each.name
)
def test_a_fault_by_header(scene: Scene, trouble: Trouble) -> None:
    """A client that sends `X-Sandbox-Fault` with each try meets what the control API would have given it."""
    headers = {"X-Sandbox-Fault": str(Fault(**trouble.fault))}
    unkept = httpx.Limits(max_keepalive_connections=0)
    make = httpx.Client if scene.kind == "sync" else httpx.AsyncClient
    http_client: Any = make(headers=headers, limits=unkept)
    outcome = scene.run(TRANSACTION.call, http_client=http_client)
    if scene.kind == "sync":
        http_client.close()
    else:
        asyncio.run(http_client.aclose())
    retries = 3 * trouble.is_retried
    assert outcome.waits == trouble.waits(retries)
    assert len(outcome.received) == 1 + retries
    if trouble.error is None:
        check_sale(outcome.result)
    else:
        scene.check_error(outcome, trouble, TRANSACTION)
    scene.assert_sold(trouble.is_processed)


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_faults_by_file(kind: Kind, tmp_path: Path) -> None:
    """What a file of faults plans strikes the client call by call, and the control API can lift it."""
    planned = [
        {"kind": "reset_after", "operation": "sendTransaction", "times": 1},
        {"kind": "status", "status": 503, "retry_after": 9, "operation": "sendTransaction", "times": 2},
        {"kind": "html", "operation": "listVouchers"},
    ]
    path = tmp_path / "faults.json"
    path.write_text(json.dumps(planned), "utf-8")
    clock = FakeClock()
    with SandboxServer(SandboxConfig(faults=fault_files.read(path))) as server:

        def client() -> AnyClient:
            return make_client(
                kind,
                clock=clock,
                api_key=server.api_key,
                webhook_secret=server.webhook_secret,
                base_url=server.url,
            )

        sold, valid = settled(client(), TRANSACTION.call, OPERATIONS[2].call)
        assert sold.replayed
        assert valid is True
        assert clock.waits == [0.5, 9.0, 9.0]
        with pytest.raises(HAVNServerError, match="not JSON") as caught:
            settled(client(), OPERATIONS[3].call)
        assert caught.value.status_code == 502
        httpx.delete(f"{server.url}/_sandbox/faults", trust_env=False)
        (page,) = settled(client(), OPERATIONS[3].call)
        assert len(page.data) == 8


@pytest.mark.parametrize("seed", range(4))
def test_a_fault_by_chance(scene: Scene, seed: int) -> None:
    """The same seed loses the same answers: each call tries as often as the dice say, and every sale is one."""
    scene.company.add_fault("reset_after", operation="sendTransaction", probability=0.5, seed=seed)
    dice = random.Random(seed)
    sales = 6
    expected = [next(number for number in range(1, 99) if dice.random() >= 0.5) for _ in range(sales)]

    def sell(number: int) -> Any:
        return lambda client: client.transactions.send(1_000, f"pay_{number}", customer_id="c_1")

    for number, tries in enumerate(expected):
        outcome = scene.run(sell(number), max_retries=99)
        assert len(outcome.received) == tries
        assert outcome.result.replayed is (tries > 1)
    assert scene.kept("transactions") == sales
