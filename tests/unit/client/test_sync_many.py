"""`users.sync_many`: any number of users, a batch at a time, with a report that is always true."""

from __future__ import annotations

import asyncio
import inspect
import json
from typing import TYPE_CHECKING, Any

import pytest
from fakes import FakeHAVN, Reply, make_client, outcome, take

from havn_ext import HAVNClient, HAVNServerError, SyncReport

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    import httpx
    from fakes import AnyClient, Kind

    from havn_ext import SyncError


def user(number: int) -> dict[str, Any]:
    """The n-th user."""
    return {"email": f"user{number}@example.com", "name": f"User {number}"}


def sync_all(request: httpx.Request) -> Reply:
    """Syncs every user but those whose name says otherwise; the referral code is the first user's name."""
    users = json.loads(request.content)["users"]
    refused = [index for index, each in enumerate(users) if each["name"] == "refuse me"]
    return Reply(
        body={
            "results": [
                {"user": {"email": each["email"]}, "success": True}
                for index, each in enumerate(users)
                if index not in refused
            ],
            "errors": [{"index": index, "email": users[index]["email"], "error": "refused"} for index in refused],
            "referral_code": f"HAVN-{users[0]['name'].replace(' ', '').upper()}",
        }
    )


def batches_of(havn: FakeHAVN) -> list[dict[str, Any]]:
    """The bodies that were sent."""
    return [json.loads(request.content) for request in havn.requests]


class Source:
    """An iterable of users, sync and async, that counts what is taken from it."""

    def __init__(self, *users: Any) -> None:
        self.taken = 0
        self._users = users

    def __iter__(self) -> Iterator[Any]:
        for each in self._users:
            self.taken += 1
            yield each

    async def async_users(self) -> AsyncIterator[Any]:
        """The same for `async for`."""
        for each in self:
            yield each


def stream_of(client: AnyClient, users: Any, **options: Any) -> Any:
    """The stream of either client."""
    return client.users.sync_many(users, **options)


def finished(stream: Any, runner: asyncio.Runner) -> SyncReport:
    """The report of a stream of either kind, once all of it is synced."""
    report = stream.finish()
    report = runner.run(report) if inspect.iscoroutine(report) else report
    assert isinstance(report, SyncReport)
    return report


# ── batches ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("count", "options", "sizes"),
    [
        (0, {}, []),
        (1, {}, [1]),
        (50, {}, [50]),
        (51, {}, [50, 1]),
        (120, {}, [50, 50, 20]),
        (7, {"batch_size": 3}, [3, 3, 1]),
        (2, {"batch_size": 1}, [1, 1]),
    ],
)
def test_users_go_out_in_batches(kind: Kind, count: int, options: dict[str, Any], sizes: list[int]) -> None:
    """Users go out in order, as many in a call as HAVN takes or `batch_size` says; no users make no call."""
    havn = FakeHAVN(sync_all)
    stream = stream_of(make_client(kind, havn), map(user, range(count)), **options)
    results = outcome(stream)
    assert [len(batch["users"]) for batch in batches_of(havn)] == sizes
    assert [result.user.email for result in results] == [f"user{n}@example.com" for n in range(count)]
    assert (stream.report.total, stream.report.succeeded, stream.report.batches) == (count, count, len(sizes))
    assert stream.report.finished


def test_nothing_is_taken_before_it_is_needed(kind: Kind) -> None:
    """Users are taken from the iterable a batch at a time, and only when somebody wants its results."""
    havn, source = FakeHAVN(sync_all), Source(*map(user, range(10)))
    stream = stream_of(make_client(kind, havn), source, batch_size=3)
    assert (source.taken, len(havn.requests)) == (0, 0)
    with asyncio.Runner() as runner:
        for wanted, taken, calls in ((1, 3, 1), (2, 3, 1), (1, 6, 2)):
            take(stream, wanted, runner)
            assert (source.taken, len(havn.requests)) == (taken, calls)


def test_an_abandoned_stream_stops_where_it_is(kind: Kind) -> None:
    """Whoever stops iterating stops the syncing: nothing more is taken or sent, and the report is true."""
    havn, source = FakeHAVN(sync_all), Source(*map(user, range(10)))
    stream = stream_of(make_client(kind, havn), source, batch_size=4)
    with asyncio.Runner() as runner:
        take(stream, 2, runner)
    report = stream.report
    del stream
    assert (source.taken, len(havn.requests)) == (4, 1)
    assert (report.total, report.succeeded, report.finished) == (4, 4, False)


def test_an_async_break_leaves_nothing_running() -> None:
    """Breaking out of `async for` leaves no task behind."""
    client = make_client("async", FakeHAVN(sync_all))

    async def break_out() -> set[Any]:
        async for _ in stream_of(client, map(user, range(10)), batch_size=4):
            break
        return asyncio.all_tasks() - {asyncio.current_task()}

    assert asyncio.run(break_out()) == set()


