"""Where the stream meets those who watch it. All of it lives in the event loop, so nothing needs a lock."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Protocol

from broker.received import ReceivedPrediction
from events.frame import Frame
from events.gesture import GestureEvent
from events.prediction import Prediction, Status
from gateway.answers import CameraAnswer, GestureAnswer, HealthAnswer, StreamModel, StreamState
from gateway.camera_board import CameraBoard
from gateway.feed import FRESH_SECONDS, StreamUpdate
from gateway.history import History
from gateway.messages import cameras_message, frame_message, gesture_message, health_message, prediction_message
from gateway.metrics import GatewayMetrics
from gateway.rolling import RollingCounts, RollingQuantiles, RollingRate
from gateway.topic_follower import BrokerStatus
from gateway.viewer import Viewer
from monitoring.backlog import Backlog
from settings import Settings

MAX_CAMERAS = 200
FORGET_CAMERAS_SECONDS = 60.0
MAX_HISTORY = 1000
# A camera that sent nothing for so long is not there.
CAMERA_GONE_SECONDS = 5.0
GESTURES_SECONDS = 300.0
MAX_GESTURE_NAMES = 64
LATENCY_SECONDS = 60.0
RATE_SECONDS = 5.0
MAX_REMEMBERED = 5000
# Ids of predictions and gesture events seen: the worker may repeat some after a restart.
MAX_IDS = 5000
# Without viewers frames are kept for GET /cameras/{camera}/frame alone.
IDLE_FRAME_PAUSE_SECONDS = 0.5


class Subscriber(Protocol):
    """Wants every prediction, at once and without waiting."""

    def __call__(self, received: ReceivedPrediction, /) -> None: ...


class Hub:
    """Knows the newest of everything and hands it out."""

    def __init__(
        self,
        settings: Settings,
        *,
        metrics: GatewayMetrics,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._metrics = metrics
        self._monotonic = monotonic
        self._viewers: set[Viewer] = set()
        self._subscribers: set[Subscriber] = set()
        self._browsers: dict[str, Subscriber] = {}
        self._ids: OrderedDict[str, None] = OrderedDict()
        self._rate = RollingRate(seconds=RATE_SECONDS, most=MAX_REMEMBERED)
        self._latency = RollingQuantiles(seconds=LATENCY_SECONDS, most=MAX_REMEMBERED)
        self._gestures = RollingCounts(seconds=GESTURES_SECONDS, names=MAX_GESTURE_NAMES)
        self._newest: Prediction | None = None
        self.cameras = CameraBoard(most=MAX_CAMERAS, forget_seconds=FORGET_CAMERAS_SECONDS)
        self.history = History(MAX_HISTORY)
        self.broker = BrokerStatus(answers=False, fault=f"asking the broker at {settings.broker}")
        self.backlog = Backlog()

    def take(self, update: StreamUpdate) -> None:
        """Take what the feed brought."""
        now = self._monotonic()
        for received in update.predictions:
            if self._is_new(received.prediction.id):
                self._take_prediction(received, received_at=update.received_at, now=now)
        for event in update.gestures:
            if self._is_new(event.id):
                self._offer_gesture(event)
        for frame in update.frames:
            self._take_frame(frame, received_at=update.received_at, now=now)

    def tell_broker(self, state: BrokerStatus) -> None:
        self.broker = state

    def tell_backlog(self, backlog: Backlog) -> None:
        self.backlog = backlog

    def tick(self) -> None:
        """Once a second: how the stream is doing."""
        self.cameras.forget(now=self._monotonic())
        if not self._viewers:
            return
        health, cameras = health_message(self.health()), cameras_message(self.camera_answers())
        for viewer in self._viewers:
            viewer.offer_state("health", health)
            viewer.offer_state("cameras", cameras)

    @contextmanager
    def viewing(self, viewer: Viewer) -> Iterator[None]:
        """Offer a viewer what comes, for the time of a block; at once, how the stream is doing."""
        self._viewers.add(viewer)
        viewer.offer_state("health", health_message(self.health()))
        viewer.offer_state("cameras", cameras_message(self.camera_answers()))
        try:
            yield
        finally:
            self._viewers.discard(viewer)

    @contextmanager
    def subscribed(self, subscriber: Subscriber) -> Iterator[None]:
        """Hand each prediction to a subscriber, for the time of a block."""
        self._subscribers.add(subscriber)
        try:
            yield
        finally:
            self._subscribers.discard(subscriber)

    @contextmanager
    def browser(self, camera: str, subscriber: Subscriber) -> Iterator[None]:
        """Hand the predictions of a browser's own camera back to it, for the time of a block."""
        self._browsers[camera] = subscriber
        self._metrics.cameras(len(self._browsers))
        try:
            yield
        finally:
            del self._browsers[camera]
            self._metrics.cameras(len(self._browsers))

    @property
    def frame_pause_seconds(self) -> float:
        """How long the next poll for frames may wait: half the shortest period between frames that a viewer wants."""
        wanted = min((viewer.frame_seconds for viewer in list(self._viewers)), default=float("inf"))
        return min(wanted / 2, IDLE_FRAME_PAUSE_SECONDS)

    def knows(self, camera: str) -> bool:
        return camera in self._browsers or self.cameras.get(camera) is not None

    def camera_answers(self) -> tuple[CameraAnswer, ...]:
        return self.cameras.answers(now=self._monotonic())

    def gestures_seen(self) -> Collection[str]:
        """Names that predictions of the last minutes gave to hands."""
        return self._gestures.counts(self._monotonic()).keys()

    def health(self) -> HealthAnswer:
        now = self._monotonic()
        state, message = self._state(now)
        p50, p95 = self._latency.quantiles(0.5, 0.95, now=now)
        answers = self.broker.answers
        model = self._newest.model if self._newest else None
        return HealthAnswer(
            state=state,
            message=message,
            broker=self._settings.broker,
            workers=self.backlog.workers if answers else 0,
            lag_records=self.backlog.lag_records if answers else None,
            lag_seconds=self._lag_seconds() if answers else None,
            frames_per_second=round(self._rate.per_second(now), 2),
            latency_p50_ms=None if p50 is None else round(p50, 1),
            latency_p95_ms=None if p95 is None else round(p95, 1),
            dead_letters=self.backlog.dead_letters,
            model=StreamModel(name=model.name, version=model.version) if model else None,
            gestures=self._gestures.counts(now),
        )

    def _state(self, now: float) -> tuple[StreamState, str]:
        if not self.broker.answers:
            return StreamState.NO_BROKER, self.broker.fault
        if self.backlog.workers == 0:
            return (
                StreamState.NO_WORKER,
                f"no worker takes frames from {self._settings.broker}: start one with `handstream worker`",
            )
        if not any(now - camera.seen_at <= CAMERA_GONE_SECONDS for camera in self.cameras.states()):
            return (
                StreamState.NO_CAMERA,
                "no camera sends frames: press Use my camera, or start one with `handstream produce webcam 0` "
                "or `handstream produce synthetic`",
            )
        return StreamState.OK, "frames are being recognised"

    def _lag_seconds(self) -> float | None:
        """How long the newest prediction's frame had waited; 0 where nothing waits."""
        if self.backlog.lag_records is None:
            return None
        if self.backlog.lag_records == 0:
            return 0.0
        return round(self._newest.timings_ms.queue / 1000, 3) if self._newest else None

    def _is_new(self, record_id: str) -> bool:
        if record_id in self._ids:
            return False
        self._ids[record_id] = None
        if len(self._ids) > MAX_IDS:
            self._ids.popitem(last=False)
        return True

    def _take_prediction(self, received: ReceivedPrediction, *, received_at: datetime, now: float) -> None:
        prediction = received.prediction
        self.history.add(received)
        self._newest = prediction
        if (received_at - prediction.processed_at).total_seconds() > FRESH_SECONDS:
            return
        self._rate.add(now)
        for hand in prediction.hands:
            self._gestures.add(hand.gesture, now)
        state = self.cameras.see(prediction.camera, mode=prediction.mode, at=received_at, now=now)
        state.rate.add(now)
        # What was skipped was seen by nobody: it is no answer that came late, and no frame without a hand.
        is_stale = prediction.status is Status.STALE
        if not is_stale:
            latency_ms = max(0.0, (received_at - prediction.captured_at).total_seconds() * 1000)
            self._latency.add(latency_ms, now)
            state.latency.add(latency_ms, now)
        state.prediction = prediction
        browser = self._browsers.get(prediction.camera)
        if browser is not None:
            browser(received)
        for subscriber in self._subscribers:
            subscriber(received)
        viewers = [viewer for viewer in self._viewers if viewer.wants(prediction.camera)]
        if viewers:
            message = prediction_message(received.value)
            for viewer in viewers:
                viewer.offer_prediction(prediction.camera, message)

    def _take_frame(self, frame: Frame, *, received_at: datetime, now: float) -> None:
        state = self.cameras.see(frame.camera, mode=frame.mode, at=received_at, now=now)
        state.frame = frame
        viewers = [viewer for viewer in self._viewers if viewer.wants_frame(frame.camera, now=now)]
        if viewers:
            message = frame_message(frame)
            for viewer in viewers:
                viewer.offer_frame(frame.camera, message, now=now)

    def _offer_gesture(self, event: GestureEvent) -> None:
        message = gesture_message(
            GestureAnswer(
                camera=event.camera,
                hand=event.hand,
                gesture=event.gesture,
                phase=event.phase,
                at=event.settled_at,
                confidence=event.confidence,
                track_id=event.track_id,
            )
        )
        for viewer in self._viewers:
            viewer.offer_event(event.camera, message)
