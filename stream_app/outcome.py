"""What goes into the worker and what comes out of it, one for one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, Self

from events.cloud_event import MAX_CAMERA_CHARACTERS, event_type
from events.dead_letter import DeadLetter
from events.frame import Frame, decode_frame
from events.prediction import Prediction
from events.reason import RecordError
from events.record import HeaderReader, Position, Record
from events.stream_end import STREAM_END_TYPE, StreamEnd, decode_stream_end
from stream_app.arrivals import Waited
from stream_app.followed_camera import KeyedEvent

UNKNOWN = Waited()


class Trace(Protocol):
    @property
    def id(self) -> str: ...

    def stored(self) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """A record of the frames topic, read once. content: what it holds, or why that cannot be read.

    waited: how long it lay in the topic.
    """

    position: Position
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]
    content: Frame | StreamEnd | RecordError
    waited: Waited = UNKNOWN

    @classmethod
    def read(
        cls,
        *,
        position: Position,
        key: bytes | None,
        value: bytes | None,
        headers: tuple[tuple[str, bytes | None], ...],
        waited: Waited = UNKNOWN,
    ) -> Self:
        """From the record as the client gave it."""
        return cls(
            position=position,
            key=key,
            value=value,
            headers=headers,
            content=_content(key=key, value=value, headers=headers),
            waited=waited,
        )

    @property
    def camera(self) -> str:
        """Whoever sent it, or seems to have sent a record at fault."""
        if isinstance(self.content, Frame):
            return self.content.camera
        named = dict(self.headers).get("ce_camera") or self.key or b""
        return named[:MAX_CAMERA_CHARACTERS].decode(errors="replace")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What must be on the broker before the incoming record counts as done. One of the four kinds below.

    topic, record: the outcome itself. then: topics and records to write behind it, in order. trace: told when the
    broker has all of it; None where it is not traced.
    """

    topic: str
    record: Record
    then: tuple[tuple[str, Record], ...] = ()
    trace: Trace | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Predicted(Outcome):
    """A frame that was looked at. events: gestures that start or end with it."""

    prediction: Prediction
    events: tuple[KeyedEvent, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped(Outcome):
    """A live frame that was too old to be looked at; its prediction says so."""

    prediction: Prediction


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLettered(Outcome):
    """A frame that is itself at fault. camera: as far as the record tells."""

    letter: DeadLetter
    camera: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamEnded(Outcome):
    """The end of a run in this partition, passed on. events: gestures that end with it."""

    end: StreamEnd
    events: tuple[KeyedEvent, ...] = ()


def _content(
    *, key: bytes | None, value: bytes | None, headers: tuple[tuple[str, bytes | None], ...]
) -> Frame | StreamEnd | RecordError:
    try:
        reader = HeaderReader(headers)
        if event_type(reader) == STREAM_END_TYPE:
            return decode_stream_end(value=value, headers=reader)
        return decode_frame(key=key, value=value, headers=reader)
    except RecordError as fault:
        return fault
