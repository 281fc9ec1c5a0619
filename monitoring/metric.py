"""What a metric is, and how the client library makes it."""

from __future__ import annotations

from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

# 1 ms to 10 s, finer where a live picture still feels immediate; beyond, how old a backlog is.
LATENCY_BUCKETS_SECONDS = (
    0.001, 0.0025, 0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 10.0,
    30.0, 60.0, 300.0,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterMetric:
    """Counts up. The name ends in `_total`."""

    name: str
    meaning: str
    why: str
    labels: tuple[str, ...] = ()

    def create(self, registry: CollectorRegistry) -> Counter:
        return Counter(self.name, self.meaning, self.labels, registry=registry)


@dataclass(frozen=True, slots=True, kw_only=True)
class GaugeMetric:
    """Goes up and down."""

    name: str
    meaning: str
    why: str
    labels: tuple[str, ...] = ()

    def create(self, registry: CollectorRegistry) -> Gauge:
        return Gauge(self.name, self.meaning, self.labels, registry=registry)


@dataclass(frozen=True, slots=True, kw_only=True)
class HistogramMetric:
    """A distribution in base units. The name ends in its unit."""

    name: str
    meaning: str
    why: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = LATENCY_BUCKETS_SECONDS

    def create(self, registry: CollectorRegistry) -> Histogram:
        return Histogram(self.name, self.meaning, self.labels, buckets=self.buckets, registry=registry)
