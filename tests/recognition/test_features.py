"""What the classifier must not see, and what it must."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from recognition.features import (
    FEATURE_COUNT,
    Floats,
    features,
    mirrored,
    normalise,
    shows_back,
    square_pixels,
)


def _with_a_size(drawn: Floats) -> Floats:
    """A hand that reaches from its wrist at least to the root of its middle finger."""
    drawn[:, 9] = drawn[:, 0] + (0.2, -0.5)
    return drawn


hands = st.integers(0, 2**32 - 1).map(
    lambda seed: _with_a_size(np.random.default_rng(seed).uniform(-1, 1, size=(2, 21, 2)))
)


@given(hands, arrays(np.float64, 2, elements=st.floats(-1000, 1000)))
def test_the_place_of_a_hand_does_not_matter(points: Floats, place: Floats) -> None:
    np.testing.assert_allclose(features(points + place), features(points), atol=1e-9)


@given(hands, st.floats(0.01, 5000))
def test_the_size_of_a_hand_does_not_matter(points: Floats, size: float) -> None:
    np.testing.assert_allclose(features(points * size), features(points), atol=1e-9)


@given(hands)
def test_a_hand_and_its_mirror_image_are_seen_the_same_way_round(points: Floats) -> None:
    np.testing.assert_allclose(features(mirrored(points)), features(points), atol=1e-12)


@given(hands)
def test_a_turned_hand_is_another_hand(points: Floats) -> None:
    assert np.abs(features(-points) - features(points)).max() > 0.1


@given(hands)
def test_a_batch_is_its_hands_one_by_one(points: Floats) -> None:
    batch = features(points)

    assert batch.shape == (2, FEATURE_COUNT)
    for index in range(2):
        np.testing.assert_allclose(features(points[index : index + 1])[0], batch[index], atol=1e-12)


@given(hands)
def test_a_normalised_hand_has_its_wrist_at_the_origin_and_a_size_of_one(points: Floats) -> None:
    normal = normalise(points)

    assert np.abs(normal[:, 0]).max() == 0
    np.testing.assert_allclose(np.sqrt((normal**2).sum(axis=2).mean(axis=1)), 1.0)


def test_a_hand_of_no_size_gives_no_nonsense() -> None:
    assert np.abs(features(np.full((1, 21, 2), 3.0))).max() == 0


@given(hands, st.sampled_from([(640, 480), (1080, 1920), (333, 77)]))
def test_the_shape_of_the_picture_does_not_matter(points: Floats, shape: tuple[int, int]) -> None:
    width, height = shape
    relative = np.concatenate([points / (width, height), np.zeros((2, 21, 1))], axis=2)

    np.testing.assert_allclose(
        features(square_pixels(relative, width=width, height=height)), features(points), atol=1e-9
    )


@pytest.mark.parametrize("turn_degrees", [0, 60, 180, 300])
def test_the_side_of_a_hand_is_known_however_it_is_turned(turn_degrees: int) -> None:
    # A right hand upright with its palm to the camera has its index finger to the right of its little finger.
    palm = np.zeros((1, 21, 2))
    palm[0, 5], palm[0, 17] = (0.3, -1.0), (-0.3, -1.0)
    angle = np.deg2rad(turn_degrees)
    turned = palm @ np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])

    assert not shows_back(turned)[0]
    assert shows_back(turned * (-1.0, 1.0))[0]
