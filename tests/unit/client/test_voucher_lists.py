"""`vouchers.iter_all` and `get_combined`: all pages, and HAVN's and local vouchers as one list."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from fakes import NOON, FakeHAVN, Reply, make_client, outcome, take
from hypothesis import given, settings
from hypothesis import strategies as st

from havn_ext import HAVNServerError, Voucher
from havn_ext.vouchers import matches, ordered

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx
    from fakes import AnyClient, Kind

NOW = datetime.fromtimestamp(NOON, UTC)


def voucher(code: str, **fields: Any) -> dict[str, Any]:
    """A voucher in HAVN's names."""
    return {"code": code, "value": 1000, "active": True, **fields}


def shop(vouchers: list[dict[str, Any]]) -> Callable[[httpx.Request], Reply]:
    """A HAVN that has these vouchers, filters and sorts as it is asked to, and cuts pages."""

    def answer(request: httpx.Request) -> Reply:
        query = dict(request.url.params)
        page, size = int(query["page"]), int(query["per_page"])
        models = [Voucher(**each) for each in vouchers]
        wanted = {"active": query["active"] == "true"} if "active" in query else {}
        found = ordered(
            (each for each in models if matches(each, wanted, NOW)), query.get("sort_by"), query.get("sort_order")
        )
        data = [voucher(each.code or "", value=each.value, active=each.active) for each in found]
        pages = -(-len(data) // size)
        pagination = {
            "page": page,
            "limit": size,
            "total": len(data),
            "total_pages": pages,
            "has_next": page < pages,
        }
        return Reply(body={"data": data[(page - 1) * size : page * size], "pagination": pagination})

    return answer


def codes(vouchers: Any) -> list[str]:
    """Their codes, in order."""
    return [each.code for each in vouchers]


# ── iter_all ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("count", "per_page", "calls"), [(0, 2, 1), (1, 2, 1), (2, 2, 1), (3, 2, 2), (5, 1, 5)])
def test_every_voucher_comes_once(kind: Kind, count: int, per_page: int, calls: int) -> None:
    """All vouchers come in order, each once, over as many calls as there are pages."""
    havn = FakeHAVN(shop([voucher(f"HAVN-{n}") for n in range(count)]))
    found = outcome(make_client(kind, havn).vouchers.iter_all(per_page=per_page))
    assert codes(found) == [f"HAVN-{n}" for n in range(count)]
    assert [request.url.params["page"] for request in havn.requests] == [str(n) for n in range(1, calls + 1)]


def test_a_page_is_fetched_when_it_is_needed(kind: Kind) -> None:
    """Nothing is fetched before the first step, and no page before the one before it is used up."""
    havn = FakeHAVN(shop([voucher(f"HAVN-{n}") for n in range(5)]))
    vouchers: Any = make_client(kind, havn).vouchers.iter_all(per_page=2)
    assert havn.requests == []
    seen = []
    with asyncio.Runner() as runner:
        for _ in range(5):
            take(vouchers, 1, runner)
            seen.append(len(havn.requests))
    assert seen == [1, 1, 2, 2, 3]


def test_a_query_goes_with_every_page(kind: Kind) -> None:
    """Every page is asked for with the same query."""
    havn = FakeHAVN(shop([voucher(f"HAVN-{n}") for n in range(3)]))
    outcome(make_client(kind, havn).vouchers.iter_all(per_page=2, active=True, sort_by="code", sort_order="asc"))
    for request in havn.requests:
        assert dict(request.url.params) == {
            "page": request.url.params["page"],
            "per_page": "2",
            "active": "true",
            "sort_by": "code",
            "sort_order": "asc",
        }
    assert len(havn.requests) == 2


def promise(*pages: list[str]) -> Callable[[httpx.Request], Reply]:
    """A HAVN that promises another page with every answer; the last of `pages` is repeated for ever."""

    def answer(request: httpx.Request) -> Reply:
        number = int(request.url.params["page"])
        data = [voucher(code) for code in pages[min(number, len(pages)) - 1]]
        return Reply(body={"data": data, "pagination": {"page": number, "has_next": True}})

    return answer


@pytest.mark.parametrize(
    ("pages", "expected"),
    [(([],), []), ((["A", "B"], ["C"], []), ["A", "B", "C"]), ((["A", "B"], ["C", "D"]), ["A", "B", "C", "D"])],
    ids=["empty from the start", "empty in the end", "the same page again"],
)
@pytest.mark.parametrize("method", ["iter_all", "get_combined"])
def test_a_promise_of_pages_without_end_is_not_believed(
    kind: Kind, method: str, pages: tuple[list[str], ...], expected: list[str]
) -> None:
    """A `has_next` that is always true ends with the first page that is empty or that repeats the one before."""
    found = outcome(getattr(make_client(kind, FakeHAVN(promise(*pages))).vouchers, method)())
    assert codes(getattr(found, "data", found)) == expected


@pytest.mark.parametrize(
    ("pagination", "calls"),
    [
        (None, 1),
        ({}, 1),
        ({"total": 4, "per_page": 2}, 2),
        ({"total_pages": 2}, 2),
        ({"has_next": "yes"}, 1),
    ],
)
def test_a_scanty_pagination_is_made_the_most_of(kind: Kind, pagination: Any, calls: int) -> None:
    """Whether another page follows is computed from what HAVN does say; when it says nothing there is none."""

    def answer(request: httpx.Request) -> Reply:
        page = int(request.url.params["page"])
        known = pagination and {"page": page, **pagination}
        return Reply(body={"data": [voucher(f"HAVN-{page}")], "pagination": known})

    havn = FakeHAVN(answer)
    outcome(make_client(kind, havn).vouchers.iter_all())
    assert len(havn.requests) == calls


def test_an_abandoned_walk_fetches_no_more(kind: Kind) -> None:
    """Whoever stops iterating has fetched nothing beyond the page that he saw."""
    havn = FakeHAVN(shop([voucher(f"HAVN-{n}") for n in range(9)]))
    vouchers: Any = make_client(kind, havn).vouchers.iter_all(per_page=3)

    async def stop_early() -> None:
        await anext(vouchers)
        await vouchers.aclose()

    if isinstance(vouchers, Iterator):
        next(vouchers)
        vouchers.close()  # type: ignore[attr-defined]
    else:
        asyncio.run(stop_early())
    assert outcome(vouchers) == []
    assert len(havn.requests) == 1


# ── get_combined ─────────────────────────────────────────────────────────────────────────────────


def combined(kind: Kind, havns: list[dict[str, Any]], local: Any, **options: Any) -> Any:
    """One page of the combined list."""
    return outcome(make_client(kind, FakeHAVN(shop(havns))).vouchers.get_combined(local, **options))


@settings(max_examples=60, deadline=None)
@given(
    havns=st.lists(st.tuples(st.integers(0, 5), st.booleans()), max_size=230),
    local=st.lists(st.tuples(st.integers(0, 5), st.booleans()), max_size=12),
    page=st.integers(1, 8),
    per_page=st.integers(1, 100),
    query=st.fixed_dictionaries(
        {},
        optional={
            "active": st.booleans(),
            "sort_by": st.sampled_from(["code", "value"]),
            "sort_order": st.sampled_from(["asc", "desc"]),
        },
    ),
)
@pytest.mark.parametrize("kind", ["sync", "async"])
def test_a_combined_page_holds_what_belongs_there(
    kind: Kind,
    havns: list[tuple[int, bool]],
    local: list[tuple[int, bool]],
    page: int,
    per_page: int,
    query: dict[str, Any],
) -> None:
    """Any page is the slice that brute force cuts out of all vouchers, HAVN's and local, filtered and sorted."""
    ours = [voucher(f"HAVN-{n}", value=value, active=on) for n, (value, on) in enumerate(havns)]
    theirs = [voucher(f"LOCAL-{n}", value=value, active=on) for n, (value, on) in enumerate(local)]
    result = combined(kind, ours, lambda: theirs, page=page, per_page=per_page, **query)

    wanted = [each for each in ours if each["active"] == query.get("active", each["active"])]
    if key := query.get("sort_by"):  # HAVN's own order, before the local ones are mixed in
        wanted.sort(key=lambda each: each[key], reverse=query.get("sort_order") != "asc")
    wanted += [each for each in theirs if each["active"] == query.get("active", each["active"])]
    if key:
        wanted.sort(key=lambda each: each[key], reverse=query.get("sort_order") != "asc")
    pages = -(-len(wanted) // per_page)
    assert codes(result.data) == [each["code"] for each in wanted[(page - 1) * per_page : page * per_page]]
    found = result.pagination
    assert (found.page, found.per_page, found.total, found.total_pages) == (page, per_page, len(wanted), pages)
    assert (found.has_prev, found.has_next) == (page > 1, page < pages)


def test_page_two_is_not_empty(kind: Kind) -> None:
    """The second page of a combined list goes on where the first one stopped."""
    havns, local = [voucher(f"HAVN-{n}") for n in range(3)], [voucher(f"LOCAL-{n}") for n in range(3)]
    pages = [combined(kind, havns, lambda: local, page=page, per_page=2) for page in (1, 2, 3, 4)]
    assert [codes(page.data) for page in pages] == [
        ["HAVN-0", "HAVN-1"],
        ["HAVN-2", "LOCAL-0"],
        ["LOCAL-1", "LOCAL-2"],
        [],
    ]


async def local_vouchers() -> list[dict[str, Any]]:
    """Local vouchers that must be waited for."""
    return [voucher("LOCAL")]


@pytest.mark.parametrize(
    "callback",
    [
        lambda: [{"voucher_code": "LOCAL", "discount_value": 5, "valid_until": "2030-01-01"}],
        lambda: iter([Voucher(code="LOCAL")]),
        lambda: ({"code": "LOCAL"},),
        local_vouchers,
    ],
    ids=["looser names", "iterator of vouchers", "tuple", "coroutine function"],
)
def test_a_callback_may_give_what_it_has(kind: Kind, callback: Any) -> None:
    """Local vouchers come as mappings or `Voucher` objects, in any iterable, and from a coroutine function."""
    if callback is local_vouchers:
        kind = "async"
    result = combined(kind, [voucher("HAVN-A")], callback)
    assert codes(result.data) == ["HAVN-A", "LOCAL"]
    assert [each.is_havn for each in result.data] == [True, False]


def test_without_a_callback_there_are_havns_alone(kind: Kind) -> None:
    """A combined list without local vouchers is HAVN's."""
    assert codes(combined(kind, [voucher("HAVN-A")], None).data) == ["HAVN-A"]


@pytest.mark.parametrize(
    ("kind", "failure"),
    [
        ("sync", LookupError("no table")),
        ("async", LookupError("no table")),
        ("sync", HAVNServerError("the caller's own")),
        ("async", HAVNServerError("the caller's own")),
        ("sync", StopIteration("no row")),  # in a coroutine Python itself makes a RuntimeError of it
    ],
)
def test_an_error_of_the_callback_reaches_the_caller(kind: Kind, failure: Exception) -> None:
    """The callback's own error reaches the caller as it is, and HAVN was not asked for nothing."""

    def callback() -> list[Any]:
        raise failure

    havn = FakeHAVN(shop([]))
    with pytest.raises(type(failure)) as caught:
        outcome(make_client(kind, havn).vouchers.get_combined(callback))
    assert caught.value is failure
    assert havn.requests == []


def test_local_vouchers_are_judged_by_the_clients_clock(kind: Kind) -> None:
    """Whether a local voucher has expired or is usable is computed for the moment of the call."""
    local = [
        {"code": "OLD", "valid_until": "2025-06-14"},
        {"code": "TODAY", "valid_until": "2025-06-15"},
        {"code": "SPENT", "max_uses": 2, "uses_count": 2},
    ]
    found = combined(kind, [], lambda: local).data
    assert [(each.code, each.is_expired, each.is_valid) for each in found] == [
        ("OLD", True, False),
        ("TODAY", False, True),
        ("SPENT", False, False),
    ]
    assert codes(combined(kind, [], lambda: local, is_valid=True).data) == ["TODAY"]


@pytest.mark.parametrize("hours_east", [7, -5])
def test_the_machines_zone_does_not_matter(kind: Kind, machine_in: Callable[[int], None], hours_east: int) -> None:
    """Local vouchers are judged by UTC, wherever the machine is: an end without a zone is one of UTC."""
    machine_in(hours_east)
    hour = NOW.replace(tzinfo=None).isoformat()
    local = [{"code": "ENDS", "valid_until": hour}, {"code": "BEGINS", "valid_from": hour}]
    found = combined(kind, [], lambda: local).data
    assert [(each.code, each.is_expired, each.is_valid) for each in found] == [
        ("ENDS", False, True),
        ("BEGINS", False, True),
    ]


def test_an_error_of_havn_reaches_the_caller(kind: Kind) -> None:
    """A page that can't be fetched fails the whole list, instead of leaving vouchers out."""
    first = Reply(body={"data": [voucher("HAVN-A")], "pagination": {"page": 1, "has_next": True}})
    client: AnyClient = make_client(kind, FakeHAVN(first, Reply(500)), max_retries=0)
    with pytest.raises(HAVNServerError):
        outcome(client.vouchers.get_combined(lambda: [voucher("LOCAL")]))
