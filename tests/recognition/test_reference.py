"""What is compared of live hands is the same as what models are measured with."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from events.examples import example_prediction
from events.prediction import Prediction
from recognition.features import Floats, features, square_pixels
from recognition.reference import FEATURES, hand_values, prediction_values

SIZE = (640, 360)


def prediction(landmarks: Floats, *, size: tuple[int, int] | None = SIZE) -> Prediction:
    """One whose hands (n, 21, 3) have confidences of their own."""
    example = example_prediction()
    hands = tuple(
        replace(example.hands[0], landmarks=tuple(map(tuple, hand.tolist())), confidence=0.5 + number / 100)
        for number, hand in enumerate(landmarks)
    )
    width, height = size or (None, None)
    return replace(example, hands=hands, width=width, height=height)


def test_predictions_are_measured_as_hands_of_the_training_data_are() -> None:
    # Both sides of both hands are among them.
    landmarks = np.random.default_rng(0).uniform(0, 1, (40, 21, 3))
    rows = features(square_pixels(landmarks, width=SIZE[0], height=SIZE[1]))
    confidence = [0.5 + number / 100 for number in range(40)]

    measured = prediction_values(prediction(landmarks))

    assert np.array(measured) == pytest.approx(hand_values(rows, confidence=confidence))
    assert len(measured[0]) == len(FEATURES)


def test_a_hand_of_no_size_is_measured_alike() -> None:
    landmarks = np.full((1, 21, 3), 0.5)
    rows = features(square_pixels(landmarks, width=SIZE[0], height=SIZE[1]))

    assert np.array(prediction_values(prediction(landmarks))) == pytest.approx(hand_values(rows, confidence=[0.5]))


def test_without_a_hand_or_the_shape_of_the_picture_there_is_nothing_to_measure() -> None:
    assert prediction_values(prediction(np.empty((0, 21, 3)))) == []
    assert prediction_values(prediction(np.random.default_rng(0).uniform(0, 1, (1, 21, 3)), size=None)) == []
