"""Records of `predictions` and `gestures`, decoded a batch at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from broker.topic_reader import TopicReader
from events.gesture import GestureEvent, decode_gesture_event
from events.prediction import Prediction, Status, decode_prediction
from events.reason import RecordError
from events.record import Position
from events.stream_end import STREAM_END_TYPE, StreamEnd, decode_stream_end

STREAM_END_HEADER = ("ce_type", STREAM_END_TYPE.encode())

R = TypeVar("R")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedPrediction:
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
class MalformedRecord:
    """A record that is neither what the topic holds nor a stream end."""

    position: Position
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeFilter:
    """Wanted is what fits every set; an empty set fits all. gestures: of either hand. statuses: of predictions."""

    cameras: frozenset[str] = frozenset()
    gestures: frozenset[str] = frozenset()
    statuses: frozenset[Status] = frozenset()

    def matches(self, received: ReceivedPrediction | ReceivedGesture) -> bool:
        about = received.about
        if self.cameras and about.camera not in self.cameras:
            return False
        if isinstance(about, GestureEvent):
            return not self.gestures or about.gesture in self.gestures
        return (not self.statuses or about.status in self.statuses) and (
            not self.gestures or any(hand.gesture in self.gestures for hand in about.hands)
        )


# Without slots: Python 3.11 cannot make a frozen one with slots through an alias.
@dataclass(frozen=True, kw_only=True)
class Batch(Generic[R]):
    """Records of one poll, in the order of their partitions."""

    received: tuple[R, ...] = ()
    ends: tuple[StreamEnd, ...] = ()
    malformed: tuple[MalformedRecord, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.received or self.ends or self.malformed)


class BatchReader(Protocol[R]):
    """Where predictions, or gesture events, come from."""

    def read(self, *, timeout_seconds: float) -> Batch[R]:
        """What is there, at once; an empty batch when nothing came for that long."""


class DecodingReader(Generic[R]):
    """A BatchReader of a TopicReader."""

    def __init__(self, reader: TopicReader, decode: Callable[[Iterable[Any]], Batch[R]]) -> None:
        self._reader = reader
        self._decode = decode

    def read(self, *, timeout_seconds: float) -> Batch[R]:
        return self._decode(self._reader.poll(timeout_seconds=timeout_seconds))


def prediction_reader(reader: TopicReader) -> DecodingReader[ReceivedPrediction]:
    """reader: of the topic `predictions`."""
    return DecodingReader(reader, decode_predictions)


def gesture_reader(reader: TopicReader) -> DecodingReader[ReceivedGesture]:
    """reader: of the topic `gestures`."""
    return DecodingReader(reader, decode_gestures)


def decode_predictions(records: Iterable[Any]) -> Batch[ReceivedPrediction]:
    """records: kafka-python's ConsumerRecords of `predictions`."""
    return _decode(records, lambda value: ReceivedPrediction(prediction=decode_prediction(value), value=value))


def decode_gestures(records: Iterable[Any]) -> Batch[ReceivedGesture]:
    """records: kafka-python's ConsumerRecords of `gestures`."""
    return _decode(records, lambda value: ReceivedGesture(event=decode_gesture_event(value), value=value))


def _decode(records: Iterable[Any], decode: Callable[[bytes], R]) -> Batch[R]:
    received: list[R] = []
    ends: list[StreamEnd] = []
    malformed: list[MalformedRecord] = []
    for record in records:
        try:
            if STREAM_END_HEADER in record.headers:
                ends.append(decode_stream_end(value=record.value, headers=record.headers))
            else:
                received.append(decode(record.value))
        except RecordError as error:
            position = Position(topic=record.topic, partition=record.partition, offset=record.offset)
            malformed.append(MalformedRecord(position=position, error=str(error)))
    return Batch(received=tuple(received), ends=tuple(ends), malformed=tuple(malformed))
