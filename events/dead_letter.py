"""A dead letter: a frame that was itself at fault, kept as it came."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from events.cloud_event import format_time, parse_time
from events.reason import Reason, RecordError
from events.record import HeaderReader, Headers, Position, Record

_PREFIX = "dlq_"
# The broker refuses a record over its limit, headers included, so the text that we add stays short.
MAX_ERROR_CHARACTERS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """The original key, value and headers, and why and where it failed.

    position: the record in the topic it came from.
    """

    key: bytes | None
    value: bytes
    headers: tuple[tuple[str, bytes | None], ...]
    reason: Reason
    error: str
    position: Position
    time: datetime

    @property
    def short_error(self) -> str:
        """As much of the error as travels."""
        return self.error[:MAX_ERROR_CHARACTERS]

    def to_record(self) -> Record:
        added: Headers = (
            ("dlq_reason", self.reason.value.encode()),
            ("dlq_error", self.short_error.encode(errors="replace")),
            ("dlq_topic", self.position.topic.encode()),
            ("dlq_partition", str(self.position.partition).encode()),
            ("dlq_offset", str(self.position.offset).encode()),
            ("dlq_time", format_time(self.time).encode()),
        )
        # A dead letter that was replayed and failed again says only why it failed last. A header without a value
        # (Kafka allows it) travels as an empty one, which every client can send; a BrokenName as what it reads like.
        kept = tuple((str(name), value or b"") for name, value in self.headers if not name.startswith(_PREFIX))
        return Record(key=self.key, value=self.value, headers=(*kept, *added))


def decode_dead_letter(
    *,
    key: bytes | None,
    value: bytes | None,
    headers: Iterable[tuple[str, bytes | None]] | Mapping[str, bytes | None] | None,
) -> DeadLetter:
    """Read a dead letter. Raises RecordError where its own headers are missing or malformed."""
    pairs = tuple(headers.items() if isinstance(headers, Mapping) else headers or ())
    reader = HeaderReader([(name, content) for name, content in pairs if name.startswith(_PREFIX)])
    reason = reader.required("dlq_reason")
    if reason not in _REASONS:
        raise RecordError(Reason.MALFORMED_HEADER, f"header 'dlq_reason' has the unknown value {reason[:40]!r}")
    return DeadLetter(
        key=key,
        value=value or b"",
        headers=tuple((name, content) for name, content in pairs if not name.startswith(_PREFIX)),
        reason=_REASONS[reason],
        error=reader.required("dlq_error"),
        position=Position(
            topic=reader.required("dlq_topic"),
            partition=reader.integer("dlq_partition", minimum=0),
            offset=reader.integer("dlq_offset", minimum=0),
        ),
        time=parse_time(reader, "dlq_time"),
    )


_REASONS = {reason.value: reason for reason in Reason}
