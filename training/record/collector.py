"""Chooses which of the hands that are seen go into the recording."""

from __future__ import annotations

from math import isnan

import numpy as np

from events.prediction import NO_GESTURE
from recognition.features import Floats, square_pixels
from recognition.found_hand import FoundHand
from training.record.sighting import Sighting
from training.recordings import RecordedHand

_DIGITS = 6


class HandCollector:
    """Takes sightings until it has enough.

    Of a gesture the larger hand is taken, since people seldom show one with both; of `no_gesture` every hand.

    count: hands to collect, None for no limit. seconds: of the pictures' own time, None for no limit.
    rate_hz: maximum number of images per second that are used: their neighbours show the same.
    skip_seconds: of the beginning, for the user to take up the pose.
    """

    def __init__(
        self, *, gesture: str, count: int | None, seconds: float | None, rate_hz: float, skip_seconds: float = 0.0
    ) -> None:
        self._gesture = gesture
        self._count = count
        self._seconds = seconds
        self._rate_hz = rate_hz
        self._skip_seconds = skip_seconds
        self._began: float | None = None
        self._next_slot = 0
        self._at = 0.0
        self.hands: list[RecordedHand] = []
        self.pictures = 0
        self.without_hand = 0
        self.sees_hand = False

    @property
    def is_done(self) -> bool:
        enough = self._count is not None and len(self.hands) >= self._count
        return enough or (self._seconds is not None and self._at >= self._seconds)

    @property
    def starts_in_seconds(self) -> float:
        """Time left of the countdown; 0 once it has begun."""
        return max(0.0, -self._at) if self._began is not None else self._skip_seconds

    def see(self, sighting: Sighting) -> None:
        if self._began is None:
            self._began = sighting.at_seconds + self._skip_seconds
        self._at = sighting.at_seconds - self._began
        self.sees_hand = bool(sighting.hands)
        if self.is_done or self._at < 0:
            return
        if not sighting.still:
            # Rounding must not push a picture that begins a slot into the slot before: seconds since 1970 are held to a
            # quarter of a microsecond only.
            slot = int(self._at * self._rate_hz + 1e-3)
            if slot < self._next_slot:
                return
            self._next_slot = slot + 1
        self.pictures += 1
        self.without_hand += not sighting.hands
        self.hands += [_recorded(hand, sighting, at=self._at) for hand in self._chosen(sighting)]
        if self._count is not None:
            del self.hands[self._count :]

    def _chosen(self, sighting: Sighting) -> list[FoundHand]:
        hands = list(sighting.hands)
        if self._gesture == NO_GESTURE or len(hands) < 2:
            return hands
        return [max(hands, key=lambda hand: _box_area(hand, sighting))]


def _box_area(hand: FoundHand, sighting: Sighting) -> float:
    points = square_pixels(hand.landmarks, width=sighting.width, height=sighting.height)
    return float(np.ptp(points, axis=0).prod())


def _recorded(hand: FoundHand, sighting: Sighting, *, at: float) -> RecordedHand:
    return RecordedHand(
        landmarks=_points(hand.landmarks),
        width=sighting.width,
        height=sighting.height,
        handedness=hand.handedness,
        score=round(hand.score, 4),
        at=round(at, 3),
        world_landmarks=None if hand.world_landmarks is None else _points(hand.world_landmarks),
        track_id=hand.track_id,
        presence=None if isnan(hand.presence) else round(hand.presence, 4),
    )


def _points(landmarks: Floats) -> tuple[tuple[float, float, float], ...]:
    return tuple(map(tuple, landmarks.round(_DIGITS).tolist()))
