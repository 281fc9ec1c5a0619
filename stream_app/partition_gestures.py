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
from recognition.smoothing import GestureSmoother, Smoothing
from stream_app.followed_camera import FollowedCamera, Told

# Of one partition; whose camera comes beyond them ends the one that was silent for longest.
MAX_CAMERAS = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a frame changed, and what its camera's hands hold after it."""

    told: tuple[Told, ...] = ()
    held: tuple[Held, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PastPrediction:
    """A prediction that was written before. held: what it says is held after it."""

    prediction: Prediction
    key: bytes | None
    held: tuple[Held, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """The last records of a partition's predictions, in order, and the ids of its last gesture events."""

    records: tuple[PastPrediction | StreamEnd, ...] = ()
    event_ids: frozenset[str] = frozenset()


class PartitionGestures:
    """Follows the cameras of one partition.

    What it knows follows from the predictions of the partition alone, in their order. So a worker that takes the
    partition over begins with `past` and goes on as if it had always been there.

    A frame that is already among the past predictions comes again when its worker was killed before it committed. It
    changes nothing, but the events of the last one may not have been written and are told once more.

    clock: monotonic seconds.
    """

    def __init__(
        self,
        *,
        smoothing: Smoothing,
        past: Past | None = None,
        max_cameras: int = MAX_CAMERAS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._smoothing = smoothing
        self._max_cameras = max_cameras
        self._clock = clock
        self._cameras: dict[tuple[str, str], FollowedCamera] = {}
        self._before: dict[str, tuple[int, Seen]] = {}
        if past is not None:
            self._remember(past)

    def see(self, prediction: Prediction, *, key: bytes | None) -> Seen:
        """Take the outcome of the partition's next frame."""
        before = self._before.get(prediction.id)
        if before is not None and before[0] == prediction.sequence:
            return before[1]
        self._before.clear()
        return self._take(prediction, key=key)

    def end_run(self, run: str) -> tuple[Told, ...]:
        """The stream of this run has ended in this partition."""
        names = [name for name in self._cameras if name[1] == run]
        return tuple(told for name in names for told in self._cameras.pop(name).finish())

    def silent(self, *, seconds: float) -> tuple[FollowedCamera, ...]:
        """The cameras that hold something and were not heard of for so long."""
        now = self._clock()
        return tuple(
            camera
            for camera in self._cameras.values()
            if now - camera.heard_at >= seconds and not camera.stream_ended and camera.smoother.held
        )

    def _take(self, prediction: Prediction, *, key: bytes | None) -> Seen:
        # A picture that was not looked at says nothing. One that was sent again comes too late to say anything.
        if prediction.mode is Mode.STILL or prediction.status is Status.STALE or prediction.retries:
            return Seen()
        now = self._clock()
        name = (prediction.camera, prediction.run)
        camera = self._cameras.pop(name, None)
        if camera is None:
            camera = FollowedCamera(smoother=GestureSmoother(self._smoothing), last=prediction, key=key, heard_at=now)
        told = camera.see(prediction, key=key, now=now)
        self._cameras[name] = camera  # the last of them is the one heard of last
        while len(self._cameras) > self._max_cameras:
            told += self._cameras.pop(next(iter(self._cameras))).finish()
        return Seen(told=told, held=camera.smoother.held)

    def _remember(self, past: Past) -> None:
        last_offset = -1
        last: Prediction | None = None
        for record in past.records:
            if isinstance(record, StreamEnd):
                # Kept: the marker itself may not be committed and come again.
                for name, camera in self._cameras.items():
                    camera.stream_ended |= name[1] == record.run
                continue
            offset = _offset(record.prediction)
            if offset <= last_offset:  # written twice; the first counts
                continue
            self._forget_told(past, record.prediction)
            seen = self._take(record.prediction, key=record.key)
            followed = self._cameras.get((record.prediction.camera, record.prediction.run))
            if followed is not None and followed.last is record.prediction:
                followed.smoother.resume(record.held)
            if last is not None:
                # Its events were on the broker before the next frame was taken up.
                sequence, of_last = self._before[last.id]
                self._before[last.id] = (sequence, Seen(held=of_last.held))
            last, last_offset = record.prediction, offset
            self._before[last.id] = (last.sequence, Seen(told=seen.told, held=record.held))
        for camera in self._cameras.values():
            self._forget_told(past, camera.last)

    def _forget_told(self, past: Past, prediction: Prediction) -> None:
        """A camera whose silence was waited for has ended what it held, and no prediction says so."""
        camera = self._cameras.get((prediction.camera, prediction.run))
        if camera is not None and any(told.event.id in past.event_ids for told in camera.ends()):
            camera.finish()


def _offset(prediction: Prediction) -> int:
    try:
        return Position.parse(prediction.id).offset
    except ValueError:
        return -1
