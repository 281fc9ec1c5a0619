"""From a frame's record to the record of its outcome."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from events.cloud_event import MAX_CAMERA_CHARACTERS, event_type
from events.dead_letter import DeadLetter
from events.frame import Frame, Mode, decode_frame
from events.held import held_headers
from events.prediction import Model, Prediction, Status, Timings
from events.reason import RecordError
from events.record import HeaderReader, Record
from events.stream_end import STREAM_END_TYPE, decode_stream_end
from events.topics import TopicNames
from recognition.pipeline import Recognition
from stream_app.followed_camera import KeyedEvent
from stream_app.outcome import DEAD_LETTER, STREAM_END, Incoming, Outcome
from stream_app.partition_gestures import GestureUpdate, PartitionGestures

LIVE_HEADER = ("ce_mode", Mode.LIVE.value.encode())


class FrameRecognizer(Protocol):
    """Names the gestures in one frame. Raises RecordError where the frame itself is at fault."""

    @property
    def model(self) -> Model:
        """The one that would name the next frame's gestures."""

    def recognize(self, frame: Frame) -> Recognition: ...


class FrameProcessor:
    """Turns each incoming record into exactly one outcome.

    A frame's own fault becomes a dead letter. Anything else that is raised is a fault of ours and goes up to the
    caller, who stops the worker with the offset kept. Called from several threads, for one partition never from two at
    once.

    stale_after_seconds: a live frame that is older is skipped. Its age is what the clocks say, within the bounds of
    what was seen of its time in the topic: a camera whose clock is wrong is treated as any other.
    """

    def __init__(
        self,
        *,
        recognizer: FrameRecognizer,
        topics: TopicNames,
        clock: Callable[[], datetime],
        stale_after_seconds: float = math.inf,
    ) -> None:
        self._recognizer = recognizer
        self._topics = topics
        self._clock = clock
        self._stale_after_seconds = stale_after_seconds

    def skip(self, incoming: Incoming) -> Outcome | None:
        """The outcome of a live frame that is too old to be worth a look, else None. Costs next to nothing."""
        if incoming.waited.at_most_seconds <= self._stale_after_seconds or LIVE_HEADER not in incoming.headers:
            return None
        taken_up_at = self._clock()
        try:
            frame = decode_frame(key=incoming.key, value=incoming.value, headers=incoming.headers)
        except RecordError:
            return None  # a dead letter, of whatever age
        if frame.is_sent_again:
            return None
        by_clock = (taken_up_at - frame.captured_at).total_seconds()
        if incoming.waited.age_seconds(by_clock=by_clock) <= self._stale_after_seconds:
            return None
        unseen = Recognition(
            status=Status.STALE,
            hands=(),
            model=self._recognizer.model,
            width=None,
            height=None,
            decode_ms=0.0,
            landmarks_ms=0.0,
            classify_ms=0.0,
        )
        return self._predict(incoming, frame, unseen, None, taken_up_at=taken_up_at)

    def process(self, incoming: Incoming, gestures: PartitionGestures | None = None) -> Outcome:
        """gestures: of the record's partition; None where nobody follows them."""
        taken_up_at = self._clock()
        try:
            headers = HeaderReader(incoming.headers)
            if event_type(headers) == STREAM_END_TYPE:
                return self._pass_on(incoming, headers, gestures)
            frame = decode_frame(key=incoming.key, value=incoming.value, headers=headers)
            recognition = self._recognizer.recognize(frame)
        except RecordError as fault:
            return self._bury(incoming, fault)
        return self._predict(incoming, frame, recognition, gestures, taken_up_at=taken_up_at)

    def _predict(
        self,
        incoming: Incoming,
        frame: Frame,
        recognition: Recognition,
        gestures: PartitionGestures | None,
        *,
        taken_up_at: datetime,
    ) -> Outcome:
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
            retries=frame.retries,
            detector_skipped=recognition.detector_skipped,
            image_damaged=recognition.image_damaged,
            replay_of=None if frame.origin is None else str(frame.origin.position),
        )
        update = GestureUpdate() if gestures is None else gestures.update(prediction, key=incoming.key)
        return Outcome(
            topic=self._topics.predictions,
            record=prediction.to_record(key=incoming.key, more=held_headers(update.held)),
            status=prediction.status.value,
            captured_at=frame.captured_at,
            camera=frame.camera,
            timings=timings,
            prediction=prediction,
            gestures=tuple(keyed.event for keyed in update.events),
            then=self._event_records(update.events),
        )

    def _event_records(self, events: tuple[KeyedEvent, ...]) -> tuple[tuple[str, Record], ...]:
        return tuple((self._topics.gestures, keyed.to_record()) for keyed in events)

    def _pass_on(self, incoming: Incoming, headers: HeaderReader, gestures: PartitionGestures | None) -> Outcome:
        end = decode_stream_end(value=incoming.value, headers=headers)
        events = () if gestures is None else gestures.end_run(end.run)
        return Outcome(
            topic=self._topics.predictions,
            record=end.to_record(),
            status=STREAM_END,
            ended_run=end.run,
            gestures=tuple(keyed.event for keyed in events),
            then=(*self._event_records(events), (self._topics.gestures, end.to_record())),
        )

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
            reason=fault.reason,
        )


def _camera_of(incoming: Incoming) -> str:
    """Whoever seems to have sent a record at fault."""
    named = dict(incoming.headers).get("ce_camera") or incoming.key or b""
    return named[:MAX_CAMERA_CHARACTERS].decode(errors="replace")
