"""From a frame's record to the record of its outcome."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from events.dead_letter import DeadLetter
from events.frame import Frame, Mode
from events.held import held_headers
from events.prediction import Model, Prediction, Status, Timings
from events.reason import RecordError
from events.record import Record
from events.stream_end import StreamEnd
from events.topics import TopicNames
from recognition.pipeline import Recognition
from stream_app.followed_camera import KeyedEvent
from stream_app.outcome import DeadLettered, Incoming, Outcome, Predicted, Skipped, StreamEnded
from stream_app.partition_gestures import GestureUpdate, PartitionGestures


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

    def skip(self, incoming: Incoming) -> Skipped | None:
        """The outcome of a live frame that is too old to be worth a look, else None. Costs next to nothing."""
        frame = incoming.content
        if incoming.waited.at_most_seconds <= self._stale_after_seconds or not isinstance(frame, Frame):
            return None
        if frame.mode is not Mode.LIVE or frame.is_sent_again:
            return None
        taken_at = self._clock()
        by_clock = (taken_at - frame.captured_at).total_seconds()
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
        prediction = self._prediction(incoming, frame, unseen, taken_at=taken_at)
        return Skipped(
            topic=self._topics.predictions, record=prediction.to_record(key=incoming.key), prediction=prediction
        )

    def process(self, incoming: Incoming, gestures: PartitionGestures | None = None) -> Outcome:
        """gestures: of the record's partition; None where nobody follows them."""
        taken_at = self._clock()
        content = incoming.content
        if isinstance(content, StreamEnd):
            return self._end_stream(content, gestures)
        if isinstance(content, RecordError):
            return self._dead_letter(incoming, content)
        try:
            recognition = self._recognizer.recognize(content)
        except RecordError as fault:
            return self._dead_letter(incoming, fault)
        prediction = self._prediction(incoming, content, recognition, taken_at=taken_at)
        update = GestureUpdate() if gestures is None else gestures.update(prediction, key=incoming.key)
        return Predicted(
            topic=self._topics.predictions,
            record=prediction.to_record(key=incoming.key, more=held_headers(update.held)),
            then=self._event_records(update.events),
            prediction=prediction,
            events=update.events,
        )

    def _prediction(
        self, incoming: Incoming, frame: Frame, recognition: Recognition, *, taken_at: datetime
    ) -> Prediction:
        # A camera whose clock runs ahead of ours must not give a negative time in the queue.
        queue_ms = max(0.0, (taken_at - frame.captured_at).total_seconds() * 1000)
        timings = Timings(
            queue=round(queue_ms, 3),
            decode=recognition.decode_ms,
            landmarks=recognition.landmarks_ms,
            classify=recognition.classify_ms,
        )
        return Prediction(
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

    def _event_records(self, events: tuple[KeyedEvent, ...]) -> tuple[tuple[str, Record], ...]:
        return tuple((self._topics.gestures, keyed.to_record()) for keyed in events)

    def _end_stream(self, end: StreamEnd, gestures: PartitionGestures | None) -> StreamEnded:
        events = () if gestures is None else gestures.end_run(end.run)
        record = end.to_record()
        return StreamEnded(
            topic=self._topics.predictions,
            record=record,
            then=(*self._event_records(events), (self._topics.gestures, record)),
            end=end,
            events=events,
        )

    def _dead_letter(self, incoming: Incoming, fault: RecordError) -> DeadLettered:
        letter = DeadLetter(
            key=incoming.key,
            value=incoming.value or b"",
            headers=incoming.headers,
            reason=fault.reason,
            error=str(fault),
            position=incoming.position,
            time=self._clock(),
        )
        return DeadLettered(
            topic=self._topics.dead_letters, record=letter.to_record(), letter=letter, camera=incoming.camera
        )
