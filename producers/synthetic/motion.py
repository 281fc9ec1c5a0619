"""The script: which gesture is held when, and how the hand gets from one to the next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from producers.synthetic.pose import Pose, gesture_poses, rest_poses
from producers.synthetic.renderer import Placement
from producers.synthetic.scene import Scene, random_scene
from producers.synthetic.skeleton import Floats

# A person shows this many gestures before the next one, with the other hand, takes the place.
GESTURES_PER_SCENE = 3
_REST_PROBABILITY = 0.5
_DURATION_SPREAD = 0.2
_TREMOR_RADIANS = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """The hand at one instant. pose.label is the truth about it."""

    pose: Pose
    placement: Placement
    scene: Scene


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How long a gesture is held, a rest pose is held and a change takes, in seconds; each varies by a fifth."""

    hold_seconds: float
    rest_seconds: float
    transition_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stretch:
    """From one pose to another (the same, where it is held) in one scene."""

    start: Pose
    end: Pose
    seconds: float
    scene: Scene
    drift: _Drift

    def at(self, elapsed: float, *, now: float) -> Moment:
        if self.start is self.end:
            pose = self.start
        else:
            share = elapsed / self.seconds
            pose = self.start.blend(self.end, share=share * share * (3 - 2 * share))
        return self.drift.moved(pose, scene=self.scene, now=now)


class _Drift:
    """No hand keeps still: slow sums of two sines for each way in which it moves."""

    _REACH = np.array([9.0, 6.0, 6.0, 0.07, 0.05, 0.06])  # yaw, pitch, roll in degrees; x, y, size

    def __init__(self, random: np.random.Generator) -> None:
        self._hertz = random.uniform(0.05, 0.3, (2, 6))
        self._phase = random.uniform(0, 2 * np.pi, (2, 6))
        self._tremor_hertz = random.uniform(0.2, 0.8, (25, 1))
        self._middle = random.uniform((0.42, 0.46, 0.46), (0.58, 0.54, 0.56))

    def moved(self, pose: Pose, *, scene: Scene, now: float) -> Moment:
        waves = np.sin(2 * np.pi * self._hertz * now + self._phase).sum(axis=0) / 2 * self._REACH
        yaw, pitch, roll = waves[:3]
        x, y, size = self._middle + waves[3:]
        tremor: Floats = _TREMOR_RADIANS * np.sin(2 * np.pi * self._tremor_hertz * now) * (pose.angles != 0)
        seen = Pose(angles=pose.angles + tremor, rotation=pose.rotation, label=pose.label)
        return Moment(
            pose=seen.turned(yaw=yaw, pitch=pitch, roll=roll),
            placement=Placement(x=float(x), y=float(y), size=float(size)),
            scene=scene,
        )


def moments(*, seed: int, frame_rate_hz: float, gestures: Sequence[str], pace: Pace) -> Iterator[Moment]:
    """The hand at each frame, without end. In each cycle every gesture is held once, in an order drawn anew."""
    frame, start = 0, 0.0
    for stretch in _stretches(np.random.default_rng(seed), gestures, pace):
        end = start + stretch.seconds
        while (now := frame / frame_rate_hz) < end:
            yield stretch.at(now - start, now=now)
            frame += 1
        start = end


def _stretches(random: np.random.Generator, gestures: Sequence[str], pace: Pace) -> Iterator[_Stretch]:
    poses, rests = gesture_poses(), list(rest_poses().values())

    def seconds(mean: float) -> float:
        return mean * random.uniform(1 - _DURATION_SPREAD, 1 + _DURATION_SPREAD)

    def rest() -> Pose:
        return rests[random.integers(len(rests))]

    left = bool(random.integers(2))
    while True:
        order = [gestures[number] for number in random.permutation(len(gestures))]
        for first in range(0, len(order), GESTURES_PER_SCENE):
            # A scene begins and ends at rest, so the cut to the next one falls between gestures.
            scene, drift = random_scene(random, left=left), _Drift(random)
            left = not left
            current = rest()
            yield _Stretch(start=current, end=current, seconds=seconds(pace.rest_seconds), scene=scene, drift=drift)
            shown = order[first : first + GESTURES_PER_SCENE]
            for name in shown:
                stops = [(poses[name], pace.hold_seconds)]
                if name == shown[-1] or random.random() < _REST_PROBABILITY:
                    stops.append((rest(), pace.rest_seconds))
                for pose, held in stops:
                    yield _Stretch(
                        start=current, end=pose, seconds=seconds(pace.transition_seconds), scene=scene, drift=drift
                    )
                    yield _Stretch(start=pose, end=pose, seconds=seconds(held), scene=scene, drift=drift)
                    current = pose
