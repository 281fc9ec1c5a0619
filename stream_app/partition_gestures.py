"""From the predictions of one partition to gestures that start and end."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from events.frame import Mode
from events.held import Held
from events.prediction import Prediction, Status
from events.record import Position
from events.stream_end import StreamEnd
from recognition.gesture_debouncer import DebounceTimes, GestureDebouncer
from stream_app.followed_camera import FollowedCamera, KeyedEvent

# Of one partition; one more ends the camera that has been silent for the longest.
MAX_CAMERAS = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class GestureUpdate:
    """The events that a frame settled, and what its camera's hands hold after it."""

    events: tuple[KeyedEvent, ...] = ()
    held: tuple[Held, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PastPrediction:
    """A prediction that was written before. held: what it says is held after it."""

    prediction: Prediction
    key: bytes | None
    held: tuple[Held, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GestureHistory:
    """The last records of a partition's predictions, in order, and the ids of its last gesture events."""

    records: tuple[PastPrediction | StreamEnd, ...] = ()
    event_ids: frozenset[str] = frozenset()


class PartitionGestures:
    """Follows the cameras of one partition.

    Its state follows from the partition's predictions alone, in their order. So a worker that takes the partition over
    begins with their history and goes on as if it had always been there.

    A frame that is already in the history comes again when its worker was killed before it committed. It changes
    nothing, but the events of the last one may not have been written and are returned once more.

    clock: monotonic seconds.
    """

    def __init__(
        self,
        *,
        times: DebounceTimes,
        history: GestureHistory | None = None,
        max_cameras: int = MAX_CAMERAS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._times = times
        self._max_cameras = max_cameras
        self._clock = clock
        self._cameras: dict[tuple[str, str], FollowedCamera] = {}
        self._processed: dict[str, tuple[int, GestureUpdate]] = {}
        if history is not None:
            self._restore(history)

    def update(self, prediction: Prediction, *, key: bytes | None) -> GestureUpdate:
        """Take the outcome of the partition's next frame."""
        processed = self._processed.get(prediction.id)
        if processed is not None and processed[0] == prediction.sequence:
            return processed[1]
        self._processed.clear()
        return self._follow(prediction, key=key)

    def end_run(self, run: str) -> tuple[KeyedEvent, ...]:
        """The stream of this run has ended in this partition."""
        names = [name for name in self._cameras if name[1] == run]
        return tuple(event for name in names for event in self._cameras.pop(name).finish())

    def silent(self, *, seconds: float) -> tuple[FollowedCamera, ...]:
        """The cameras that hold something and sent nothing for this long."""
        now = self._clock()
        return tuple(
            camera
            for camera in self._cameras.values()
            if now - camera.seen_at_seconds >= seconds and not camera.stream_ended and camera.debouncer.held
        )

    def _follow(self, prediction: Prediction, *, key: bytes | None) -> GestureUpdate:
        # A skipped frame says nothing. One that was sent again comes too late to say anything.
        if prediction.mode is Mode.STILL or prediction.status is Status.STALE or prediction.retries:
            return GestureUpdate()
        now = self._clock()
        name = (prediction.camera, prediction.run)
        camera = self._cameras.pop(name, None)
        if camera is None:
            camera = FollowedCamera(
                debouncer=GestureDebouncer(self._times), last=prediction, key=key, seen_at_seconds=now
            )
        events = camera.update(prediction, key=key, now=now)
        self._cameras[name] = camera  # in the order in which they were last seen
        while len(self._cameras) > self._max_cameras:
            events += self._cameras.pop(next(iter(self._cameras))).finish()
        return GestureUpdate(events=events, held=camera.debouncer.held)

    def _restore(self, history: GestureHistory) -> None:
        last_offset = -1
        last: Prediction | None = None
        for record in history.records:
            if isinstance(record, StreamEnd):
                # The camera is kept: the marker itself may not be committed and come again.
                for name, camera in self._cameras.items():
                    camera.stream_ended |= name[1] == record.run
                continue
            prediction = record.prediction
            offset = _offset(prediction)
            if offset <= last_offset:  # written twice; the first counts
                continue
            self._finish_ended(history, prediction)
            update = self._follow(prediction, key=record.key)
            followed = self._cameras.get((prediction.camera, prediction.run))
            if followed is not None and followed.last is prediction:
                followed.debouncer.resume(record.held)
            if last is not None:
                # Its events were on the broker before the next frame was processed.
                sequence, of_last = self._processed[last.id]
                self._processed[last.id] = (sequence, GestureUpdate(held=of_last.held))
            last, last_offset = prediction, offset
            self._processed[last.id] = (last.sequence, GestureUpdate(events=update.events, held=record.held))
        for camera in self._cameras.values():
            self._finish_ended(history, camera.last)

    def _finish_ended(self, history: GestureHistory, prediction: Prediction) -> None:
        """Where a camera was silent for long, what it held has ended, and no prediction says so."""
        camera = self._cameras.get((prediction.camera, prediction.run))
        if camera is not None and any(keyed.event.id in history.event_ids for keyed in camera.ends()):
            camera.finish()


def _offset(prediction: Prediction) -> int:
    try:
        return Position.parse(prediction.id).offset
    except ValueError:
        return -1
