"""Hands as another camera would have seen them, and hands that make no gesture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation
from sklearn.neighbors import NearestNeighbors

from recognition.features import FINGER_TIPS, Floats, normalise
from training.hands import Strings

# Upside down, none of these is itself: an open hand that hangs. A thumb or a fist turned over still means something.
_UPRIGHT = (
    "four",
    "palm",
    "peace",
    "peace_inverted",
    "stop",
    "stop_inverted",
    "three",
    "three2",
    "two_up",
    "two_up_inverted",
)
_POINTS_PER_FINGER = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """How far the views differ: standard deviations of the turn in the picture, of the turns out of it, and of each
    point's place, where the hand's size is 1.

    yaw_degrees, pitch_degrees: of hands whose world landmarks are known. stretch, shear, perspective: what stands in
        for these turns where only two dimensions are known.
    """

    turn_degrees: float = 12.0
    yaw_degrees: float = 20.0
    pitch_degrees: float = 15.0
    stretch: float = 0.1
    shear: float = 0.1
    perspective: float = 0.075
    noise: float = 0.02


# How far a hand is from the camera, in its own sizes; a webcam sees one of 8 cm (root mean square) at 0.4 to 0.8 m.
_CAMERA_DISTANCE = (5.0, 10.0)


def other_views(points: Floats, *, view: View, random: np.random.Generator) -> Floats:
    """Each hand (n, 21, 2) once more, normalised, from a random other view."""
    hands = _turn(normalise(points), np.deg2rad(random.normal(0, view.turn_degrees, len(points))))
    stretch, shear = 1 + random.normal(0, view.stretch, (len(hands), 1)), random.normal(0, view.shear, (len(hands), 1))
    hands = np.stack([hands[..., 0] * stretch + hands[..., 1] * shear, hands[..., 1]], axis=-1)
    # A plane that is tilted shrinks in proportion to its depth, which here grows along a random direction.
    direction = random.normal(0, view.perspective, (len(hands), 2, 1))
    hands = hands / np.clip(1 + hands @ direction, 0.5, 2.0)
    return np.asarray(hands + random.normal(0, view.noise, hands.shape))


def turned_views(world: Floats, *, view: View, random: np.random.Generator) -> Floats:
    """Hands (n, 21, 3) of world landmarks, turned in space and seen by a camera: normalised (n, 21, 2)."""
    centred = world - world.mean(axis=1, keepdims=True)
    size = np.sqrt((centred * centred).sum(axis=2).mean(axis=1))
    hands = centred / np.maximum(size, 1e-12)[:, None, None]
    yaw, pitch, turn = (
        np.deg2rad(random.normal(0, degrees, len(hands)))
        for degrees in (view.yaw_degrees, view.pitch_degrees, view.turn_degrees)
    )
    rotation = Rotation.from_euler("yxz", np.stack([yaw, pitch, turn], axis=1)).as_matrix()
    hands = np.einsum("nij,npj->npi", rotation, hands)
    distance = random.uniform(*_CAMERA_DISTANCE, (len(hands), 1, 1))
    seen = normalise(hands[..., :2] * distance / (distance + hands[..., 2:]))
    return np.asarray(seen + random.normal(0, view.noise, seen.shape))


def no_gestures(points: Floats, labels: Strings, *, count: int, distance: float, random: np.random.Generator) -> Floats:
    """Hands, normalised, that make none of the gestures, made out of hands (n, 21, 2) that do.

    Three kinds, in about equal parts of `count` tries: halfway between two gestures, as a hand at rest or on its way;
    a hand with some fingers of another; an open hand upside down. What comes nearer to any real hand than `distance`
    (Euclidean, over the normalised points) may well be a gesture and is left out, so fewer than `count` come back.
    """
    hands = normalise(points)
    upright = hands[np.isin(labels, _UPRIGHT)]
    tries = [_halfway(hands, labels, count // 3, random), _mixed_fingers(hands, count // 3, random)]
    if len(upright):
        angles = np.deg2rad(random.uniform(100, 260, count // 3))
        tries.append(_turn(upright[random.integers(len(upright), size=len(angles))], angles))
    tried = normalise(np.concatenate(tries))
    return np.asarray(tried[far_from(hands, tried, distance=distance)])


def far_from(hands: Floats, others: Floats, *, distance: float) -> NDArray[np.bool_]:
    """Which of the other hands (m, 21, 2) are not nearer than distance to any of the hands (n, 21, 2): (m,)."""
    if not len(hands) or not len(others):
        return np.ones(len(others), dtype=bool)
    nearest = NearestNeighbors(n_neighbors=1).fit(hands.reshape(len(hands), -1))
    return np.asarray(nearest.kneighbors(others.reshape(len(others), -1))[0][:, 0] > distance)


def _turn(hands: Floats, radians: Floats) -> Floats:
    """Turn each hand (n, 21, 2) around its wrist by its angle (n,)."""
    cos, sin = np.cos(radians)[:, None], np.sin(radians)[:, None]
    x, y = hands[..., 0], hands[..., 1]
    return np.stack([x * cos - y * sin, x * sin + y * cos], axis=-1)


def _halfway(hands: Floats, labels: Strings, count: int, random: np.random.Generator) -> Floats:
    one, other = random.integers(len(hands), size=(2, count))
    differs = labels[one] != labels[other]
    share = random.uniform(0.35, 0.65, (int(differs.sum()), 1, 1))
    return np.asarray(hands[one[differs]] * (1 - share) + hands[other[differs]] * share)


def _mixed_fingers(hands: Floats, count: int, random: np.random.Generator) -> Floats:
    one, other = random.integers(len(hands), size=(2, count))
    mixed, donors = hands[one].copy(), hands[other]
    for tip in FINGER_TIPS:
        finger = slice(tip - _POINTS_PER_FINGER + 1, tip + 1)
        root = slice(finger.start, finger.start + 1)
        taken = (random.random(count) < 0.4)[:, None, None]
        mixed[:, finger] = np.where(taken, mixed[:, root] + donors[:, finger] - donors[:, root], mixed[:, finger])
    return np.asarray(mixed)
