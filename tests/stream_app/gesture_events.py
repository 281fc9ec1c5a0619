"""The gesture events that a worker wrote, and those that it should have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from events.gesture import GestureEvent, decode_gesture_event
from events.prediction import decode_prediction
from events.record import Position
from events.stream_end import STREAM_END_TYPE, decode_stream_end
from events.topics import TopicNames
from recognition.gesture_debouncer import DebounceTimes
from settings import Settings
from stream_app.partition_gestures import PartitionGestures
from tests.stream_app.worker_process import receive


def is_end(record: Any) -> bool:
    return ("ce_type", STREAM_END_TYPE.encode()) in record.headers


def written(settings: Settings) -> list[GestureEvent]:
    """Each once, camera by camera, in the order of their topic."""
    records = receive(settings, TopicNames(settings.topic_prefix).gestures, 0)
    events = (decode_gesture_event(one.value) for one in records if not is_end(one))
    return _by_camera({event.id: event for event in events}.values())


def in_one_go(outcomes: Sequence[Any], settings: Settings) -> list[GestureEvent]:
    """What a worker that nobody disturbs makes of the same predictions, up to the silence after them."""
    events: list[GestureEvent] = []
    for number in range(settings.partitions):
        gestures, last = PartitionGestures(times=DebounceTimes()), -1
        for record in (one for one in outcomes if one.partition == number):
            if is_end(record):
                run = decode_stream_end(value=record.value, headers=record.headers).run
                events += [one.event for one in gestures.end_run(run)]
                continue
            prediction = decode_prediction(record.value)
            offset = Position.parse(prediction.id).offset
            if offset > last:
                last = offset
                events += [one.event for one in gestures.update(prediction, key=record.key).events]
        events += [one.event for camera in gestures.silent(seconds=-1) for one in camera.ends()]
    return _by_camera(events)


def _by_camera(events: Any) -> list[GestureEvent]:
    return sorted(events, key=lambda event: event.camera)
