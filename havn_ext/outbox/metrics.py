"""What an outbox and its worker are measured by: one snapshot, and one list of names for every exporter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, TypeAlias

import attrs

from havn_ext.outbox.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Iterator

    from havn_ext.outbox.store import Store

__all__ = ["METRICS", "Metric", "Metrics"]

MetricKind: TypeAlias = Literal["gauge", "counter"]


class Metric(NamedTuple):
    """One number that is exported.

    Attributes:
        name: Without the prefix `havn_outbox_`.
        kind: A gauge is of the outbox, a counter of this worker alone.
        unit: Of the number.
        description: For people.
    """

    name: str
    kind: MetricKind
    unit: str
    description: str


def _described(tally_field: attrs.Attribute[Any]) -> str:
    lines = (Tally.__doc__ or "").splitlines()
    (line,) = [each for each in lines if each.strip().startswith(f"{tally_field.name}:")]
    return line.partition(":")[2].strip()


METRICS: Final = (
    Metric("depth", "gauge", "{message}", "Messages that are still to be delivered."),
    Metric("dead", "gauge", "{message}", "Messages that were given up and wait for a person."),
    Metric("reconcile", "gauge", "{message}", "Messages that a person has to look up at HAVN."),
    Metric("held", "gauge", "{message}", "Messages that wait for another of the same order key."),
    Metric("ambiguous", "gauge", "{message}", "Unfinished messages that HAVN may have processed."),
    Metric("paused_accounts", "gauge", "{account}", "Accounts whose messages wait until they are resumed."),
    Metric("oldest_age_seconds", "gauge", "s", "Since the oldest undelivered message was enqueued."),
    Metric("lag_seconds", "gauge", "s", "By which the most overdue message is overdue."),
    *(
        Metric(f"worker_{field.name}_total", "counter", "{message}", _described(field))
        for field in attrs.fields(Tally)
    ),
)
"""Everything that is exported."""


@attrs.frozen
class Metrics:
    """All numbers at one moment, by the names of `METRICS`."""

    values: dict[str, float]

    @classmethod
    def of(cls, store: Store, tally: Tally | None = None) -> Metrics:
        """Reads an outbox, without what is finished, and what a worker has done.

        Args:
            store: The outbox; asked in the calling thread.
            tally: The worker's; all zeros when None.
        """
        status = store.status(finished=False)
        counts = status.counts
        gauges: dict[str, float] = {
            "depth": status.depth,
            "dead": counts["dead"],
            "reconcile": counts["reconcile"],
            "held": counts["held"],
            "ambiguous": status.ambiguous,
            "paused_accounts": len(status.pauses),
            "oldest_age_seconds": status.oldest_age,
            "lag_seconds": status.lag,
        }
        done = attrs.asdict(tally or Tally())
        return cls({**gauges, **{f"worker_{name}_total": count for name, count in done.items()}})

    def __iter__(self) -> Iterator[tuple[Metric, float]]:
        return ((metric, self.values[metric.name]) for metric in METRICS)