def test_the_async_client_takes_an_async_iterable() -> None:
    """The async client reads an async iterable as lazily as any other."""
    havn, source = FakeHAVN(sync_all), Source(*map(user, range(7)))
    client = make_client("async", havn)

    async def look() -> tuple[int, SyncReport]:
        stream = stream_of(client, source.async_users(), batch_size=3)
        await anext(stream)
        return source.taken, await stream.finish()

    taken, report = asyncio.run(look())
    assert taken == 3
    assert [len(batch["users"]) for batch in batches_of(havn)] == [3, 3, 1]
    assert (report.total, report.succeeded, report.finished) == (7, 7, True)


# ── what all of them share ───────────────────────────────────────────────────────────────────────


def test_the_shared_fields_go_with_every_batch(kind: Kind) -> None:
    """Every batch carries the shared fields, and none the code of another unless asked."""
    havn = FakeHAVN(sync_all)
    outcome(stream_of(make_client(kind, havn), map(user, range(3)), batch_size=2, upline_code="havn-mj-001"))
    for batch in batches_of(havn):
        del batch["users"]
        assert batch == {"upline_code": "HAVN-MJ-001", "create_associate": True, "is_owner": False}


@pytest.mark.parametrize(
    ("options", "codes"),
    [
        ({}, [None, None, None]),
        ({"carry_referral_code": True}, [None, "HAVN-USER0", "HAVN-USER0"]),
        ({"carry_referral_code": True, "referral_code": "havn-own-1"}, ["HAVN-OWN-1"] * 3),
    ],
    ids=["not asked", "carried", "the caller's own wins"],
)
def test_the_first_code_is_carried_on_request(kind: Kind, options: dict[str, Any], codes: list[str | None]) -> None:
    """With `carry_referral_code` every later batch is linked to the code of the first success."""
    havn = FakeHAVN(sync_all)
    stream = stream_of(make_client(kind, havn), map(user, range(5)), batch_size=2, **options)
    outcome(stream)
    assert [batch.get("referral_code") for batch in batches_of(havn)] == codes
    assert stream.report.referral_code == "HAVN-USER0"


# ── what goes wrong ──────────────────────────────────────────────────────────────────────────────


def places(failures: tuple[SyncError, ...]) -> list[tuple[int | None, str | None]]:
    """Position and address of each failure."""
    return [(failure.index, failure.email) for failure in failures]


def test_a_bad_user_is_reported_and_not_sent(kind: Kind) -> None:
    """A user that is wrong is a failure with its position in the whole iterable and its faults; others go out."""
    havn = FakeHAVN(sync_all)
    users = [
        user(0),
        "nobody",
        user(2),
        {"email": "ada"},
        {**user(4), "age": 7},
        user(5),
        {"email": 7, "name": "Seven"},
    ]
    stream = stream_of(make_client(kind, havn), users, batch_size=2)
    results = outcome(stream)
    assert [result.user.email for result in results] == [f"user{n}@example.com" for n in (0, 2, 5)]
    assert [[each["email"] for each in batch["users"]] for batch in batches_of(havn)] == [
        ["user0@example.com"],
        ["user2@example.com"],
        ["user5@example.com"],
    ]
    report = stream.report
    assert places(report.failures) == [(1, None), (3, "ada"), (4, "user4@example.com"), (6, None)]
    for failure, faults in zip(report.failures, (["mapping"], ["email", "name"], ["age"], ["email"]), strict=True):
        for fault in faults:
            assert fault in failure.error
    assert (report.total, report.succeeded, report.batches, report.finished) == (7, 3, 3, True)


def test_a_batch_of_bad_users_alone_makes_no_call(kind: Kind) -> None:
    """A batch without a user that can be sent is skipped, and the next one goes out."""
    havn = FakeHAVN(sync_all)
    stream = stream_of(make_client(kind, havn), ["a", "b", user(2)], batch_size=2)
    assert len(outcome(stream)) == 1
    assert len(havn.requests) == 1
    assert places(stream.report.failures) == [(0, None), (1, None)]


def test_a_user_that_havn_refuses_is_reported(kind: Kind) -> None:
    """A user that HAVN refuses is a failure with its position in the whole iterable, across bad users before it."""
    havn = FakeHAVN(sync_all)
    users = [
        user(0),
        user(1),
        "nobody",
        {**user(3), "name": "refuse me"},
        user(4),
        {**user(5), "name": "refuse me"},
    ]
    stream = stream_of(make_client(kind, havn), users, batch_size=3)
    assert len(outcome(stream)) == 3
    assert places(stream.report.failures) == [(2, None), (3, "user3@example.com"), (5, "user5@example.com")]
    assert stream.report.succeeded == 3


