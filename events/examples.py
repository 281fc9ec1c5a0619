"""One record of each type, for docs, schemas and tests: built by the code, so that it is always valid."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from events.dead_letter import DeadLetter
from events.frame import Frame, Mode, Origin
from events.gesture import GestureEvent, Phase, gesture_event_id
from events.held import Held, held_headers
from events.prediction import LANDMARK_COUNT, Hand, Handedness, Model, Point, Prediction, Status, Timings
from events.reason import Reason
from events.record import Position, Record
from events.stream_end import StreamEnd
from events.trace_context import TRACEPARENT

_CAPTURED_AT: Final = datetime(2025, 3, 14, 9, 26, 53, 589_793, tzinfo=UTC)
_PICTURE: Final = b"\xff\xd8\xff\xe0\x00\x10JFIF"  # how every JPEG begins; a real frame goes on


def example_frame() -> Frame:
    return Frame(
        image=_PICTURE,
        camera="door",
        run="4f1c9e2a",
        sequence=1024,
        captured_at=_CAPTURED_AT,
        source="rtsp://camera.example/stream",
        width=640,
        height=480,
        mode=Mode.LIVE,
        label="peace",
    )


def example_prediction() -> Prediction:
    frame = example_frame()
    landmarks = tuple(_point(index) for index in range(LANDMARK_COUNT))
    hand = Hand(
        handedness=Handedness.RIGHT,
        score=0.98,
        landmarks=landmarks,
        box=(0.3, 0.3, 0.5, 0.7),
        gesture="peace",
        confidence=0.94,
        scores={"peace": 0.94, "two_up": 0.04, "three": 0.01},
    )
    return Prediction(
        id=str(Position(topic="frames", partition=2, offset=4711)),
        camera=frame.camera,
        run=frame.run,
        source=frame.source,
        sequence=frame.sequence,
        mode=frame.mode,
        captured_at=frame.captured_at,
        processed_at=frame.captured_at + timedelta(milliseconds=41),
        status=Status.OK,
        hands=(hand,),
        model=Model(name="hagrid-svm", version="1.0.0", sha256="0123456789abcdef" * 4),
        timings_ms=Timings(queue=18.5, decode=2.1, landmarks=19.6, classify=0.8),
        label=frame.label,
        width=frame.width,
        height=frame.height,
    )


def example_prediction_record() -> Record:
    """As the worker writes it while a gesture is held."""
    prediction = example_prediction()
    held = Held(
        hand=Handedness.RIGHT,
        gesture="peace",
        started_at=prediction.captured_at - timedelta(seconds=1),
        last_at=prediction.captured_at,
        frames=31,
        confidence_sum=29.14,
        track_id=1019,
        level_seconds=0.25,
    )
    return prediction.to_record(key=b"door", more=held_headers((held,)))


def example_sent_again() -> Frame:
    """A frame that replays the example's, and failed once."""
    frame = example_frame()
    origin = Origin(
        position=Position(topic="frames", partition=2, offset=4711), run=frame.run, captured_at=frame.captured_at
    )
    return replace(
        frame,
        run="9b02d7c3",
        captured_at=frame.captured_at + timedelta(hours=1),
        mode=Mode.RECORDED,
        retries=1,
        origin=origin,
    )


def example_gesture_event() -> GestureEvent:
    prediction = example_prediction()
    return GestureEvent(
        id=gesture_event_id(
            frame=prediction.id, hand=Handedness.RIGHT, track_id=1019, gesture="peace", phase=Phase.ENDED
        ),
        camera=prediction.camera,
        run=prediction.run,
        source=prediction.source,
        mode=prediction.mode,
        hand=Handedness.RIGHT,
        gesture="peace",
        phase=Phase.ENDED,
        started_at=prediction.captured_at - timedelta(milliseconds=1500),
        ended_at=prediction.captured_at - timedelta(milliseconds=167),
        frames=39,
        confidence=0.9412,
        frame=prediction.id,
        settled_at=prediction.captured_at,
        track_id=1019,
    )


def example_stream_end() -> StreamEnd:
    return StreamEnd(
        run="4f1c9e2a",
        source="photos",
        partition=0,
        partitions=4,
        frames=245,
        ended_at=_CAPTURED_AT,
    )


def example_dead_letter() -> DeadLetter:
    record = example_frame().to_record()
    return DeadLetter(
        key=record.key,
        value=b"GIF89a",
        headers=record.headers,
        reason=Reason.NOT_AN_IMAGE,
        error="value begins with b'GIF89a', which is not a JPEG",
        position=Position(topic="frames", partition=2, offset=4712),
        time=_CAPTURED_AT + timedelta(milliseconds=20),
    )


def _point(index: int) -> Point:
    """A finger a column, four joints each, above the wrist."""
    if index == 0:
        return (0.4, 0.7, 0.0)
    finger, joint = divmod(index - 1, 4)
    return (0.3 + finger * 0.05, round(0.6 - joint * 0.1, 2), round(-0.01 * (joint + 1), 2))


def example_traced() -> Record:
    """The frame as part of a trace."""
    record = example_frame().to_record()
    context = b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    return replace(record, headers=(*record.headers, (TRACEPARENT, context)))
