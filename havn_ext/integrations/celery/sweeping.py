"""A task whose message says «look», and the sweep that sends it: what is lost comes again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable

    from celery import Celery
    from celery.app.task import Task

__all__ = ["SweptTask"]


@attrs.frozen
class SweptTask:
    """A task that beat has run every now and then.

    Attributes:
        task: The task itself.
        options: Of its messages.
    """

    task: Task[[], None]
    options: dict[str, Any]

    @classmethod
    def on(
        cls, app: Celery, name: str, function: Callable[[], None], *, entry: str, every: float, queue: str | None
    ) -> SweptTask:
        """Puts a task on an app, and into its beat schedule, whenever and however often the app is configured.

        Args:
            app: Whose.
            name: Of the task.
            function: What it does; safe to do twice, and at the same time.
            entry: Name in the beat schedule, so that it is there once.
            every: Seconds between two messages, after which one that nobody took is dropped, so that none pile
                up.
            queue: For the messages; the app's usual one when None.
        """
        any_app: Any = app  # celery-types lacks some of it
        options: dict[str, Any] = {"expires": every} | ({"queue": queue} if queue else {})
        # of this app, and of no other in the process
        task: Any = any_app.task(name=name, acks_late=True, ignore_result=True, shared=False)(function)

        def schedule(sender: Celery, **_rest: object) -> None:
            sender.add_periodic_task(every, task, name=entry, **options)

        any_app.on_after_configure.connect(schedule, weak=False)
        if any_app.configured:
            schedule(app)
        return cls(task, options)

    def send(self) -> None:
        """Has the task run once.

        Raises:
            Exception: The broker does not take the message; every broker has errors of its own.
        """
        self.task.apply_async(retry=False, **self.options)
