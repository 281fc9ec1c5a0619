"""Stand-ins at the worker's edges."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from events.frame import Frame, Mode
from events.prediction import Model, Status
from events.record import Position, Record
from recognition.pipeline import Recognition
from stream_app.outcome import Incoming, Outcome, Predicted, Skipped, StreamEnded

# The moment of capture is the record's timestamp: a broker soon deletes records that are older than its retention.
CAPTURED_AT = datetime.now(UTC).replace(microsecond=0)
MODEL = Model(name="twin", version="1", sha256="0" * 64)
NO_HAND = Recognition(
    status=Status.NO_HAND,
    hands=(),
    model=MODEL,
    width=4,
    height=3,
    decode_ms=1.0,
    landmarks_ms=2.0,
    classify_ms=0.5,
)


class Clock:
    """Monotonic seconds that stand still."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


class TwinRecognizer:
    """Sees no hand, or does what it was told to."""

    def __init__(self, act: Callable[[Frame], Recognition] = lambda _: NO_HAND) -> None:
        self._act = act
        self.model = MODEL
        self.closed = False

    def recognize(self, frame: Frame) -> Recognition:
        return self._act(frame)

    def close(self) -> None:
        self.closed = True


def frame(*, sequence: int = 0, camera: str = "desk", image: bytes = b"jpeg", label: str | None = None) -> Frame:
    return Frame(
        image=image,
        camera=camera,
        run="run1",
        sequence=sequence,
        captured_at=CAPTURED_AT,
        source="test",
        width=4,
        height=3,
        mode=Mode.RECORDED,
        label=label,
    )


def incoming(record: Record, *, offset: int = 7, partition: int = 3) -> Incoming:
    return Incoming.read(
        position=Position(topic="frames", partition=partition, offset=offset),
        key=record.key,
        value=record.value,
        headers=record.headers,
    )


def status(outcome: Outcome) -> str:
    """What became of a record, in the words of the metrics."""
    if isinstance(outcome, Predicted | Skipped):
        return outcome.prediction.status.value
    return "stream_end" if isinstance(outcome, StreamEnded) else "dead_letter"
