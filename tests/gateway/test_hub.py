"""What the gateway makes of the predictions that come."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import msgspec

from broker.received import ReceivedPrediction
from events.cloud_event import format_time
from events.examples import example_gesture_event
from events.frame import Mode
from events.prediction import Prediction, Status
from gateway.feed import StreamUpdate
from gateway.hub import Hub
from gateway.metrics import GatewayMetrics
from gateway.viewer import Viewer
from settings import Settings
from tests.handstream.records import prediction

NOW = datetime(2026, 3, 14, 9, 26, 53, tzinfo=UTC)


class Watching(Viewer):
    def __init__(self) -> None:
        super().__init__(cameras=None, dropped=lambda _: None)
        self.events: list[str] = []

    def offer_event(self, camera: str, message: str | bytes) -> None:  # noqa: ARG002
        self.events.append(str(message))


def test_gestures_are_those_of_the_topic_each_told_once() -> None:
    hub, viewer = Hub(Settings(), metrics=GatewayMetrics()), Watching()
    event = example_gesture_event()
    seen = [prediction(number, mode=Mode.LIVE, processed_at=NOW) for number in range(20)]

    with hub.viewing(viewer):
        hub.take(
            StreamUpdate(
                received_at=NOW,
                predictions=tuple(ReceivedPrediction(prediction=one, value=one.to_json()) for one in seen),
            )
        )
        assert viewer.events == []
        hub.take(StreamUpdate(received_at=NOW, gestures=(event, event)))

    (told,) = map(msgspec.json.decode, viewer.events)
    assert told == {
        "type": "gesture",
        "camera": event.camera,
        "hand": event.hand.value,
        "gesture": event.gesture,
        "phase": event.phase.value,
        "at": format_time(event.settled_at),
        "confidence": event.confidence,
        "track_id": event.track_id,
    }


def test_skipped_frames_are_no_latency() -> None:
    now = 100.0
    hub = Hub(Settings(), metrics=GatewayMetrics(), monotonic=lambda: now)

    def take(number: int, *, status: Status, age_seconds: float) -> None:
        at = NOW - timedelta(seconds=age_seconds)
        seen = prediction(number, mode=Mode.LIVE, status=status, captured_at=at, processed_at=NOW)
        one: Prediction = seen if status is Status.OK else replace(seen, hands=())
        hub.take(StreamUpdate(received_at=NOW, predictions=(ReceivedPrediction(prediction=one, value=one.to_json()),)))

    for number in range(10):
        take(number, status=Status.OK, age_seconds=0.5 - number / 20)
    for number in range(10, 20):
        take(number, status=Status.STALE, age_seconds=60)

    (camera,) = hub.camera_answers()
    assert (camera.status, camera.latency_ms) == (Status.STALE, 250.0)
    assert hub.health().latency_p95_ms == 500.0
