"""What can be wrong with the points of a hand, whichever file they come from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from events.prediction import LANDMARK_COUNT
from recognition.features import Floats

# Landmarks may leave the picture somewhat; pixels and wrist-normalised hands never fit into this.
IN_IMAGE = (-0.75, 1.75)
# A hand whose points all fall together says nothing.
LEAST_SIZE = 1e-6

MISSING_VALUE = "missing value"


def no_points() -> Floats:
    """(0, 21, 2)."""
    return np.empty((0, LANDMARK_COUNT, 2))


def world_of(hands: Sequence[Sequence[Sequence[float]] | None]) -> Floats:
    """World landmarks as (n, 21, 3); NaN for a hand that has none."""
    world = np.full((len(hands), LANDMARK_COUNT, 3), np.nan)
    for row, landmarks in enumerate(hands):
        if landmarks is not None:
            world[row] = landmarks
    return world


def point_faults(points: Floats) -> dict[int, str]:
    """What is wrong with hands (n, 21, 2), by their number. Hands that can be used are not in it."""
    faults: dict[int, str] = {}
    flat = points.reshape(len(points), 2 * LANDMARK_COUNT)
    lost = np.asarray(np.isnan(flat).any(axis=1))
    infinite = np.asarray(np.isinf(flat).any(axis=1))
    extent = np.ptp(np.where(np.isfinite(points), points, 0.0), axis=1).max(axis=1)
    for row in np.flatnonzero(lost | infinite | (extent < LEAST_SIZE)).tolist():
        if lost[row]:
            faults[row] = f"{MISSING_VALUE}: a coordinate is nan"
        elif infinite[row]:
            faults[row] = "a coordinate is not finite"
        else:
            faults[row] = "all points fall together"
    return faults


def fits_image(points: Floats) -> NDArray[np.bool_]:
    """Whether hands (n, 21, 2) look like 0..1 of an image, rather than pixels or distances from the wrist (n,)."""
    flat = points.reshape(len(points), 2 * LANDMARK_COUNT)
    inside = (flat >= IN_IMAGE[0]).all(axis=1) & (flat <= IN_IMAGE[1]).all(axis=1)
    from_wrist = np.abs(points[:, 0]).max(axis=1) < LEAST_SIZE
    return np.asarray(inside & ~from_wrist)
