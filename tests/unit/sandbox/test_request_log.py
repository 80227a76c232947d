from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from havn_ext.sandbox.request_log import VERDICTS, Body, Entry, RequestLog, Wanted

if TYPE_CHECKING:
    from collections.abc import Sequence

LOGIN = "/api/v1/webhook/login"


def entry(**facts: Any) -> Entry:
    """An entry of which only these facts matter."""
    usual: dict[str, Any] = {
        "at": datetime(2024, 6, 1, tzinfo=UTC),
        "duration": 0.001,
        "company": "test_a",
        "method": "POST",
        "path": LOGIN,
        "query": "",
        "operation": "createLoginLink",
        "status": 200,
        "verdict": "ok",
    }
    return Entry(**{**usual, **facts})


def filled(*entries: Entry, **caps: int) -> RequestLog:
    """A log with these entries."""
    log = RequestLog(**caps)
    for each in entries:
        log.add(each)
    return log


@given(st.lists(st.integers(0, 40), max_size=30), st.integers(1, 10), st.integers(0, 100))
def test_the_log_keeps_the_longest_tail_within_its_caps(
    sizes: Sequence[int], most_entries: int, most_bytes: int
) -> None:
    """What is kept is the newest entries, as many as both caps allow."""
    given = [entry(request_body=Body.of(b"x" * size), path="") for size in sizes]
    log = filled(*given, most_entries=most_entries, most_bytes=most_bytes)
    kept = next(
        n for n in range(min(len(sizes), most_entries), -1, -1) if sum(sizes[len(sizes) - n :]) <= most_bytes
    )
    assert [each.id for each in log.entries()] == list(range(len(sizes), len(sizes) - kept, -1))
    assert log.last_id == len(sizes)


@pytest.mark.parametrize(
    "facts",
    [
        {"request_headers": (("cookie", "x" * 94),)},
        {"answer_headers": (("location", "x" * 92),)},
        {"query": "x" * 100},
        {"path": "x" * 100},
        {"request_body": Body.of(b"x" * 100)},
        {"answer_body": Body.of(b"x" * 100)},
        {"canonical": Body.of(b"x" * 100)},
    ],
    ids=lambda facts: next(iter(facts)),
)
def test_whatever_a_caller_can_make_long_counts(facts: dict[str, Any]) -> None:
    """Each part of an exchange takes room, so that none can fill the memory."""
    assert entry(**{"path": "", **facts}).weight == 100


entries = st.builds(
    entry,
    company=st.sampled_from(["test_a", "test_b", None]),
    operation=st.sampled_from(["createLoginLink", "listVouchers", None]),
    status=st.sampled_from([200, 404, None]),
    verdict=st.sampled_from(VERDICTS),
    path=st.sampled_from(["/one", "/TWO"]),
    query=st.sampled_from(["", "page=2"]),
    request_body=st.sampled_from([Body(), Body.of(b'{"email": "one@example.com"}')]),
    answer_headers=st.sampled_from([(), (("x-request-id", "req-two"),)]),
)


@given(
    st.lists(entries, max_size=20),
    st.fixed_dictionaries(
        {},
        optional={
            "company": st.sampled_from(["test_a", "test_c"]),
            "operation": st.just("listVouchers"),
            "status": st.sampled_from([200, 500]),
            "verdict": st.sampled_from(VERDICTS),
            "text": st.sampled_from(["one", "Two", "PAGE=", "nowhere"]),
            "since_id": st.integers(0, 20),
        },
    ),
    st.none() | st.integers(0, 5),
)
def test_a_search_finds_what_looking_through_all_finds(
    given_entries: list[Entry], wanted: Wanted, limit: int | None
) -> None:
    """Filters are joined by `and`, and the newest come first."""

    def fits(each: Entry) -> bool:
        exact = ("company", "operation", "status", "verdict")
        texts = [each.path, each.query, each.request_body.text, *(value for _, value in each.answer_headers)]
        return (
            all(getattr(each, name) == dict(wanted)[name] for name in exact if name in wanted)
            and any(wanted.get("text", "").lower() in text.lower() for text in texts)
            and each.id > wanted.get("since_id", -1)
        )

    log = filled(*given_entries)
    expected = [each for each in log.entries() if fits(each)]
    assert log.entries(limit, **wanted) == (expected if limit is None else expected[:limit])


def test_what_is_cleared_is_gone() -> None:
    """Clearing takes a company's entries or all, tells how many, frees their bytes, and repeats no number."""
    a = entry(company="test_a", path="", request_body=Body.of(b"x" * 60))
    log = filled(a, entry(company="test_b", path=""), most_bytes=100)
    assert log.clear("test_a") == 1
    assert [each.id for each in log.entries()] == [2]
    assert log.get(1) is None
    assert log.add(entry(path="", request_body=Body.of(b"x" * 90))).id == 3
    assert log.clear() == 2
    assert (log.entries(), log.last_id) == ([], 3)


def test_a_large_body_is_cut() -> None:
    """64 KiB are kept, the size is told, and the cut is marked."""
    exact, larger = Body.of(b"x" * 65536), Body.of(b"x" * 65537)
    assert not exact.truncated
    assert (len(larger.kept), larger.size, larger.truncated) == (65536, 65537, True)
    assert larger.described() == {"text": "x" * 65536, "size": 65537, "truncated": True}


def test_bytes_that_are_no_text_are_spelt_out() -> None:
    """A body is shown whatever it is."""
    assert Body.of(b"ok \xff").text == "ok \\xff"


def test_a_reader_gets_every_entry_while_it_reads() -> None:
    """An entry reaches each reader once, in order, from the subscription to its end."""

    async def read() -> list[int]:
        log = filled(entry())
        with log.subscribe() as news:
            log.add(entry())
            log.add(entry())
            seen = [(await anext(news)).id, (await anext(news)).id]
        log.add(entry())
        return seen

    assert asyncio.run(read()) == [2, 3]


def test_a_slow_reader_is_dropped_and_told() -> None:
    """It gets what waited for it; then the iteration ends and `fell_behind` is true."""

    async def read() -> tuple[list[int], bool]:
        log = RequestLog()
        with log.subscribe(most_waiting=2) as news:
            for _ in range(5):
                log.add(entry())
            return [each.id async for each in news], news.fell_behind

    assert asyncio.run(read()) == ([1, 2], True)


async def waited(log: RequestLog, *later: Entry, patience: float = 5, **wanted: Any) -> Entry:
    """What a wait of so many seconds gives while these entries come."""
    waiting = asyncio.create_task(log.wait_for(patience, **wanted))
    await asyncio.sleep(0)
    for each in later:
        log.add(each)
    return await waiting


def test_waiting_ends_with_the_first_that_matches() -> None:
    """Those before, and those that do not match, do not count."""
    log = filled(entry(status=404))
    found = asyncio.run(waited(log, entry(), entry(status=404), entry(status=404), status=404))
    assert found.id == 3


def test_waiting_from_a_number_on_misses_nothing() -> None:
    """With `since_id`, the earliest match after it answers at once."""
    log = filled(*(entry() for _ in range(3)))
    assert asyncio.run(waited(log, since_id=1)).id == 2
    assert asyncio.run(waited(log, entry(), since_id=3)).id == 4


def test_waiting_ends_in_time() -> None:
    """Nothing that matches within the timeout is a TimeoutError, and so is too much that does not match."""
    with pytest.raises(TimeoutError):
        asyncio.run(waited(RequestLog(), patience=0))
    many = [entry() for _ in range(1001)]
    with pytest.raises(TimeoutError, match="fell behind"):
        asyncio.run(waited(RequestLog(), *many, status=404))
