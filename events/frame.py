"""A frame: one picture of one camera, on its way to the worker."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from events.cloud_event import envelope, event_type, format_time, parse_camera, parse_time, timestamp_ms
from events.reason import Reason, RecordError
from events.record import HeaderReader, Position, Record
from events.redaction import redact_source

FRAME_TYPE = "handstream.frame.v1"
JPEG = "image/jpeg"
RETRY_HEADER = "ce_retrycount"
# A still's key is the name of its file, and Linux knows none that is longer.
MAX_KEY_BYTES = 4096


class Mode(StrEnum):
    """How a picture relates to its neighbours, which decides how it is processed.

    live: a camera; late frames may be skipped. recorded: a film; nothing is skipped. still: pictures that are
    independent of each other; nothing is skipped and no hand is tracked from one to the next.
    """

    LIVE = "live"
    RECORDED = "recorded"
    STILL = "still"


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a frame that is replayed was taken from: its record, its run and its own time of capture."""

    position: Position
    run: str
    captured_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One encoded picture.

    image: bytes of the encoded picture, of the media type content_type.
    camera: id of the camera, 1 to 128 printable characters.
    run: id of one run of the producer, so that sequences of two runs are not mistaken for each other.
    sequence: number within camera and run, from 0.
    captured_at: aware time of capture; it is the record's timestamp too.
    source: file or redacted address it came from.
    width, height: pixels, as the producer knew them; 0 where it did not look.
    key: partition key; the camera where not given. Kafka keeps the order of records with one key.
    label: ground truth that travels with the frame.
    retries: how often it was sent again from the dead letters.
    origin: the frame that this one replays; None where it replays none.
    """

    image: bytes
    camera: str
    run: str
    sequence: int
    captured_at: datetime
    source: str
    width: int
    height: int
    mode: Mode
    key: str | None = None
    label: str | None = None
    content_type: str = JPEG
    retries: int = 0
    origin: Origin | None = None

    @property
    def is_sent_again(self) -> bool:
        """Whether it comes out of a topic and not out of a camera, so that its age says nothing."""
        return self.retries > 0 or self.origin is not None

    @property
    def id(self) -> str:
        return f"{self.camera}/{self.run}/{self.sequence}"

    def to_record(self) -> Record:
        headers = (
            *envelope(
                event_id=self.id,
                source=self.source,
                event_type=FRAME_TYPE,
                time=self.captured_at,
                content_type=self.content_type,
            ),
            ("ce_camera", self.camera.encode()),
            ("ce_sequence", str(self.sequence).encode()),
            ("ce_width", str(self.width).encode()),
            ("ce_height", str(self.height).encode()),
            ("ce_mode", self.mode.value.encode()),
        )
        if self.label is not None:
            headers = (*headers, ("ce_label", self.label.encode()))
        if self.retries:
            headers = (*headers, (RETRY_HEADER, str(self.retries).encode()))
        if self.origin is not None:
            headers = (
                *headers,
                ("ce_replayof", str(self.origin.position).encode()),
                ("ce_replayrun", self.origin.run.encode()),
                ("ce_replaytime", format_time(self.origin.captured_at).encode()),
            )
        return Record(
            key=(self.key or self.camera).encode(),
            value=self.image,
            headers=headers,
            timestamp_ms=timestamp_ms(self.captured_at),
        )


def decode_frame(
    *,
    key: bytes | None,
    value: bytes | None,
    headers: Iterable[tuple[str, bytes | None]] | Mapping[str, bytes | None] | HeaderReader | None,
) -> Frame:
    """Read a frame from a record's parts. Raises RecordError with the reason for the dead letter."""
    reader = headers if isinstance(headers, HeaderReader) else HeaderReader(headers)
    kind = event_type(reader)
    if kind != FRAME_TYPE:
        raise RecordError(Reason.UNKNOWN_TYPE, f"header 'ce_type' must be {FRAME_TYPE}, not {kind[:80]!r}")
    camera = parse_camera(reader)
    sequence = reader.integer("ce_sequence", minimum=0)
    mode = reader.required("ce_mode")
    if mode not in _MODES:
        raise RecordError(
            Reason.MALFORMED_HEADER, f"header 'ce_mode' must be one of {', '.join(_MODES)}, not {mode[:40]!r}"
        )
    frame = Frame(
        image=value or b"",
        camera=camera,
        run=_run(reader.required("ce_id"), camera=camera, sequence=sequence),
        sequence=sequence,
        captured_at=parse_time(reader),
        # Frames of other producers may name their camera with its password.
        source=redact_source(reader.required("ce_source")),
        width=reader.integer("ce_width", minimum=0),
        height=reader.integer("ce_height", minimum=0),
        mode=_MODES[mode],
        key=_key(key, camera=camera),
        label=reader.optional("ce_label"),
        content_type=reader.required("content-type"),
        retries=_retries(reader),
        origin=_origin(reader),
    )
    if not frame.image:
        raise RecordError(Reason.EMPTY_IMAGE, f"frame {frame.id} has no bytes")
    return frame


_MODES = {mode.value: mode for mode in Mode}


def _run(event_id: str, *, camera: str, sequence: int) -> str:
    head, tail = f"{camera}/", f"/{sequence}"
    run = event_id[len(head) : -len(tail)]
    if not run or f"{head}{run}{tail}" != event_id:
        raise RecordError(Reason.MALFORMED_HEADER, f"header 'ce_id' must be '{head}RUN{tail}', not {event_id[:80]!r}")
    return run


def _retries(reader: HeaderReader) -> int:
    return 0 if reader.optional(RETRY_HEADER) is None else reader.integer(RETRY_HEADER, minimum=0)


def _origin(reader: HeaderReader) -> Origin | None:
    text = reader.optional("ce_replayof")
    if text is None:
        return None
    try:
        position = Position.parse(text)
    except ValueError as error:
        raise RecordError(Reason.MALFORMED_HEADER, f"header 'ce_replayof': {error}") from error
    return Origin(
        position=position, run=reader.required("ce_replayrun"), captured_at=parse_time(reader, "ce_replaytime")
    )


def _key(key: bytes | None, *, camera: str) -> str | None:
    """The key where it says more than the camera. One that is not UTF-8 is kept by the worker as bytes."""
    if key is not None and len(key) > MAX_KEY_BYTES:
        # Its prediction has the same key, and must fit its topic.
        raise RecordError(Reason.MALFORMED_KEY, f"the key has {len(key)} bytes, {MAX_KEY_BYTES} are allowed")
    text = (key or b"").decode(errors="replace")
    return None if text in ("", camera) else text
