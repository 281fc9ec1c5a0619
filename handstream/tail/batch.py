"""What one look at the topic brought."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from events.prediction import Prediction, decode_prediction
from events.reason import RecordError
from events.record import Position
from events.stream_end import STREAM_END_TYPE, StreamEnd, decode_stream_end

_STREAM_END_HEADER = ("ce_type", STREAM_END_TYPE.encode())


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A prediction and the JSON it came as, which may hold fields that are newer than this program."""

    prediction: Prediction
    value: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Stray:
    """A record that is neither a prediction nor a stream end."""

    position: Position
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Records of one look, in the order of their partitions."""

    received: tuple[Received, ...] = ()
    ends: tuple[StreamEnd, ...] = ()
    strays: tuple[Stray, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.received or self.ends or self.strays)


def decode_batch(records: Iterable[Any]) -> Batch:
    """Sort out kafka-python's ConsumerRecords."""
    received: list[Received] = []
    ends: list[StreamEnd] = []
    strays: list[Stray] = []
    for record in records:
        try:
            if _STREAM_END_HEADER in record.headers:
                ends.append(decode_stream_end(value=record.value, headers=record.headers))
            else:
                received.append(Received(prediction=decode_prediction(record.value), value=record.value))
        except RecordError as error:
            position = Position(topic=record.topic, partition=record.partition, offset=record.offset)
            strays.append(Stray(position=position, error=str(error)))
    return Batch(received=tuple(received), ends=tuple(ends), strays=tuple(strays))