@pytest.mark.parametrize(
    ("error", "place"),
    [
        ({"email": "user3@example.com", "error": "no"}, 3),
        ({"index": 1, "error": "no"}, 3),
        ({"index": 9, "error": "no"}, None),
        ({"index": -1, "error": "no"}, None),
        ({"email": "stranger@example.com"}, None),
        ({}, None),
    ],
    ids=["by address", "by index", "beyond the batch", "before the batch", "unknown address", "nothing"],
)
def test_an_error_is_placed_as_well_as_it_can_be(kind: Kind, error: dict[str, Any], place: int | None) -> None:
    """HAVN's error finds its user by index, else by address; one that fits nobody is kept without a position."""
    havn = FakeHAVN(sync_all, Reply(body={"results": [], "errors": [error]}))
    stream = stream_of(make_client(kind, havn), map(user, range(4)), batch_size=2)
    outcome(stream)
    first, *others = stream.report.failures
    assert (first.index, first.raw) == (place, error)
    assert {failure.index for failure in others} == {2, 3} - {place}  # of them the answer says nothing


def test_a_call_that_fails_leaves_the_report_true(kind: Kind) -> None:
    """An error in mid-run reaches the caller; the report says how far it came, and the stream is over."""
    havn = FakeHAVN(sync_all, Reply(500, {"message": "Down"}))
    stream = stream_of(make_client(kind, havn, max_retries=0), map(user, range(9)), batch_size=3)
    with pytest.raises(HAVNServerError, match="Down"):
        outcome(stream)
    expected = SyncReport(total=6, succeeded=3, batches=1, referral_code="HAVN-USER0", finished=False)
    assert stream.report == expected
    assert outcome(stream) == []
    assert outcome(stream.finish()) == expected
    assert len(havn.requests) == 2


def test_an_iterable_that_fails_reaches_the_caller(kind: Kind) -> None:
    """An error of the caller's iterable reaches the caller as it is, after what came before it was synced."""
    failure = OSError("the file is gone")

    def users() -> Iterator[Any]:
        yield from map(user, range(2))
        raise failure

    havn = FakeHAVN(sync_all)
    stream = stream_of(make_client(kind, havn), users(), batch_size=2)
    with pytest.raises(OSError, match="the file is gone") as caught:
        outcome(stream)
    assert caught.value is failure
    assert (stream.report.succeeded, stream.report.finished) == (2, False)


def test_finish_syncs_what_is_left(kind: Kind) -> None:
    """`finish` goes through what nobody has iterated over, and gives the report."""
    havn = FakeHAVN(sync_all)
    stream = stream_of(make_client(kind, havn), map(user, range(7)), batch_size=3)
    with asyncio.Runner() as runner:
        take(stream, 2, runner)
        report = finished(stream, runner)
    assert (report.total, report.succeeded, report.batches, report.finished) == (7, 7, 3, True)
    assert report == stream.report
    assert outcome(stream.finish()) == report


def test_an_answer_without_results_counts_nobody(kind: Kind) -> None:
    """What HAVN does not say was synced is not counted as synced."""
    havn = FakeHAVN(Reply(body={"success": True}))
    stream = stream_of(make_client(kind, havn), map(user, range(2)))
    assert outcome(stream) == []
    assert (stream.report.total, stream.report.succeeded, stream.report.batches) == (2, 0, 1)


def test_the_streams_are_iterators() -> None:
    """A stream is its own iterator, so that a second loop goes on where the first one stopped."""
    client = make_client("sync", FakeHAVN(sync_all))
    assert isinstance(client, HAVNClient)
    stream = client.users.sync_many(map(user, range(3)))
    assert iter(stream) is stream
    next(stream)
    assert len(list(stream)) == 2


def test_no_user_that_was_taken_goes_missing(kind: Kind) -> None:
    """A result that is no success is a failure with its place, and so is a user of whom HAVN says nothing."""
    answered = {
        "results": [
            {"success": True, "user": {"email": "user0@example.com"}},
            {"success": False, "message": "no", "user": {"email": "user2@example.com"}},
            {"success": False, "user": {"email": "user1@example.com"}},
        ],
        "errors": [{"email": "user1@example.com", "error": "refused"}],
    }
    stream = make_client(kind, FakeHAVN(Reply(body=answered))).users.sync_many([user(n) for n in range(4)])
    report = outcome(stream.finish())
    assert [(failure.index, failure.error) for failure in report.failures] == [
        (1, "refused"),
        (2, "no"),
        (3, "HAVN's answer does not say what became of this user"),
    ]
    assert (report.total, report.succeeded, report.unaccounted) == (4, 1, 0)


def test_a_stream_can_be_closed(kind: Kind) -> None:
    """A closed stream sends nothing more, and its report stays."""
    havn = FakeHAVN(sync_all)
    stream = make_client(kind, havn).users.sync_many([user(n) for n in range(4)], batch_size=2)
    with asyncio.Runner() as runner:
        take(stream, 1, runner)
        closed = stream.close()
        if inspect.isawaitable(closed):
            runner.run(_awaited(closed))
        left = runner.run(_rest(stream))
    assert (left, len(havn.requests), stream.report.total, stream.report.finished) == ([], 1, 2, False)


async def _awaited(closing: Any) -> None:
    await closing


async def _rest(stream: Any) -> list[Any]:
    return [each async for each in stream] if hasattr(stream, "__aiter__") else list(stream)
