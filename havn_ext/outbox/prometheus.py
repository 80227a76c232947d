"""The outbox's metrics as Prometheus reads them (extra `prometheus`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from havn_ext.outbox.extra import outbox_extra

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from prometheus_client import CollectorRegistry
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

    from havn_ext.outbox.metrics import Metrics

__all__ = ["MetricsServer", "OutboxCollector", "serve"]


class OutboxCollector:
    """A collector for a registry of prometheus_client; asks the outbox each time that it is scraped.

    Args:
        read: Gives the metrics, such as `lambda: Metrics.of(store, worker.tally)`. What it raises reaches
            the scraper.

    Raises:
        ModuleNotFoundError: prometheus_client is missing.
    """

    def __init__(self, read: Callable[[], Metrics]) -> None:
        with outbox_extra():
            from prometheus_client import core  # noqa: PLC0415  the extra may be missing
        self._core = core
        self._read = read

    def describe(self) -> list[GaugeMetricFamily]:
        """Nothing: so that registering does not ask the outbox."""
        return []

    def collect(self) -> Iterator[GaugeMetricFamily | CounterMetricFamily]:
        """The families, each with one sample."""
        for metric, value in self._read():
            name = f"havn_outbox_{metric.name}"
            if metric.kind == "counter":
                yield self._core.CounterMetricFamily(name, metric.description, value=value)
            else:
                yield self._core.GaugeMetricFamily(name, metric.description, value=value)


@attrs.frozen
class MetricsServer:
    """Serves metrics in a thread until it is ended.

    Attributes:
        url: Where they are.
    """

    url: str
    _end: Callable[[], None] = attrs.field(repr=False)

    def end(self) -> None:
        """Ends it."""
        self._end()


def serve(read: Callable[[], Metrics], port: int, host: str = "127.0.0.1") -> MetricsServer:
    """Serves the metrics under `/metrics` in a thread.

    Args:
        read: As for `OutboxCollector`; called in another thread than this one.
        port: To listen on; 0 for a free one.
        host: To listen on; only this machine unless told otherwise.

    Raises:
        ModuleNotFoundError: prometheus_client is missing.
        OSError: The port is taken.
    """
    with outbox_extra():
        from prometheus_client import CollectorRegistry, start_http_server  # noqa: PLC0415  as above
    registry: CollectorRegistry = CollectorRegistry()
    registry.register(OutboxCollector(read))
    server, thread = start_http_server(port, host, registry)

    def end() -> None:
        server.shutdown()
        server.server_close()
        thread.join()

    return MetricsServer(f"http://{host}:{server.server_port}/metrics", end)
