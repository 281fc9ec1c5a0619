"""Palm or back: what the landmark model's handedness and world landmarks add to what the shape of a hand says."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import log

import numpy as np
from numpy.typing import NDArray

from events.prediction import LANDMARK_COUNT, Handedness
from recognition.features import INDEX_MCP, PINKY_MCP, WRIST, Floats, shows_back
from recognition.gestures import SIDES, Side

# No evidence is surer than this, whatever the scores: near 1 they saturate, and all of it comes from one model, which
# takes a palm for a back by both cues at once in 4 % of 532 hands whose side is known.
SUREST = 0.98
_MOST_ODDS = log(SUREST / (1 - SUREST))
# Log odds of the palm for a thumb that lies in front of the palm plane by the size of the hand: a logistic regression
# on the same hands gave 12 to 16.
THUMB_WEIGHT = 14.0
# The last three joints of the thumb; the first hardly leaves the palm plane.
_THUMB = slice(2, 5)
_THUMB_JOINTS = 3
_UNKNOWN = np.full((LANDMARK_COUNT, 3), np.nan)
# Of the gestures that show a side: where the palm is seen, and where the back is.
_WEIGHTS = {Side.PALM: (2.0, 0.0), Side.BACK: (0.0, 2.0), Side.ANY: (1.0, 1.0)}


def with_handedness(
    probabilities: Floats,
    *,
    classes: Sequence[str],
    landmarks: Floats,
    handedness: Sequence[Handedness],
    scores: Sequence[float],
    world_landmarks: Sequence[Floats | None] | None = None,
) -> Floats:
    """Probabilities (n, k) once the side that the camera sees is known as surely as the landmark model knows it.

    landmarks: (n, 21, 2) in square pixels. scores: 0..1, how sure each handedness is.
    world_landmarks: (21, 3) in metres of each hand, None for a hand without.
    """
    back = back_probability(
        landmarks,
        right=np.array([hand is Handedness.RIGHT for hand in handedness]),
        scores=np.asarray(scores, dtype=float),
        world=None if world_landmarks is None else _stacked(world_landmarks),
    )
    return weighted_by_side(probabilities, classes=classes, back=back)


def back_probability(
    landmarks: Floats, *, right: NDArray[np.bool_], scores: Floats, world: Floats | None = None
) -> Floats:
    """How likely it is that the camera sees the back of each hand (n,).

    Two cues, combined by Bayes' rule: the handedness together with the order of the knuckles in the picture, and on
    which side of the palm plane the thumb lies, which needs no handedness.

    landmarks: (n, 21, 2), y down. right: (n,) by the landmark model. scores: (n,) 0..1, how sure that is; 0.5 and less
    says nothing. world: (n, 21, 3), z away from the camera; NaN for a hand without.
    """
    sure = np.minimum(np.maximum(scores, 0.5), SUREST)
    odds = np.where(shows_back(landmarks) == right, 1.0, -1.0) * np.log(sure / (1 - sure))
    if world is not None:
        before = thumb_before_palm(world)
        odds = odds - THUMB_WEIGHT * np.where(np.isnan(before), 0.0, before)
    return np.asarray(1 / (1 + np.exp(-np.minimum(np.maximum(odds, -_MOST_ODDS), _MOST_ODDS))))


def thumb_before_palm(world: Floats) -> Floats:
    """How far the thumb lies on the camera's side of the palm plane, in sizes of the hand (n,); negative: behind it.

    The thumb bends to the palm's side, so it is in front where the palm is seen. world: (n, 21, 3), NaN where unknown.
    """
    points = world - world[:, WRIST : WRIST + 1]
    # np.cross takes longer than all the rest.
    (ax, ay, az), (bx, by, bz) = points[:, INDEX_MCP].T, points[:, PINKY_MCP].T
    x, y, z = ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx
    thumb = points[:, _THUMB].sum(axis=1) / _THUMB_JOINTS
    out = thumb[:, 0] * x + thumb[:, 1] * y + thumb[:, 2] * z
    length, size = np.sqrt(x * x + y * y + z * z), np.sqrt((points * points).sum(axis=(1, 2)) / LANDMARK_COUNT)
    # Towards the camera, which is where z is less.
    return np.asarray(np.where(z > 0, -out, out) / np.maximum(length * size, 1e-12))


def weighted_by_side(probabilities: Floats, *, classes: Sequence[str], back: Floats) -> Floats:
    """Probabilities (n, k) by shape alone, weighted by how likely the side is that each gesture shows.

    A classifier sees each hand the same way round, so its probabilities speak of the shape alone. By Bayes' rule, the
    gestures of a fixed side are weighted by how likely that side is; all others are the same from both sides and keep
    their weight. back: (n,), see back_probability.
    """
    constant, slope = _sides(tuple(classes))
    weighted = probabilities * (constant + slope * back[:, None])
    return np.asarray(weighted / np.maximum(weighted.sum(axis=1, keepdims=True), 1e-12))


def _stacked(world: Sequence[Floats | None]) -> Floats | None:
    """(n, 21, 3), NaN for a hand without; None where no hand has any."""
    if all(points is None for points in world):
        return None
    return np.stack([_UNKNOWN if points is None else points for points in world])


@lru_cache(maxsize=8)
def _sides(classes: tuple[str, ...]) -> tuple[Floats, Floats]:
    """What each class is weighted with (k,) where the palm is seen for sure, and what comes to it where the back is."""
    # A class that we do not know is a gesture of the user's own, or none.
    weights = np.array([_WEIGHTS[SIDES.get(name, Side.ANY)] for name in classes])
    return weights[:, 0], weights[:, 1] - weights[:, 0]
