"""One camera in one run, whose gestures are followed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from events.gesture import GestureEvent, Phase, gesture_event_id
from events.held import Held
from events.prediction import Prediction
from events.record import Record
from recognition.gesture_debouncer import GestureChange, GestureDebouncer


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyedEvent:
    """A gesture event and the key of its record."""

    event: GestureEvent
    key: bytes | None

    def to_record(self) -> Record:
        return self.event.to_record(key=self.key)


@dataclass(slots=True, kw_only=True)
class FollowedCamera:
    """last: its newest prediction. key: of that record. seen_at_seconds: when that came, by a monotonic clock."""

    debouncer: GestureDebouncer
    last: Prediction
    key: bytes | None
    seen_at_seconds: float
    stream_ended: bool = False

    def update(self, prediction: Prediction, *, key: bytes | None, now: float) -> tuple[KeyedEvent, ...]:
        """What changes with the next frame."""
        # A gap is settled by the frame before it, as it would have been had nobody waited for this one.
        expired = self._events(self.debouncer.expire(now=prediction.captured_at))
        self.last, self.key, self.seen_at_seconds, self.stream_ended = prediction, key, now, False
        return expired + self._events(self.debouncer.update(prediction.hands, at=prediction.captured_at))

    def finish(self) -> tuple[KeyedEvent, ...]:
        """End what is held: no frame comes any more."""
        return self._events(self.debouncer.finish())

    def ends(self) -> tuple[KeyedEvent, ...]:
        """What finish() would return, without ending anything yet."""
        return tuple(self._event(held, phase=Phase.ENDED) for held in self.debouncer.held)

    def _events(self, changes: Iterable[GestureChange]) -> tuple[KeyedEvent, ...]:
        return tuple(self._event(change.held, phase=change.phase) for change in changes)

    def _event(self, held: Held, *, phase: Phase) -> KeyedEvent:
        last = self.last
        event = GestureEvent(
            id=gesture_event_id(
                frame=last.id, hand=held.hand, track_id=held.track_id, gesture=held.gesture, phase=phase
            ),
            camera=last.camera,
            run=last.run,
            source=last.source,
            mode=last.mode,
            hand=held.hand,
            gesture=held.gesture,
            phase=phase,
            started_at=held.started_at,
            ended_at=held.last_at if phase is Phase.ENDED else None,
            frames=held.frames,
            confidence=held.confidence,
            frame=last.id,
            settled_at=last.captured_at,
            track_id=held.track_id,
        )
        return KeyedEvent(event=event, key=self.key)
