"""How long the client waits between tries, and which error stands in the end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from faults_support import OPERATIONS, TRANSACTION

from havn_ext import (
    HAVNConflictError,
    HAVNError,
    HAVNNetworkError,
    HAVNRateLimitError,
    HAVNServerError,
    RetryPolicy,
)

if TYPE_CHECKING:
    from faults_support import Operation, Scene

every_operation = pytest.mark.parametrize("operation", OPERATIONS, ids=str)


@every_operation
@pytest.mark.parametrize("status", [429, 503])
def test_a_wait_beyond_the_ceiling_is_not_slept(scene: Scene, operation: Operation, status: int) -> None:
    """HAVN asks for a second more than `max_wait`: the error comes at once, and says how long."""
    scene.company.add_fault("status", status=status, retry_after=61)
    outcome = scene.run(operation.call)
    assert isinstance(outcome.error, (HAVNRateLimitError, HAVNServerError))
    assert (outcome.error.status_code, outcome.error.retry_after) == (status, 61)
    assert (len(outcome.received), outcome.processed, outcome.waits) == (1, 0, [])


@every_operation
@pytest.mark.parametrize("status", [429, 503])
def test_a_wait_as_long_as_the_ceiling_is_slept(scene: Scene, operation: Operation, status: int) -> None:
    """HAVN asks for `max_wait` itself: the client waits so long, to the second, and goes on."""
    scene.company.add_fault("status", status=status, retry_after=60, times=1)
    outcome = scene.run(operation.call)
    operation.check(outcome.result)
    assert (len(outcome.received), outcome.processed, outcome.waits) == (2, 1, [60.0])


def test_a_ceiling_of_ones_own(scene: Scene) -> None:
    """A policy with a lower `max_wait` gives up where the usual one would wait."""
    scene.company.add_fault("status", status=429, retry_after=6)
    outcome = scene.run(TRANSACTION.call, retry=RetryPolicy(max_wait=5))
    assert isinstance(outcome.error, HAVNRateLimitError)
    assert (outcome.error.retry_after, len(outcome.received), outcome.waits) == (6, 1, [])


def test_no_try_begins_after_the_deadline(scene: Scene) -> None:
    """Waits that HAVN asks for add up: the one that would end at the deadline is not begun."""
    scene.company.add_fault("status", status=429, retry_after=40)
    outcome = scene.run(TRANSACTION.call, retry=RetryPolicy(max_retries=9, deadline=120))
    assert isinstance(outcome.error, HAVNRateLimitError)
    assert (len(outcome.received), outcome.waits) == (3, [40.0, 40.0])
    scene.assert_sold(0)


LAST_ONE_STANDS: list[tuple[list[dict[str, Any]], type[HAVNError], int | None]] = [
    ([{"status": 503}, {"status": 500}, {"status": 502}, {"status": 429}], HAVNRateLimitError, 429),
    ([{"status": 429}, {"status": 429}, {"status": 429}, {"status": 504}], HAVNServerError, 504),
    ([{"kind": "reset_before"}, {"kind": "truncated"}, {"kind": "html"}, {"status": 500}], HAVNServerError, 500),
    ([{"status": 503}, {"status": 503}, {"status": 429}, {"kind": "reset_before"}], HAVNNetworkError, None),
    ([{"status": 503}, {"status": 409}], HAVNConflictError, 409),
]


@pytest.mark.parametrize(("faults", "error", "status"), LAST_ONE_STANDS)
def test_the_last_answer_decides(
    scene: Scene, faults: list[dict[str, Any]], error: type[HAVNError], status: int | None
) -> None:
    """Of several different faults the caller gets the last one, with that answer's own id and words."""
    for fault in faults:
        scene.company.add_fault(**{"kind": "status", **fault}, times=1)
    outcome = scene.run(TRANSACTION.call)
    assert type(outcome.error) is error
    assert outcome.error.status_code == status
    assert len(outcome.received) == len(faults)
    if status is not None:
        answer = scene.logged(outcome.received[-1])["answer"]
        assert outcome.error.request_id == dict(answer["headers"])["x-request-id"]
        assert outcome.error.body == answer["body"]["text"]
    scene.assert_sold(outcome.processed)
