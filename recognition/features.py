"""From hand landmarks to the numbers that a classifier sees: the one function of training and serving."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from events.prediction import LANDMARK_COUNT

Floats = NDArray[np.float64]

# Part of every bundle: a model sees only features of the version that it was trained on.
FEATURES_VERSION = "one-way-round-2d.v2"

# MediaPipe's landmark numbers.
WRIST = 0
INDEX_MCP = 5
PINKY_MCP = 17
FINGER_TIPS = (4, 8, 12, 16, 20)
KNUCKLES = (5, 9, 13, 17)

# How far fingertips are from each other, from the wrist and from the knuckles says which fingers are bent, whichever
# way the hand is turned.
_PAIRS = (*combinations((WRIST, *FINGER_TIPS), 2), *((tip, knuckle) for tip in FINGER_TIPS for knuckle in KNUCKLES))
_FROM = np.array([pair[0] for pair in _PAIRS])
_TO = np.array([pair[1] for pair in _PAIRS])

FEATURE_COUNT = 2 * (LANDMARK_COUNT - 1) + len(_PAIRS)


def square_pixels(landmarks: Floats, *, width: int, height: int) -> Floats:
    """Landmarks (…, 21, ≥2) in 0..1 of an image, as (…, 21, 2) with the same unit on both axes."""
    return np.asarray(landmarks[..., :2] * (width / height, 1.0))


def one_way_round(landmarks: Floats) -> Floats:
    """Hands (n, 21, 2) mirrored where they show their back as right hands would, so that all are the same way round.

    A left palm and a right back are each other's mirror image but for small differences of shape. Which of the two it
    is does not come from the features; a gesture's twin is told by those differences and by the handedness.
    """
    signs = np.where(shows_back(landmarks), -1.0, 1.0)
    turned = np.array(landmarks, dtype=np.float64)
    turned[:, :, 0] *= signs[:, None]
    return turned


def mirrored(landmarks: Floats) -> Floats:
    """The other hand (n, 21, 2) in the same pose."""
    return np.asarray(landmarks * (-1.0, 1.0))


def normalise(landmarks: Floats) -> Floats:
    """Hands (n, 21, 2), y down, with the wrist at the origin and a root mean square distance from it of 1.

    The scale takes all points, since any single bone looks short when it points at the camera. A hand of no size stays
    at the origin.
    """
    centred = landmarks - landmarks[:, WRIST : WRIST + 1]
    size = np.sqrt((centred * centred).sum(axis=2).sum(axis=1) / LANDMARK_COUNT)
    return np.asarray(centred / np.maximum(size, 1e-12)[:, None, None])


def features(landmarks: Floats) -> Floats:
    """Features (n, FEATURE_COUNT) of hands (n, 21, 2) of either handedness in square pixels, y down.

    Place, size and handedness do not matter; turning the hand does, since `like` and `dislike` are the same hand
    turned. z is left out: its scale differs between the sources of landmarks.
    """
    hands = normalise(one_way_round(landmarks))
    apart = hands[:, _FROM] - hands[:, _TO]
    distances = np.sqrt((apart * apart).sum(axis=2))
    return np.concatenate([hands[:, 1:].reshape(len(hands), -1), distances], axis=1)


def shows_back(landmarks: Floats) -> NDArray[np.bool_]:
    """Whether right hands (n, 21, 2) show their back: index knuckle, seen from the wrist, left of the little finger's.

    For a left hand the answer is the opposite.
    """
    index = landmarks[:, INDEX_MCP] - landmarks[:, WRIST]
    pinky = landmarks[:, PINKY_MCP] - landmarks[:, WRIST]
    return np.asarray(index[:, 0] * pinky[:, 1] - index[:, 1] * pinky[:, 0] > 0)
