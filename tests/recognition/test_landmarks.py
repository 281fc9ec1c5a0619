"""The real landmark model finds a real-looking hand. It is fetched by `make setup`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from producers.synthetic import render_still
from recognition.assets import ensure_landmark_model
from recognition.image import Pixels, decode
from recognition.landmarks import FoundHand, StillLandmarker, TrackingLandmarker


@pytest.fixture(scope="module")
def model() -> Path:
    return ensure_landmark_model()


@pytest.fixture(scope="module")
def palm() -> Pixels:
    return decode(render_still(gesture="palm", seed=3))


@pytest.fixture
def tracking(model: Path) -> Iterator[TrackingLandmarker]:
    landmarker = TrackingLandmarker(model)
    yield landmarker
    landmarker.close()


@pytest.fixture
def still(model: Path) -> Iterator[StillLandmarker]:
    landmarker = StillLandmarker(model)
    yield landmarker
    landmarker.close()


def test_a_hand_has_21_points_within_the_picture(still: StillLandmarker, palm: Pixels) -> None:
    (found,) = still.find(palm, at_ms=0)

    assert found.landmarks.shape == (21, 3)
    assert found.landmarks[:, :2].min() > 0
    assert found.landmarks[:, :2].max() < 1
    assert 0.5 < found.score <= 1


def test_the_mirrored_picture_shows_the_other_hand(still: StillLandmarker, palm: Pixels) -> None:
    (one,) = still.find(palm, at_ms=0)
    (other,) = still.find(np.ascontiguousarray(palm[:, ::-1]), at_ms=0)

    assert one.handedness != other.handedness
    np.testing.assert_allclose(other.landmarks[:, 0], 1 - one.landmarks[:, 0], atol=0.05)


def test_an_empty_picture_shows_no_hand(still: StillLandmarker) -> None:
    assert list(still.find(np.full((480, 640, 3), 90, dtype=np.uint8), at_ms=0)) == []


def test_times_that_stand_still_or_fall_back_are_no_fault(tracking: TrackingLandmarker, palm: Pixels) -> None:
    for at_ms in (1000, 1000, 1033, 20, 0, 1066):
        assert len(tracking.find(palm, at_ms=at_ms)) == 1


def test_a_hand_that_moved_far_while_frames_were_left_out_is_found_again(
    tracking: TrackingLandmarker, palm: Pixels
) -> None:
    empty = np.full_like(palm, 90)
    left, right = (np.ascontiguousarray(np.concatenate(parts, axis=1)) for parts in ((palm, empty), (empty, palm)))
    for number in range(5):
        assert len(tracking.find(left, at_ms=33 * number)) == 1

    found = [list(tracking.find(right, at_ms=60_000 + 33 * number)) for number in range(4)]

    # It is looked for beside where it was, and where it is not there, everywhere in the next frame.
    assert [len(hands) for hands in found[1:]] == [1, 1, 1]
    assert found[-1][0].landmarks[:, 0].min() > 0.5


def test_both_hands_are_found_while_tracking(tracking: TrackingLandmarker, palm: Pixels) -> None:
    two = np.ascontiguousarray(np.concatenate([palm[:, ::-1], palm], axis=1))

    found: list[list[FoundHand]] = [list(tracking.find(two, at_ms=33 * number)) for number in range(4)]

    assert [len(hands) for hands in found] == [2, 2, 2, 2]


def test_a_second_hand_is_found_soon_after_it_came(tracking: TrackingLandmarker, palm: Pixels) -> None:
    alone = np.concatenate([palm, np.full_like(palm, 90)], axis=1)
    two = np.ascontiguousarray(np.concatenate([palm, palm[:, ::-1]], axis=1))

    for number in range(3):
        assert len(tracking.find(alone, at_ms=33 * number)) == 1
    counts = [len(tracking.find(two, at_ms=33 * number)) for number in range(3, 3 + tracking.SECOND_HAND_EVERY)]

    assert counts[-1] == 2
