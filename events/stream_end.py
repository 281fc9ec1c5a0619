"""The marker that ends a finite stream."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from events.cloud_event import envelope, event_type
from events.reason import Reason, RecordError
from events.record import MAX_HEADER_BYTES, HeaderReader, Record
from events.redaction import redact_source
from events.units import Count, Time
from events.value import decode_value

STREAM_END_TYPE: Final = "handstream.stream-end.v1"
# Characters: as much as the header of a frame may hold, so that what is passed on fits its topic.
MAX_TEXT: Final = MAX_HEADER_BYTES


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamEnd:
    """Nothing of this run comes after it in its partition.

    A producer writes one to every partition of `frames`; the worker passes each on to the same partition of
    `predictions`. Who holds all of a run's markers has all of its outcomes.
    """

    run: Annotated[str, Meta(max_length=MAX_TEXT, description="Id of the producer's run that ends")]
    source: Annotated[str, Meta(max_length=MAX_TEXT, description="What was read: a file or a redacted camera address")]
    partition: Annotated[Count, Meta(description="The partition that this marker ends")]
    partitions: Annotated[int, Meta(ge=1, description="How many markers the run has in all, one a partition")]
    frames: Annotated[Count, Meta(description="Frames of this run in all partitions together")]
    ended_at: Annotated[Time, Meta(description="When the producer had published its last frame")]
    type: Annotated[Literal["handstream.stream-end.v1"], Meta(description="Type of the record, with its version")] = (
        STREAM_END_TYPE
    )

    def to_record(self) -> Record:
        """The record; the sender writes it to `partition` explicitly."""
        headers = envelope(
            event_id=f"{self.run}/end/{self.partition}",
            source=self.source,
            event_type=STREAM_END_TYPE,
            time=self.ended_at,
            content_type="application/json",
        )
        return Record(key=None, value=_ENCODER.encode(self), headers=headers)


def decode_stream_end(
    *,
    value: bytes | None,
    headers: Iterable[tuple[str, bytes | None]] | Mapping[str, bytes | None] | HeaderReader | None,
) -> StreamEnd:
    """Read a stream end. Raises RecordError."""
    reader = headers if isinstance(headers, HeaderReader) else HeaderReader(headers)
    kind = event_type(reader)
    if kind != STREAM_END_TYPE:
        raise RecordError(Reason.UNKNOWN_TYPE, f"header 'ce_type' must be {STREAM_END_TYPE}, not {kind[:80]!r}")
    end = decode_value(_DECODER, value, what="stream end")
    return replace(end, source=redact_source(end.source))


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(StreamEnd)
