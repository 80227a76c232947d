"""`users.sync_many` with several batches in flight: faster, and otherwise as if they went one by one."""

from __future__ import annotations

import asyncio
import gc
import json
import threading
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from fakes import API_KEY, WEBHOOK_SECRET, FakeClock, FakeHAVN, Reply, make_client, outcome, timed
from hypothesis import given
from hypothesis import strategies as st

from havn_ext import AsyncHAVNClient, HAVNClient, HAVNServerError, HAVNValidationError
from havn_ext._clock import Clock
from havn_ext._window import Window

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from fakes import AnyClient, Kind

AT_ONCE = 4


def user(number: int) -> dict[str, Any]:
    """The n-th user."""
    return {"email": f"user{number}@example.com", "name": f"User {number}"}


def synced(request: httpx.Request) -> Reply:
    """Syncs every user."""
    users = json.loads(request.content)["users"]
    results = [{"user": {"email": each["email"]}, "success": True} for each in users]
    return Reply(body={"results": results, "referral_code": f"HAVN-{users[0]['name'][5:]}"})


def emails(results: list[Any]) -> list[str]:
    """Whom the results are about."""
    return [each.user.email for each in results]


# ── how many ─────────────────────────────────────────────────────────────────────────────────────


class Crowd:
    """Answers no batch before `AT_ONCE` of them are there."""

    def __init__(self) -> None:
        self._threads = threading.Barrier(AT_ONCE, timeout=10)
        self._tasks = asyncio.Barrier(AT_ONCE)

    def client(self, kind: Kind) -> AnyClient:
        """A client that this answers."""
        if kind == "sync":
            supplied = httpx.Client(transport=httpx.MockTransport(self._answer))
            return timed(HAVNClient(API_KEY, WEBHOOK_SECRET, http_client=supplied), FakeClock())
        waiting = httpx.AsyncClient(transport=httpx.MockTransport(self._answer_async))
        return timed(AsyncHAVNClient(API_KEY, WEBHOOK_SECRET, http_client=waiting), FakeClock())

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self._threads.wait()
        return synced(request).response()

    async def _answer_async(self, request: httpx.Request) -> httpx.Response:
        async with asyncio.timeout(10):
            await self._tasks.wait()
        return synced(request).response()


def test_so_many_batches_are_in_flight(kind: Kind) -> None:
    """Four batches at once meet a HAVN that answers none of them alone, and results keep the users' order."""
    stream = Crowd().client(kind).users.sync_many(map(user, range(40)), batch_size=5, concurrency=AT_ONCE)
    assert emails(outcome(stream)) == [user(number)["email"] for number in range(40)]
    assert (stream.report.succeeded, stream.report.batches, stream.report.finished) == (40, 8, True)


@pytest.mark.parametrize("concurrency", [0, -1, 101, 2.0, True, None])
def test_a_wrong_number_is_refused(kind: Kind, concurrency: Any) -> None:
    """Only 1 to 100 batches can be in flight, and nothing is sent otherwise."""
    havn = FakeHAVN()
    with pytest.raises(HAVNValidationError, match="concurrency"):
        make_client(kind, havn).users.sync_many([user(0)], concurrency=concurrency)
    assert havn.requests == []


def test_the_first_batch_goes_alone_while_all_wait_for_its_code(kind: Kind) -> None:
    """Every later batch carries the referral code of the first, however many are in flight."""
    havn = FakeHAVN(synced)
    stream = make_client(kind, havn).users.sync_many(
        map(user, range(12)), batch_size=2, carry_referral_code=True, concurrency=AT_ONCE
    )
    assert len(outcome(stream)) == 12
    codes = [json.loads(request.content).get("referral_code") for request in havn.requests]
    assert codes == [None] + ["HAVN-0"] * 5


# ── errors and ends ──────────────────────────────────────────────────────────────────────────────


def test_a_batch_that_fails_ends_it_and_the_report_says_how_far(kind: Kind) -> None:
    """Batches before the failed one are in the report; of those in flight nothing is claimed."""

    def third_fails(request: httpx.Request) -> Reply:
        first = json.loads(request.content)["users"][0]["email"]
        return Reply(503, {"message": "down"}) if first == "user4@example.com" else synced(request)

    client = make_client(kind, FakeHAVN(third_fails), max_retries=0)
    stream = client.users.sync_many(map(user, range(20)), batch_size=2, concurrency=AT_ONCE)
    with pytest.raises(HAVNServerError):
        outcome(stream)
    report = stream.report
    assert (report.succeeded, report.batches, report.finished) == (4, 2, False)
    assert report.unaccounted == report.total - 4


def test_a_stream_that_is_left_takes_no_thread_with_it() -> None:
    """Closing the stream ends the threads that it began."""
    client: Any = make_client("sync", FakeHAVN(synced))
    stream = client.users.sync_many(map(user, range(100)), batch_size=2, concurrency=AT_ONCE)
    assert next(stream).user.email == "user0@example.com"
    stream.close()
    assert workers() == []


def workers() -> list[threading.Thread]:
    """The threads that streams have begun."""
    return [thread for thread in threading.enumerate() if thread.name.startswith("havn_")]


