"""From a frame's record to the record of its outcome."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from events.cloud_event import MAX_CAMERA_CHARACTERS, event_type
from events.dead_letter import DeadLetter
from events.frame import Frame, decode_frame
from events.prediction import Prediction, Timings
from events.reason import RecordError
from events.record import HeaderReader
from events.stream_end import STREAM_END_TYPE, decode_stream_end
from events.topics import TopicNames
from recognition.pipeline import Recognition
from stream_app.outcome import DEAD_LETTER, STREAM_END, Incoming, Outcome


class FrameRecognizer(Protocol):
    """Names the gestures in one frame. Raises RecordError where the frame itself is at fault."""

    def recognize(self, frame: Frame) -> Recognition: ...


class FrameProcessor:
    """Turns each incoming record into exactly one outcome.

    A frame's own fault becomes a dead letter. Anything else that is raised is a fault of ours and goes up to the
    caller, who stops the worker with the offset kept. Called from several threads, for one partition never from two at
    once.
    """

    def __init__(self, *, recognizer: FrameRecognizer, topics: TopicNames, clock: Callable[[], datetime]) -> None:
        self._recognizer = recognizer
        self._topics = topics
        self._clock = clock

    def process(self, incoming: Incoming) -> Outcome:
        taken_up_at = self._clock()
        try:
            headers = HeaderReader(incoming.headers)
            if event_type(headers) == STREAM_END_TYPE:
                return self._pass_on(incoming, headers)
            frame = decode_frame(key=incoming.key, value=incoming.value, headers=headers)
            recognition = self._recognizer.recognize(frame)
        except RecordError as fault:
            return self._bury(incoming, fault)
        return self._predict(incoming, frame, recognition, taken_up_at=taken_up_at)

    def _predict(self, incoming: Incoming, frame: Frame, recognition: Recognition, *, taken_up_at: datetime) -> Outcome:
        # A camera whose clock runs ahead of ours must not give a negative time in the queue.
        queue_ms = max(0.0, (taken_up_at - frame.captured_at).total_seconds() * 1000)
        timings = Timings(
            queue=round(queue_ms, 3),
            decode=recognition.decode_ms,
            landmarks=recognition.landmarks_ms,
            classify=recognition.classify_ms,
        )
        prediction = Prediction(
            id=str(incoming.position),
            camera=frame.camera,
            run=frame.run,
            source=frame.source,
            sequence=frame.sequence,
            mode=frame.mode,
            captured_at=frame.captured_at,
            processed_at=self._clock(),
            status=recognition.status,
            hands=recognition.hands,
            model=recognition.model,
            timings_ms=timings,
            label=frame.label,
            width=recognition.width,
            height=recognition.height,
        )
        return Outcome(
            topic=self._topics.predictions,
            record=prediction.to_record(key=incoming.key),
            status=prediction.status.value,
            captured_at=frame.captured_at,
            camera=frame.camera,
            timings=timings,
        )

    def _pass_on(self, incoming: Incoming, headers: HeaderReader) -> Outcome:
        end = decode_stream_end(value=incoming.value, headers=headers)
        return Outcome(topic=self._topics.predictions, record=end.to_record(), status=STREAM_END)

    def _bury(self, incoming: Incoming, fault: RecordError) -> Outcome:
        letter = DeadLetter(
            key=incoming.key,
            value=incoming.value or b"",
            headers=incoming.headers,
            reason=fault.reason,
            error=str(fault),
            position=incoming.position,
            time=self._clock(),
        )
        return Outcome(
            topic=self._topics.dead_letters,
            record=letter.to_record(),
            status=DEAD_LETTER,
            camera=_camera_of(incoming),
        )


def _camera_of(incoming: Incoming) -> str:
    """Whoever seems to have sent a record at fault."""
    named = dict(incoming.headers).get("ce_camera") or incoming.key or b""
    return named[:MAX_CAMERA_CHARACTERS].decode(errors="replace")
