"""Rendered hands that make no gesture."""

from __future__ import annotations

import numpy as np
import pytest

from events.prediction import NO_GESTURE
from producers.synthetic.other_poses import OTHER_KINDS, other_pose
from recognition.features import normalise
from tests.producers.own_gesture import landmarks
from tools.other_hands import _render, is_gesture
from training.other_hands import load_other_hands


def test_hands_of_every_kind_of_pose_come_with_the_program() -> None:
    others = load_other_hands()

    assert set(others.kinds) == set(OTHER_KINDS)
    assert others.points.shape == (len(others.kinds), 21, 2)
    assert np.unique(others.kinds, return_counts=True)[1].min() > 300
    np.testing.assert_allclose(normalise(others.points), others.points, atol=2e-3)


def test_kinds_are_taken_and_left_out() -> None:
    others = load_other_hands()
    some = np.array(["claw", "hanging"])

    assert set(others.of(some).kinds) == {"claw", "hanging"}
    assert set(others.without(some).kinds) == set(OTHER_KINDS) - {"claw", "hanging"}
    assert len(others.of(some).points) + len(others.without(some).points) == len(others.points)


@pytest.mark.parametrize("kind", sorted(OTHER_KINDS))
def test_a_pose_is_labelled_comes_again_with_the_same_seed_and_is_not_always_the_same(kind: str) -> None:
    one, same, other = (other_pose(kind, random=np.random.default_rng(seed)) for seed in (0, 0, 1))

    assert one.label == NO_GESTURE
    np.testing.assert_array_equal(one.angles, same.angles)
    np.testing.assert_array_equal(one.rotation, same.rotation)
    assert np.abs(one.rotation - other.rotation).max() > 1e-3
    np.testing.assert_allclose(one.rotation @ one.rotation.T, np.eye(3), atol=1e-9)


@pytest.mark.long
@pytest.mark.parametrize("kind", sorted(OTHER_KINDS))
def test_a_hand_is_found_in_rendered_pictures_of_the_pose(kind: str) -> None:
    found = [len(_render((number, kind))[1]) for number in range(5)]

    assert sum(found) >= 3


def test_hands_that_the_shipped_model_names_are_told_from_those_that_it_does_not() -> None:
    others = load_other_hands()
    gestures = np.stack([landmarks("palm", random=np.random.default_rng(seed)) for seed in range(10)])

    assert is_gesture(gestures).mean() > 0.8
    assert is_gesture(others.of(np.array(["hanging"])).points).mean() < 0.05
