"""What is known of the served model, as metrics: the same for every process that serves one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from prometheus_client import CollectorRegistry, Gauge

from monitoring import table
from monitoring.drift import Reference

_HANDS = "hands_"


class ModelFacts(Protocol):
    """A bundle's manifest, as far as it is measured here."""

    @property
    def name(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def sha256(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def classes(self) -> tuple[str, ...]: ...
    @property
    def candidates(self) -> Mapping[str, Mapping[str, float]]: ...
    @property
    def data(self) -> Mapping[str, float]: ...
    @property
    def reference(self) -> Reference | None: ...


class ModelMetrics:
    """Follows the model that a process serves.

    refusals: all reasons that there may be, so that each is counted from 0.
    on_model: called with each model that is served from now on.
    """

    def __init__(
        self,
        registry: CollectorRegistry,
        *,
        refusals: Iterable[str],
        on_model: Callable[[ModelFacts], None] = lambda _: None,
    ) -> None:
        self._on_model = on_model
        self._info = table.MODEL_INFO.create(registry)
        self._training = table.MODEL_TRAINING_ACCURACY.create(registry)
        self._evaluation = table.MODEL_EVALUATION_ACCURACY.create(registry)
        self._swaps = table.MODEL_SWAPS.create(registry)
        self._refused = table.MODEL_REFUSED.create(registry)
        for reason in refusals:
            self._refused.labels(reason=reason)
        self._source_up = table.MODEL_SOURCE_UP.create(registry)
        self._hands = table.TRAINING_DATA_HANDS.create(registry)
        self._data = {
            "completeness_ratio": table.TRAINING_DATA_COMPLETENESS.create(registry),
            "faulty": table.TRAINING_DATA_FAULTY.create(registry),
            "near_duplicates": table.TRAINING_DATA_NEAR_DUPLICATES.create(registry),
            "people": table.TRAINING_DATA_PEOPLE.create(registry),
        }

    def started(self, manifest: ModelFacts) -> None:
        """The model that the process begins with."""
        self._source_up.set(1)
        self._show(manifest)

    def swapped(self, manifest: ModelFacts) -> None:
        self._swaps.inc()
        self._show(manifest)

    def refused(self, reason: str) -> None:
        self._refused.labels(reason=reason).inc()

    def reachable(self, *, is_so: bool) -> None:
        self._source_up.set(int(is_so))

    def _show(self, manifest: ModelFacts) -> None:
        self._on_model(manifest)
        _replace(self._info, {(manifest.name, manifest.version, manifest.sha256, manifest.kind): 1.0})
        for gauge, figure in ((self._training, "training_accuracy"), (self._evaluation, "evaluation_accuracy")):
            _replace(gauge, {(kind,): of[figure] for kind, of in manifest.candidates.items() if figure in of})
        # Only names of classes: other figures of hands begin in the same way.
        hands: dict[tuple[str, ...], float] = {
            (name,): manifest.data[_HANDS + name] for name in manifest.classes if _HANDS + name in manifest.data
        }
        _replace(self._hands, hands)
        for name, gauge in self._data.items():
            gauge.set(manifest.data.get(name, float("nan")))


def _replace(gauge: Gauge, values: Mapping[tuple[str, ...], float]) -> None:
    """Set these label values and remove all others, without a moment in which a scrape finds none."""
    before = {tuple(sample.labels.values()) for metric in gauge.collect() for sample in metric.samples}
    for labels, value in values.items():
        gauge.labels(*labels).set(value)
    for labels in before - values.keys():
        gauge.remove(*labels)
