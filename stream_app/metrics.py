"""What the worker counts and times."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry

from events.gesture import GestureEvent
from events.prediction import Timings
from events.reason import Reason
from monitoring import table
from monitoring.camera_metrics import CameraMetrics
from monitoring.drift import DriftWindow
from monitoring.drift_metrics import DriftMetrics
from monitoring.model_metrics import ModelMetrics
from recognition.bundle import Refusal
from stream_app.dead_letter_share import DeadLetterShare
from stream_app.outcome import Outcome
from stream_app.prediction_drift import PredictionDrift
from stream_app.prediction_metrics import PredictionMetrics

# What an exemplar may hold in all, names and values (OpenMetrics 1.0); a topic's prefix may be long.
MAX_EXEMPLAR_CHARACTERS = 128


class WorkerMetrics:
    """The worker's metrics, in a registry of its own so that two workers in one process do not collide."""

    def __init__(self, registry: CollectorRegistry, *, drift: DriftWindow | None = None) -> None:
        window = drift or DriftWindow()
        self.registry = registry
        self.model = ModelMetrics(
            registry, refusals=Refusal, on_model=lambda manifest: window.refer(manifest.reference)
        )
        DriftMetrics(registry, window)
        self._drift = PredictionDrift(window)
        self.predictions = PredictionMetrics(registry)
        self.cameras = CameraMetrics(registry)
        self._dead_letters = table.DEAD_LETTERS.create(registry)
        for reason in Reason:
            self._dead_letters.labels(reason=reason.value)
        self._assigned = table.ASSIGNED_PARTITIONS.create(registry)
        self._rebalances = table.REBALANCES.create(registry)
        self._processed = table.FRAMES_PROCESSED.create(registry)
        self._gestures = table.GESTURE_EVENTS.create(registry)
        self._end_to_end = table.END_TO_END_SECONDS.create(registry)
        self._stuck = table.WORKER_STUCK.create(registry)
        self._faulty_cameras = table.FAULTY_CAMERAS.create(registry)
        self._limit_exceeded = table.DEAD_LETTER_LIMIT_EXCEEDED.create(registry)
        stage_seconds = table.STAGE_SECONDS.create(registry)
        # Looked up once: resolving labels costs more than counting.
        self._stages = {name: stage_seconds.labels(stage=name) for name in (*Timings.__slots__, "publish")}

    def stuck(self, is_so: Callable[[], bool]) -> None:
        """is_so: asked at each scrape."""
        self._stuck.set_function(lambda: float(is_so()))

    def watch_dead_letters(self, share: DeadLetterShare) -> None:
        self._faulty_cameras.set_function(share.faulty_ratio)
        self._limit_exceeded.set_function(share.exceeded)

    def timed(self, timings: Timings) -> None:
        for stage in Timings.__slots__:
            self._stages[stage].observe(getattr(timings, stage) / 1000)

    def gesture(self, event: GestureEvent) -> None:
        """Count an event that was written."""
        self._gestures.labels(gesture=event.gesture, phase=event.phase.value).inc()

    def assigned(self, count: Callable[[], int]) -> None:
        """count: of the partitions that the worker has, asked at each scrape."""
        self._assigned.set_function(count)

    def rebalanced(self) -> None:
        self._rebalances.inc()

    def finished(self, outcome: Outcome, *, publish_seconds: float, end_to_end_seconds: float | None) -> None:
        """Count one frame. end_to_end_seconds is None where the frame does not say when it was captured."""
        self._processed.labels(status=outcome.status).inc()
        self._stages["publish"].observe(publish_seconds)
        if outcome.camera:
            self.cameras.count(outcome.camera)
        if outcome.prediction is not None:
            self.predictions.count(outcome.prediction)
            self._drift.count(outcome.prediction)
        if outcome.reason is not None:
            self._dead_letters.labels(reason=outcome.reason.value).inc()
        if end_to_end_seconds is not None:
            self._end_to_end.observe(max(0.0, end_to_end_seconds), _exemplar(outcome))


def _exemplar(outcome: Outcome) -> dict[str, str] | None:
    """The frame by name, so that from a slow point in a picture one comes to the frame itself."""
    if outcome.prediction is None:
        return None
    exemplar = {"frame": outcome.prediction.id}
    return exemplar if len("frame") + len(outcome.prediction.id) <= MAX_EXEMPLAR_CHARACTERS else None
