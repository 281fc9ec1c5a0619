"""What a metric is, and how the client library makes it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics

# When a series began doubles the number of series, and no panel or rule asks for it.
disable_created_metrics()  # type: ignore[no-untyped-call]

# 1 ms to 10 s, finer where a live picture still feels immediate; beyond, how old a backlog is.
LATENCY_BUCKETS_SECONDS = (
    0.001, 0.0025, 0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 10.0,
    30.0, 60.0, 300.0,
)  # fmt: skip
# 0..1, finer where a classifier is nearly sure.
RATIO_BUCKETS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0)


class Process(StrEnum):
    """The kinds of process that serve metrics."""

    WORKER = "worker"
    PRODUCER = "producer"
    GATEWAY = "gateway"
    MONITOR = "monitor"


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """What is measured, by which processes, and why.

    name: ends in its unit (`_seconds`, `_bytes`, `_ratio`), in `_total` where it counts up, or in `_info` where the
    value is always 1 and the labels tell. labels: each takes few values, whatever cameras and clients call themselves.
    """

    name: str
    meaning: str
    why: str
    processes: tuple[Process, ...]
    labels: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        return type(self).__name__.removesuffix("Metric").lower()

    @property
    def unit(self) -> str:
        """Seconds, bytes, ratio, or empty for a count."""
        last = self.name.removesuffix("_total").rpartition("_")[2]
        return last if last in ("seconds", "bytes", "ratio") else ""

    def series(self) -> Iterable[str]:
        """The names under which it is exposed."""
        return (self.name,)


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterMetric(Metric):
    """Counts up."""

    def create(self, registry: CollectorRegistry) -> Counter:
        return Counter(self.name, self.meaning, self.labels, registry=registry)


@dataclass(frozen=True, slots=True, kw_only=True)
class GaugeMetric(Metric):
    """Goes up and down."""

    def create(self, registry: CollectorRegistry) -> Gauge:
        return Gauge(self.name, self.meaning, self.labels, registry=registry)


@dataclass(frozen=True, slots=True, kw_only=True)
class HistogramMetric(Metric):
    """A distribution in base units."""

    buckets: tuple[float, ...] = LATENCY_BUCKETS_SECONDS

    def series(self) -> Iterable[str]:
        return (f"{self.name}_bucket", f"{self.name}_count", f"{self.name}_sum")

    def create(self, registry: CollectorRegistry) -> Histogram:
        return Histogram(self.name, self.meaning, self.labels, buckets=self.buckets, registry=registry)
