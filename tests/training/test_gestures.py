"""Tables do not say which hand they hold; the gesture's side does."""

from __future__ import annotations

import numpy as np
import pytest

from recognition.features import shows_back
from tests.training.hands import hand, hands
from training.gestures import GESTURES, SIDES, Side, as_right_hands, mirrored
from training.variation import View, no_gestures, other_views

RANDOM = np.random.default_rng(0)


def test_a_left_hand_becomes_the_right_hand_that_it_mirrors() -> None:
    right = hand("palm", random=RANDOM)
    both = np.stack([right, right * (-1.0, 1.0)])

    points, labels = as_right_hands(both, np.array(["palm", "palm"]))

    assert labels.tolist() == ["palm", "palm"]
    np.testing.assert_array_equal(points, np.stack([right, right]))


@pytest.mark.parametrize(("gesture", "back"), [("peace", False), ("peace_inverted", True)])
def test_a_twin_shows_the_other_side(gesture: str, back: bool) -> None:
    shape, _ = hands(each=6, gestures=["peace"])

    points, _ = as_right_hands(shape, np.array([gesture] * 6))

    assert shows_back(points).tolist() == [back] * 6


def test_a_gesture_without_a_side_is_learned_from_both() -> None:
    shape, labels = hands(each=4, gestures=["fist"])

    points, names = as_right_hands(shape, labels)

    assert names.tolist() == ["fist"] * 8
    np.testing.assert_array_equal(points, np.concatenate([shape, mirrored(shape)]))


def test_each_inverted_gesture_has_a_twin_of_the_other_side() -> None:
    assert len(GESTURES) == 18
    for name in GESTURES:
        if name.endswith("_inverted"):
            assert (SIDES[name], SIDES[name.removesuffix("_inverted")]) == (Side.BACK, Side.PALM)


def test_another_view_is_the_same_hand_a_little_changed() -> None:
    shape, _ = hands(each=50)
    normal = other_views(
        shape, view=View(turn_degrees=0, stretch=0, shear=0, perspective=0, noise=0), random=np.random.default_rng(1)
    )
    changed = other_views(shape, view=View(), random=np.random.default_rng(1))

    assert changed.shape == shape.shape
    distance = np.linalg.norm((changed - normal).reshape(len(shape), -1), axis=1)
    assert distance.min() > 0.05
    assert np.median(distance) < 2.5


def test_views_come_again_with_the_same_seed() -> None:
    shape, _ = hands(each=5)

    one, two = (other_views(shape, view=View(), random=np.random.default_rng(seed)) for seed in (3, 3))

    np.testing.assert_array_equal(one, two)


def test_hands_without_a_gesture_keep_away_from_those_with_one() -> None:
    shape, labels = as_right_hands(*hands(each=40))

    near, far = (
        no_gestures(shape, labels, count=600, distance=distance, random=np.random.default_rng(0))
        for distance in (0.5, 1.5)
    )

    assert 0 < len(far) < len(near) <= 600
    assert np.isfinite(near).all()
    assert np.abs(near[:, 0]).max() == 0
