"""One hand before a camera, followed from frame to frame, and the gestures that it has shown lately."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from events.gesture import Phase
from events.held import Held
from events.prediction import NO_GESTURE, Box, Hand, Handedness

# What a hand is followed by: its track id, or its handedness where the predictions carry no track ids.
HandKey = int | Handedness

_ZERO = timedelta(0)
# As a share of the hand's size: how far apart two detections of the same hand are at most.
_NEARBY = 0.5
# A frame counts in full from this confidence on; below, by how far it is above one half, and by a quarter at least.
# Hands on their way from one gesture to the next are named with less confidence than held gestures.
_CONFIDENT = 0.8
_LEAST_WEIGHT = 0.25


def hands_by_key(hands: Sequence[Hand]) -> Mapping[HandKey, Hand]:
    """The hands of one frame. Of several with the same key, the most confident one that shows a gesture."""
    by_confidence = sorted(hands, key=lambda hand: (hand.gesture != NO_GESTURE, hand.confidence))
    return {hand.handedness if hand.track_id is None else hand.track_id: hand for hand in by_confidence}


def held_key(held: Held) -> HandKey:
    return held.hand if held.track_id is None else held.track_id


@dataclass(slots=True, kw_only=True)
class _Evidence:
    """For one gesture. level: time in which the hand showed it less time in which it did not, 0 to the hold time."""

    gesture: str
    started_at: datetime
    last_at: datetime
    level: timedelta = _ZERO
    frames: int = 0
    right_hand_frames: int = 0
    confidence_sum: float = 0.0

    def add(self, hand: Hand, *, at: datetime) -> None:
        self.last_at = max(self.last_at, at)
        self.frames += 1
        self.right_hand_frames += hand.handedness is Handedness.RIGHT
        self.confidence_sum += hand.confidence


@dataclass(slots=True, kw_only=True)
class FollowedHand:
    """key, handedness, box: of the last frame that shows it; box is None before the first."""

    key: HandKey
    handedness: Handedness
    box: Box | None = None
    _evidence: dict[str, _Evidence] = field(default_factory=dict)
    _held_gesture: str | None = None
    # Single frames mistake a left hand for a right one. A gesture ends under the handedness that it started with.
    _held_handedness: Handedness = Handedness.RIGHT

    def see(self, hand: Hand, *, key: HandKey) -> None:
        """Take over key and place from a frame's hand."""
        self.key, self.handedness, self.box = key, hand.handedness, hand.box

    def count(self, hand: Hand | None, *, at: datetime, step: timedelta, hold: timedelta) -> list[tuple[Phase, Held]]:
        """What ends and starts with a frame. hand: None where it is not seen. step: what the frame counts for."""
        changes: list[tuple[Phase, Held]] = []
        shown = None if hand is None or hand.gesture == NO_GESTURE else hand.gesture
        for evidence in [one for one in self._evidence.values() if one.gesture != shown]:
            evidence.level = max(evidence.level - step, _ZERO)
            if evidence.level == _ZERO:
                changes += self._drop(evidence)
        if hand is not None and shown is not None:
            evidence = self._evidence.setdefault(shown, _Evidence(gesture=shown, started_at=at, last_at=at))
            evidence.add(hand, at=at)
            evidence.level = min(evidence.level + step * _weight(hand.confidence), hold)
            if evidence.level == hold and self._held_gesture is None:
                changes += self._start(evidence)
        return changes

    def resume(self, held: Held | None, *, hold: timedelta) -> None:
        """Hold just this, as another process did after the same frame."""
        for evidence in [one for one in self._evidence.values() if one.level >= hold]:
            del self._evidence[evidence.gesture]  # unless it is what is held, it has ended since
        self._held_gesture = None
        if held is not None:
            self._held_gesture, self._held_handedness = held.gesture, held.hand
            self._evidence[held.gesture] = _Evidence(
                gesture=held.gesture,
                started_at=held.started_at,
                last_at=held.last_at,
                level=hold if held.level_seconds is None else min(hold, timedelta(seconds=held.level_seconds)),
                frames=held.frames,
                confidence_sum=held.confidence_sum,
            )

    @property
    def has_evidence(self) -> bool:
        """Whether what it has shown lately still counts."""
        return bool(self._evidence)

    @property
    def held(self) -> Held | None:
        """The gesture that has started and not ended."""
        if self._held_gesture is None:
            return None
        evidence = self._evidence[self._held_gesture]
        return Held(
            hand=self._held_handedness,
            gesture=evidence.gesture,
            started_at=evidence.started_at,
            last_at=evidence.last_at,
            frames=evidence.frames,
            confidence_sum=evidence.confidence_sum,
            track_id=self.key if isinstance(self.key, int) else None,
            level_seconds=evidence.level.total_seconds(),
        )

    def may_be(self, hand: Hand) -> bool:
        """Whether a hand with a new key may be this one, which the frame does not show under its own."""
        return self.handedness is hand.handedness or self.distance(hand) < _NEARBY

    def distance(self, hand: Hand) -> float:
        """From its last place to a hand's, as a share of that hand's size; infinite where the place is not known."""
        if self.box is None:
            return math.inf
        (x, y), (other_x, other_y) = _centre(self.box), _centre(hand.box)
        left, top, right, bottom = hand.box
        return math.hypot(x - other_x, y - other_y) / max(right - left, bottom - top, 1e-6)

    def _start(self, evidence: _Evidence) -> list[tuple[Phase, Held]]:
        is_right = 2 * evidence.right_hand_frames >= evidence.frames
        self._held_gesture = evidence.gesture
        self._held_handedness = Handedness.RIGHT if is_right else Handedness.LEFT
        assert self.held is not None
        return [(Phase.STARTED, self.held)]

    def _drop(self, evidence: _Evidence) -> list[tuple[Phase, Held]]:
        ended = self.held if evidence.gesture == self._held_gesture else None
        del self._evidence[evidence.gesture]
        if ended is None:
            return []
        self._held_gesture = None
        return [(Phase.ENDED, ended)]


def _weight(confidence: float) -> float:
    """What a frame that shows a gesture counts for, 0..1."""
    return min(1.0, max(_LEAST_WEIGHT, (confidence - 0.5) / (_CONFIDENT - 0.5)))


def _centre(box: Box) -> tuple[float, float]:
    left, top, right, bottom = box
    return (left + right) / 2, (top + bottom) / 2
