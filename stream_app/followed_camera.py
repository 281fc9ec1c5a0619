"""One camera in one run, whose gestures are followed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from events.gesture import GestureEvent, Phase, gesture_event_id
from events.prediction import Handedness, Prediction
from events.record import Record
from recognition.smoothing import GestureChange, GestureSmoother


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An event, and the key that it goes by."""

    event: GestureEvent
    key: bytes | None

    def to_record(self) -> Record:
        return self.event.to_record(key=self.key)


@dataclass(slots=True, kw_only=True)
class FollowedCamera:
    """Its hands, its last frame, and when that was heard of, in the seconds of a monotonic clock."""

    smoother: GestureSmoother
    last: Prediction
    key: bytes | None
    heard_at: float
    stream_ended: bool = False

    def see(self, prediction: Prediction, *, key: bytes | None, now: float) -> tuple[Told, ...]:
        """What the next frame changes."""
        # A gap is settled by the frame before it, as it would have been had nobody waited for this one.
        gone = self._told(self.smoother.expire(now=prediction.captured_at))
        self.last, self.key, self.heard_at, self.stream_ended = prediction, key, now, False
        return gone + self._told(self.smoother.update(prediction.hands, at=prediction.captured_at))

    def finish(self) -> tuple[Told, ...]:
        """End what is held: no frame comes any more."""
        return self._told(self.smoother.finish())

    def ends(self) -> tuple[Told, ...]:
        """What finish() would tell, without ending anything yet."""
        return tuple(
            self._event(
                hand=held.hand,
                gesture=held.gesture,
                phase=Phase.ENDED,
                started_at=held.started_at,
                ended_at=held.last_at,
                frames=held.frames,
                confidence=round(held.confidence_sum / held.frames, 4),
            )
            for held in self.smoother.held
        )

    def _told(self, changes: Iterable[GestureChange]) -> tuple[Told, ...]:
        return tuple(
            self._event(
                hand=change.hand,
                gesture=change.gesture,
                phase=change.phase,
                started_at=change.started_at,
                ended_at=change.ended_at,
                frames=change.frames,
                confidence=change.confidence,
            )
            for change in changes
        )

    def _event(
        self,
        *,
        hand: Handedness,
        gesture: str,
        phase: Phase,
        started_at: datetime,
        ended_at: datetime | None,
        frames: int,
        confidence: float,
    ) -> Told:
        last = self.last
        event = GestureEvent(
            id=gesture_event_id(frame=last.id, hand=hand, gesture=gesture, phase=phase),
            camera=last.camera,
            run=last.run,
            source=last.source,
            mode=last.mode,
            hand=hand,
            gesture=gesture,
            phase=phase,
            started_at=started_at,
            ended_at=ended_at,
            frames=frames,
            confidence=confidence,
            frame=last.id,
            settled_at=last.captured_at,
        )
        return Told(event=event, key=self.key)
