"""What the gateway makes of the predictions that come."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from events.frame import Mode
from events.prediction import Prediction, Status
from gateway.feed import Arrivals, Received
from gateway.hub import Hub
from gateway.metrics import GatewayMetrics
from gateway.viewer import Viewer
from settings import Settings
from tests.handstream.records import prediction

NOW = datetime(2026, 3, 14, 9, 26, 53, tzinfo=UTC)


def test_skipped_frames_do_not_end_a_gesture_and_are_no_latency() -> None:
    now = 100.0
    hub = Hub(Settings(), metrics=GatewayMetrics(), clock=lambda: NOW, monotonic=lambda: now)
    events: list[str | bytes] = []

    class Watching(Viewer):
        def offer_event(self, camera: str, message: str | bytes) -> None:  # noqa: ARG002
            events.append(message)

    def take(number: int, *, status: Status, age_seconds: float) -> None:
        at = NOW - timedelta(seconds=age_seconds)
        seen = prediction(number, mode=Mode.LIVE, status=status, captured_at=at, processed_at=NOW)
        one: Prediction = seen if status is Status.OK else replace(seen, hands=())
        hub.take(Arrivals(received_at=NOW, predictions=(Received(prediction=one, value=one.to_json()),)))

    with hub.viewing(Watching(cameras=None, dropped=lambda _: None)):
        for number in range(10):
            take(number, status=Status.OK, age_seconds=0.5 - number / 20)
        for number in range(10, 20):
            take(number, status=Status.STALE, age_seconds=60)

    (started,) = events
    assert '"phase":"started"' in str(started)
    (camera,) = hub.camera_answers()
    assert (camera.status, camera.latency_ms) == (Status.STALE, 250.0)
    assert hub.health().latency_p95_ms == 500.0
