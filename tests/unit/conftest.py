from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Generator


@pytest.fixture
def machine_in(monkeypatch: pytest.MonkeyPatch) -> Generator[Callable[[int], None]]:
    """Moves the machine to a time zone, so many hours east of UTC."""
    if not hasattr(time, "tzset"):
        pytest.skip("this system has no way to change the zone of a process")

    def move(hours_east: int) -> None:
        monkeypatch.setenv("TZ", f"XXX{-hours_east:+d}")  # POSIX counts towards the west
        time.tzset()

    yield move
    monkeypatch.undo()
    time.tzset()
