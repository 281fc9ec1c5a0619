"""Poses: how the joints are bent and how the hand is held before the camera."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

import cv2
import numpy as np

from producers.synthetic.skeleton import INDEX, JOINT_COUNT, PINKY, THUMB, Floats, knuckles

NO_GESTURE = "no_gesture"

_ASSET = files("producers.synthetic") / "assets" / "poses.json"
_FINGERS = {"index": INDEX, "middle": INDEX + 1, "ring": INDEX + 2, "pinky": PINKY}
# The hand's axes as the camera sees a right hand that is held up, palm to the camera: x right, y down, z away.
UPRIGHT = np.array([[-1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, 1.0, 0.0]])


# Of the way to another pose; the fingers have then turned by less than ten degrees.
SAME_POSE_SHARE = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Pose:
    """A right hand's pose.

    angles: (25, 3) radians, see Skeleton.transforms. rotation: (3, 3), from the hand's axes to the camera's.
    label: the gesture, or `no_gesture`.
    """

    angles: Floats
    rotation: Floats
    label: str

    def turned(self, *, yaw: float, pitch: float, roll: float) -> Pose:
        """The same pose, seen from elsewhere. Degrees."""
        return Pose(
            angles=self.angles, rotation=view(yaw=yaw, pitch=pitch, roll=roll) @ self.rotation, label=self.label
        )

    def blend(self, other: Pose, *, share: float) -> Pose:
        """The way from this pose (share 0) to another (share 1).

        A hand between two gestures makes none; one that has hardly left a pose, or has all but reached it, still shows
        it to anybody who looks at the single picture.
        """
        turn, _ = cv2.Rodrigues(other.rotation @ self.rotation.T)
        part, _ = cv2.Rodrigues(turn * share)
        label = NO_GESTURE
        if share < SAME_POSE_SHARE:
            label = self.label
        elif share > 1 - SAME_POSE_SHARE:
            label = other.label
        return Pose(
            angles=self.angles + share * (other.angles - self.angles), rotation=part @ self.rotation, label=label
        )


def view(*, yaw: float, pitch: float, roll: float) -> Floats:
    """A turn of the hand before the camera in degrees, as a (3, 3) matrix: yaw about the upright axis first, then pitch
    about the level one, then roll about the line of sight (positive: clockwise as the camera sees it)."""
    rotation = np.eye(3)
    for axis, degrees in ((1, yaw), (0, pitch), (2, roll)):
        turn, _ = cv2.Rodrigues(np.deg2rad(degrees) * np.eye(3)[axis])
        rotation = turn @ rotation
    return rotation


@cache
def gesture_poses() -> Mapping[str, Pose]:
    """The 18 gestures of HaGRID by name, in alphabetical order."""
    return MappingProxyType({name: _read(entry, label=name) for name, entry in _stored()["gestures"].items()})


@cache
def rest_poses() -> Mapping[str, Pose]:
    """Hands at rest, which make none of the gestures."""
    return MappingProxyType({name: _read(entry, label=NO_GESTURE) for name, entry in _stored()["rest"].items()})


def _stored() -> dict[str, dict[str, dict[str, list[float]]]]:
    stored: dict[str, dict[str, dict[str, list[float]]]] = json.loads(_ASSET.read_text(encoding="utf-8"))
    return stored


def _read(entry: Mapping[str, list[float]], *, label: str) -> Pose:
    """One pose as stored, in degrees.

    Fingers: flexion of the proximal, intermediate and distal joint, spread, twist. Thumb: flexion, abduction and twist
    of the metacarpal, flexion of the proximal and of the distal joint. View: yaw, pitch, roll.
    """
    degrees = np.zeros((JOINT_COUNT, 3))
    metacarpal, proximal, distal = knuckles(THUMB)
    degrees[metacarpal] = entry["thumb"][:3]
    degrees[[proximal, distal], 0] = entry["thumb"][3:]
    for name, finger in _FINGERS.items():
        joints = list(knuckles(finger))
        degrees[joints, 0] = entry[name][:3]
        degrees[joints[0], 1:] = entry[name][3:]
    yaw, pitch, roll = entry["view"]
    return Pose(angles=np.deg2rad(degrees), rotation=view(yaw=yaw, pitch=pitch, roll=roll) @ UPRIGHT, label=label)
