from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from havn_ext._sync_progress import SyncProgress
from havn_ext.models import BulkSyncResult, SyncError, UserSyncResult

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
