from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from havn_ext._sync_progress import SyncProgress
from havn_ext.models import BulkSyncResult, SyncedUser, SyncError, UserSyncResult

fates = st.sampled_from(["synced", "refused by HAVN", "wrong"])
batches = st.lists(st.lists(fates, min_size=1, max_size=6), max_size=6)


@given(plan=batches)
def test_every_user_is_counted_once(plan: list[list[str]]) -> None:
    """However users fare, each is one success or one failure, under its position in the whole iterable."""
    progress = SyncProgress()
    for fate_of in plan:
        first = progress.report.total
        users = [
            {"email": f"{first + at}@example.com", "name": "" if fate == "wrong" else fate}
            for at, fate in enumerate(fate_of)
        ]
        batch = progress.take(users)
        sent = [user.name for user in batch.users]
        progress.settle(
            batch,
            BulkSyncResult(
                results=(UserSyncResult(),) * sent.count("synced"),
                errors=tuple(SyncError(index=at) for at, name in enumerate(sent) if name != "synced"),
            ),
        )
    flat = [fate for fate_of in plan for fate in fate_of]
    report = progress.report
    assert (report.total, report.succeeded, report.batches) == (len(flat), flat.count("synced"), len(plan))
    assert sorted(failure.index or 0 for failure in report.failures) == [
        at for at, fate in enumerate(flat) if fate != "synced"
    ]


addresses = st.one_of(
    st.none(), st.sampled_from(["a@example.com", "B@example.com", "c@example.com", "x@example.com"])
)
answers = st.builds(
    BulkSyncResult,
    results=st.lists(
        st.builds(UserSyncResult, success=st.booleans(), user=st.builds(SyncedUser, email=addresses)), max_size=6
    ).map(tuple),
    errors=st.lists(
        st.builds(SyncError, index=st.one_of(st.none(), st.integers(-1, 5)), email=addresses), max_size=6
    ).map(tuple),
    success=st.booleans(),
)


@given(plan=st.lists(st.tuples(st.lists(st.sampled_from("abc"), min_size=1, max_size=4), answers), max_size=4))
def test_no_answer_loses_a_user(plan: list[tuple[list[str], BulkSyncResult]]) -> None:
    """Whatever HAVN answers, each user of an answered call is a success, or a failure with a place of its own."""
    progress = SyncProgress()
    for names, answer in plan:
        batch = progress.take([{"email": f"{name}@example.com", "name": name} for name in names])
        before = progress.report.succeeded
        failures = progress.settle(batch, answer)
        places = [failure.index for failure in failures if failure.index is not None]
        assert len(places) == len(set(places))
        assert set(places) <= set(batch.positions)
        assert len(places) + progress.report.succeeded - before == len(names)
    assert progress.report.unaccounted == 0
