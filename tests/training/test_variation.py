"""Other views of a hand, and hands that make no gesture."""

from __future__ import annotations

import numpy as np

from recognition.features import one_way_round
from tests.training.hands import hands
from training.variation import View, no_gestures, other_views


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
    shape, labels = hands(each=40)

    near, far = (
        no_gestures(one_way_round(shape), labels, count=600, distance=distance, random=np.random.default_rng(0))
        for distance in (0.5, 1.5)
    )

    assert 0 < len(far) < len(near) <= 600
    assert np.isfinite(near).all()
    assert np.abs(near[:, 0]).max() == 0
