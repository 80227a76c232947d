"""Calls that Schemathesis makes from the contract: examples, every boundary, and random ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from harness.schema import schemathesis_schema
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from harness.target import Target
    from schemathesis import Case

in_process = schemathesis_schema()
over_http = schemathesis_schema(15, boundaries=settings.get_current_profile_name() == "deep")
one_server_for_all_cases = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@pytest.mark.usefixtures("walks_the_success_path")
@in_process.parametrize()
@one_server_for_all_cases
def test_the_sandbox_keeps_the_contract(case: Case[Any], sandbox: Target) -> None:
    """The sandbox does what the contract says, whether a call keeps it or breaks it."""
    sandbox.try_out(case)


@pytest.mark.usefixtures("walks_the_success_path")
@over_http.parametrize()
@one_server_for_all_cases
def test_the_sandbox_keeps_the_contract_over_http(case: Case[Any], server: Target) -> None:
    """The same is true over a socket; every boundary is tried there in the deep profile alone."""
    server.try_out(case)
