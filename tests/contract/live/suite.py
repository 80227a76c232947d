"""The contract against any server, in test mode. Run by scripts/contract_report.py, never collected by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from harness import probes
from harness.findings import FOUND
from harness.pace import Pace
from harness.schema import schemathesis_schema
from harness.server import Server
from harness.signer import Signer
from harness.target import Target
from hypothesis import HealthCheck, Phase, settings

if TYPE_CHECKING:
    from schemathesis import Case

ENOUGH_FOR_BOUNDARIES = 50  # calls of each operation

server = Server.from_environment()
schema = schemathesis_schema(server.most_calls, boundaries=server.most_calls >= ENOUGH_FOR_BOUNDARIES, dry=True)
pace = Pace(server.most_calls, server.most_wait)


def target_in(*, test_mode: bool) -> Target:
    """The server; in test mode every call says `X-Test-Mode: true`. Differences are collected."""
    return Target(
        signer=Signer(server.api_key, server.webhook_secret, test_mode=test_mode),
        route={"base_url": server.base_url},
        schema=schema,
        on_difference=FOUND.add,
        pace=pace,
    )


@pytest.fixture(scope="session")
def target() -> Target:
    """The server, in test mode."""
    return target_in(test_mode=True)


@schema.parametrize()
@settings(phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck), deadline=None)
def test_generated_calls(case: Case[Any], target: Target) -> None:
    """Whatever a call is, the answer is one of the contract's."""
    target.try_out(case)


@pytest.mark.parametrize("probe", probes.DRY, ids=lambda probe: probe.__name__)
def test_dry_probes(probe: probes.Probe, target: Target) -> None:
    """Credentials count one by one, and test mode stores nothing that can be seen."""
    for difference in probe(target):
        FOUND.add(difference)


@pytest.mark.parametrize("probe", probes.STORING, ids=lambda probe: probe.__name__)
def test_storing_probes(probe: probes.Probe) -> None:
    """HAVN tells a payment by its id. Only seen when something is stored, so only with HAVN_CONTRACT_WRITES=1."""
    if not server.writes:
        pytest.skip("nothing is stored in test mode, so a repetition tells nothing: set HAVN_CONTRACT_WRITES=1")
    for difference in probe(target_in(test_mode=False)):
        FOUND.add(difference)
