"""Single pictures of a gesture, each of another hand, seen from elsewhere."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from producers.synthetic.jpeg import check_format, encode
from producers.synthetic.pose import NO_GESTURE, Pose, gesture_poses, rest_poses
from producers.synthetic.renderer import Placement, Renderer
from producers.synthetic.scene import random_scene

YAW_DEGREES = 25.0
TILT_DEGREES = 15.0
_BEND_RADIANS = 0.05


def render_still(*, gesture: str, seed: int, width: int = 640, height: int = 480, quality: int = 90) -> bytes:
    """A JPEG of a hand that makes the gesture; `no_gesture` gives one of the rest poses.

    The seed decides hand, build, skin tone, light, background, place, size and view: yaw within 25 degrees, pitch and
    roll within 15 degrees of the pose. The same arguments give the same bytes. Raises ValueError for an unknown gesture
    or a size, quality or seed out of range.
    """
    check_format(seed=seed, width=width, height=height, quality=quality)
    known = [*gesture_poses(), NO_GESTURE]
    if gesture not in known:
        raise ValueError(f"unknown gesture {gesture!r}; choose from {', '.join(known)}")
    random = np.random.default_rng((seed, known.index(gesture)))
    scene = random_scene(random, left=bool(random.integers(2)))
    yaw = random.uniform(-YAW_DEGREES, YAW_DEGREES)
    pitch, roll = random.uniform(-TILT_DEGREES, TILT_DEGREES, 2)
    x, y, size = random.uniform((0.4, 0.45, 0.4), (0.6, 0.55, 0.65))
    pose = _bent(_pose(gesture, random), random)
    picture = _renderer(width, height).render(
        pose=pose.turned(yaw=yaw, pitch=pitch, roll=roll),
        placement=Placement(x=x, y=y, size=size),
        scene=scene,
        random=random,
    )
    return encode(picture, quality=quality)


# Stills of one size follow each other, and a renderer's noise field takes longer to make than a picture.
@lru_cache(maxsize=1)
def _renderer(width: int, height: int) -> Renderer:
    return Renderer(width=width, height=height)


def _pose(gesture: str, random: np.random.Generator) -> Pose:
    if gesture == NO_GESTURE:
        rests = list(rest_poses().values())
        return rests[random.integers(len(rests))]
    return gesture_poses()[gesture]


def _bent(pose: Pose, random: np.random.Generator) -> Pose:
    """Nobody bends a finger twice in the same way."""
    bend = random.normal(0, _BEND_RADIANS, pose.angles.shape) * (pose.angles != 0)
    return Pose(angles=pose.angles + bend, rotation=pose.rotation, label=pose.label)
