"""What the landmark model's handedness adds to what the shape of a hand says."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from events.prediction import Handedness
from recognition.features import Floats, shows_back
from recognition.gestures import SIDES, Side

# No handedness is surer than this, whatever its score: near 1 the scores saturate.
SUREST = 0.98
# Of the gestures that show a side: where the palm is seen, and where the back is.
_WEIGHTS = {Side.PALM: (2.0, 0.0), Side.BACK: (0.0, 2.0), Side.ANY: (1.0, 1.0)}


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
    sure = np.minimum(np.maximum(np.asarray(scores, dtype=float), 0.5), SUREST)
    back: NDArray[np.float64] = np.where(shows_back(landmarks) == right, sure, 1 - sure)
    constant, slope = _sides(tuple(classes))
    weighted = probabilities * (constant + slope * back[:, None])
    return np.asarray(weighted / np.maximum(weighted.sum(axis=1, keepdims=True), 1e-12))


@lru_cache(maxsize=8)
def _sides(classes: tuple[str, ...]) -> tuple[Floats, Floats]:
    """What each class is weighted with (k,) where the palm is seen for sure, and what comes to it where the back is."""
    # A class that we do not know is a gesture of the user's own, or none.
    weights = np.array([_WEIGHTS[SIDES.get(name, Side.ANY)] for name in classes])
    return weights[:, 0], weights[:, 1] - weights[:, 0]
