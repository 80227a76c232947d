"""Limiters that share one memory: what is given out, and what HAVN's answers change for all of them."""

from __future__ import annotations

import asyncio
import threading
from email.utils import formatdate
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

import pytest
from fakes import NOON, FakeClock

from havn_ext.limits import (
    AsyncMemoryStore,
    AsyncRateLimiter,
    Limit,
    MemoryStore,
    RateLimiter,
    Refused,
    ThreadedStore,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from havn_ext.limits import AsyncLimiter, AsyncStore, Limiter

Kind = Literal["sync", "async", "threaded"]
LOGIN = "createLoginLink"
SALE = "sendTransaction"


class Fleet:
    """Workers over one store, on a clock that stands still; each has a limiter of its own."""

    def __init__(self, kind: Kind) -> None:
        self.clock = FakeClock()
        self._kind = kind
        self._store = MemoryStore(self.clock.now)

    def worker(self, *, ahead: float = 0.0, **options: Any) -> Worker:
        """Another worker; its own clock is `ahead` seconds off."""
        options["clock"] = lambda: self.clock.now() + ahead
        if self._kind == "sync":
            return Worker(RateLimiter(self._store, **options))
        store: AsyncStore = AsyncMemoryStore(self._store) if self._kind == "async" else ThreadedStore(self._store)
        return Worker(AsyncRateLimiter(store, **options))


class Worker:
    """A limiter of either kind, driven alike."""

    def __init__(self, limiter: Limiter | AsyncLimiter) -> None:
        self._limiter: Any = limiter

    def reserve(self, operation: str = SALE, account: str = "default") -> float | Refused:
        """A slot, or none."""
        return self._done(self._limiter.reserve(account, operation))  # type: ignore[no-any-return]

    def observe(
        self, status: int, headers: Mapping[str, str], operation: str = SALE, account: str = "default"
    ) -> None:
        """HAVN's answer."""
        self._done(self._limiter.observe(account, operation, status, headers))

    @staticmethod
    def _done(outcome: Any) -> Any:
        return asyncio.run(outcome) if asyncio.iscoroutine(outcome) else outcome


@pytest.fixture(params=["sync", "async", "threaded"])
def fleet(request: pytest.FixtureRequest) -> Fleet:
    """Workers of one kind: a test that takes it holds for all kinds."""
    return Fleet(request.param)


def headers(limit: int, remaining: int, left: float, **more: str) -> dict[str, str]:
    """HAVN's rate-limit headers at noon, on a clock of its own that is right."""
    return {
        "X-RateLimit-Limit": str(limit),
        "X-RateLimit-Remaining": str(remaining),
        "X-RateLimit-Reset": str(int(NOON + left)),
        "Date": formatdate(NOON, usegmt=True),
        **more,
    }


def test_logins_are_limited_from_the_start(fleet: Fleet) -> None:
    """Twenty logins a minute is known without an answer; the burst goes at once, then each waits its turn."""
    one, other = fleet.worker(), fleet.worker()
    got = [worker.reserve(LOGIN) for worker in (one, other, one)]
    assert got == [0, 0, Refused(3.333334)]


def test_slots_of_all_workers_form_one_queue(fleet: Fleet) -> None:
    """Whichever worker asks, it stands behind those who asked before."""
    limits = {SALE: Limit(10, 1, burst=0, share=1.0)}
    one, other = fleet.worker(limits=limits), fleet.worker(limits=limits)
    got = [worker.reserve() for worker in (one, other, other, one, other)]
    assert got == [0, 0.1, 0.2, 0.3, 0.4]


def test_a_refusal_holds_no_slot(fleet: Fleet) -> None:
    """Beyond the longest wait nothing is reserved, and who comes at that time gets the slot at once."""
    worker = fleet.worker(limits={SALE: Limit(1, 60, share=1.0)})
    assert worker.reserve() == 0
    assert [worker.reserve(), worker.reserve()] == [Refused(60), Refused(60)]
    fleet.clock.pass_by(60)
    assert worker.reserve() == 0


def test_the_longest_wait_can_be_chosen(fleet: Fleet) -> None:
    """A slot just at the longest wait is given."""
    worker = fleet.worker(limits={SALE: Limit(1, 60, share=1.0)}, longest_wait=60)
    assert [worker.reserve(), worker.reserve(), worker.reserve()] == [0, 60, Refused(120)]


def test_an_operation_without_a_known_limit_never_waits(fleet: Fleet) -> None:
    """What neither the caller nor HAVN limits is not slowed down."""
    worker = fleet.worker()
    assert {worker.reserve() for _ in range(1000)} == {0}


def test_a_limit_is_learned_from_the_first_answer(fleet: Fleet) -> None:
    """An answer's limit holds from then on, for a window of a minute, at nine tenths."""
    worker = fleet.worker()
    worker.observe(200, headers(600, 599, 60))
    waits = [worker.reserve() for _ in range(33)]
    assert waits[:31] == [0] * 31
    assert waits[31:] == pytest.approx([0.111112, 0.222224])


def test_a_longer_window_is_learned_and_kept(fleet: Fleet) -> None:
    """A window with more than a minute to go is longer than a minute, also when it is nearly over."""
    worker = fleet.worker()
    worker.observe(200, headers(60, 60, 3600))
    worker.observe(200, headers(60, 60, 5))
    assert [worker.reserve() for _ in range(8)][-1] == Refused(66.666667)


@pytest.mark.parametrize(("told", "wait"), [(5, 6.0), (100, 3.0)], ids=["lower", "higher"])
def test_the_lower_limit_counts(fleet: Fleet, told: int, wait: float) -> None:
    """HAVN's limit counts where it is lower than the configured one, and not where it is higher."""
    worker = fleet.worker(limits={SALE: Limit(10, 30, burst=0, share=1.0)})
    worker.observe(200, headers(told, told, 1))
    assert worker.reserve() == 0
    assert worker.reserve() == Refused(wait)


@pytest.mark.parametrize(
    ("status", "told", "wait"),
    [
        (429, headers(600, 0, 30), 30.0),
        (429, headers(600, 0, 30, **{"Retry-After": "40"}), 40.0),
        (429, headers(600, 5, 30, **{"Retry-After": "40"}), 40.0),
        (429, {"Retry-After": "7"}, 7.0),
        (429, {"Retry-After": "1e300"}, 3600.0),
        (503, {"Retry-After": "9"}, 9.0),
        (200, headers(600, 0, 30), 30.0),
    ],
)
def test_one_answer_stops_the_whole_fleet(fleet: Fleet, status: int, told: Mapping[str, str], wait: float) -> None:
    """A worker that is told to wait, or that the window is used up, stops all, whatever their clocks say."""
    one, other = fleet.worker(ahead=2.0), fleet.worker(ahead=-2.0)
    assert [one.reserve(), other.reserve()] == [0, 0]
    one.observe(status, told)
    assert [one.reserve(), other.reserve()] == [Refused(wait), Refused(wait)]
    assert other.reserve("validateVoucher") == 0
    assert other.reserve(account="another") == 0
    fleet.clock.pass_by(wait)
    assert other.reserve() == 0


def test_a_refusal_without_a_word_is_a_short_pause(fleet: Fleet) -> None:
    """After a 429 that says nothing all wait for a second."""
    one, other = fleet.worker(), fleet.worker()
    one.observe(429, {})
    assert other.reserve() == 1.0


def test_what_is_left_is_spread_over_the_window(fleet: Fleet) -> None:
    """When less is left than the pace would use, because somebody else calls too, all slow down until the reset."""
    one, other = fleet.worker(), fleet.worker()
    one.observe(200, headers(600, 100, 50))
    assert one.reserve() == 0
    other.observe(200, headers(600, 100, 50))
    fleet.clock.pass_by(10)
    waits = [worker.reserve() for _ in range(45) for worker in (one, other)]
    spaced = [wait for wait in waits if isinstance(wait, float) and wait > 0]
    gaps = [later - earlier for earlier, later in pairwise(spaced)]
    assert gaps
    assert gaps == pytest.approx([0.5] * len(gaps), abs=1e-5)


def test_slowness_is_shared(fleet: Fleet) -> None:
    """A worker that has heard nothing from HAVN is slowed down by what another one heard, until the reset."""
    one, other = fleet.worker(), fleet.worker()
    one.observe(200, headers(600, 10, 50))
    assert other.reserve() == 0
    assert other.reserve() == Refused(5.0)
    fleet.clock.pass_by(50)
    assert [other.reserve() for _ in range(100)] == [0] * 100


def test_enough_is_left_and_nothing_changes(fleet: Fleet) -> None:
    """An answer that leaves enough does not slow anybody down."""
    one, other = fleet.worker(), fleet.worker()
    one.observe(200, headers(600, 595, 50))
    assert [other.reserve() for _ in range(100)] == [0] * 100


def test_an_account_is_not_mistaken_for_another(fleet: Fleet) -> None:
    """Whatever characters are in an account's name, its slots are its own."""
    worker = fleet.worker(limits={"b:c": Limit(1), "c": Limit(1)})
    assert worker.reserve("b:c", account="a") == 0
    assert worker.reserve("c", account="a:b") == 0
    assert worker.reserve("c", account="a%3Ab") == 0


def test_threads_get_different_slots() -> None:
    """However many threads ask at once, no slot is given twice."""
    limiter = RateLimiter(MemoryStore(lambda: 0.0), {SALE: Limit(1, 1, share=1.0)}, longest_wait=10_000)
    got: list[float | Refused] = []

    def ask() -> None:
        got.extend(limiter.reserve("default", SALE) for _ in range(200))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(wait for wait in got if isinstance(wait, float)) == list(range(1600))


def test_the_memory_tells_time_by_itself() -> None:
    """Without a clock of its caller's the store uses the machine's."""
    limiter = RateLimiter(MemoryStore(), {SALE: Limit(1, 3600)})
    assert limiter.reserve("default", SALE) == 0
    assert isinstance(limiter.reserve("default", SALE), Refused)
