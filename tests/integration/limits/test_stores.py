"""Every shared store keeps the same promises; Redis and PostgreSQL are real ones, and tell the time themselves."""

from __future__ import annotations

import asyncio
import gc
import inspect
import threading
import warnings
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
import redis
import redis.asyncio
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from havn_ext.limits import (
    AsyncMemoryStore,
    AsyncPostgresStore,
    AsyncRedisStore,
    MemoryStore,
    PostgresStore,
    RedisStore,
    rate_table,
)
from havn_ext.limits.gcra import MICROSECONDS, MOST_HOLD, Pace, Slot, SlowDown

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

HOUR = 3600 * MICROSECONDS
SLOWLY = Pace(HOUR)
"""So slow that what a test itself takes is no part of an hour."""
CEILING = 2 * MICROSECONDS
NO_CEILING = 10**13


class Place:
    """A store's state, and ways to it; each `open` is another worker's, with connections of its own."""

    def __init__(self, kind: str, request: pytest.FixtureRequest) -> None:
        self.kind = kind
        self._memory = MemoryStore()
        self._where: Any = None
        if "redis" in kind:
            self.url, self._where = request.getfixturevalue("redis_prefix")
        elif "postgres" in kind:
            self.url, self._where = request.getfixturevalue("rates")

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Any]:
        """A store of this kind."""
        match self.kind:
            case "memory":
                yield self._memory
            case "memory, async":
                yield AsyncMemoryStore(self._memory)
            case "redis":
                with redis.Redis.from_url(self.url) as client:
                    yield RedisStore(client, prefix=self._where)
            case "redis, async":
                async with redis.asyncio.Redis.from_url(self.url) as async_client:
                    yield AsyncRedisStore(async_client, prefix=self._where)
            case "postgres":
                engine = sa.create_engine(self.url)
                yield PostgresStore(engine, self._where)
                engine.dispose()
            case _:
                url = sa.make_url(self.url)
                url = url.set(drivername="postgresql+asyncpg") if "asyncpg" in self.kind else url
                async_engine = create_async_engine(url)
                yield AsyncPostgresStore(async_engine, self._where.name)
                await async_engine.dispose()

    def run(self, *calls: Callable[[Any], Any]) -> list[Any]:
        """What calls of a store come to, one after the other."""

        async def run() -> list[Any]:
            async with self.open() as store:
                outcomes = []
                for call in calls:
                    outcome = call(store)
                    outcomes.append(await outcome if inspect.isawaitable(outcome) else outcome)
                return outcomes

        return asyncio.run(run())

    def reserve(self, count: int = 1, *, pace: Pace = SLOWLY, ceiling: int = CEILING, key: str = "k") -> list[Slot]:
        """Slots, one after the other."""
        return self.run(*[lambda store: store.reserve(key, pace, ceiling)] * count)

    def slow_down(self, advice: SlowDown) -> None:
        """Tells the store."""
        self.run(lambda store: store.slow_down("k", advice))


@pytest.fixture(
    params=[
        "memory",
        "memory, async",
        "redis",
        "redis, async",
        "postgres",
        "postgres, async",
        "postgres, asyncpg",
    ]
)
def place(request: pytest.FixtureRequest) -> Place:
    """A store of each kind: a test that takes it holds for all."""
    return Place(request.param, request)


def turns(slots: list[Slot]) -> list[int]:
    """Which turn each slot is, in whole hours from now."""
    assert all(slot.granted for slot in slots)
    return [round(slot.wait / HOUR) for slot in slots]


def test_slots_follow_one_another(place: Place) -> None:
    """The first slot is free at once, and each later one an interval after the one before."""
    slots = place.reserve(4, ceiling=NO_CEILING)
    assert slots[0] == Slot(granted=True, wait=0)
    assert turns(slots) == [0, 1, 2, 3]


def test_a_slot_too_far_off_is_refused_and_not_taken(place: Place) -> None:
    """Beyond the ceiling nothing is reserved: asking once or often makes no difference to the queue."""
    first, *others = place.reserve(5)
    assert first == Slot(granted=True, wait=0)
    assert {other.granted for other in others} == {False}
    assert all(HOUR - 60 * MICROSECONDS < other.wait <= HOUR for other in others)
    assert turns(place.reserve(ceiling=NO_CEILING)) == [1]


def test_an_unused_key_has_its_burst(place: Place) -> None:
    """A burst goes at once, and what comes after it waits."""
    assert turns(place.reserve(5, pace=Pace(HOUR, burst=2), ceiling=NO_CEILING)) == [0, 0, 0, 1, 2]


def test_keys_are_apart(place: Place) -> None:
    """One key's slots are no other's, whatever the keys are made of."""
    for key in ("k", "K", "k:", "é'\"; --", ""):
        assert place.reserve(key=key) == [Slot(granted=True, wait=0)]


