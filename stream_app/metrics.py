"""What the worker counts and times."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime

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
from stream_app.outcome import DeadLettered, Outcome, Predicted, Skipped, StreamEnded
from stream_app.prediction_drift import PredictionDrift
from stream_app.prediction_metrics import PredictionMetrics

# What an exemplar may hold in all, names and values (OpenMetrics 1.0); a topic's prefix may be long.
MAX_EXEMPLAR_CHARACTERS = 128
# The label of frames that became dead letters, beside the statuses of predictions.
DEAD_LETTER = "dead_letter"
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
        self._processed_as = {str(status): self._processed.labels(status=status) for status in (*Status, DEAD_LETTER)}
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

    def stored(self, outcome: Outcome, *, partition: int, publish_seconds: float, at: datetime) -> None:
        """Count what the broker has. publish_seconds: how long that took. at: now."""
        match outcome:
            case Predicted(prediction=prediction):
                self._predicted(prediction, partition=partition)
                self._timed(prediction, at=at, exemplar=_exemplar(outcome))
                for keyed in outcome.events:
                    self.gesture(keyed.event)
            case Skipped(prediction=prediction):
                self._predicted(prediction, partition=partition)
            case DeadLettered(letter=letter, camera=camera):
                self._processed_as[DEAD_LETTER].inc()
                self._dead_letters.labels(reason=letter.reason.value).inc()
                if camera:
                    self._cameras.count_dead_letter(camera)
            case StreamEnded(end=end):
                self._cameras.end(LiveStream(end.run, partition))
                for keyed in outcome.events:
                    self.gesture(keyed.event)
                return
        self._stages["publish"].observe(publish_seconds)

    def _predicted(self, prediction: Prediction, *, partition: int) -> None:
        self._processed_as[prediction.status.value].inc()
        self._cameras.count(prediction.camera, stream=_live_stream(prediction, partition=partition))
        self.predictions.count(prediction)
        self._drift.count(prediction)

    def _timed(self, prediction: Prediction, *, at: datetime, exemplar: dict[str, str]) -> None:
        if prediction.retries:  # what was a dead letter is as old as that was
            return
        # Of a frame that was not searched, the stages behind decoding did not happen.
        for stage in _STAGES_OF_SKIPPED if prediction.detector_skipped else Timings.__slots__:
            self._stages[stage].observe(getattr(prediction.timings_ms, stage) / 1000)
        self._end_to_end.observe(max(0.0, (at - prediction.captured_at).total_seconds()), exemplar)


def _live_stream(prediction: Prediction, *, partition: int) -> LiveStream | None:
    """None where the frame came out of a file, or once more out of a topic: no camera has to go on with it."""
    if prediction.mode is not Mode.LIVE or prediction.retries:
        return None
    return LiveStream(prediction.run, partition)


def _exemplar(outcome: Predicted) -> dict[str, str]:
    """The frame by name and its trace, so that from a slow point in a picture one comes to the frame itself."""
    exemplar = {} if outcome.trace is None else {"trace_id": outcome.trace.id}
    named = {**exemplar, "frame": outcome.prediction.id}
    if sum(len(name) + len(value) for name, value in named.items()) <= MAX_EXEMPLAR_CHARACTERS:
        return named
    return exemplar
