"""Every fault, for every operation, with both clients: what the caller gets, and how often HAVN did the work."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from faults_support import OPERATIONS, TRANSACTION, TROUBLES

if TYPE_CHECKING:
    from faults_support import Operation, Outcome, Scene, Trouble

MOST_RETRIES = 3

every_fault = pytest.mark.parametrize(
    ("trouble", "operation"),
    [
        pytest.param(trouble, operation, id=f"{trouble}-{operation}")
        for operation in OPERATIONS
        for trouble in TROUBLES
        if trouble.is_possible_for(operation)
    ],
)


def check_processed(scene: Scene, operation: Operation, outcome: Outcome, *, times: int) -> None:
    """HAVN has processed the call so often, and keeps what it should."""
    assert outcome.processed == times
    scene.assert_kept(operation, times)


def check_result(operation: Operation, outcome: Outcome, *, replayed: bool) -> None:
    """The caller has the right result, which says whether it is that of an earlier try."""
    assert outcome.error is None
    operation.check(outcome.result)
    if operation is TRANSACTION:
        assert outcome.result.replayed is replayed


@every_fault
def test_a_fault_that_passes(scene: Scene, trouble: Trouble, operation: Operation) -> None:
    """What another try can mend is mended by the next one; the rest is the caller's error, at once."""
    scene.company.add_fault(**trouble.fault, times=1)
    outcome = scene.run(operation.call)
    retries = int(trouble.is_retried)
    assert len(outcome.received) == 1 + retries
    assert outcome.waits == trouble.waits(retries)
    if trouble.is_retried or trouble.error_of(operation) is None:
        check_result(operation, outcome, replayed=trouble.is_processed and trouble.is_retried)
    else:
        scene.check_error(outcome, trouble, operation)
    check_processed(scene, operation, outcome, times=trouble.is_processed + retries)


@every_fault
def test_a_fault_that_stays(scene: Scene, trouble: Trouble, operation: Operation) -> None:
    """Once the retries are used up the caller has the error of the last answer."""
    scene.company.add_fault(**trouble.fault)
    outcome = scene.run(operation.call)
    retries = MOST_RETRIES * trouble.is_retried
    assert len(outcome.received) == 1 + retries
    assert outcome.waits == trouble.waits(retries)
    if trouble.error_of(operation) is None:
        check_result(operation, outcome, replayed=False)
    else:
        scene.check_error(outcome, trouble, operation)
    check_processed(scene, operation, outcome, times=trouble.is_processed * (1 + retries))


@every_fault
def test_without_retries(scene: Scene, trouble: Trouble, operation: Operation) -> None:
    """With `max_retries=0` there is one try and no wait, and the first error is the caller's."""
    scene.company.add_fault(**trouble.fault)
    outcome = scene.run(operation.call, max_retries=0)
    assert (len(outcome.received), outcome.waits) == (1, [])
    if trouble.error_of(operation) is None:
        check_result(operation, outcome, replayed=False)
    else:
        scene.check_error(outcome, trouble, operation)
    check_processed(scene, operation, outcome, times=int(trouble.is_processed))
