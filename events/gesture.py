"""A gesture that started or ended, after debouncing: what a hand does, not what single frames say."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from events.cloud_event import envelope
from events.frame import Mode
from events.prediction import Handedness
from events.record import Record
from events.units import Count, Ratio, Time
from events.value import decode_value

GESTURE_TYPE: Final = "handstream.gesture.v1"


class Phase(StrEnum):
    """started: the hand holds the gesture. ended: it does not any more, or is not seen any more."""

    STARTED = "started"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class GestureEvent:
    """A gesture of one hand before one camera started or ended.

    Each gesture that started ends once: with another gesture, when the hand is gone, when the camera sends nothing, or
    with the stream. Its start and its end have camera, run, hand, gesture and started_at in common. A worker that was
    killed may write an event twice; both have the same id.
    """

    id: Annotated[
        str,
        Meta(
            description="frame/hand/track_id/gesture/phase, without the track id where there is none: an event that is "
            "written twice has the same id both times"
        ),
    ]
    camera: Annotated[str, Meta(description="Id of the camera")]
    run: Annotated[str, Meta(description="Id of the producer's run that the frames belong to")]
    source: Annotated[str, Meta(description="Where the frames came from: a file or a redacted camera address")]
    mode: Mode
    hand: Handedness
    gesture: Annotated[str, Meta(description="Name of the gesture, never `no_gesture`")]
    phase: Phase
    started_at: Annotated[Time, Meta(description="Capture of the first frame that shows it")]
    ended_at: Annotated[Time | None, Meta(description="Capture of the last frame that shows it; null when it starts")]
    frames: Annotated[Count, Meta(description="Frames that showed it so far")]
    confidence: Annotated[Ratio, Meta(description="Mean of the gesture's probability in these frames")]
    frame: Annotated[
        str,
        Meta(
            description="`id` of the prediction that settled it; where the camera fell silent or its stream ended, of "
            "its last one"
        ),
    ]
    settled_at: Annotated[Time, Meta(description="Capture of that frame")]
    track_id: Annotated[
        Count | None,
        Meta(description="`track_id` of the hand in the last prediction that shows it; null where it has none"),
    ] = None
    type: Annotated[Literal["handstream.gesture.v1"], Meta(description="Type of the record, with its version")] = (
        GESTURE_TYPE
    )

    @property
    def seconds(self) -> float | None:
        """How long it was held; None while it is."""
        return None if self.ended_at is None else (self.ended_at - self.started_at).total_seconds()

    def to_json(self) -> bytes:
        """One line of JSON, UTF-8, without the line feed."""
        return _ENCODER.encode(self)

    def to_record(self, *, key: bytes | None) -> Record:
        headers = envelope(
            event_id=self.id,
            source=self.source,
            event_type=GESTURE_TYPE,
            time=self.settled_at,
            content_type="application/json",
        )
        return Record(key=key, value=self.to_json(), headers=headers)


def gesture_event_id(*, frame: str, hand: Handedness, track_id: int | None, gesture: str, phase: Phase) -> str:
    """Unique also where two left hands of one frame start the same gesture."""
    followed_hand = hand.value if track_id is None else f"{hand}/{track_id}"
    return f"{frame}/{followed_hand}/{gesture}/{phase}"


def decode_gesture_event(value: bytes | None) -> GestureEvent:
    """Read an event from its JSON. Raises RecordError where it is not one. Unknown fields are ignored."""
    return decode_value(_DECODER, value, what="gesture event")


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(GestureEvent)
