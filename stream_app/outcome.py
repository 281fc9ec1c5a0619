"""What goes into the worker and what comes out of it, one for one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from events.prediction import Timings
from events.record import Position, Record

STREAM_END = "stream_end"
DEAD_LETTER = "dead_letter"


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """A record of the frames topic, as the client gave it."""

    position: Position
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The record to write before the incoming one counts as done.

    status: ok, no_hand, stale, dead_letter (a label of the metrics), or stream_end.
    captured_at, timings: known for predictions only.
    camera: as far as the record tells.
    """

    topic: str
    record: Record
    status: str
    captured_at: datetime | None = None
    camera: str = ""
    timings: Timings | None = None
