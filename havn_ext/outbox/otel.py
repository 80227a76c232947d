"""The outbox's metrics as OpenTelemetry instruments (extra `otel`)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from havn_ext.outbox.extra import outbox_extra
from havn_ext.outbox.metrics import METRICS, Metrics

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from opentelemetry.metrics import CallbackOptions, Meter, Observation

    from havn_ext._clock import Clock

__all__ = ["observe"]

FRESH_SECONDS = 0.5


class _Reader:
    """Asks the outbox once for all instruments of one collection, which come one after the other."""

    def __init__(self, read: Callable[[], Metrics], clock: Clock) -> None:
        self._read = read
        self._clock = clock
        self._metrics: Metrics | None = None
        self._since = 0.0

    def value(self, name: str) -> float:
        """The number of this name, at most half a second old."""
        now = self._clock.monotonic()
        if self._metrics is None or now - self._since > FRESH_SECONDS:
            self._metrics, self._since = self._read(), now
        return self._metrics.values[name]


def observe(meter: Meter, read: Callable[[], Metrics], *, clock: Clock | None = None) -> None:
    """Adds observable instruments to a meter: `havn.outbox.depth`, `havn.outbox.worker_delivered` and so on.

    Args:
        meter: From `opentelemetry.metrics.get_meter`.
        read: Gives the metrics, such as `lambda: Metrics.of(store, worker.tally)`; called when they are collected.
        clock: For how long numbers are fresh.

    Raises:
        ModuleNotFoundError: opentelemetry-api is missing.
    """
    with outbox_extra():
        from opentelemetry.metrics import Observation as Made  # noqa: PLC0415  the extra may be missing
    from havn_ext._clock import SYSTEM_CLOCK  # noqa: PLC0415  only as the default

    reader = _Reader(read, clock or SYSTEM_CLOCK)

    def observed(name: str, _options: CallbackOptions) -> Iterable[Observation]:
        return [Made(reader.value(name))]

    for metric in METRICS:
        name = metric.name.removesuffix("_total").removesuffix("_seconds")
        make = meter.create_observable_counter if metric.kind == "counter" else meter.create_observable_gauge
        make(
            f"havn.outbox.{name}",
            callbacks=[partial(observed, metric.name)],
            unit=metric.unit,
            description=metric.description,
        )
