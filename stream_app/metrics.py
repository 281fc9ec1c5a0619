"""What the worker counts and times."""

from __future__ import annotations

from collections.abc import Callable, Collection

from prometheus_client import CollectorRegistry

from events.frame import Mode
from events.gesture import GestureEvent
from events.prediction import Prediction, Status, Timings
from events.reason import Reason
from monitoring import table
from monitoring.camera_metrics import CameraMetrics, LiveStream
from monitoring.drift import DriftWindow
from monitoring.drift_metrics import DriftMetrics
from monitoring.model_metrics import ModelMetrics
from recognition.bundle import Refusal
from stream_app.dead_letter_share import DeadLetterShare
from stream_app.outcome import DEAD_LETTER, Outcome
from stream_app.prediction_drift import PredictionDrift
from stream_app.prediction_metrics import PredictionMetrics

# What an exemplar may hold in all, names and values (OpenMetrics 1.0); a topic's prefix may be long.
MAX_EXEMPLAR_CHARACTERS = 128
_STAGES_OF_SKIPPED = ("queue", "decode")


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
        self._cameras = CameraMetrics(registry)
        self._dead_letters = table.DEAD_LETTERS.create(registry)
        for reason in Reason:
            self._dead_letters.labels(reason=reason.value)
        self._assigned = table.ASSIGNED_PARTITIONS.create(registry)
        self._rebalances = table.REBALANCES.create(registry)
        self._processed = table.FRAMES_PROCESSED.create(registry)
        # From the start, so that a rate sees the first burst of each.
        self._of_status = {str(status): self._processed.labels(status=status) for status in (*Status, DEAD_LETTER)}
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

    def timed(self, timings: Timings, *, detector_skipped: bool) -> None:
        """detector_skipped: the stages behind decoding did not happen, and say nothing of how long they take."""
        for stage in _STAGES_OF_SKIPPED if detector_skipped else Timings.__slots__:
            self._stages[stage].observe(getattr(timings, stage) / 1000)

    def gesture(self, event: GestureEvent) -> None:
        """Count an event that was written."""
        self._gestures.labels(gesture=event.gesture, phase=event.phase.value).inc()

    def assigned(self, count: Callable[[], int]) -> None:
        """count: of the partitions that the worker has, asked at each scrape."""
        self._assigned.set_function(count)

    def rebalanced(self, partitions: Collection[int]) -> None:
        """partitions: that the worker has now."""
        self._rebalances.inc()
        self._cameras.keep(partitions)

    def ended(self, stream: LiveStream) -> None:
        """The end of a run in a partition was passed on."""
        self._cameras.end(stream)

    def finished(
        self, outcome: Outcome, *, partition: int, publish_seconds: float, end_to_end_seconds: float | None
    ) -> None:
        """Count one frame. end_to_end_seconds is None where that says nothing of the stream."""
        self._of_status[outcome.status].inc()
        self._stages["publish"].observe(publish_seconds)
        if outcome.prediction is not None:
            self._cameras.count(outcome.camera, stream=_live_stream(outcome.prediction, partition=partition))
            self.predictions.count(outcome.prediction)
            self._drift.count(outcome.prediction)
        if outcome.reason is not None:
            self._dead_letters.labels(reason=outcome.reason.value).inc()
            if outcome.camera:
                self._cameras.count_dead_letter(outcome.camera)
        if end_to_end_seconds is not None:
            self._end_to_end.observe(max(0.0, end_to_end_seconds), _exemplar(outcome))


def _live_stream(prediction: Prediction, *, partition: int) -> LiveStream | None:
    """None where the frame came out of a file, or once more out of a topic: no camera has to go on with it."""
    if prediction.mode is not Mode.LIVE or prediction.retries:
        return None
    return LiveStream(prediction.run, partition)


def _exemplar(outcome: Outcome) -> dict[str, str]:
    """The frame by name and its trace, so that from a slow point in a picture one comes to the frame itself."""
    exemplar = {} if outcome.trace is None else {"trace_id": outcome.trace.id}
    if outcome.prediction is not None:
        named = {**exemplar, "frame": outcome.prediction.id}
        if sum(len(name) + len(value) for name, value in named.items()) <= MAX_EXEMPLAR_CHARACTERS:
            return named
    return exemplar
