"""The newest snapshot as metrics, or their absence."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from monitoring import table
from monitoring.cluster import DEAD, STABLE
from monitoring.lag_collector import GroupLag, Snapshot
from monitoring.metric import GaugeMetric

# Kafka's own words; those of the newer group protocol among them.
STATES = (
    "PreparingRebalance", "CompletingRebalance", STABLE, "Empty", "Assigning", "Reconciling", DEAD, "Unknown",
)  # fmt: skip


class LagMetrics(Collector):
    """All of one snapshot or nothing: a scrape sees no mix of two.

    patience_seconds: an older snapshot is not shown any more; whoever asks Kafka hangs.
    clock: monotonic seconds.
    """

    def __init__(
        self, registry: CollectorRegistry, *, patience_seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._patience_seconds = patience_seconds
        self._clock = clock
        self._shown: tuple[Snapshot, float] | None = None
        registry.register(self)

    def show(self, snapshot: Snapshot) -> None:
        self._shown = (snapshot, self._clock())

    def withdraw(self) -> None:
        """Kafka does not answer: nothing is known of lag."""
        self._shown = None

    @property
    def snapshot(self) -> Snapshot | None:
        """The newest, unless it was withdrawn or is too old."""
        shown = self._shown
        if shown is None or self._clock() - shown[1] > self._patience_seconds:
            return None
        return shown[0]

    def collect(self) -> Iterable[GaugeMetricFamily]:
        snapshot = self.snapshot
        families = _Families()
        families.add(table.BROKER_UP, 0 if snapshot is None else 1)
        if snapshot is not None:
            families.add(table.KAFKA_BROKERS, snapshot.brokers)
            _topics(families, snapshot)
            for group in snapshot.groups:
                _group(families, group)
        return families


class _Families:
    """A family for each metric, those without a value too: what may be there is described."""

    def __init__(self) -> None:
        self._families = {
            metric.name: GaugeMetricFamily(metric.name, metric.meaning, labels=metric.labels) for metric in METRICS
        }

    def add(self, metric: GaugeMetric, value: float, *labels: str) -> None:
        self._families[metric.name].add_metric(labels, value)

    def __iter__(self) -> Iterator[GaugeMetricFamily]:
        return iter(self._families.values())


METRICS = (
    table.BROKER_UP,
    table.KAFKA_BROKERS,
    table.KAFKA_TOPIC_PARTITIONS,
    table.KAFKA_TOPIC_END,
    table.KAFKA_TOPIC_BEGINNING,
    table.KAFKA_GROUP_OFFSET,
    table.KAFKA_GROUP_OFFSET_SUM,
    table.KAFKA_GROUP_LAG,
    table.KAFKA_GROUP_LAG_SUM,
    table.KAFKA_GROUP_LAG_SECONDS,
    table.KAFKA_GROUP_MEMBERS,
    table.KAFKA_GROUP_STATE,
)


def _topics(families: _Families, snapshot: Snapshot) -> None:
    partitions: dict[str, int] = defaultdict(int)
    for partition, held in snapshot.bounds.items():
        partitions[partition.topic] += 1
        families.add(table.KAFKA_TOPIC_END, held.end, partition.topic, str(partition.number))
        families.add(table.KAFKA_TOPIC_BEGINNING, held.beginning, partition.topic, str(partition.number))
    for topic, count in partitions.items():
        families.add(table.KAFKA_TOPIC_PARTITIONS, count, topic)


def _group(families: _Families, group: GroupLag) -> None:
    offsets: dict[str, int] = defaultdict(int)
    records: dict[str, int] = defaultdict(int)
    for lag in group.partitions:
        place = (group.group, lag.topic, str(lag.partition))
        if lag.committed is not None:
            families.add(table.KAFKA_GROUP_OFFSET, lag.committed, *place)
        families.add(table.KAFKA_GROUP_LAG, lag.records, *place)
        if lag.seconds is not None:
            families.add(table.KAFKA_GROUP_LAG_SECONDS, lag.seconds, *place)
        offsets[lag.topic] += lag.committed or 0
        records[lag.topic] += lag.records
    for topic, total in records.items():
        families.add(table.KAFKA_GROUP_OFFSET_SUM, offsets[topic], group.group, topic)
        families.add(table.KAFKA_GROUP_LAG_SUM, total, group.group, topic)
    if group.state.members is not None:
        families.add(table.KAFKA_GROUP_MEMBERS, group.state.members, group.group)
    for state in STATES:
        is_so = group.state.state == state or (state == "Unknown" and group.state.state not in STATES)
        families.add(table.KAFKA_GROUP_STATE, int(is_so), group.group, state)
