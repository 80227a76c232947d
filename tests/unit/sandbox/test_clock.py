from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sandbox_support import StillClock

from havn_ext.sandbox.clock import SandboxClock

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def source() -> StillClock:
    """The time around the sandbox."""
    return StillClock()


@pytest.fixture
def clock(source: StillClock) -> SandboxClock:
    """The sandbox's clock over it."""
    return SandboxClock(source)


def test_it_tells_the_sources_time(clock: SandboxClock, source: StillClock) -> None:
    """Until it is told otherwise."""
    source.advance(5)
    assert (clock(), clock.frozen) == (source.now, False)


def test_advanced_it_runs_on(clock: SandboxClock, source: StillClock) -> None:
    """What it is ahead stays, forwards and back."""
    clock.advance(60)
    clock.advance(-10)
    source.advance(5)
    assert clock() == source.now + timedelta(seconds=50)


def test_frozen_it_moves_only_when_told(clock: SandboxClock, source: StillClock) -> None:
    """Time around it does not matter, and the moment may be told in any zone."""
    clock.freeze(NOON.astimezone(timezone(timedelta(hours=7))))
    source.advance(5)
    assert (clock(), clock.frozen) == (NOON, True)
    clock.advance(0.5)
    assert clock() == NOON + timedelta(seconds=0.5)


def test_resumed_it_tells_the_sources_time(clock: SandboxClock, source: StillClock) -> None:
    """Nothing of what was told is left."""
    clock.advance(60)
    clock.freeze(NOON)
    clock.resume()
    assert (clock(), clock.frozen) == (source.now, False)


@pytest.mark.parametrize("moment", [datetime(1969, 12, 31, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)])
def test_a_moment_that_the_sandbox_cannot_live_in_is_refused(clock: SandboxClock, moment: datetime) -> None:
    """And changes nothing."""
    before = clock()
    with pytest.raises(ValueError, match="between the years"):
        clock.freeze(moment)
    with pytest.raises(ValueError, match="between the years"):
        clock.advance((moment - before).total_seconds())
    assert clock() == before
