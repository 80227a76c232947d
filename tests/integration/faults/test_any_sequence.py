"""Any faults in any order, then good service: a sale is kept exactly once, and its caller knows where it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from faults_support import TRANSACTION, TROUBLES, Trouble, check_sale
from hypothesis import given
from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Callable

    from fakes import Kind
    from faults_support import Scene

PROMPT = [
    each
    for each in TROUBLES
    if each.is_possible_for(TRANSACTION) and each.fault["kind"] not in {"delay", "slow_drip"}
]
GOOD = Trouble("good service", {}, is_processed=True)
PLENTY = 12
"""Retries; more than faults are ever drawn."""


def tries_of(troubles: list[Trouble], retries: int) -> list[Trouble]:
    """What each try of one call meets, the last one included."""
    met: list[Trouble] = []
    for trouble in [*troubles, GOOD]:
        met.append(trouble)
        if not trouble.is_retried or len(met) > retries:
            break
    return met


@given(
    kind=st.sampled_from(["sync", "async"]),
    troubles=st.lists(st.sampled_from(PROMPT), max_size=6),
    retries=st.one_of(st.just(PLENTY), st.integers(0, 4)),
)
def test_a_sale_is_kept_once(
    stage: Callable[[Kind], Scene], kind: Kind, troubles: list[Trouble], retries: int
) -> None:
    """The caller has the sale or an error of ours, and the sale is kept once if it was processed at all.

    Sent again under good service it is kept once in any case, and the answer says whether it was before.
    """
    scene = stage(kind)
    for trouble in troubles:
        scene.company.add_fault(**trouble.fault, times=1)
    met = tries_of(troubles, retries)
    processed = sum(each.is_processed for each in met)

    outcome = scene.run(TRANSACTION.call, max_retries=retries)
    assert (len(outcome.received), outcome.processed) == (len(met), processed)
    scene.assert_sold(processed)
    if met[-1].error is None:
        check_sale(outcome.result)
        assert outcome.result.replayed is (processed > 1)
    else:
        scene.check_error(outcome, met[-1], TRANSACTION)

    scene.company.clear_faults()
    again = scene.run(TRANSACTION.call)
    check_sale(again.result)
    assert again.result.replayed is (processed > 0)
    scene.assert_sold(1)
