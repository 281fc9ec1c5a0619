"""The distances of the window, as metrics or their absence."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from monitoring import table
from monitoring.drift import DriftWindow


class DriftMetrics(Collector):
    """Compares when it is asked: a frame costs no more than its counting."""

    def __init__(self, registry: CollectorRegistry, window: DriftWindow) -> None:
        self._window = window
        registry.register(self)

    def collect(self) -> Iterable[GaugeMetricFamily]:
        distance = table.DRIFT_DISTANCE
        family = GaugeMetricFamily(distance.name, distance.meaning, labels=distance.labels)
        for feature, value in self._window.distances().items():
            family.add_metric([feature], value)
        yield family
        frames = table.DRIFT_WINDOW_FRAMES
        yield GaugeMetricFamily(frames.name, frames.meaning, value=self._window.frames())
