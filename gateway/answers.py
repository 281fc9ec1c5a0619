"""What the API answers with. Predictions are those of the stream; the rest is here."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from events.frame import Mode
from events.gesture import Phase
from events.prediction import Handedness, Prediction, Status
from events.units import Count, Milliseconds, Ratio, Time
from gateway.problem import ProblemDetails

PerSecond = Annotated[float, Meta(ge=0.0, extra_json_schema={"x-unit": "1/s"})]
Seconds = Annotated[float, Meta(ge=0.0, extra_json_schema={"x-unit": "s"})]


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchItem:
    """The outcome of one file: either is null."""

    name: Annotated[str, Meta(description="Name of the file, as the client gave it")]
    prediction: Prediction | None
    problem: ProblemDetails | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchAnswer:
    """The outcomes of all files, in their order."""

    predictions: tuple[BatchItem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelAnswer:
    """The model bundle that names the gestures of uploads here."""

    name: str
    version: str
    sha256: Annotated[str, Meta(description="Sum of the bundle's model file")]
    kind: Annotated[str, Meta(description="Kind of the classifier")]
    classes: tuple[str, ...]
    threshold: Annotated[Ratio, Meta(description="A gesture less probable than this is `no_gesture`")]
    thresholds: Annotated[dict[str, Ratio], Meta(description="Of gestures that have a threshold of their own")]
    features: Annotated[str, Meta(description="Version of the features that it was trained on")]
    metrics: Annotated[dict[str, float], Meta(description="Figures of its evaluation")]


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraAnswer:
    """One camera, as its newest prediction has it."""

    camera: str
    mode: Mode
    last_seen: Annotated[Time, Meta(description="When its newest prediction or frame arrived here")]
    frames_per_second: Annotated[PerSecond, Meta(description="Predictions a second, over the last 5 seconds")]
    latency_ms: Annotated[
        Milliseconds | None, Meta(description="Median from capture until here, over the last predictions")
    ]
    gesture: Annotated[str | None, Meta(description="Gesture of the surest hand; null without a hand")]
    confidence: Ratio | None
    status: Status | None
    browser: Annotated[bool, Meta(description="Whether it is a browser that gives its webcam")]


class StreamState(StrEnum):
    """ok, or what is missing, the first of these: no_broker, no_worker, no_camera."""

    OK = "ok"
    NO_BROKER = "no_broker"
    NO_WORKER = "no_worker"
    NO_CAMERA = "no_camera"


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamModel:
    name: str
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthAnswer:
    """How the stream is doing."""

    state: StreamState
    message: Annotated[str, Meta(description="What to do, where something is missing")]
    broker: Annotated[str, Meta(description="Address of the broker")]
    workers: Annotated[Count, Meta(description="Worker processes that have their partitions")]
    lag_records: Annotated[Count | None, Meta(description="Frames that the workers have not committed")]
    lag_seconds: Annotated[Seconds | None, Meta(description="About how long a frame waits for a worker now")]
    frames_per_second: Annotated[PerSecond, Meta(description="Predictions a second, of all cameras")]
    latency_p50_ms: Annotated[Milliseconds | None, Meta(description="From capture until here, over the last minute")]
    latency_p95_ms: Milliseconds | None
    dead_letters: Annotated[Count, Meta(description="Dead letters since the gateway was started")]
    model: Annotated[StreamModel | None, Meta(description="The model of the newest prediction")]
    gestures: Annotated[dict[str, Count], Meta(description="Hands by gesture, over the last 5 minutes")]


@dataclass(frozen=True, slots=True, kw_only=True)
class GestureAnswer:
    """A gesture of one hand started or ended, debounced by time."""

    camera: str
    hand: Handedness
    gesture: str
    phase: Phase
    at: Time
    confidence: Annotated[Ratio, Meta(description="Mean over the frames that showed it")]
    track_id: Annotated[Count | None, Meta(description="`track_id` of the hand in the last prediction that shows it")]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyAnswer:
    """Whether requests can be served. `handstream` without a broker still answers POST /predict."""

    model: Annotated[bool, Meta(description="Whether the model is loaded")]
    broker: Annotated[bool, Meta(description="Whether the broker answers")]
