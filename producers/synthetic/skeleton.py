"""The hand's joints: which hangs on which, and where they are in a pose."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

WRIST = 0
THUMB, INDEX, MIDDLE, RING, PINKY = range(5)
# First joint and number of joints of each finger, in the order of the mesh. Joint names are those of the WebXR Hand
# Input specification: metacarpal, proximal, intermediate (not the thumb), distal, tip.
CHAINS = ((1, 4), (5, 5), (10, 5), (15, 5), (20, 5))
JOINT_COUNT = 25
PARENTS = np.array([-1, 0, 1, 2, 3, *(parent for first in (5, 10, 15, 20) for parent in (0, *range(first, first + 4)))])


def knuckles(finger: int) -> range:
    """The joints of a finger that a pose bends: metacarpal, proximal and distal of the thumb; proximal, intermediate
    and distal of the others, whose metacarpals are stiff."""
    first, count = CHAINS[finger]
    return range(first if finger == THUMB else first + 1, first + count - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Skeleton:
    """The joints in the pose in which the mesh was bound to them.

    bind: (25, 4, 4), joint to hand. The hand's origin is its wrist; metres; -z points to the fingertips, +y out of the
    back of the hand. Each joint's own -z points to its tip in the same way, so bending is a rotation about its x.
    """

    bind: Floats

    def transforms(self, angles: Floats) -> Floats:
        """Where a pose takes what is bound to each joint.

        angles: (25, 3) radians: flexion (towards the palm), abduction, twist. Returns (25, 4, 4), hand to hand.
        """
        turns = _rotations(angles)
        inverse = np.linalg.inv(self.bind)
        placed = np.empty_like(self.bind)
        for joint, parent in enumerate(PARENTS):
            local = inverse[parent] @ self.bind[joint] if parent >= 0 else self.bind[joint]
            placed[joint] = (placed[parent] @ local if parent >= 0 else local) @ turns[joint]
        moved: Floats = placed @ inverse
        return moved

    def positions(self, transforms: Floats) -> Floats:
        """The joints' own places, (25, 3) metres."""
        placed: Floats = (transforms @ self.bind)[:, :3, 3]
        return placed


def _rotations(angles: Floats) -> Floats:
    """(25, 3) radians -> (25, 4, 4): abduction about y, then twist about z, then flexion about x."""
    flexion, abduction, twist = -angles[:, 0], angles[:, 1], angles[:, 2]
    turns = np.zeros((len(angles), 4, 4))
    cos_a, sin_a, cos_t, sin_t = np.cos(abduction), np.sin(abduction), np.cos(twist), np.sin(twist)
    cos_f, sin_f = np.cos(flexion), np.sin(flexion)
    turns[:, 0, 0] = cos_a * cos_t
    turns[:, 0, 1] = -cos_a * sin_t * cos_f + sin_a * sin_f
    turns[:, 0, 2] = cos_a * sin_t * sin_f + sin_a * cos_f
    turns[:, 1, 0] = sin_t
    turns[:, 1, 1] = cos_t * cos_f
    turns[:, 1, 2] = -cos_t * sin_f
    turns[:, 2, 0] = -sin_a * cos_t
    turns[:, 2, 1] = sin_a * sin_t * cos_f + cos_a * sin_f
    turns[:, 2, 2] = -sin_a * sin_t * sin_f + cos_a * cos_f
    turns[:, 3, 3] = 1.0
    return turns
