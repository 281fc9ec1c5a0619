"""Poses that are none of the gestures: hands at rest, on their way, or with other fingers out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from producers.synthetic.pose import NO_GESTURE, UPRIGHT, Pose, gesture_poses, rest_poses, view
from producers.synthetic.skeleton import INDEX, JOINT_COUNT, PINKY, THUMB, Floats, knuckles

# Degrees that the proximal, intermediate and distal joint of a finger bend in a fist.
_FIST_DEGREES = np.array([80.0, 100.0, 60.0])
_SPREAD_DEGREES = np.array([5.0, 0.0, -3.0, -8.0])
# Fingers out, from index to little finger, that no gesture has: neither with the thumb out nor without.
_ODD_FINGERS = ((0, 1, 0, 0), (0, 0, 1, 0), (0, 1, 1, 0), (0, 0, 1, 1), (0, 1, 0, 1), (1, 0, 1, 0), (1, 0, 1, 1),
                (1, 1, 0, 1))  # fmt: skip
# Upside down, an open hand hangs.
_OPEN = ("palm", "four", "stop", "stop_inverted", "three", "peace", "peace_inverted", "two_up", "two_up_inverted")
# On the way from one pose to another, nearer to neither end than this.
_WAY_SHARE = (0.3, 0.7)


def other_pose(kind: str, *, random: np.random.Generator) -> Pose:
    """A pose of one of OTHER_KINDS, labelled `no_gesture`, seen from anywhere that hands of its kind are seen from."""
    return OTHER_KINDS[kind](random)


def _relaxed(random: np.random.Generator) -> Pose:
    """Fingers bent a little, the outer ones more; held up, hanging, or in the lap."""
    curl = random.uniform(0.1, 0.75) * np.array([1.0, 1.1, 1.25, 1.35]) + random.normal(0, 0.06, 4)
    return _posed(random, _FIST_DEGREES * curl[:, None], _any_view(random))


def _uneven(random: np.random.Generator) -> Pose:
    """Each finger bent in its own way, at least one of them half."""
    curl = random.uniform(0.0, 1.0, 4)
    curl[random.integers(4)] = random.uniform(0.3, 0.65)
    return _posed(random, _FIST_DEGREES * curl[:, None], _upright_view(random))


def _claw(random: np.random.Generator) -> Pose:
    """Straight knuckles, bent fingers: as around a ball or a glass."""
    degrees = np.array([random.uniform(0, 35), random.uniform(50, 95), random.uniform(30, 60)])
    return _posed(random, np.tile(degrees, (4, 1)) + random.normal(0, 6, (4, 3)), _any_view(random))


def _drooping(random: np.random.Generator) -> Pose:
    """Bent knuckles, fingers straight or nearly."""
    degrees = np.array([random.uniform(50, 90), random.uniform(5, 50), random.uniform(5, 30)])
    return _posed(random, np.tile(degrees, (4, 1)) + random.normal(0, 5, (4, 3)), _any_view(random))


def _odd_fingers(random: np.random.Generator) -> Pose:
    """Some fingers out and the others folded, as no gesture has it."""
    out = np.array(_ODD_FINGERS[random.integers(len(_ODD_FINGERS))])
    curl = np.where(out == 1, random.uniform(0, 0.08, 4), random.uniform(0.85, 1.0, 4))
    return _posed(random, _FIST_DEGREES * curl[:, None], _upright_view(random))


def _hanging(random: np.random.Generator) -> Pose:
    """An open hand, or one with some fingers out, that points down."""
    pose = gesture_poses()[_OPEN[random.integers(len(_OPEN))]]
    turned = pose.turned(yaw=random.uniform(-60, 60), pitch=random.normal(0, 15), roll=random.uniform(115, 245))
    return _other(turned)


def _on_the_way(random: np.random.Generator) -> Pose:
    """Between a gesture and a hand at rest, or between two gestures."""
    gestures, rests = list(gesture_poses().values()), list(rest_poses().values())
    begin = gestures[random.integers(len(gestures))]
    ends = rests if random.random() < 0.5 else gestures
    way = begin.blend(ends[random.integers(len(ends))], share=random.uniform(*_WAY_SHARE))
    return _other(way.turned(yaw=random.uniform(-25, 25), pitch=random.normal(0, 10), roll=random.normal(0, 10)))


OTHER_KINDS: Mapping[str, Callable[[np.random.Generator], Pose]] = MappingProxyType(
    {
        "relaxed": _relaxed,
        "uneven": _uneven,
        "claw": _claw,
        "drooping": _drooping,
        "odd_fingers": _odd_fingers,
        "hanging": _hanging,
        "on_the_way": _on_the_way,
    }
)


def _posed(random: np.random.Generator, finger_degrees: Floats, rotation: Floats) -> Pose:
    """finger_degrees: (4, 3), how far the joints of index to little finger bend."""
    degrees = np.zeros((JOINT_COUNT, 3))
    metacarpal, proximal, distal = knuckles(THUMB)
    degrees[metacarpal] = random.uniform((-15, -10, -5), (35, 15, 5))
    degrees[[proximal, distal], 0] = random.uniform((0, 0), (40, 60))
    for row, finger in enumerate(range(INDEX, PINKY + 1)):
        joints = list(knuckles(finger))
        degrees[joints, 0] = finger_degrees[row]
        degrees[joints[0], 1] = _SPREAD_DEGREES[row] * random.uniform(-0.3, 1.5)
    return Pose(angles=np.deg2rad(degrees), rotation=rotation, label=NO_GESTURE)


def _any_view(random: np.random.Generator) -> Floats:
    """Mostly hanging or level, as hands are that nobody holds up; any side of the hand."""
    roll = random.normal(180, 45) if random.random() < 0.5 else random.uniform(0, 360)
    return np.asarray(view(yaw=random.uniform(0, 360), pitch=random.normal(0, 25), roll=roll) @ UPRIGHT)


def _upright_view(random: np.random.Generator) -> Floats:
    """Held up, palm or back to the camera, as gestures are."""
    yaw = random.normal(0, 25) + (180 if random.random() < 0.4 else 0)
    return np.asarray(view(yaw=yaw, pitch=random.normal(0, 15), roll=random.normal(0, 25)) @ UPRIGHT)


def _other(pose: Pose) -> Pose:
    return Pose(angles=pose.angles, rotation=pose.rotation, label=NO_GESTURE)
