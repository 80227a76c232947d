from __future__ import annotations

from typing import Any

import pytest

from havn_ext._sync_progress import Batch, SyncProgress
from havn_ext.models import BulkSyncResult, SyncedUser, SyncError, SyncReport, UserSyncResult


def user(name: str) -> dict[str, Any]:
    """A user that can be sent."""
    return {"email": f"{name}@example.com", "name": name}


def synced(count: int, code: str | None = None) -> BulkSyncResult:
    """HAVN's answer when that many users succeeded."""
    return BulkSyncResult(results=(UserSyncResult(referral_code=code),) * count, referral_code=code)


def placed(batch: Batch, progress: SyncProgress, error: SyncError) -> int | None:
    """The position under which an error of HAVN's is reported."""
    first, *_ = progress.settle(batch, BulkSyncResult(errors=(error,)))
    return first.index


def of(name: str, *, success: bool = True, message: str = "") -> UserSyncResult:
    """HAVN's result of one user."""
    return UserSyncResult(success=success, message=message, user=SyncedUser(email=f"{name}@example.com"))


def test_nothing_was_done_yet() -> None:
    """A progress begins with nothing."""
    assert SyncProgress().report == SyncReport()


def test_positions_are_those_of_the_whole_iterable() -> None:
    """Users keep their position across batches, whoever was left out before them."""
    progress = SyncProgress()
    assert progress.take([user("a"), "junk", user("c")]).positions == [0, 2]
    second = progress.take(iter([{"email": "d"}, user("e"), user("f")]))
    assert second.positions == [4, 5]
    assert [sent.email for sent in second.users] == ["e@example.com", "f@example.com"]
    assert [failure.index for failure in progress.report.failures] == [1, 3]
    assert progress.report.total == 6


def test_a_user_that_cannot_be_sent_says_why() -> None:
    """A refused user is a failure with its address, if it has one, and every reason."""
    progress = SyncProgress()
    assert progress.take([{"email": "d", "is_owner": 1}, {"email": 5, "name": "x"}, 7]).users == []
    first, second, third = progress.report.failures
    assert (first.email, second.email, third.email) == ("d", None, None)
    assert (
        first.error
        == "email: is not an e-mail address; is_owner: must be True or False, not int; name: is required"
    )
    assert third.error == "must be a mapping, not int"


def test_answers_add_up() -> None:
    """Successes and calls are counted as they are answered; the first code stays."""
    progress = SyncProgress()
    for count, code in [(2, None), (3, "HAVN-A-001"), (1, "HAVN-B-001")]:
        progress.settle(progress.take([user("a")] * count), synced(count, code))
    assert progress.report == SyncReport(total=6, succeeded=6, batches=3, referral_code="HAVN-A-001")
    progress.finish()
    assert progress.report.finished


def test_a_result_that_is_no_success_is_not_counted_as_one() -> None:
    """Only users that HAVN calls a success count as synced."""
    progress = SyncProgress()
    batch = progress.take([user("a"), user("b")])
    results = (UserSyncResult(), UserSyncResult(success=False, user=SyncedUser(email="b@example.com")))
    error = SyncError(index=1, email="b@example.com", error="inactive")
    progress.settle(batch, BulkSyncResult(results=results, errors=(error,)))
    assert (progress.report.succeeded, progress.report.failures) == (1, (error,))


@pytest.mark.parametrize(("message", "error"), [("inactive", "inactive"), ("", "HAVN did not sync this user")])
def test_a_result_that_is_no_success_is_a_failure(message: str, error: str) -> None:
    """A user that HAVN lists among the results as no success, and not among the errors, is a failure."""
    progress = SyncProgress()
    batch = progress.take(["junk", user("a"), user("b")])
    failed = UserSyncResult(success=False, message=message, user=SyncedUser(email="b@example.com"))
    progress.settle(batch, BulkSyncResult(results=(UserSyncResult(), failed)))
    assert progress.report.failures[1:] == (SyncError(index=2, email="b@example.com", error=error),)
    assert progress.report.unaccounted == 0
    assert progress.take([user("c")]).positions == [3]
    assert progress.report.unaccounted == 1


def refused(name: str) -> SyncError:
    """HAVN's error for one user."""
    return SyncError(email=f"{name}@example.com", error="no")


UNSAID = "HAVN's answer does not say what became of this user"
NAMELESS = UserSyncResult()


