"""The generic cell rate algorithm with reservation: pure arithmetic on the store's clock, in whole microseconds.

A key's state is the moment from which the next slot is free (`tat`, theoretical arrival time), and, while HAVN's
own count is short, a slower pace with the moment at which it ends. To reserve is to take the slot at `tat` and
to move `tat` on by one interval; so no slot is given twice, and whoever asks next stands behind. A key that was
idle has credit for `burst` slots, which go at once.

`memory` runs this very code; `redis` and `postgres` say the same in Lua and in SQL.
"""

from __future__ import annotations

from typing import Final

import attrs

__all__ = ["MICROSECONDS", "MOST_HOLD", "UNUSED", "Pace", "Slot", "SlowDown", "State", "reserve", "slow_down"]

MICROSECONDS: Final = 1_000_000
"""In a second."""

MOST_HOLD: Final = 3600 * MICROSECONDS
"""The longest that one answer of HAVN's stops a fleet: a mistaken header must not stop it for a year."""


@attrs.frozen
class Pace:
    """How fast slots follow one another.

    Attributes:
        interval: Microseconds between two slots; 0 is no limit.
        burst: Slots that go at once after idleness, beyond the first.
    """

    interval: int = 0
    burst: int = 0

    @property
    def credit(self) -> int:
        """Microseconds that an idle key may be behind the clock."""
        return self.interval * self.burst


@attrs.frozen
class State:
    """A key's: moments in microseconds on the store's clock.

    Attributes:
        tat: When the next slot is free.
        slow_interval: Microseconds between slots while HAVN's count is short.
        slow_until: When that ends.
    """

    tat: int = 0
    slow_interval: int = 0
    slow_until: int = 0


UNUSED: Final = State(tat=-(10**18))
"""The state of a key that nobody has asked for, idle since long before a clock that just began to count."""


@attrs.frozen
class Slot:
    """What a store says to a reservation.

    Attributes:
        granted: Whether a slot was taken.
        wait: Microseconds until it; of the slot that was not taken, when refused.
    """

    granted: bool
    wait: int


@attrs.frozen
class SlowDown:
    """What an answer of HAVN's does to a key, in microseconds from now.

    Attributes:
        hold: No slot before then.
        interval: Between two slots, for as long as `lasting`.
        lasting: How long `interval` holds.
    """

    hold: int = 0
    interval: int = 0
    lasting: int = 0


def reserve(state: State, now: int, pace: Pace, ceiling: int) -> tuple[State, Slot]:
    """Takes the next slot, unless it is further off than `ceiling` microseconds."""
    interval = max(pace.interval, state.slow_interval if state.slow_until > now else 0)
    # A tat beyond anything that was ever given comes of a clock that was set back.
    tat = min(state.tat, now + furthest(interval, ceiling))
    slot = max(tat, now - pace.credit)
    wait = max(0, slot - now)
    if wait > ceiling:
        return attrs.evolve(state, tat=tat), Slot(granted=False, wait=wait)
    return attrs.evolve(state, tat=slot + interval), Slot(granted=True, wait=wait)


def slow_down(state: State, now: int, advice: SlowDown) -> State:
    """Holds the key, and slows it for a while."""
    tat = max(state.tat, now + advice.hold) if advice.hold else state.tat
    if not advice.interval:
        return attrs.evolve(state, tat=tat)
    return State(tat, advice.interval, now + advice.lasting)


def furthest(interval: int, ceiling: int) -> int:
    """Microseconds from now beyond which no `tat` comes to stand by itself."""
    return MOST_HOLD + ceiling + interval
