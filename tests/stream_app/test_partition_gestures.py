"""A worker that takes a partition over tells of its gestures as if it had always been there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from events.examples import example_prediction, example_stream_end
from events.frame import Mode
from events.gesture import GestureEvent, Phase
from events.held import decode_held, held_headers
from events.prediction import NO_GESTURE, Handedness, Prediction, Status
from events.stream_end import StreamEnd
from recognition.gesture_debouncer import DebounceTimes
from stream_app.followed_camera import KeyedEvent
from stream_app.partition_gestures import GestureHistory, PartitionGestures, PastPrediction

BEGAN = datetime(2025, 3, 14, tzinfo=UTC)
FRAME = timedelta(milliseconds=40)
EXAMPLE = example_prediction()


def prediction(
    offset: int, gesture: str, *, camera: str = "desk", seconds: float | None = None, **changes: Any
) -> Prediction:
    at = BEGAN + (offset * FRAME if seconds is None else timedelta(seconds=seconds))
    hands = () if not gesture else (replace(EXAMPLE.hands[0], gesture=gesture, confidence=0.9 + offset % 7 / 100),)
    changes = {"mode": Mode.LIVE, "camera": camera, **changes}
    return replace(
        EXAMPLE, id=f"frames/0/{offset}", sequence=offset, captured_at=at, processed_at=at, hands=hands, **changes
    )


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Partition:
    """The log of a partition: what was written to it, and a worker that can be killed."""

    predictions: list[PastPrediction | StreamEnd] = field(default_factory=list)
    events: list[GestureEvent] = field(default_factory=list)
    clock: Clock = field(default_factory=Clock)
    read_back: int = 512

    def __post_init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        history = GestureHistory(
            records=tuple(self.predictions[-self.read_back :]), event_ids=frozenset(one.id for one in self.events)
        )
        self.gestures = PartitionGestures(times=DebounceTimes(), history=history, clock=self.clock)

    def take(self, record: Prediction | StreamEnd, *, killed_before_events: bool = False) -> None:
        if isinstance(record, StreamEnd):
            events = self.gestures.end_run(record.run)
            self.predictions.append(record)
        else:
            update = self.gestures.update(record, key=b"k")
            events = update.events
            held = decode_held(held_headers(update.held))
            self.predictions.append(PastPrediction(prediction=record, key=b"k", held=held))
        if not killed_before_events:
            self.events += [one.event for one in events]

    def wait(self, seconds: float) -> None:
        self.clock.now += seconds
        for camera in self.gestures.silent(seconds=3):
            self.events += [one.event for one in camera.ends()]
            camera.finish()


def stream() -> list[Prediction | StreamEnd]:
    """Two cameras: gestures that follow each other, flicker, hands that come and go, a gap, a skip, and the end."""
    desk = ["fist"] * 12 + ["palm", "fist"] * 3 + ["palm"] * 9 + [""] * 3 + ["palm"] * 4 + [NO_GESTURE] * 8
    door = ["ok"] * 30 + ["", "ok"] * 6
    records: list[Prediction | StreamEnd] = []
    for index in range(max(len(desk), len(door))):
        for camera, names in (("desk", desk), ("door", door)):
            if index < len(names):
                records.append(prediction(len(records), names[index], camera=camera))
    after = [prediction(len(records) + index, "ok", camera="door", seconds=60 + index / 25) for index in range(20)]
    after[3] = replace(after[3], status=Status.STALE, hands=())
    return [*records, *after, replace(example_stream_end(), run=EXAMPLE.run)]


def events_in_one_go(records: Sequence[Prediction | StreamEnd]) -> list[GestureEvent]:
    partition = Partition()
    for record in records:
        partition.take(record)
    return partition.events


def without_repeats(events: Sequence[GestureEvent]) -> list[GestureEvent]:
    return list({one.id: one for one in events}.values())


def test_the_stream_of_these_tests_tells_what_it_should() -> None:
    assert [(one.camera, one.gesture, one.phase.value) for one in events_in_one_go(stream())] == [
        ("desk", "fist", "started"),
        ("door", "ok", "started"),
        ("desk", "fist", "ended"),
        ("desk", "palm", "started"),
        ("desk", "palm", "ended"),
        ("door", "ok", "ended"),
        ("door", "ok", "started"),
        ("door", "ok", "ended"),
    ]


def test_a_restart_at_any_frame_changes_no_event() -> None:
    records = stream()
    expected = events_in_one_go(records)
    for at in range(len(records)):
        partition = Partition()
        for index, record in enumerate(records):
            if index == at:
                partition.restart()
            partition.take(record)
        assert partition.events == expected, f"restarted before record {at}"


@pytest.mark.parametrize("uncommitted", [1, 4, 15])
def test_a_kill_at_any_frame_repeats_events_and_loses_none(uncommitted: int) -> None:
    """What was not committed comes again; the last of it may be without its events."""
    records = stream()
    expected = events_in_one_go(records)
    for at in range(len(records)):
        partition = Partition()
        for record in records[:at]:
            partition.take(record)
        partition.take(records[at], killed_before_events=True)
        partition.restart()
        again = records[max(0, at + 1 - uncommitted) : at + 1]
        # Tracking begins anew, so a hand may be seen otherwise the second time: what was said first counts.
        blind = [record if isinstance(record, StreamEnd) else replace(record, hands=()) for record in again]
        for record in blind:
            partition.take(record)
        partition.restart()
        for record in records[at + 1 :]:
            partition.take(record)
        assert without_repeats(partition.events) == expected, f"killed at record {at}"


def test_a_gesture_that_began_before_what_is_read_back_keeps_its_figures() -> None:
    records: list[Prediction | StreamEnd] = [prediction(offset, "fist") for offset in range(300)]
    records.append(replace(example_stream_end(), run=EXAMPLE.run))
    for read_back in (1, 7, 50):
        partition = Partition(read_back=read_back)
        for index, record in enumerate(records):
            if index % 40 == 39:
                partition.restart()
            partition.take(record)
        assert partition.events == events_in_one_go(records)
    assert partition.events[-1].frames == 300


def test_silence_ends_a_gesture_once_whoever_waits_for_it() -> None:
    records = [prediction(offset, "fist") for offset in range(10)]
    gap = prediction(10, "", seconds=60)
    expected = events_in_one_go([*records, gap])
    assert [one.phase for one in expected] == [Phase.STARTED, Phase.ENDED]
    assert expected[1].ended_at == records[-1].captured_at
    assert expected[1].frame == "frames/0/9"

    partition = Partition()
    for record in records:
        partition.take(record)
    partition.wait(2)
    assert len(partition.events) == 1
    partition.restart()
    partition.wait(2)
    assert len(partition.events) == 1, "its silence is counted from the restart"
    partition.wait(2)
    assert partition.events == expected, "nobody waited for the next frame"
    for _ in range(2):
        partition.restart()
        partition.wait(60)
    partition.take(gap)
    assert partition.events == expected, "it has ended already"


def test_a_camera_that_comes_back_begins_anew_though_the_worker_restarted() -> None:
    partition = Partition()
    for offset in range(10):
        partition.take(prediction(offset, "fist"))
    partition.wait(4)
    partition.restart()
    for offset in range(10, 20):  # captured without a gap: it was the broker that paused
        partition.restart()
        partition.take(prediction(offset, "fist"))
    assert [one.phase.value for one in partition.events] == ["started", "ended", "started"]
    assert partition.events[2].started_at == BEGAN + 10 * FRAME


def test_each_run_of_a_camera_is_followed_by_itself_and_stills_and_late_frames_are_not() -> None:
    partition = Partition()
    for offset in range(0, 30, 3):
        partition.take(prediction(offset, "fist", run="one"))
        partition.take(prediction(offset + 1, "palm", run="two", retries=0))
        partition.take(prediction(offset + 2, "", run="one", retries=1))
    partition.take(replace(example_stream_end(), run="one"))
    for offset in range(40, 60):
        partition.take(prediction(offset, "ok", mode=Mode.STILL))

    assert [(one.run, one.gesture, one.phase.value) for one in partition.events] == [
        ("one", "fist", "started"),
        ("two", "palm", "started"),
        ("one", "fist", "ended"),
    ]


def test_the_number_of_cameras_is_bounded() -> None:
    gestures = PartitionGestures(times=DebounceTimes(), max_cameras=3)
    events: list[KeyedEvent] = []
    for number in range(20):
        for index in range(8):
            events += gestures.update(prediction(number * 10 + index, "fist", camera=f"c{number}"), key=None).events

    assert [one.event.phase.value for one in events].count("started") == 20
    assert [one.event.phase.value for one in events].count("ended") == 17


def test_a_hand_that_gets_a_new_track_id_from_the_next_worker_goes_on() -> None:
    hand = replace(EXAMPLE.hands[0], gesture="fist", track_id=0)
    other = replace(EXAMPLE.hands[0], gesture="fist", track_id=1, box=(0.7, 0.3, 0.9, 0.7))
    partition = Partition(read_back=5)
    for offset in range(10):
        partition.take(replace(prediction(offset, ""), hands=(hand, other)))
    partition.restart()
    for offset in range(10, 20):
        hands = (replace(other, track_id=11), replace(hand, track_id=10))
        partition.take(replace(prediction(offset, ""), hands=hands))
    partition.take(replace(example_stream_end(), run=EXAMPLE.run))

    assert [(one.track_id, one.phase.value, one.frames) for one in partition.events] == [
        (0, "started", 8),
        (1, "started", 8),
        (10, "ended", 20),
        (11, "ended", 20),
    ]
    assert len({one.id for one in partition.events}) == 4, "two right hands make the same gesture in the same frame"


def test_two_hands_are_told_apart() -> None:
    hand = EXAMPLE.hands[0]
    both = (replace(hand, gesture="fist"), replace(hand, gesture="ok", handedness=Handedness.LEFT))
    partition = Partition()
    for offset in range(8):
        partition.restart()
        partition.take(replace(prediction(offset, ""), hands=both))

    assert [(one.hand.value, one.gesture) for one in partition.events] == [("right", "fist"), ("left", "ok")]
