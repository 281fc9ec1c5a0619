"""What an audit needs to know of a record, whichever topic it was read from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec

from events.cloud_event import event_type, parse_camera, parse_time
from events.dead_letter import decode_dead_letter
from events.frame import Mode, decode_frame
from events.prediction import Status
from events.reason import RecordError
from events.record import HeaderReader, Position
from events.stream_end import STREAM_END_TYPE, decode_stream_end
from events.units import Time

DEAD = "dead"
_STREAM_END_HEADER = ("ce_type", STREAM_END_TYPE.encode())
# Image bytes play no part here; a frame without any is one all the same.
_SOME_IMAGE = b"-"

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameIdentity:
    """Which picture a frame holds. run is None, and sequence says nothing, where its headers are at fault.

    camera: None where even that cannot be read. in_sequence: whether its camera's pictures follow each other.
    captured_at: aware; where the headers do not say, when its dead letter was set aside or, of a frame without an
    outcome, its record's timestamp. Of a stream end it is when the stream ended.
    """

    camera: str | None
    captured_at: datetime
    run: str | None = None
    sequence: int = 0
    in_sequence: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeSeen:
    """A prediction or a dead letter. partition, offset: of its frame. status: a Status, or DEAD.

    written_in: the partition of the outcome itself. size and fields of the picture do not matter here.
    """

    partition: int
    offset: int
    written_in: int
    status: str
    origin: FrameIdentity


@dataclass(frozen=True, slots=True, kw_only=True)
class EndSeen:
    """A stream end that was passed on. partition: that it ends. written_in: where it lies."""

    run: str
    partition: int
    written_in: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StraySeen:
    """A record in the outcome topics that is no outcome, or one of a frame in another topic."""

    position: Position
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameSeen:
    """A record of `frames`. timestamp_ms: of the record. end: run and partition, where it is a stream end."""

    offset: int
    timestamp_ms: int
    origin: FrameIdentity
    end: tuple[str, int] | None = None


OutcomeRecord = OutcomeSeen | EndSeen | StraySeen


class _Light(msgspec.Struct):
    """The few fields of a prediction that matter here: skipping the rest is several times faster."""

    id: str
    camera: str
    run: str
    sequence: int
    mode: Mode
    captured_at: Time
    status: Status


_DECODER = msgspec.json.Decoder(_Light)


def see_prediction(record: Any, *, frames_topic: str) -> OutcomeRecord:
    """record: kafka-python's ConsumerRecord of `predictions`."""
    try:
        if _STREAM_END_HEADER in record.headers:
            end = decode_stream_end(value=record.value, headers=record.headers)
            return EndSeen(run=end.run, partition=end.partition, written_in=record.partition)
        light = _DECODER.decode(record.value or b"")
        topic, partition, offset = light.id.rsplit("/", 2)
        if topic != frames_topic:
            return _stray(record, f"it is the outcome of a frame of {topic}")
        return OutcomeSeen(
            partition=int(partition),
            offset=int(offset),
            written_in=record.partition,
            status=light.status.value,
            origin=FrameIdentity(
                camera=light.camera,
                captured_at=light.captured_at,
                run=light.run,
                sequence=light.sequence,
                in_sequence=light.mode is not Mode.STILL,
            ),
        )
    except (RecordError, msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError) as error:
        return _stray(record, str(error))


def see_dead_letter(record: Any, *, frames_topic: str) -> OutcomeRecord:
    """record: kafka-python's ConsumerRecord of `frames.dlq`."""
    try:
        letter = decode_dead_letter(key=record.key, value=record.value, headers=record.headers)
    except RecordError as error:
        return _stray(record, str(error))
    if letter.position.topic != frames_topic:
        return _stray(record, f"it is the dead letter of a frame of {letter.position.topic}")
    return OutcomeSeen(
        partition=letter.position.partition,
        offset=letter.position.offset,
        written_in=record.partition,
        status=DEAD,
        origin=_origin(letter.headers, otherwise=letter.time),
    )


def see_frame(record: Any) -> FrameSeen:
    """record: kafka-python's ConsumerRecord of `frames`, which may hold anything."""
    end = None
    try:
        if event_type(HeaderReader(record.headers)) == STREAM_END_TYPE:
            marker = decode_stream_end(value=record.value, headers=record.headers)
            end = (marker.run, marker.partition)
    except RecordError:
        end = None
    origin = _origin(record.headers, otherwise=datetime.fromtimestamp(record.timestamp / 1000, UTC))
    return FrameSeen(offset=record.offset, timestamp_ms=record.timestamp, origin=origin, end=end)


def _origin(headers: Any, *, otherwise: datetime) -> FrameIdentity:
    try:
        frame = decode_frame(key=None, value=_SOME_IMAGE, headers=headers)
    except RecordError:
        return FrameIdentity(camera=_read(parse_camera, headers), captured_at=_read(parse_time, headers) or otherwise)
    return FrameIdentity(
        camera=frame.camera,
        captured_at=frame.captured_at,
        run=frame.run,
        sequence=frame.sequence,
        in_sequence=frame.mode is not Mode.STILL,
    )


def _read(parse: Callable[[HeaderReader], T], headers: Any) -> T | None:
    try:
        return parse(HeaderReader(headers))
    except RecordError:
        return None


def _stray(record: Any, error: str) -> StraySeen:
    position = Position(topic=record.topic, partition=record.partition, offset=record.offset)
    return StraySeen(position=position, error=error)