def test_no_limit_never_waits(place: Place) -> None:
    """A key without a pace is free, until it is held."""
    assert set(place.reserve(20, pace=Pace())) == {Slot(granted=True, wait=0)}
    place.slow_down(SlowDown(hold=HOUR))
    (slot,) = place.reserve(pace=Pace())
    assert not slot.granted
    assert HOUR - 60 * MICROSECONDS < slot.wait <= HOUR


def test_the_slower_pace_counts(place: Place) -> None:
    """While a key is slowed down its slots are as far apart as it says; afterwards the usual pace is back."""
    place.slow_down(SlowDown(interval=2 * HOUR, lasting=HOUR))
    assert turns(place.reserve(3, pace=Pace(HOUR), ceiling=NO_CEILING)) == [0, 2, 4]
    place.slow_down(SlowDown(interval=3 * HOUR, lasting=0))
    assert turns(place.reserve(2, pace=Pace(HOUR), ceiling=NO_CEILING)) == [6, 7]


def test_a_hold_never_shortens(place: Place) -> None:
    """A shorter hold, or none, does not take back a longer one; and a slowdown alone holds nobody."""
    for advice in (SlowDown(hold=HOUR), SlowDown(hold=MICROSECONDS), SlowDown(interval=1, lasting=1)):
        place.slow_down(advice)
    assert turns(place.reserve(ceiling=NO_CEILING)) == [1]


def test_workers_at_once_get_different_slots(place: Place) -> None:
    """Workers with connections of their own, asking at the same time, get every slot once."""
    got: list[Slot] = []

    def work() -> None:
        got.extend(place.reserve(25, ceiling=NO_CEILING))

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(turns(got)) == list(range(100))


def test_a_store_of_an_address_serves_any_event_loop(redis_prefix: tuple[str, str]) -> None:
    """One store serves the drains of a process, each of which has an event loop of its own, one after another."""
    url, prefix = redis_prefix
    store = AsyncRedisStore.from_url(url, prefix=prefix)

    async def drain() -> list[Slot]:
        return [await store.reserve("k", SLOWLY, NO_CEILING) for _ in range(2)]

    async def last() -> list[Slot]:
        slots = await drain()
        await store.close()
        return slots

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # what an ended loop leaves behind, nobody can close
        assert turns([*asyncio.run(drain()), *asyncio.run(drain()), *asyncio.run(last())]) == list(range(6))
        gc.collect()


def far_ahead(place: Place) -> None:
    """Puts the key's next slot years into the future, where a clock that ran ahead would have left it."""
    if "redis" in place.kind:
        with redis.Redis.from_url(place.url) as client:
            (key,) = client.scan_iter(f"{place._where}*")
            client.hset(key, "tat", str(2**52))
            client.persist(key)
    else:
        engine = sa.create_engine(place.url)
        with engine.begin() as connection:
            connection.execute(sa.update(place._where).values(tat=sa.text("now() + interval '5 years'")))
        engine.dispose()


@pytest.mark.parametrize("place", ["redis", "postgres"], indirect=True)
def test_a_clock_set_back_stops_nobody_for_good(place: Place) -> None:
    """After the store's clock was set back nobody waits longer than the longest hold, and that wait runs out."""
    place.reserve()
    far_ahead(place)
    (refused,) = place.reserve(pace=Pace(MICROSECONDS))
    assert not refused.granted
    assert refused.wait <= MOST_HOLD + CEILING + MICROSECONDS


@pytest.mark.parametrize("place", ["redis"], indirect=True)
def test_redis_forgets_what_means_nothing_any_more(place: Place) -> None:
    """A key expires no sooner than its last slot has passed, and not never."""
    place.reserve(3, ceiling=NO_CEILING)
    with redis.Redis.from_url(place.url) as client:
        (key,) = client.scan_iter(f"{place._where}*")
        assert 3 * HOUR // 1000 - 60_000 < int(client.pttl(key)) <= 3 * HOUR // 1000 + 1


def test_a_store_can_be_made_from_an_address(redis_prefix: tuple[str, str]) -> None:
    """`from_url` makes a store with a client of its own."""
    url, prefix = redis_prefix
    assert RedisStore.from_url(url, prefix=prefix).reserve("k", SLOWLY, CEILING).granted

    async def reserve() -> Slot:
        store = AsyncRedisStore.from_url(url, prefix=prefix)
        slot = await store.reserve("k", SLOWLY, CEILING)
        await store.close()
        return slot

    assert not asyncio.run(reserve()).granted


def test_the_table_can_be_named_with_its_schema(rates: tuple[str, sa.Table]) -> None:
    """A table of a schema is used as it is."""
    url, table = rates
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        schema: str = connection.execute(sa.text("SELECT current_schema()")).scalar_one()
    named = rate_table(sa.MetaData(schema=schema), prefix=table.name.removesuffix("rate"))
    assert PostgresStore(engine, named).reserve("k", SLOWLY, CEILING).granted
    engine.dispose()
