"""In reference mode our engine gives what MediaPipe gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest

from imaging.decoding import Pixels, decode
from producers.synthetic import GESTURES, render_still
from recognition.engine.loading import load_engine
from recognition.engine.options import REFERENCE, EngineKind
from recognition.engine.protocol import HandEngine
from recognition.found_hand import FoundHand

# Of the palm's length, which goes from the wrist to the knuckle of the middle finger.
MEDIAN_BOUND = 0.003
PERCENTILE_95_BOUND = 0.02
FRAMES_UNTIL_SETTLED = 8


@pytest.fixture(scope="module")
def engines() -> Iterator[tuple[HandEngine, HandEngine]]:
    options = replace(REFERENCE, max_hands=1)
    both = load_engine(options), load_engine(replace(options, kind=EngineKind.MEDIAPIPE))
    yield both
    for engine in both:
        engine.close()


@pytest.fixture(scope="module")
def images() -> list[Pixels]:
    return [decode(render_still(gesture=gesture, seed=seed)) for seed, gesture in enumerate(GESTURES)]


def detected(engine: HandEngine, pixels: Pixels) -> FoundHand:
    (hand,) = engine.find(pixels, detection_confidence=0.5, presence_confidence=0.5)
    return hand


def tracked(engine: HandEngine, pixels: Pixels) -> FoundHand:
    tracker = engine.tracker()
    for number in range(FRAMES_UNTIL_SETTLED):
        hands = tracker.find(pixels, at_seconds=1e9 + number / 30, sequence=number)
    tracker.close()
    (hand,) = hands
    return hand


def apart(one: FoundHand, other: FoundHand, pixels: Pixels) -> float:
    """Mean distance of the points in palm lengths."""
    height, width = pixels.shape[:2]
    points, others = (hand.landmarks[:, :2] * (width, height) for hand in (one, other))
    return float(np.linalg.norm(points - others, axis=1).mean() / np.linalg.norm(points[9] - points[0]))


@pytest.mark.parametrize("find", [detected, tracked])
def test_landmarks_are_those_of_mediapipe(
    engines: tuple[HandEngine, HandEngine], images: list[Pixels], find: Callable[[HandEngine, Pixels], FoundHand]
) -> None:
    ours, theirs = engines
    pairs = [(find(ours, pixels), find(theirs, pixels), pixels) for pixels in images]
    distances = [apart(*pair) for pair in pairs]

    assert np.median(distances) <= MEDIAN_BOUND
    assert np.percentile(distances, 95) <= PERCENTILE_95_BOUND
    assert all(one.handedness is other.handedness for one, other, _ in pairs)
    depths = [np.abs(one.landmarks[:, 2] - other.landmarks[:, 2]).max() for one, other, _ in pairs]
    assert np.median(depths) < 0.01
    world = []
    for one, other, _ in pairs:
        assert one.world_landmarks is not None
        assert other.world_landmarks is not None
        world.append(np.abs(one.world_landmarks - other.world_landmarks).max())
    assert np.median(world) < 0.002  # metres
