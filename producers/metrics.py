"""What a producer tells Prometheus."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.registry import Collector

from monitoring import table
from monitoring.metric import CounterMetric, GaugeMetric
from producers.ledger import DropReason, Ledger


class ProducerMetrics(Collector):
    """Reads the ledger when it is asked: what is counted once cannot differ. Only the time to publish is kept here."""

    def __init__(self, registry: CollectorRegistry, ledger: Ledger) -> None:
        self._ledger = ledger
        self.publish_seconds = table.PRODUCER_PUBLISH_SECONDS.create(registry)
        registry.register(self)

    def collect(self) -> Iterable[Family]:
        counts = self._ledger.counts()
        yield _counter(table.PRODUCER_PUBLISHED, counts.published)
        yield _counter(table.PRODUCER_PUBLISHED_BYTES, counts.published_bytes)
        dropped = CounterMetricFamily(
            table.PRODUCER_DROPPED.name, table.PRODUCER_DROPPED.meaning, labels=table.PRODUCER_DROPPED.labels
        )
        for reason in DropReason:
            dropped.add_metric([reason.value], counts.dropped.get(reason, 0))
        yield dropped
        yield _gauge(table.PRODUCER_IN_FLIGHT, counts.in_flight)
        yield _gauge(table.PRODUCER_WAITING, counts.waiting)


def _counter(metric: CounterMetric, value: float) -> CounterMetricFamily:
    return CounterMetricFamily(metric.name, metric.meaning, value=value)


def _gauge(metric: GaugeMetric, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(metric.name, metric.meaning, value=value)
