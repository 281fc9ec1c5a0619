"""A hand as the landmark model sees it."""

from __future__ import annotations

from dataclasses import dataclass

from events.prediction import Handedness
from recognition.features import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundHand:
    """landmarks: (21, 3); x, y in 0..1 of the image, y down; z from the wrist, in about the scale of x.
    score: 0..1, of the handedness.
    """

    handedness: Handedness
    score: float
    landmarks: Floats