@pytest.mark.parametrize(
    ("names", "result", "failures"),
    [
        ("abc", BulkSyncResult(results=(of("a"), of("C"))), [(1, UNSAID)]),
        ("abc", BulkSyncResult(results=(of("a"), NAMELESS, NAMELESS)), []),
        ("abc", BulkSyncResult(results=(of("b"), of("nobody"))), [(0, UNSAID), (2, UNSAID)]),
        ("abc", BulkSyncResult(results=(of("a"), of("a"), of("a"))), [(1, UNSAID), (2, UNSAID)]),
        ("aab", BulkSyncResult(results=(of("a"), of("b"))), [(1, UNSAID)]),
        ("ab", BulkSyncResult(), [(0, UNSAID), (1, UNSAID)]),
        ("ab", BulkSyncResult(success=False, message="Busy"), [
            (0, f"{UNSAID}; of the call it says: Busy"),
            (1, f"{UNSAID}; of the call it says: Busy"),
        ]),
        ("ab", BulkSyncResult(results=(of("a"),), errors=(SyncError(error="why"),)), [(None, "why"), (1, UNSAID)]),
        ("ab", BulkSyncResult(results=(NAMELESS,) * 5), []),
        ("ab", BulkSyncResult(results=(of("a"), NAMELESS), errors=(refused("a"),)), [(0, "no")]),
        ("ab", BulkSyncResult(results=(of("a", success=False), of("b"))), [(0, "HAVN did not sync this user")]),
    ],
)  # fmt: skip
def test_a_user_of_whom_the_answer_says_nothing_is_a_failure(
    names: str, result: BulkSyncResult, failures: list[tuple[int | None, str]]
) -> None:
    """Who is neither among the results, by address or by count, nor among the errors, is not taken for synced."""
    progress = SyncProgress()
    settled = progress.settle(progress.take([user(name) for name in names]), result)
    assert [(failure.index, failure.error) for failure in settled] == failures
    assert progress.report.failures == tuple(settled)
    known = [failure for failure in settled if failure.index is not None]
    assert progress.report.succeeded == len(names) - len(known)
    assert [failure.email for failure in known] == [f"{names[failure.index or 0]}@example.com" for failure in known]


@pytest.mark.parametrize(
    "errors",
    [
        (SyncError(email="a@example.com", error="1"), SyncError(email="a@example.com", error="2")),
        (SyncError(email="a@example.com", error="1"), SyncError(index=0, email="a@example.com", error="2")),
    ],
)
def test_two_errors_of_one_address_are_two_users(errors: tuple[SyncError, SyncError]) -> None:
    """Of users with the same address in one batch each has a failure of its own."""
    progress = SyncProgress()
    settled = progress.settle(
        progress.take([user("a"), user("b"), user("a")]), BulkSyncResult(results=(of("b"),), errors=errors)
    )
    assert [(failure.index, failure.error) for failure in settled] == [(0, "1"), (2, "2")]


def test_a_surplus_in_one_batch_hides_nothing_of_another() -> None:
    """More results or errors than users make up for nobody of the next batch."""
    progress = SyncProgress()
    progress.settle(
        progress.take([user("a")]),
        BulkSyncResult(results=(of("a"), NAMELESS, NAMELESS), errors=(SyncError(error="of nobody"),)),
    )
    assert (progress.report.succeeded, progress.report.unaccounted) == (1, 0)
    progress.settle(progress.take([user("b"), user("c")]), BulkSyncResult(results=(of("b"),)))
    assert [failure.index for failure in progress.report.failures] == [None, 2]


@pytest.mark.parametrize(
    ("error", "position"),
    [
        (SyncError(index=0), 3),
        (SyncError(index=1), 5),
        (SyncError(index=1, email="c@example.com"), 5),
        (SyncError(email="e@example.com"), 5),
        (SyncError(email="nobody@example.com"), None),
        (SyncError(), None),
        (SyncError(index=2), None),
        (SyncError(index=2, email="e@example.com"), 5),
        (SyncError(index=-1), None),
    ],
)
def test_an_error_of_havns_is_placed_in_the_whole(error: SyncError, position: int | None) -> None:
    """HAVN's index, or else the address, leads to the global position; what leads nowhere is not guessed."""
    progress = SyncProgress()
    progress.take([user("x"), user("y"), user("z")])
    batch = progress.take([user("c"), "junk", user("e")])
    assert placed(batch, progress, error) == position


def test_an_error_reads_the_same_both_ways() -> None:
    """A placed error has its global position as an attribute and as a key, and HAVN's own in `raw`."""
    progress = SyncProgress()
    progress.take([user("x")])
    assert placed(progress.take([user("c")]), progress, SyncError(index=0, error="inactive", raw={"index": 0})) == 1
    (failure,) = progress.report.failures
    assert (failure.index, failure["index"], failure.raw["index"]) == (1, 1, 0)
