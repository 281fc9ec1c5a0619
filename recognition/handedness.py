"""What the landmark model's handedness adds to what the shape of a hand says."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from events.prediction import Handedness
from recognition.features import Floats, shows_back
from recognition.gestures import SIDES, Side

# No handedness is surer than this, whatever its score: near 1 the scores saturate.
SUREST = 0.98


def with_handedness(
    probabilities: Floats,
    *,
    classes: Sequence[str],
    landmarks: Floats,
    handedness: Sequence[Handedness],
    scores: Sequence[float],
) -> Floats:
    """Probabilities (n, k) once the side that the camera sees is known as surely as the handedness is.

    A classifier sees each hand the same way round, so its probabilities speak of the shape alone. Handedness and the
    order of the knuckles together say whether the camera sees palm or back. By Bayes' rule, the gestures of a fixed
    side are weighted by how likely that side is; all others are the same from both sides and keep their weight.

    landmarks: (n, 21, 2) in square pixels; scores: 0..1, how sure each handedness is.
    """
    right = np.array([hand is Handedness.RIGHT for hand in handedness])
    sure = np.clip(np.asarray(scores, dtype=float), 0.5, SUREST)
    back: NDArray[np.float64] = np.where(shows_back(landmarks) == right, sure, 1 - sure)
    weights = {Side.PALM: 2 * (1 - back), Side.BACK: 2 * back, Side.ANY: np.ones(len(back))}
    # A class that we do not know is a gesture of the user's own, or none.
    weighted = probabilities * np.stack([weights[SIDES.get(name, Side.ANY)] for name in classes], axis=1)
    return np.asarray(weighted / np.maximum(weighted.sum(axis=1, keepdims=True), 1e-12))
