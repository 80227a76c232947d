"""The bar that shows how far a file is: rate and time left at a terminal, and nothing anywhere else."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from rich.progress import BarColumn, Progress, ProgressColumn, TextColumn, TimeRemainingColumn
from rich.text import Text

from havn_ext.cli.screen import NARROW

if TYPE_CHECKING:
    from collections.abc import Generator

    from rich.progress import Task, TaskID

    from havn_ext.cli.screen import Screen

__all__ = ["Bar", "bar"]

_PAUSE: Final = 0.05  # seconds between two looks at the clock's hands


class Bar:
    """A bar that is shown, or none."""

    def __init__(self, progress: Progress | None, what: str, total: int | None) -> None:
        self._progress = progress
        self._total = total
        self._next = 0.0
        self._task: TaskID | None = None
        if progress is not None:
            self._task = progress.add_task(what, total=total, failed=0)

    @property
    def visible(self) -> bool:
        """Whether there is a bar to see."""
        return self._progress is not None

    @property
    def due(self) -> bool:
        """Whether it is time to show something new."""
        return self._progress is not None and time.monotonic() >= self._next

    def begin_at(self, done: int) -> None:
        """Says that so many were done before: they tell nothing about the rate."""
        if self._progress is not None and self._task is not None:
            self._progress.reset(self._task, completed=done, total=self._total)

    def at(self, done: int, failed: int) -> None:
        """Shows how many are done, those that failed included; not at every call."""
        if self.due:
            self._show(done, failed)

    def say(self, what: str) -> None:
        """Puts another word before the bar. Harmless in a signal handler: nothing is printed here and now."""
        if self._progress is not None:
            self._progress.tasks[0].description = what

    def end(self) -> None:
        """Wipes the bar away. Harmless when it is gone."""
        if self._progress is not None:
            self._progress.stop()

    def _show(self, done: int, failed: int) -> None:
        if self._progress is not None and self._task is not None:
            self._progress.update(self._task, completed=done, failed=failed)
            self._next = time.monotonic() + _PAUSE


@contextmanager
def bar(screen: Screen, what: str, total: int | None = None) -> Generator[Bar]:
    """A bar on standard error for as long as something lasts; it is wiped away afterwards."""
    if not screen.live:
        yield Bar(None, what, total)
        return
    narrow = screen.err.width < NARROW
    columns: tuple[ProgressColumn, ...] = (
        (TextColumn("{task.description}"), _Share(), _Rate(), TimeRemainingColumn(compact=True))
        if narrow
        else (
            TextColumn("{task.description}"),
            BarColumn(bar_width=None if screen.err.width < 100 else 40),
            _Counts(),
            _Rate(),
            TimeRemainingColumn(),
            TextColumn("left"),
        )
    )
    progress = Progress(*columns, console=screen.err, transient=True, expand=False)
    with progress:
        yield Bar(progress, what, total)


class _Counts(ProgressColumn):
    def render(self, task: Task) -> Text:
        total = "" if task.total is None else f"/{task.total:,.0f}"
        failed = task.fields["failed"]
        text = Text(f"{task.completed:,.0f}{total}")
        return text.append(f", {failed:,} failed", "red") if failed else text


class _Share(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text(f"{task.completed:,.0f}" if task.total is None else f"{task.percentage:.0f}%")


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text("-/s" if speed is None else f"{speed:,.0f}/s")
