"""Answers for the docs: built by the code, so that they are always valid."""

from __future__ import annotations

from datetime import timedelta

from events.examples import example_prediction
from gateway.answers import CameraAnswer, HealthAnswer, StreamModel, StreamState


def example_camera() -> CameraAnswer:
    prediction = example_prediction()
    (hand,) = prediction.hands
    return CameraAnswer(
        camera=prediction.camera,
        mode=prediction.mode,
        last_seen=prediction.processed_at + timedelta(milliseconds=6),
        frames_per_second=29.8,
        latency_ms=47.2,
        gesture=hand.gesture,
        confidence=hand.confidence,
        status=prediction.status,
        browser=False,
    )


def example_health() -> HealthAnswer:
    model = example_prediction().model
    return HealthAnswer(
        state=StreamState.OK,
        message="frames are being recognised",
        broker="127.0.0.1:9092",
        workers=2,
        lag_records=31,
        lag_seconds=0.012,
        frames_per_second=59.6,
        latency_p50_ms=47.2,
        latency_p95_ms=81.0,
        dead_letters=0,
        model=StreamModel(name=model.name, version=model.version),
        gestures={"peace": 4210, "no_gesture": 3302, "fist": 1187},
    )
