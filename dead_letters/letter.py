"""A dead letter as it lies in its topic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from events.dead_letter import DeadLetter, decode_dead_letter
from events.frame import RETRY_HEADER
from events.record import Position, Record
from events.redaction import redact_text

_MAX_RETRY_DIGITS = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """position: of the letter itself; that of the frame stands in the letter."""

    position: Position
    letter: DeadLetter

    @property
    def camera(self) -> str:
        """As its header says, else its key; empty where neither can be read."""
        return _text(self._header("ce_camera") or self.letter.key or b"")

    @property
    def sequence(self) -> str:
        return _text(self._header("ce_sequence") or b"")

    @property
    def retries(self) -> int:
        """How often it was sent again before it failed this time."""
        text = self._header(RETRY_HEADER) or b""
        return int(text) if text.isdigit() and len(text) <= _MAX_RETRY_DIGITS else 0

    @property
    def error(self) -> str:
        return redact_text(self.letter.error)

    def shown_headers(self) -> list[tuple[str, str]]:
        """The headers of the frame, fit to be shown; a name may stand twice, which can be what is wrong with it."""
        return [(redact_text(name), redact_text(_text(value or b""))) for name, value in self.letter.headers]

    def to_frame(self, *, timestamp_ms: int) -> Record:
        """The frame's record as it came, with one retry more."""
        kept = tuple((name, value or b"") for name, value in self.letter.headers if name != RETRY_HEADER)
        return Record(
            key=self.letter.key,
            value=self.letter.value,
            headers=(*kept, (RETRY_HEADER, str(self.retries + 1).encode())),
            timestamp_ms=timestamp_ms,
        )

    def _header(self, wanted: str) -> bytes | None:
        return next((value for name, value in self.letter.headers if name == wanted), None)


def read_letter(record: Any) -> Letter:
    """Of kafka-python's ConsumerRecord. Raises RecordError for what is no dead letter."""
    return Letter(
        position=Position(topic=record.topic, partition=record.partition, offset=record.offset),
        letter=decode_dead_letter(key=record.key, value=record.value, headers=record.headers),
    )


def _text(value: bytes) -> str:
    """As UTF-8; what is none, and what would move the cursor, is spelled out."""
    text = value.decode(errors="backslashreplace")
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in text)
