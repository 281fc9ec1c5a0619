"""Gesture events of a worker on a real Kafka that is killed in mid-stream."""

from __future__ import annotations

import signal
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from broker.embedded.ports import free_port
from events.frame import Frame, Mode
from events.stream_end import StreamEnd
from events.topics import TopicNames
from settings import Settings
from tests.stream_app.gesture_events import in_one_go, is_end, written
from tests.stream_app.twins import CAPTURED_AT, frame
from tests.stream_app.worker_process import TIMEOUT_SECONDS, metrics, receive, send, wait_for, worker

pytestmark = pytest.mark.broker

# It sees the gesture that the frame's label names, and is killed as it looks at frame 57, the first time.
WORKER = """
import os, signal, sys
from dataclasses import replace
from pathlib import Path
import faust
from settings import load_settings
from events.examples import example_prediction
from events.prediction import Status
from stream_app.worker_app import WorkerApp
from tests.stream_app.gesture_events import in_one_go, is_end, written
from tests.stream_app.twins import NO_HAND, TwinRecognizer

hand, died = example_prediction().hands[0], Path(sys.argv.pop(1))

def act(frame):
    if frame.sequence == 57 and frame.camera == "desk" and not died.exists():
        died.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    if not frame.label:
        return NO_HAND
    return replace(NO_HAND, status=Status.OK, hands=(replace(hand, gesture=frame.label),))

app = WorkerApp(load_settings(), create_recognizer=lambda: TwinRecognizer(act))
faust.Worker(app, loglevel="WARNING").execute_from_commandline()
"""


def _frames(names: list[str], *, camera: str, mode: Mode, gap_at: int | None = None) -> list[Frame]:
    return [
        replace(
            frame(camera=camera, sequence=number, label=name or None),
            mode=mode,
            captured_at=CAPTURED_AT
            + number * timedelta(milliseconds=40)
            + timedelta(seconds=5 if gap_at is not None and number >= gap_at else 0),
        )
        for number, name in enumerate(names)
    ]


@pytest.mark.long
def test_a_worker_that_is_killed_leaves_no_gesture_open_and_starts_none_twice(
    settings: Settings, tmp_path: Path
) -> None:
    topics = TopicNames(settings.topic_prefix)
    names = ["fist"] * 20 + [""] * 10 + ["palm"] * 45 + ["palm"] * 10
    film = _frames(names, camera="desk", mode=Mode.RECORDED, gap_at=75)
    live = [replace(one, run="run2") for one in _frames(["ok"] * 12, camera="door", mode=Mode.LIVE)]
    send(settings, *(one.to_record() for one in film), *(one.to_record() for one in live))
    for number in range(settings.partitions):
        end = StreamEnd(run="run1", source="t", partition=number, partitions=2, frames=85, ended_at=CAPTURED_AT)
        send(settings, end.to_record(), partition=number)

    port, log = free_port(), tmp_path / "worker.log"
    command = (sys.executable, "-c", WORKER, str(tmp_path / "died"))
    # The live frames are old by the time that the second worker sees them, and shall not be skipped here.
    patient = {"HANDSTREAM_STALE_AFTER_SECONDS": "3600"}
    with worker(settings, *command, log=log, **patient) as process:
        assert process.wait(TIMEOUT_SECONDS) == -signal.SIGKILL
    with worker(settings, *command, log=log, HANDSTREAM_METRICS_PORT=str(port), **patient):
        wait_for(lambda: len(written(settings)) >= 8, "the last gesture to end")
        told = metrics(port)
        outcomes = receive(settings, topics.predictions, 99)
        events = written(settings)

    assert [(one.camera, one.gesture, one.phase.value) for one in events if one.camera == "desk"] == [
        ("desk", "fist", "started"),
        ("desk", "fist", "ended"),
        ("desk", "palm", "started"),
        ("desk", "palm", "ended"),
        ("desk", "palm", "started"),
        ("desk", "palm", "ended"),
    ]
    assert [(one.gesture, one.phase.value) for one in events if one.camera == "door"] == [
        ("ok", "started"),
        ("ok", "ended"),
    ]
    assert events == in_one_go(outcomes, settings)
    palms = [one for one in events if (one.gesture, one.phase.value) == ("palm", "ended")]
    assert [one.frames for one in palms] == [45, 10]
    assert palms[0].ended_at == film[74].captured_at
    assert 'handstream_gesture_events_total{gesture="palm",phase="ended"} 2.0' in told
    records = receive(settings, topics.gestures, 0)
    assert {one.key for one in records if not is_end(one)} == {b"desk", b"door"}
    assert {one.partition for one in records if is_end(one)} == {0, 1}
    last = [one for one in records if one.key == b"desk"][-1]
    (marker,) = [one for one in records if is_end(one) and one.partition == last.partition]
    assert marker.offset > last.offset, "what ends the stream stands behind what ended with it"
