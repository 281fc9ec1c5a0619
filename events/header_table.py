"""The headers of every record, for the docs and the schemas. Kafka carries each as UTF-8 text."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from events.cloud_event import SPEC_VERSION
from events.frame import FRAME_TYPE, JPEG, RETRY_HEADER, Mode
from events.gesture import GESTURE_TYPE
from events.held import HELD_HEADER
from events.prediction import PREDICTION_TYPE
from events.reason import Reason
from events.stream_end import STREAM_END_TYPE
from events.trace_context import TRACEPARENT

JSON = "application/json"


class Kind(StrEnum):
    """How the text of a header is read."""

    TEXT = "text"
    INTEGER = "integer"
    TIME = "RFC 3339 time"


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """One header. values: all that are allowed; empty where any is."""

    name: str
    meaning: str
    kind: Kind = Kind.TEXT
    required: bool = True
    unit: str = ""
    values: tuple[str, ...] = ()


def _envelope(*, event_type: str, id_meaning: str, time_meaning: str, content_type: Header) -> tuple[Header, ...]:
    return (
        Header(name="ce_specversion", meaning="Version of CloudEvents", values=(SPEC_VERSION,)),
        Header(name="ce_id", meaning=id_meaning),
        Header(name="ce_source", meaning="Where the frames came from: a file or a redacted camera address"),
        Header(name="ce_type", meaning="Type of the record, with its version", values=(event_type,)),
        Header(name="ce_time", meaning=time_meaning, kind=Kind.TIME),
        content_type,
    )


_JSON_CONTENT = Header(name="content-type", meaning="Media type of the value", values=(JSON,))

FRAME_HEADERS = (
    *_envelope(
        event_type=FRAME_TYPE,
        id_meaning="`camera/run/sequence`; the run tells two runs of one producer apart",
        time_meaning="When the frame was captured; the record's timestamp too",
        content_type=Header(name="content-type", meaning=f"Media type of the value, by default `{JPEG}`"),
    ),
    Header(name="ce_camera", meaning="Id of the camera, 1 to 128 printable characters"),
    Header(name="ce_sequence", meaning="Number of the frame within camera and run, from 0", kind=Kind.INTEGER),
    Header(name="ce_width", meaning="Width; 0 where the producer did not look", kind=Kind.INTEGER, unit="pixels"),
    Header(name="ce_height", meaning="Height; 0 where the producer did not look", kind=Kind.INTEGER, unit="pixels"),
    Header(
        name="ce_mode",
        meaning="How a picture relates to its neighbours: `live`, a camera whose late frames may be skipped; "
        "`recorded`, a film of which nothing is skipped; `still`, pictures that are independent of each other",
        values=tuple(mode.value for mode in Mode),
    ),
    Header(name="ce_label", meaning="Ground truth that travels with the frame", required=False),
)

# Beside those, and on predictions, where traces are made.
TRACE_HEADERS = (
    Header(
        name=TRACEPARENT,
        meaning="Trace that the record belongs to, in the W3C's form; one that is malformed is ignored",
        required=False,
    ),
)

# Beside those, on a frame that comes out of a topic and not out of a camera.
SENT_AGAIN_HEADERS = (
    Header(
        name=RETRY_HEADER,
        meaning="How often it was sent again from the dead letters; none where it never was",
        kind=Kind.INTEGER,
        required=False,
    ),
    Header(
        name="ce_replayof",
        meaning="topic/partition/offset of the frame that this one replays; its own headers are of the replay",
        required=False,
    ),
    Header(name="ce_replayrun", meaning="Run of the frame that this one replays", required=False),
    Header(
        name="ce_replaytime",
        meaning="When the frame that this one replays was captured",
        kind=Kind.TIME,
        required=False,
    ),
)

PREDICTION_HEADERS = (
    *_envelope(
        event_type=PREDICTION_TYPE,
        id_meaning="`id` of the prediction",
        time_meaning="`processed_at` of the prediction",
        content_type=_JSON_CONTENT,
    ),
    Header(
        name=HELD_HEADER,
        meaning="Gestures that the camera's hands hold after this frame, where they do: what a worker that takes over "
        "has to know. JSON, and no part of v1",
        required=False,
    ),
)

GESTURE_HEADERS = _envelope(
    event_type=GESTURE_TYPE,
    id_meaning="`id` of the event",
    time_meaning="`settled_at` of the event",
    content_type=_JSON_CONTENT,
)

STREAM_END_HEADERS = _envelope(
    event_type=STREAM_END_TYPE,
    id_meaning="`run/end/partition`",
    time_meaning="`ended_at` of the marker",
    content_type=_JSON_CONTENT,
)

DEAD_LETTER_HEADERS = (
    Header(
        name="dlq_reason",
        meaning="What was wrong with the frame",
        values=tuple(reason.value for reason in Reason),
    ),
    Header(name="dlq_error", meaning="The same in a sentence, at most 500 characters"),
    Header(name="dlq_topic", meaning="Topic that the frame came from"),
    Header(name="dlq_partition", meaning="Partition that the frame came from", kind=Kind.INTEGER),
    Header(name="dlq_offset", meaning="Offset of the frame in that partition", kind=Kind.INTEGER),
    Header(name="dlq_time", meaning="When it was set aside", kind=Kind.TIME),
)
