"""`no_waiting()`: no real wait, and time that moves all the same."""

from __future__ import annotations

import asyncio
import threading
import time as machine
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from havn import AsyncHAVNClient, HAVNClient, HAVNServerError, RetryPolicy
from havn_ext._clock import SYSTEM_CLOCK, Clock, ReplaceableClock
from havn_ext.testing import UnwaitedTime, no_waiting
from havn_ext.testing.waiting import sandbox_now

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "HAVN-AQNEO-S08-ABC123"
LONG = 40.0
REAL = 5.0
"""Seconds that a test may really take; the waits that it asks for are longer."""


@pytest.fixture(autouse=True)
def quick() -> Iterator[None]:
    """No test of this file waits for real."""
    began = machine.monotonic()
    yield
    assert machine.monotonic() - began < REAL


def overloaded(_request: httpx.Request) -> httpx.Response:
    """HAVN, asking everybody to come back later."""
    return httpx.Response(503, headers={"Retry-After": str(LONG)})


def sync_client(**options: object) -> HAVNClient:
    """A blocking client of a HAVN that is overloaded."""
    http_client = httpx.Client(transport=httpx.MockTransport(overloaded))
    return HAVNClient("key", "secret", http_client=http_client, **options)  # type: ignore[arg-type]


def async_client(**options: object) -> AsyncHAVNClient:
    """An async client of a HAVN that is overloaded."""
    http_client = httpx.AsyncClient(transport=httpx.MockTransport(overloaded))
    return AsyncHAVNClient("key", "secret", http_client=http_client, **options)  # type: ignore[arg-type]


def validate_in_vain(client: HAVNClient) -> None:
    """A call that fails in the end."""
    with pytest.raises(HAVNServerError):
        client.vouchers.validate(CODE)


async def validate_in_vain_async(client: AsyncHAVNClient) -> None:
    """A call that fails in the end."""
    with pytest.raises(HAVNServerError):
        await client.vouchers.validate(CODE)


def test_clients_made_before_and_inside_do_not_wait() -> None:
    """Retries of old and new clients wait no real time, and their waits are told."""
    old = sync_client(max_retries=2)
    old._session  # noqa: B018  the clock is taken with the first call; take it now
    with no_waiting() as time:
        validate_in_vain(old)
        validate_in_vain(sync_client(max_retries=1))
    assert time.waits == [LONG, LONG, LONG]


def test_async_clients_do_not_wait() -> None:
    """The same holds under asyncio."""
    with no_waiting() as time:
        asyncio.run(validate_in_vain_async(async_client(max_retries=2)))
    assert time.waits == [LONG, LONG]


def test_deadlines_hold() -> None:
    """A policy gives up when it would have, had the waits been real."""
    with no_waiting() as time:
        validate_in_vain(sync_client(retry=RetryPolicy(max_retries=100, deadline=3.5 * LONG)))
    assert time.waits == [LONG, LONG, LONG]


@pytest.mark.parametrize("calls", [2, 50])
def test_calls_at_the_same_time_wait_at_the_same_time(calls: int) -> None:
    """The waits of one task or thread are not held against another's deadline."""
    policy = RetryPolicy(max_retries=2, deadline=3 * LONG)
    blocking, client = sync_client(retry=policy), async_client(retry=policy)

    async def all_at_once() -> None:
        await asyncio.gather(*(validate_in_vain_async(client) for _ in range(calls)))

    with no_waiting() as time:
        asyncio.run(all_at_once())
    assert time.waits == [LONG] * 2 * calls
    with no_waiting() as time, ThreadPoolExecutor(8) as pool:
        list(pool.map(validate_in_vain, [blocking] * calls))
    assert time.waits == [LONG] * 2 * calls


def test_waiting_tasks_let_others_have_their_turn() -> None:
    """A skipped wait is still a moment in which other tasks run."""
    turns: list[str] = []

    async def take_turns(name: str) -> None:
        for _ in range(2):
            turns.append(name)
            await SYSTEM_CLOCK.sleep_async(LONG)

    async def both() -> None:
        await asyncio.gather(take_turns("a"), take_turns("b"))

    with no_waiting():
        asyncio.run(both())
    assert turns == ["a", "b", "a", "b"]


