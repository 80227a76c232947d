"""How well a fleet keeps within a shared limit: arrivals at a server, from processes whose clocks are wrong.

    python scripts/bench/limits.py [--store redis|postgres|memory|all] [--limit 100] [--seconds 10]

Four processes call a server on this machine as fast as their slots allow (memory: one process). Each one's
clock is set off by up to two seconds. The server counts what arrives; the report gives the fullest window of
one second, the smallest and the largest share of a process, and the mean rate.

Redis and PostgreSQL are those of HAVN_TEST_REDIS and HAVN_TEST_POSTGRES, or this machine's own. Exits with 1
when a window is more than 5 % over the limit, or when a share is less than 90 % of the largest.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import os
import secrets
import sys
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from multiprocessing.synchronize import Barrier

    from havn_ext.limits import AsyncRateLimiter, AsyncStore

REDIS: Final = os.environ.get("HAVN_TEST_REDIS", "redis://127.0.0.1:6379/15")
POSTGRES: Final = os.environ.get("HAVN_TEST_POSTGRES", "postgresql+psycopg:///test")
OFFSETS: Final = (0.0, 2.0, -2.0, 1.0)  # seconds by which each process's clock is wrong
TASKS: Final = 8  # in each process
MOST_OVER: Final = 5.0  # percent
LEAST_SHARE: Final = 0.9  # of the largest


class Load(NamedTuple):
    """What one process does."""

    store: str
    name: str
    limit: int
    seconds: float
    port: int
    worker: int
    offset: float


class Arrival(NamedTuple):
    """One call at the server: when, in seconds on its monotonic clock, and from whom."""

    moment: float
    worker: int


def main() -> int:
    """Measures the stores asked for; 1 when one misses a target."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--store", choices=["redis", "postgres", "memory", "all"], default="all")
    parser.add_argument("--limit", type=int, default=100, help="calls a second (default: 100)")
    parser.add_argument("--seconds", type=float, default=10.0, help="length of a run (default: 10)")
    options = parser.parse_args()
    stores = ["redis", "postgres", "memory"] if options.store == "all" else [options.store]
    load = f"{options.seconds:g} s at full load, {TASKS} tasks a process"
    print(f"limit {options.limit}/s, {load}, clocks {OFFSETS} s off")
    print(f"{'store':<10}{'processes':>10}{'calls/s':>9}{'fullest 1 s':>13}{'over':>8}{'share min/max':>15}")
    verdicts = [report(store, options.limit, options.seconds) for store in stores]
    return 0 if all(verdicts) else 1


def report(store: str, limit: int, seconds: float) -> bool:
    """Prints a line; whether the targets are met."""
    workers = 1 if store == "memory" else len(OFFSETS)
    arrivals = asyncio.run(measure(store, workers, limit, seconds))
    shares = [sum(arrival.worker == worker for arrival in arrivals) for worker in range(workers)]
    fullest = fullest_window([arrival.moment for arrival in arrivals])
    over = max(0.0, 100.0 * (fullest - limit) / limit)
    rate = (len(arrivals) - 1) / (arrivals[-1].moment - arrivals[0].moment)
    print(f"{store:<10}{workers:>10}{rate:>9.1f}{fullest:>13}{over:>6.1f} %{min(shares):>9}/{max(shares)}")
    return over <= MOST_OVER and min(shares) >= LEAST_SHARE * max(shares)


async def measure(store: str, workers: int, limit: int, seconds: float) -> list[Arrival]:
    """The arrivals of one run."""
    arrivals: list[Arrival] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            arrivals.append(Arrival(time.monotonic(), int(line)))
            writer.write(b"\n")
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port: int = server.sockets[0].getsockname()[1]
    name = f"havn_bench_{secrets.token_hex(6)}_"
    context = multiprocessing.get_context("spawn")
    together = context.Barrier(workers)
    async with server, place(store, name):
        processes = [
            context.Process(
                target=work, args=(Load(store, name, limit, seconds, port, worker, OFFSETS[worker]), together)
            )
            for worker in range(workers)
        ]
        for process in processes:
            process.start()
        for process in processes:
            await asyncio.to_thread(process.join)
    if any(process.exitcode for process in processes):
        raise SystemExit("a worker failed; what it printed is above")
    return arrivals


def fullest_window(moments: Sequence[float]) -> int:
    """The most moments in any window of a second, its end not included; they are in order."""
    fullest = first = 0
    for last, moment in enumerate(moments):
        while moments[first] <= moment - 1.0:
            first += 1
        fullest = max(fullest, last - first + 1)
    return fullest


def work(load: Load, together: Barrier) -> None:
    """One process: sets its clock wrong, and calls."""
    right = time.time
    time.time = lambda: right() + load.offset  # whatever in this process asks for the time gets it wrong
    asyncio.run(call(load, together))


async def call(load: Load, together: Barrier) -> None:
    """Calls whenever a slot has come, with some tasks, until the time is over."""
    from havn_ext.limits import AsyncRateLimiter, Limit  # noqa: PLC0415  after the clock was set wrong

    async with store_of(load) as store:
        limiter = AsyncRateLimiter(store, {"call": Limit(load.limit, 1.0)})
        together.wait()
        until = time.monotonic() + load.seconds
        await asyncio.gather(*(call_in_turn(limiter, load, until) for _ in range(TASKS)))


async def call_in_turn(limiter: AsyncRateLimiter, load: Load, until: float) -> None:
    """One task: a slot, a call, the next slot."""
    from havn_ext.limits import Refused  # noqa: PLC0415  as above

    reader, writer = await asyncio.open_connection("127.0.0.1", load.port)
    while time.monotonic() < until:
        slot = await limiter.reserve("bench", "call")
        if isinstance(slot, Refused):
            await asyncio.sleep(slot.ask_again_in)
            continue
        await asyncio.sleep(slot)
        writer.write(b"%d\n" % load.worker)
        await reader.readline()
    writer.close()
    await writer.wait_closed()


@asynccontextmanager
async def place(store: str, name: str) -> AsyncIterator[None]:
    """What the processes share: made before, and gone afterwards."""
    if store == "postgres":
        import sqlalchemy as sa  # noqa: PLC0415  only this store needs it

        from havn_ext.limits import rate_table  # noqa: PLC0415

        engine = sa.create_engine(POSTGRES)
        table = rate_table(sa.MetaData(), name)
        table.create(engine)
        try:
            yield
        finally:
            table.drop(engine)
            engine.dispose()
    elif store == "redis":
        from redis.asyncio import Redis  # noqa: PLC0415  only this store needs it

        async with Redis.from_url(REDIS) as client:
            try:
                yield
            finally:
                await client.delete(f"{name}bench:call")
    else:
        yield


@asynccontextmanager
async def store_of(load: Load) -> AsyncIterator[AsyncStore]:
    """The store, as one process opens it."""
    from havn_ext.limits import AsyncMemoryStore, AsyncPostgresStore, AsyncRedisStore  # noqa: PLC0415  as above

    if load.store == "postgres":
        from sqlalchemy.ext.asyncio import create_async_engine  # noqa: PLC0415  only this store needs it

        engine = create_async_engine(POSTGRES)
        yield AsyncPostgresStore(engine, f"{load.name}rate")
        await engine.dispose()
    elif load.store == "redis":
        from redis.asyncio import Redis  # noqa: PLC0415  only this store needs it

        async with Redis.from_url(REDIS) as client:
            yield AsyncRedisStore(client, prefix=load.name)
    else:
        yield AsyncMemoryStore()


if __name__ == "__main__":
    sys.exit(main())
