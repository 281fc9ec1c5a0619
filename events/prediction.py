"""A prediction: the outcome of one frame."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from events.cloud_event import envelope
from events.frame import Mode
from events.record import Headers, Record
from events.units import Count, Milliseconds, Ratio, Time
from events.value import decode_value

PREDICTION_TYPE: Final = "handstream.prediction.v1"
NO_GESTURE = "no_gesture"
LANDMARK_COUNT = 21
# Of one frame; HANDSTREAM_MAX_HANDS may ask for fewer.
MAX_HANDS: Final = 8

Point = Annotated[
    tuple[float, float, float],
    Meta(
        description="x, y in 0..1 of the image's width and height, y down (outside 0..1 where the hand leaves the "
        "picture); z is depth from the wrist in about the scale of x, smaller is nearer"
    ),
]
Landmarks = Annotated[
    tuple[Point, ...],
    Meta(
        min_length=LANDMARK_COUNT,
        max_length=LANDMARK_COUNT,
        description="21 points of the hand as [x, y, z], from the wrist (0) to the tip of the little finger (20)",
        extra_json_schema={"x-unit": "0..1 of the image"},
    ),
]
WorldPoint = Annotated[
    tuple[float, float, float],
    Meta(description="x to the right, y down, z away from the camera, from the middle of the hand"),
]
WorldLandmarks = Annotated[
    tuple[WorldPoint, ...],
    Meta(
        min_length=LANDMARK_COUNT,
        max_length=LANDMARK_COUNT,
        description="The 21 points as [x, y, z] in space",
        extra_json_schema={"x-unit": "metres"},
    ),
]
Box = Annotated[
    tuple[float, float, float, float],
    Meta(description="[left, top, right, bottom] of the landmarks", extra_json_schema={"x-unit": "0..1 of the image"}),
]


class Status(StrEnum):
    """ok: at least one hand. no_hand: none found. stale: skipped unseen, since it was too old to be live."""

    OK = "ok"
    NO_HAND = "no_hand"
    STALE = "stale"


class Handedness(StrEnum):
    """Which hand it is, of the person seen, in a picture that is not mirrored."""

    LEFT = "left"
    RIGHT = "right"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hand:
    """One hand."""

    handedness: Handedness
    score: Annotated[Ratio, Meta(description="Probability of the handedness, by the landmark model")]
    landmarks: Landmarks
    box: Box
    gesture: Annotated[
        str,
        Meta(
            description="Name of the gesture; `no_gesture` where the hand makes none, or where none is probable enough"
        ),
    ]
    confidence: Annotated[
        Ratio,
        Meta(
            description="Probability of the gesture, by the classifier; of `no_gesture`, the probability that the hand "
            "makes none of the gestures that the model knows: 1 minus the sum of theirs"
        ),
    ]
    scores: Annotated[
        dict[str, Ratio],
        Meta(
            description="Probability of each of the three likeliest classes, `no_gesture` among them, likeliest first"
        ),
    ]
    track_id: Annotated[
        Count | None,
        Meta(
            description="The same for one hand as long as it is followed, unique within camera and run; null on stills"
        ),
    ] = None
    world_landmarks: Annotated[
        WorldLandmarks | None,
        Meta(description="The same 21 points in space, in metres; null unless HANDSTREAM_WORLD_LANDMARKS is set"),
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """The bundle that named the gesture."""

    name: Annotated[str, Meta(description="Name of the model bundle")]
    version: Annotated[str, Meta(description="Version of the model bundle")]
    sha256: Annotated[str, Meta(pattern="^[0-9a-f]{64}$", description="Sum of the bundle's model file")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Timings:
    """Where the time went."""

    queue: Annotated[Milliseconds, Meta(description="From capture until the worker took the frame up")]
    decode: Annotated[Milliseconds, Meta(description="From the encoded picture to pixels")]
    landmarks: Annotated[Milliseconds, Meta(description="From pixels to landmarks")]
    classify: Annotated[Milliseconds, Meta(description="From landmarks to the gesture")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """The outcome of one frame."""

    id: Annotated[
        str,
        Meta(description="topic/partition/offset of the frame's record: a frame that is processed twice keeps its id"),
    ]
    camera: Annotated[str, Meta(description="Id of the camera")]
    run: Annotated[str, Meta(description="Id of the producer's run that the frame belongs to")]
    source: Annotated[str, Meta(description="Where the frame came from: a file or a redacted camera address")]
    sequence: Annotated[Count, Meta(description="Number of the frame within camera and run, from 0")]
    mode: Mode
    captured_at: Annotated[Time, Meta(description="When the frame was captured")]
    processed_at: Annotated[Time, Meta(description="When the worker had its outcome")]
    status: Status
    hands: Annotated[
        tuple[Hand, ...], Meta(max_length=MAX_HANDS, description="The hands found; empty unless status is ok")
    ]
    model: Model
    timings_ms: Timings
    label: Annotated[str | None, Meta(description="Ground truth, where it travelled with the frame")] = None
    width: Annotated[
        Count | None,
        Meta(
            description="Width of the picture as the landmark model saw it: upright, and perhaps at a reduced scale; "
            "with height it gives the shape that the landmarks' 0..1 are of",
            extra_json_schema={"x-unit": "pixels"},
        ),
    ] = None
    height: Annotated[
        Count | None, Meta(description="Height of the same picture", extra_json_schema={"x-unit": "pixels"})
    ] = None
    retries: Annotated[
        Count,
        Meta(description="How often the frame was sent again from the dead letters; its neighbours are long past"),
    ] = 0
    replay_of: Annotated[
        str | None, Meta(description="topic/partition/offset of the frame that this one replays, where it does")
    ] = None
    detector_skipped: Annotated[
        bool,
        Meta(
            description="Whether the frame was not searched, since nothing had moved since the last one that was "
            "searched in vain"
        ),
    ] = False
    image_damaged: Annotated[
        bool,
        Meta(
            description="Whether the image was corrupt or cut off, so that a part of what was searched is made up by "
            "the decoder"
        ),
    ] = False
    type: Annotated[Literal["handstream.prediction.v1"], Meta(description="Type of the record, with its version")] = (
        PREDICTION_TYPE
    )

    @property
    def gesture(self) -> str | None:
        """Gesture of the most confident hand that makes one, else `no_gesture`; None without a hand."""
        hand = self.main_hand
        return None if hand is None else hand.gesture

    @property
    def main_hand(self) -> Hand | None:
        """The most confident hand that makes a gesture, else the most confident one; None without a hand."""
        return max(self.hands, key=lambda hand: (hand.gesture != NO_GESTURE, hand.confidence), default=None)

    @property
    def latency_ms(self) -> float:
        """Milliseconds from capture to outcome."""
        return (self.processed_at - self.captured_at).total_seconds() * 1000

    def to_json(self) -> bytes:
        """One line of JSON, UTF-8, without the line feed."""
        return _ENCODER.encode(self)

    def to_record(self, *, key: bytes | None, more: Headers = ()) -> Record:
        """more: headers behind its own."""
        headers = envelope(
            event_id=self.id,
            source=self.source,
            event_type=PREDICTION_TYPE,
            time=self.processed_at,
            content_type="application/json",
        )
        return Record(key=key, value=self.to_json(), headers=(*headers, *more))


def decode_prediction(value: bytes | None) -> Prediction:
    """Read a prediction from its JSON. Raises RecordError where it is not one. Unknown fields are ignored."""
    return decode_value(_DECODER, value, what="prediction")


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(Prediction)
