"""Smoothing the landmarks of a followed hand: the One Euro filter.

Source: Géry Casiez, Nicolas Roussel, Daniel Vogel: 1€ Filter: A Simple Speed-based Low-pass Filter for Noisy Input in
Interactive Systems. CHI 2012, https://doi.org/10.1145/2207676.2208639.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from recognition.features import KNUCKLES, WRIST, Floats
from recognition.found_hand import FoundHand

# Where the capture times of two frames do not rise: cameras repeat times, and clocks are set back.
NOMINAL_INTERVAL_SECONDS = 1 / 30
# Shorter than any camera's: such times say nothing of how fast a hand moves.
MIN_INTERVAL_SECONDS = 0.001
# After a longer gap the hand may be anywhere: the filter begins anew.
MAX_GAP_SECONDS = 0.5
# A hand has a size, whatever the model says.
_MIN_PALM = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class OneEuro:
    """Parameters of the filter.

    A landmark that moves at v palm lengths a second is low-pass filtered at `min_cutoff_hz + beta * v` Hz: strongly
    where the hand is still and jitter shows, hardly where it moves and delay would.

    beta: Hz for each palm length a second, so that neither the hand's size in the image nor the image's matters.
    speed_cutoff_hz: of the low-pass filter of v itself.
    """

    min_cutoff_hz: float = 1.0
    beta: float = 5.0
    speed_cutoff_hz: float = 1.0

    def __post_init__(self) -> None:
        if not (self.min_cutoff_hz > 0 and self.beta >= 0 and self.speed_cutoff_hz > 0):
            raise ValueError(f"cutoffs must be above 0 Hz and beta at least 0, not {self}")


@dataclass(frozen=True, slots=True, kw_only=True)
class SmoothedHand:
    """State of the filter after a frame, of one hand.

    landmarks: (21, 3), smoothed, in 0..1 of the image. velocity: (21, 2), smoothed, in palm lengths a second.
    world_landmarks: (21, 3), smoothed, metres; None where the engine gives none.
    at_seconds: capture time of the frame.
    """

    landmarks: Floats
    velocity: Floats
    world_landmarks: Floats | None
    at_seconds: float


def smooth(
    hand: FoundHand, state: SmoothedHand | None, *, at_seconds: float, aspect: float, filter_: OneEuro
) -> SmoothedHand:
    """The state after one more frame of the same hand.

    state: after the hand's last frame; None at its first, which passes unchanged.
    at_seconds: capture time, by any clock. aspect: width of the image divided by its height.
    """
    if state is None or at_seconds - state.at_seconds > MAX_GAP_SECONDS:
        return SmoothedHand(
            landmarks=hand.landmarks,
            velocity=np.zeros((len(hand.landmarks), 2)),
            world_landmarks=hand.world_landmarks,
            at_seconds=at_seconds,
        )
    interval = at_seconds - state.at_seconds
    if interval < MIN_INTERVAL_SECONDS:
        interval = NOMINAL_INTERVAL_SECONDS
    moved = hand.landmarks - state.landmarks
    # In palm lengths a second, on both axes.
    per_second = 1 / (_palm_length(hand.landmarks, aspect=aspect) * interval)
    speeds = moved[:, :2] * (aspect * per_second, per_second)
    velocity = state.velocity + _weight(filter_.speed_cutoff_hz, interval) * (speeds - state.velocity)
    # z is the noisiest coordinate by far: it follows the speed in the image.
    speed = np.hypot(velocity[:, :1], velocity[:, 1:])
    weights = _weight(filter_.min_cutoff_hz + filter_.beta * speed, interval)
    world = hand.world_landmarks
    if world is not None and state.world_landmarks is not None:
        world = state.world_landmarks + weights * (world - state.world_landmarks)
    return SmoothedHand(
        landmarks=state.landmarks + weights * moved,
        velocity=velocity,
        world_landmarks=world,
        at_seconds=at_seconds,
    )


class LandmarkSmoother:
    """Smooths the hands of one camera's run, each by its track id. Hands without one pass unchanged."""

    __slots__ = ("_filter", "_hands")

    def __init__(self, filter_: OneEuro | None = None) -> None:
        self._filter = filter_ or OneEuro()
        self._hands: dict[int, SmoothedHand] = {}

    def update(self, hands: Sequence[FoundHand], *, at_seconds: float, aspect: float) -> tuple[FoundHand, ...]:
        """The hands of the next frame, in the same order. Those that are missing from it are forgotten."""
        states: dict[int, SmoothedHand] = {}
        smoothed = []
        for hand in hands:
            if hand.track_id is None:
                smoothed.append(hand)
                continue
            state = smooth(
                hand,
                self._hands.get(hand.track_id),
                at_seconds=at_seconds,
                aspect=aspect,
                filter_=self._filter,
            )
            states[hand.track_id] = state
            smoothed.append(replace(hand, landmarks=state.landmarks, world_landmarks=state.world_landmarks))
        self._hands = states
        return tuple(smoothed)


def _palm_length(landmarks: Floats, *, aspect: float) -> float:
    """Distance from the wrist to the farthest knuckle, in the image: a palm that is seen askew looks short on one side.

    landmarks: (21, 3), in 0..1 of an image whose width is `aspect` times its height, which is the unit.
    """
    wrist_x, wrist_y, _ = landmarks[WRIST].tolist()
    knuckles = landmarks[KNUCKLES, :2].tolist()
    return max(_MIN_PALM, *(math.hypot((x - wrist_x) * aspect, y - wrist_y) for x, y in knuckles))


def _weight(cutoff_hz: Floats | float, interval_seconds: float) -> Floats | float:
    """Weight of the newest value in an exponential low-pass filter with this cutoff (formula 6 of the paper)."""
    turns = 2 * math.pi * interval_seconds * cutoff_hz
    return turns / (turns + 1)
