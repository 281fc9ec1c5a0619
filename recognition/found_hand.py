"""A hand as the landmark model sees it."""

from __future__ import annotations

from dataclasses import dataclass

from events.prediction import Handedness
from recognition.features import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundHand:
    """One hand in one picture.

    landmarks: (21, 3) float64; x, y in 0..1 of the image, y down; z from the wrist, in about the scale of x.
    score: 0..1, of the handedness.
    presence: 0..1, how sure the landmark model is that it looks at a hand.
    world_landmarks: (21, 3) float64, metres, from the middle of the hand; None where the engine gives none.
    detection_score: 0..1, how sure the palm detector was; 1 where the hand was followed or the engine does not say.
    track_id: the same for one hand as long as it is followed; None on stills.
    """

    handedness: Handedness
    score: float
    landmarks: Floats
    presence: float = 1.0
    world_landmarks: Floats | None = None
    detection_score: float = 1.0
    track_id: int | None = None