def interrupted(batches: threading.Semaphore) -> Iterator[dict[str, Any]]:
    """Two users; then, once both are under way, Ctrl-C."""
    yield from map(user, range(2))
    for _ in range(2):
        assert batches.acquire(timeout=10)
    raise KeyboardInterrupt


def test_an_interrupt_waits_for_no_call_under_way() -> None:
    """Ctrl-C gets through while HAVN is silent; what was under way is not tried again, and its threads end."""
    arrived, answers = threading.Semaphore(0), threading.Event()
    answered: list[Reply] = []
    ended: list[Any] = []

    def silent(_request: httpx.Request) -> Reply:
        arrived.release()
        answers.wait(10)
        answered.append(Reply(503, {"message": "down"}))
        return answered[-1]

    havn = FakeHAVN(silent)
    client: Any = make_client("sync", havn, on_end=ended.append)
    stream = client.users.sync_many(interrupted(arrived), batch_size=1, concurrency=AT_ONCE)
    with pytest.raises(KeyboardInterrupt):
        next(stream)
    assert answered == []
    answers.set()
    for thread in workers():
        thread.join(10)
    assert workers() == []
    assert (len(havn.requests), stream.report.unaccounted) == (2, 2)
    assert [event.error for event in ended] == ["CancelledError"] * 2


def test_an_interrupt_waits_for_no_retry() -> None:
    """Ctrl-C ends the waits of the calls under way, however long HAVN asked them to be."""
    waiting = threading.Semaphore(0)
    havn = FakeHAVN(Reply(429, {"message": "slow"}, {"Retry-After": "50"}))
    client: Any = make_client("sync", havn, clock=Clock(), on_retry=lambda _: waiting.release())
    stream = client.users.sync_many(interrupted(waiting), batch_size=1, concurrency=2 * AT_ONCE)
    with pytest.raises(KeyboardInterrupt):
        next(stream)
    for thread in workers():
        thread.join(10)
    assert workers() == []
    assert len(havn.requests) == 2


def test_errors_behind_an_error_are_heard_of() -> None:
    """When several batches fail, asyncio has nothing to complain about an error that nobody has retrieved."""
    complaints: list[Any] = []

    async def run() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context["message"]))
        client: Any = make_client("async", FakeHAVN(fails_from(2)), max_retries=0)
        stream = client.users.sync_many(pausing_users(), batch_size=1, concurrency=3)
        with pytest.raises(HAVNServerError):
            await stream.finish()
        del stream
        gc.collect()

    asyncio.run(run())
    assert complaints == []


def fails_from(number: int) -> Callable[[httpx.Request], Reply]:
    """Syncs the users before this one, and fails for all others."""

    def answer(request: httpx.Request) -> Reply:
        name: str = json.loads(request.content)["users"][0]["name"]
        return synced(request) if int(name.removeprefix("User ")) < number else Reply(503, {"message": "down"})

    return answer


async def pausing_users() -> AsyncIterator[dict[str, Any]]:
    """Users that come so slowly that every batch begun before has its answer when the next one begins."""
    for number in range(6):
        for _ in range(50):
            await asyncio.sleep(0)
        yield user(number)


def test_a_stream_that_is_left_takes_no_task_with_it() -> None:
    """Closing the stream ends the tasks that it began."""

    async def run() -> None:
        client: Any = make_client("async", FakeHAVN(synced))
        stream = client.users.sync_many(map(user, range(100)), batch_size=2, concurrency=AT_ONCE)
        assert (await anext(stream)).user.email == "user0@example.com"
        await stream.close()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(run())


def test_a_rate_limit_narrows_the_window(kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    """A 429 is tried again as ever, and from then on fewer batches are in flight."""
    windows: list[Window] = []

    def make_window(most: int) -> Window:
        windows.append(Window(most))
        return windows[-1]

    monkeypatch.setattr("havn_ext.resources.users.Window", make_window)
    replies = iter([Reply(429, {"message": "slow"}, {"Retry-After": "1"})])
    havn = FakeHAVN(lambda request: next(replies, None) or synced(request))
    stream = make_client(kind, havn).users.sync_many(map(user, range(2)), batch_size=1, concurrency=8)
    assert len(outcome(stream)) == 2
    assert [window.size for window in windows] == [4]


# ── the window ───────────────────────────────────────────────────────────────────────────────────


@given(st.integers(1, 100), st.lists(st.booleans(), max_size=200))
def test_the_window_stays_within_bounds(most: int, events: list[bool]) -> None:
    """Whatever HAVN answers, at least one and at most so many calls are in flight."""
    window = Window(most)
    for refused in events:
        before = window.size
        window.refused() if refused else window.succeeded()
        assert max(1, before // 2) <= window.size <= min(most, before + 1)


@given(st.integers(2, 100))
def test_one_storm_halves_it_once(most: int) -> None:
    """All calls of one window being refused halves it once; so many successes later it grows again."""
    window = Window(most)
    for _ in range(most):
        window.refused()
    assert window.size == most // 2
    for _ in range(2 * most + most // 2 + 1):
        window.succeeded()
    assert window.size == most
