"""The live page's gestures are those of the topic: of moving pictures, each run by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from events.examples import example_prediction
from events.frame import Mode
from gateway.camera_gestures import MAX_RUNS, CameraGestures
from recognition.gesture_debouncer import DebounceTimes, GestureChange

EXAMPLE = example_prediction()


def follow(gestures: CameraGestures, count: int = 20, **changes: Any) -> list[GestureChange]:
    return [
        change
        for number in range(count)
        for change in gestures.update(
            replace(EXAMPLE, captured_at=EXAMPLE.captured_at + number * timedelta(milliseconds=50), **changes)
        )
    ]


def test_stills_and_frames_that_were_sent_again_start_nothing() -> None:
    gestures = CameraGestures(DebounceTimes())

    assert follow(gestures, mode=Mode.STILL) == []
    assert follow(gestures, retries=1) == []
    assert [change.phase.value for change in follow(gestures)] == ["started"]


def test_runs_are_followed_by_themselves_and_their_number_is_bounded() -> None:
    gestures = CameraGestures(DebounceTimes())
    started = [change for number in range(MAX_RUNS) for change in follow(gestures, run=f"run{number}")]
    assert [change.phase.value for change in started] == ["started"] * MAX_RUNS

    (ended,) = follow(gestures, 1, run="another")
    assert ended.phase.value == "ended"
    assert len(gestures.finish()) == MAX_RUNS - 1
    assert gestures.finish() == ()