@given(st.lists(st.floats(min_value=0, max_value=1e6), max_size=20))
def test_time_moves_by_the_waits(waits: list[float]) -> None:
    """Both clocks go on by the sum of the waits, and by the real time that has passed."""
    with no_waiting() as time:
        now, monotonic = time.now(), time.monotonic()
        for seconds in waits:
            SYSTEM_CLOCK.sleep(seconds)
        assert time.waits == waits
        assert SYSTEM_CLOCK.monotonic() - monotonic == pytest.approx(sum(waits), abs=REAL)
        assert SYSTEM_CLOCK.now() - now == pytest.approx(sum(waits), abs=REAL)
        assert SYSTEM_CLOCK.monotonic() >= monotonic + sum(waits) - 1e-3
        assert sandbox_now().timestamp() == pytest.approx(time.now(), abs=REAL)
    assert machine.time() == pytest.approx(SYSTEM_CLOCK.now(), abs=REAL)


def test_each_time_begins_with_real_time() -> None:
    """What one `no_waiting()` skipped is no part of the next."""
    for _ in range(2):
        with no_waiting() as time:
            assert time.now() == pytest.approx(machine.time(), abs=REAL)
            SYSTEM_CLOCK.sleep(1000)


def test_the_machines_clock_is_back_after_an_error() -> None:
    """Whatever happens inside, waits are real again afterwards."""
    with pytest.raises(RuntimeError, match="inside"), no_waiting():
        raise RuntimeError("inside")
    assert type(SYSTEM_CLOCK.current) is Clock


def test_the_innermost_counts() -> None:
    """Of several that are open, the one that was opened last is told of the waits."""
    with no_waiting() as outer:
        SYSTEM_CLOCK.sleep(1)
        with no_waiting() as inner:
            SYSTEM_CLOCK.sleep(2)
        SYSTEM_CLOCK.sleep(3)
    assert (outer.waits, inner.waits) == ([1, 3], [2])


def test_one_object_opens_again_and_again() -> None:
    """An object can be entered while it is open, and after it was; each time is its own."""
    unwaited = no_waiting()
    with unwaited as first, unwaited as second:
        SYSTEM_CLOCK.sleep(LONG)
    with unwaited as third:
        SYSTEM_CLOCK.sleep(LONG)
    assert (first.waits, second.waits, third.waits) == ([], [LONG], [LONG])


def test_it_decorates_functions() -> None:
    """A decorated function never waits, and is otherwise as it was."""

    @no_waiting()
    def wait(seconds: float) -> Clock:
        """Waits."""
        SYSTEM_CLOCK.sleep(seconds)
        return SYSTEM_CLOCK.current

    first, second = wait(LONG), wait(seconds=LONG)
    assert isinstance(first, UnwaitedTime)
    assert first is not second
    assert wait.__doc__ == "Waits."
    assert type(SYSTEM_CLOCK.current) is Clock


def test_it_decorates_coroutine_functions() -> None:
    """A decorated coroutine function never waits, from its first step to its last."""

    @no_waiting()
    async def wait() -> Clock:
        await SYSTEM_CLOCK.sleep_async(LONG)
        return SYSTEM_CLOCK.current

    coroutine = wait()
    assert type(SYSTEM_CLOCK.current) is Clock
    assert isinstance(asyncio.run(coroutine), UnwaitedTime)
    assert type(SYSTEM_CLOCK.current) is Clock


def test_a_sandbox_follows_the_furthest() -> None:
    """The sandbox's time is that of the thread or task that has skipped most."""
    with no_waiting() as time:
        thread = threading.Thread(target=SYSTEM_CLOCK.sleep, args=(LONG,))
        thread.start()
        thread.join()
        assert time.now() == pytest.approx(machine.time(), abs=REAL)
        assert sandbox_now().timestamp() == pytest.approx(machine.time() + LONG, abs=REAL)
    assert sandbox_now().timestamp() == pytest.approx(machine.time(), abs=REAL)


@given(st.permutations(range(4)))
def test_clocks_leave_in_any_order(order: list[int]) -> None:
    """Of those clocks that are still in place, the one that came last counts; after all of them the machine's."""
    clock, others = ReplaceableClock(), [Clock() for _ in range(4)]
    places = [clock.replaced_by(other) for other in others]
    for place in places:
        place.__enter__()
    left = list(range(4))
    for each in order:
        places[each].__exit__(None, None, None)
        left.remove(each)
        assert clock.current is others[left[-1]] if left else clock.current not in others
