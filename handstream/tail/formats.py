"""Predictions as lines of text."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import BinaryIO, Generic, Protocol, TypeVar

import msgspec

from broker.received import ReceivedPrediction
from events.cloud_event import format_time
from events.prediction import Prediction
from handstream.tail.pipe import check_reader

CSV_COLUMNS = (
    "id",
    "camera",
    "run",
    "source",
    "sequence",
    "mode",
    "captured_at",
    "processed_at",
    "status",
    "hands",
    "gesture",
    "confidence",
    "handedness",
    "latency_ms",
    "label",
)


R_contra = TypeVar("R_contra", contravariant=True)
T = TypeVar("T", bound="HasValue")


class HasValue(Protocol):
    """What came, and the JSON it came as."""

    @property
    def value(self) -> bytes: ...


class LineFormat(Protocol[R_contra]):
    """Predictions, or gesture events, as bytes."""

    def head(self) -> bytes: ...

    def encode(self, received: Sequence[R_contra]) -> bytes: ...


class JsonLines:
    """One line of JSON each, as it stands in the topic."""

    def head(self) -> bytes:
        return b""

    def encode(self, received: Sequence[HasValue]) -> bytes:
        # A foreign producer may have written the JSON over several lines.
        return b"".join(msgspec.json.format(one.value, indent=-1) + b"\n" for one in received)


class Csv:
    """A row each, RFC 4180 with line feeds; gesture, confidence and handedness are of the most confident hand."""

    def head(self) -> bytes:
        return csv_rows([CSV_COLUMNS])

    def encode(self, received: Sequence[ReceivedPrediction]) -> bytes:
        return csv_rows([_row(one.prediction) for one in received])


def csv_rows(rows: Sequence[Sequence[object]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def _row(prediction: Prediction) -> tuple[object, ...]:
    hand = prediction.main_hand
    return (
        prediction.id,
        prediction.camera,
        prediction.run,
        prediction.source,
        prediction.sequence,
        prediction.mode.value,
        format_time(prediction.captured_at),
        format_time(prediction.processed_at),
        prediction.status.value,
        len(prediction.hands),
        "" if hand is None else hand.gesture,
        "" if hand is None else hand.confidence,
        "" if hand is None else hand.handedness.value,
        round(prediction.latency_ms, 3),
        "" if prediction.label is None else prediction.label,
    )


class Lines(Generic[T]):
    """An Output that writes lines to a stream, flushed after each poll of the topic."""

    def __init__(self, stream: BinaryIO, form: LineFormat[T]) -> None:
        self._stream = stream
        self._form = form
        self._write(form.head())

    def write(self, received: Sequence[T]) -> None:
        self._write(self._form.encode(received))

    def idle(self) -> None:
        check_reader(self._stream)

    def _write(self, lines: bytes) -> None:
        if lines:
            self._stream.write(lines)
            self._stream.flush()
