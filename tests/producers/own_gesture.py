"""A nineteenth gesture, and people who show it: what somebody with a webcam would record."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from producers.synthetic.mesh import load_hand
from producers.synthetic.pose import NO_GESTURE, Pose, gesture_poses, rest_poses
from producers.synthetic.renderer import Placement, Renderer
from producers.synthetic.scene import Picture, random_scene
from producers.synthetic.skeleton import INDEX, JOINT_COUNT, Floats, knuckles

OWN = "pinky"
FILM_HZ = 10.0
_WIDTH, _HEIGHT = 480, 360
# The palms' bones of four fingers, which MediaPipe has no points for.
_STIFF = (5, 10, 15, 20)
_DISTANCE_M = 0.6


def own_pose() -> Pose:
    """The little finger alone: `rock` with a bent index finger."""
    rock, fist = gesture_poses()["rock"], gesture_poses()["fist"]
    angles = rock.angles.copy()
    index = list(knuckles(INDEX))
    angles[index] = fist.angles[index]
    return Pose(angles=angles, rotation=rock.rotation, label=OWN)


def poses(gesture: str) -> Sequence[Pose]:
    if gesture == NO_GESTURE:
        return tuple(rest_poses().values())
    return (own_pose() if gesture == OWN else gesture_poses()[gesture],)


def pictures(gesture: str, *, person: int, count: int) -> Iterator[Picture]:
    """One person, who moves the hand a little meanwhile: turned, nearer, to the sides."""
    random = np.random.default_rng((person, 19))
    renderer = Renderer(width=_WIDTH, height=_HEIGHT)
    scene = random_scene(random, left=bool(person % 2))
    phase = random.uniform(0, 2 * np.pi, 6)
    shown = poses(gesture)
    for number in range(count):
        yaw, pitch, roll, x, y, size = np.sin(phase + number / FILM_HZ * np.array([1.9, 1.3, 1.1, 0.8, 0.7, 1.2]))
        pose = shown[number * len(shown) // count]
        bent = replace(pose, angles=pose.angles + random.normal(0, 0.02, pose.angles.shape) * (pose.angles != 0))
        yield renderer.render(
            pose=bent.turned(yaw=12 * yaw, pitch=8 * pitch, roll=8 * roll),
            placement=Placement(x=0.5 + 0.07 * x, y=0.5 + 0.05 * y, size=0.55 + 0.08 * size),
            scene=scene,
            random=random,
        )


def write_film(path: Path, gesture: str, *, person: int, count: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), FILM_HZ, (_WIDTH, _HEIGHT))
    for picture in pictures(gesture, person=person, count=count):
        writer.write(picture)
    writer.release()
    return path


def write_photographs(folder: Path, gesture: str, *, people: Sequence[int]) -> None:
    (folder / gesture).mkdir(parents=True, exist_ok=True)
    for person in people:
        (picture,) = pictures(gesture, person=person, count=1)
        cv2.imwrite(str(folder / gesture / f"{person}.jpg"), picture)


def landmarks(gesture: str, *, random: np.random.Generator) -> Floats:
    """(21, 2) pixels: the joints of the posed hand as a camera sees them, without a picture."""
    every = poses(gesture)
    pose = every[int(random.integers(len(every)))]
    angles = pose.angles + random.normal(0, 0.06, (JOINT_COUNT, 3)) * (pose.angles != 0)
    yaw, pitch, roll = random.normal(0, (14, 9, 9))
    turned = replace(pose, angles=angles).turned(yaw=yaw, pitch=pitch, roll=roll)
    skeleton = load_hand().skeleton
    build = random_scene(random, left=False).build
    joints = skeleton.positions(skeleton.transforms(turned.angles)) @ (turned.rotation * build).T
    points = np.delete(joints, _STIFF, axis=0)
    seen = points[:, :2] / (points[:, 2:] + _DISTANCE_M) * 900
    mirrored = seen * ((-1.0, 1.0) if random.integers(2) else (1.0, 1.0))
    return np.asarray(mirrored + random.normal(0, 2.0, seen.shape) + (320.0, 240.0))
