"""What goes into the worker and what comes out of it, one for one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from events.gesture import GestureEvent
from events.prediction import Prediction, Timings
from events.reason import Reason
from events.record import Position, Record
from stream_app.arrivals import Waited

STREAM_END = "stream_end"
UNKNOWN = Waited()
DEAD_LETTER = "dead_letter"


class Trace(Protocol):
    @property
    def id(self) -> str: ...

    def stored(self) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """A record of the frames topic, as the client gave it. waited: how long it lay there."""

    position: Position
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]
    waited: Waited = UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The record to write before the incoming one counts as done.

    status: ok, no_hand, stale, dead_letter (a label of the metrics), or stream_end.
    captured_at, timings: known for predictions only.
    gestures: events that the frame settled. then: topics and records to write behind the first, in order.
    camera: as far as the record tells. prediction, reason, ended_run: of a prediction, a dead letter, a stream end.
    trace: told when the broker has all of it; None where it is not traced.
    """

    topic: str
    record: Record
    status: str
    captured_at: datetime | None = None
    camera: str = ""
    timings: Timings | None = None
    prediction: Prediction | None = None
    reason: Reason | None = None
    ended_run: str | None = None
    gestures: tuple[GestureEvent, ...] = ()
    then: tuple[tuple[str, Record], ...] = ()
    trace: Trace | None = None
