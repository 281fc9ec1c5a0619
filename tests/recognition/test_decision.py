"""One rule says which gesture a hand is named as, and how probable that is."""

from __future__ import annotations

import numpy as np
import pytest

from events.prediction import NO_GESTURE
from recognition.decision import class_thresholds, decide
from recognition.features import Floats

CLASSES = ("fist", NO_GESTURE, "palm")


def said(*rows: tuple[float, float, float], thresholds: Floats | float) -> list[tuple[str, float]]:
    found = decide(np.array(rows), classes=CLASSES, thresholds=thresholds)
    return list(zip(found.gestures.tolist(), found.confidences.tolist(), strict=True))


def test_a_gesture_has_to_reach_its_threshold() -> None:
    rows = (0.6, 0.1, 0.3), (0.59, 0.11, 0.3), (0.2, 0.3, 0.5)

    assert said(*rows, thresholds=0.6) == [("fist", 0.6), (NO_GESTURE, 0.11), (NO_GESTURE, 0.3)]
    assert said(*rows, thresholds=0.5) == [("fist", 0.6), ("fist", 0.59), ("palm", 0.5)]


def test_each_gesture_has_its_own_threshold() -> None:
    rows = (0.6, 0.1, 0.3), (0.3, 0.1, 0.6)

    assert said(*rows, thresholds=np.array([0.7, 1.0, 0.5])) == [(NO_GESTURE, 0.1), ("palm", 0.6)]


def test_each_hand_may_have_its_own_thresholds() -> None:
    thresholds = np.array([[0.7, 0.0, 0.0], [0.5, 0.0, 0.0]])

    assert said((0.6, 0.1, 0.3), (0.6, 0.1, 0.3), thresholds=thresholds) == [(NO_GESTURE, 0.1), ("fist", 0.6)]


def test_what_is_likeliest_no_gesture_needs_no_threshold() -> None:
    assert said((0.3, 0.4, 0.3), thresholds=np.array([0.0, 1.0, 0.0])) == [(NO_GESTURE, 0.4)]


@pytest.mark.parametrize("thresholds", [0.0, 0.9])
def test_the_confidence_of_no_gesture_is_what_the_gestures_leave(thresholds: float) -> None:
    rows = np.random.default_rng(0).dirichlet(np.ones(3), size=200)

    found = decide(rows, classes=CLASSES, thresholds=thresholds)

    rejected = found.gestures == NO_GESTURE
    assert rejected.any()
    np.testing.assert_allclose(found.confidences[rejected], 1 - rows[rejected][:, [0, 2]].sum(axis=1), atol=1e-12)
    np.testing.assert_allclose(found.confidences[~rejected], rows[~rejected].max(axis=1))


def test_a_model_that_knows_gestures_alone_is_never_sure_of_none() -> None:
    found = decide(np.array([[0.5, 0.5]]), classes=("fist", "palm"), thresholds=0.6)

    assert (found.gestures.tolist(), found.confidences.tolist()) == ([NO_GESTURE], [0.0])


def test_a_class_without_a_threshold_of_its_own_has_the_default() -> None:
    assert class_thresholds(CLASSES, default=0.5, thresholds={"palm": 0.7}).tolist() == [0.5, 0.5, 0.7]


def test_no_hands_are_no_decisions() -> None:
    assert decide(np.empty((0, 3)), classes=CLASSES, thresholds=0.5).gestures.tolist() == []
