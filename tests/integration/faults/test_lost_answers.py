"""Processed, but the answer was lost: the case in which a commission could be lost, or paid twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from faults_support import SALE, SHARES, TRANSACTION, VOUCHER, Scene, check_sale

from havn_ext import HAVNConflictError, HAVNNetworkError, HAVNResponseError, TransactionResult

if TYPE_CHECKING:
    from fakes import AnyClient

losing_the_answer = pytest.mark.parametrize("kind", ["reset_after", "truncated"])


def verdicts(entries: list[dict[str, Any]]) -> list[tuple[str, int]]:
    """What the sandbox made of each try, and with which status."""
    return [(entry["verdict"], entry["status"]) for entry in entries]


@losing_the_answer
@pytest.mark.parametrize("times", [1, 3])
def test_a_retry_gets_the_answer_that_was_lost(scene: Scene, kind: str, times: int) -> None:
    """One sale, one use of the voucher, one set of commissions; the caller has them, marked as a replay."""
    scene.company.add_fault(kind, times=times)
    outcome = scene.run(TRANSACTION.call)
    check_sale(outcome.result)
    assert outcome.result.replayed
    tries = [("fault", 201), *[("fault", 200)] * (times - 1), ("replayed", 200)]
    assert verdicts(outcome.received) == tries
    scene.assert_sold(1)


@pytest.mark.parametrize(
    ("kind", "error"),
    [("reset_after", HAVNNetworkError), ("truncated", HAVNNetworkError), ("empty", HAVNResponseError)],
)
def test_the_caller_may_send_it_again(scene: Scene, kind: str, error: type[Exception]) -> None:
    """Without retries the error leaves the sale in doubt, and sending it again settles that."""
    scene.company.add_fault(kind, times=1)
    first = scene.run(TRANSACTION.call, max_retries=0)
    assert type(first.error) is error
    scene.assert_sold(1)
    again = scene.run(TRANSACTION.call, max_retries=0)
    check_sale(again.result)
    assert again.result.replayed
    scene.assert_sold(1)


@losing_the_answer
def test_a_changed_sale_is_a_conflict_and_no_second_sale(scene: Scene, kind: str) -> None:
    """Whoever corrects the amount under the same payment id, believing it was lost, is told so."""
    scene.company.add_fault(kind, times=1)
    scene.run(TRANSACTION.call, max_retries=0)
    changed = {**SALE, "amount": 7_999}
    outcome = scene.run(lambda client: client.transactions.send(**changed))
    assert type(outcome.error) is HAVNConflictError
    assert (len(outcome.received), outcome.waits) == (1, [])
    scene.assert_sold(1)


@losing_the_answer
def test_the_voucher_shows_one_use(scene: Scene, kind: str) -> None:
    """What HAVN lists of the voucher afterwards counts the sale once."""

    def look(client: AnyClient) -> Any:
        return client.vouchers.get_all(search=VOUCHER)

    scene.company.add_fault(kind, operation="sendTransaction", times=2)
    page = scene.run(TRANSACTION.call, look).result
    assert [(each.current_usage, each.remaining_usage) for each in page.data] == [(1, 4)]


@losing_the_answer
def test_a_dry_run_whose_answer_is_lost_keeps_nothing(scene: Scene, kind: str) -> None:
    """In test mode a lost answer leaves no trace, and the retry is no replay."""
    scene.company.add_fault(kind, times=1)
    outcome = scene.run(TRANSACTION.call, test_mode=True)
    assert tuple(each.amount for each in outcome.result.commissions) == SHARES
    assert not outcome.result.replayed
    assert verdicts(outcome.received) == [("fault", 201), ("ok", 201)]
    scene.assert_sold(0)


@losing_the_answer
def test_callers_who_all_lose_their_answer_have_sold_once(scene: Scene, kind: str) -> None:
    """Eight clients report the same payment at once, each loses its first answer: one sale, eight results."""
    callers = 8
    scene.company.add_fault(kind, times=callers)

    def sell(_: int) -> TransactionResult:
        result: TransactionResult = scene.settle(TRANSACTION.call, max_retries=callers)
        return result

    with ThreadPoolExecutor(callers) as pool:
        results = list(pool.map(sell, range(callers)))
    for result in results:
        check_sale(result)
    assert len(scene.received()) == 2 * callers
    scene.assert_sold(1)
