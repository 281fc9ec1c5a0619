"""What one look at the topic brought."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from events.gesture import GestureEvent, decode_gesture_event
from events.prediction import Prediction, decode_prediction
from events.reason import RecordError
from events.record import Position
from events.stream_end import STREAM_END_TYPE, StreamEnd, decode_stream_end

_STREAM_END_HEADER = ("ce_type", STREAM_END_TYPE.encode())

R = TypeVar("R")


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A prediction and the JSON it came as, which may hold fields that are newer than this program."""

    prediction: Prediction
    value: bytes

    @property
    def about(self) -> Prediction:
        return self.prediction


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedGesture:
    """A gesture event and the JSON it came as."""

    event: GestureEvent
    value: bytes

    @property
    def about(self) -> GestureEvent:
        return self.event


@dataclass(frozen=True, slots=True, kw_only=True)
class Stray:
    """A record that is neither what the topic holds nor a stream end."""

    position: Position
    error: str


# Without slots: Python 3.11 cannot make a frozen one with slots through the alias below.
@dataclass(frozen=True, kw_only=True)
class BatchOf(Generic[R]):
    """Records of one look, in the order of their partitions."""

    received: tuple[R, ...] = ()
    ends: tuple[StreamEnd, ...] = ()
    strays: tuple[Stray, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.received or self.ends or self.strays)


Batch = BatchOf[Received]


def decode_batch(records: Iterable[Any]) -> Batch:
    """Sort out kafka-python's ConsumerRecords of predictions."""
    return _sort_out(records, lambda value: Received(prediction=decode_prediction(value), value=value))


def decode_gestures(records: Iterable[Any]) -> BatchOf[ReceivedGesture]:
    """Sort out kafka-python's ConsumerRecords of gesture events."""
    return _sort_out(records, lambda value: ReceivedGesture(event=decode_gesture_event(value), value=value))


def _sort_out(records: Iterable[Any], decode: Callable[[bytes], R]) -> BatchOf[R]:
    received: list[R] = []
    ends: list[StreamEnd] = []
    strays: list[Stray] = []
    for record in records:
        try:
            if _STREAM_END_HEADER in record.headers:
                ends.append(decode_stream_end(value=record.value, headers=record.headers))
            else:
                received.append(decode(record.value))
        except RecordError as error:
            position = Position(topic=record.topic, partition=record.partition, offset=record.offset)
            strays.append(Stray(position=position, error=str(error)))
    return BatchOf(received=tuple(received), ends=tuple(ends), strays=tuple(strays))
