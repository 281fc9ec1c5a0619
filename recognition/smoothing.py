"""From a gesture in every frame to gestures that start and end."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from events.gesture import Phase
from events.held import Held
from events.prediction import NO_GESTURE, Hand, Handedness


@dataclass(frozen=True, slots=True, kw_only=True)
class Smoothing:
    """When a gesture counts.

    It starts when `start` of the last `window` frames show it, and ends when fewer than `keep` of them do. Between the
    two lies the hysteresis: a frame or two that are named wrongly neither start nor end anything.
    silence: after so long without a frame, whatever was shown has ended.
    """

    window: int = 7
    start: int = 5
    keep: int = 3
    silence: timedelta = timedelta(seconds=1)

    def __post_init__(self) -> None:
        if not 1 <= self.keep <= self.start <= self.window:
            raise ValueError(f"1 <= keep <= start <= window must hold, not {self.keep}, {self.start}, {self.window}")


@dataclass(frozen=True, slots=True, kw_only=True)
class GestureChange:
    """A gesture of one hand started or ended.

    at: capture of the frame that settled it. started_at: of the first frame in the window that shows the gesture.
    ended_at: of the last frame that showed it; None when it starts.
    frames: that showed it so far. confidence: mean of these, 0..1.
    """

    hand: Handedness
    gesture: str
    phase: Phase
    at: datetime
    started_at: datetime
    ended_at: datetime | None
    frames: int
    confidence: float


class GestureSmoother:
    """Follows the two hands before one camera. Feed it every frame's hands, in order."""

    def __init__(self, smoothing: Smoothing | None = None) -> None:
        smoothing = smoothing or Smoothing()
        self._hands = {handedness: _HandSmoother(handedness, smoothing) for handedness in Handedness}

    def update(self, hands: Sequence[Hand], *, at: datetime) -> tuple[GestureChange, ...]:
        """What changed with the frame captured at that time. A hand that is missing shows nothing."""
        changes: list[GestureChange] = []
        for handedness, smoother in self._hands.items():
            # Two hands may be taken for the same one: the surer counts.
            shown = [hand for hand in hands if hand.handedness is handedness and hand.gesture != NO_GESTURE]
            hand = max(shown, key=lambda one: one.confidence, default=None)
            changes += smoother.update(hand, at=at)
        return tuple(changes)

    def expire(self, *, now: datetime) -> tuple[GestureChange, ...]:
        """What has ended because no frame came for long. now: by the clock that the frames' times are of."""
        return tuple(change for smoother in self._hands.values() for change in smoother.expire(now=now))

    def finish(self) -> tuple[GestureChange, ...]:
        """End whatever is still shown: the camera is gone."""
        return tuple(change for smoother in self._hands.values() for change in smoother.finish())

    @property
    def held(self) -> tuple[Held, ...]:
        """What has started and not ended."""
        return tuple(smoother.held for smoother in self._hands.values() if smoother.held is not None)

    def resume(self, held: Sequence[Held]) -> None:
        """Hold just this, as another smoother did after the same frames.

        Where this one has seen fewer frames than fill a window, those before are taken to have shown what is held.
        """
        for handedness, smoother in self._hands.items():
            smoother.resume(next((one for one in held if one.hand is handedness), None))


@dataclass(frozen=True, slots=True)
class _Seen:
    gesture: str | None
    confidence: float
    at: datetime


@dataclass(slots=True)
class _Shown:
    gesture: str
    started_at: datetime
    last_at: datetime
    frames: int
    confidence_sum: float

    def add(self, seen: _Seen) -> None:
        self.last_at = seen.at
        self.frames += 1
        self.confidence_sum += seen.confidence


class _HandSmoother:
    def __init__(self, handedness: Handedness, smoothing: Smoothing) -> None:
        self._handedness = handedness
        self._smoothing = smoothing
        self._window: deque[_Seen] = deque(maxlen=smoothing.window)
        self._shown: _Shown | None = None

    def update(self, hand: Hand | None, *, at: datetime) -> list[GestureChange]:
        changes = self.expire(now=at)
        seen = _Seen(hand.gesture, hand.confidence, at) if hand else _Seen(None, 0.0, at)
        self._window.append(seen)
        counts = Counter(one.gesture for one in self._window if one.gesture is not None)
        if self._shown is not None and self._shown.gesture == seen.gesture:
            self._shown.add(seen)
        rival = next((name for name, count in counts.most_common(1) if count >= self._smoothing.start), None)
        if self._shown is not None and (
            counts[self._shown.gesture] < self._smoothing.keep or rival not in (None, self._shown.gesture)
        ):
            changes.append(self._end(at=at))
        if self._shown is None and rival is not None:
            changes.append(self._start(rival, at=at))
        return changes

    def expire(self, *, now: datetime) -> list[GestureChange]:
        if not self._window or now - self._window[-1].at <= self._smoothing.silence:
            return []
        self._window.clear()
        return self.finish(at=now)

    def finish(self, *, at: datetime | None = None) -> list[GestureChange]:
        if self._shown is None:
            return []
        self._window.clear()
        return [self._end(at=at or self._shown.last_at)]

    @property
    def held(self) -> Held | None:
        shown = self._shown
        if shown is None:
            return None
        return Held(
            hand=self._handedness,
            gesture=shown.gesture,
            started_at=shown.started_at,
            last_at=shown.last_at,
            frames=shown.frames,
            confidence_sum=shown.confidence_sum,
        )

    def resume(self, held: Held | None) -> None:
        self._shown = None
        if held is not None:
            self._shown = _Shown(held.gesture, held.started_at, held.last_at, held.frames, held.confidence_sum)
            seen = sum(one.gesture == held.gesture for one in self._window)
            unseen = min(held.frames - seen, self._smoothing.window - len(self._window))
            confidence = held.confidence_sum / held.frames
            self._window.extendleft([_Seen(held.gesture, confidence, held.started_at)] * max(0, unseen))

    def _start(self, gesture: str, *, at: datetime) -> GestureChange:
        seen = [one for one in self._window if one.gesture == gesture]
        self._shown = _Shown(gesture, seen[0].at, at, len(seen), sum(one.confidence for one in seen))
        return self._change(self._shown, phase=Phase.STARTED, at=at)

    def _end(self, *, at: datetime) -> GestureChange:
        assert self._shown is not None
        shown, self._shown = self._shown, None
        return self._change(shown, phase=Phase.ENDED, at=at)

    def _change(self, shown: _Shown, *, phase: Phase, at: datetime) -> GestureChange:
        return GestureChange(
            hand=self._handedness,
            gesture=shown.gesture,
            phase=phase,
            at=at,
            started_at=shown.started_at,
            ended_at=shown.last_at if phase is Phase.ENDED else None,
            frames=shown.frames,
            confidence=round(shown.confidence_sum / shown.frames, 4),
        )
