"""Probabilities that mean what they say, with many hands and with few."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from events.prediction import NO_GESTURE
from recognition.classifier import CalibratedClassifier
from recognition.decision import decide
from recognition.features import FEATURE_COUNT, Floats, features
from tests.training.hands import FOUR, hands
from tests.training.small import SMALL, few_others, table, trained
from training.calibration import calibrated
from training.candidate import Fitted
from training.hands import Strings
from training.kind_figures import choose_threshold
from training.other_hands import load_other_hands

CLASSES = ("fist", "no_gesture", "palm")


@dataclass(frozen=True)
class Given:
    """Takes the features for the scores."""

    def scores(self, features: Floats) -> Floats:
        return features


FITTED = Fitted(classes=CLASSES, scorer=Given())


def drawn(each: int, *, distance: float, seed: int = 0) -> tuple[Floats, Strings]:
    """Scores of hands of each class, greater by `distance` for their own, with noise of 1."""
    random = np.random.default_rng(seed)
    labels = np.repeat(np.array(CLASSES), each)
    own = labels[:, None] == np.array(CLASSES)
    return random.normal(0, 1, own.shape) + distance * own, labels


def test_probabilities_add_up_to_one_however_great_the_scores() -> None:
    model = calibrated(FITTED, *drawn(50, distance=3))

    probabilities = model.predict_proba(np.array([[1e4, -1e4, 0.0], [0.0, 0.0, 0.0], [-1e4, 1e4, 1e4]]))

    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0)
    assert probabilities.min() >= 0
    assert np.isfinite(probabilities).all()


def test_of_hands_that_are_said_to_be_right_in_so_many_of_a_hundred_so_many_are() -> None:
    # Scores ten times as great as they should be.
    scores, labels = drawn(2000, distance=1.5)
    fresh, truth = drawn(2000, distance=1.5, seed=1)

    probabilities = calibrated(FITTED, 10 * scores, labels).calibrate(10 * fresh)

    right = np.array(CLASSES)[probabilities.argmax(axis=1)] == truth
    said = probabilities.max(axis=1)
    for low, high in ((0.4, 0.6), (0.6, 0.8), (0.8, 0.95)):
        some = (said >= low) & (said < high)
        assert some.sum() > 200
        assert abs(right[some].mean() - said[some].mean()) < 0.05


def test_a_frequent_class_is_held_for_likelier() -> None:
    scores, labels = drawn(300, distance=1.0)
    kept = np.flatnonzero((labels != "palm") | (np.arange(len(labels)) % 10 == 0))

    model = calibrated(FITTED, scores[kept], labels[kept])

    undecided = dict(zip(CLASSES, model.calibrate(np.zeros((1, 3)))[0].tolist(), strict=True))
    assert undecided["palm"] < undecided["fist"] / 2


def test_few_hands_that_the_scores_part_entirely_do_not_become_certain() -> None:
    scores, labels = drawn(15, distance=40)

    probabilities = calibrated(FITTED, scores, labels).calibrate(scores)

    assert (np.array(CLASSES)[probabilities.argmax(axis=1)] == labels).all()
    sure = probabilities.max(axis=1)
    assert 0.85 < np.median(sure) < 0.97
    assert choose_threshold(probabilities, labels, classes=CLASSES) < 0.96


def test_a_class_without_a_hand_among_those_it_is_calibrated_on_keeps_its_place() -> None:
    scores, labels = drawn(30, distance=3)
    kept = labels != "palm"

    model = calibrated(FITTED, scores[kept], labels[kept])

    assert np.isfinite(model.offsets).all()
    assert model.calibrate(np.array([[0.0, 0.0, 9.0]])).argmax() == 2


def test_unseen_hands_of_a_table_of_fifteen_a_class_are_mostly_named() -> None:
    """The threshold was once chosen so near to 1 that they were refused."""
    points, labels = hands(each=50, seed=8)

    for kind in ("logistic_regression", "svm"):
        bundle = trained(table(each=15), kinds={kind: SMALL[kind]}, others=load_other_hands()).bundle
        probabilities = bundle.classifier.predict_proba(features(points))
        found = decide(
            probabilities, classes=bundle.classifier.classes, thresholds=bundle.manifest.class_thresholds
        ).gestures
        assert np.mean(found == labels) > 0.85
        # Of twelve hands a class that are all told apart, none is said to be surer than 13/14 or so.
        assert bundle.manifest.threshold < 0.95


def test_a_hand_unlike_all_others_is_held_for_no_gesture_or_nothing_is_held_for_likely() -> None:
    bundle = trained(table(each=30), kinds={"svm": SMALL["svm"]}, others=few_others(40)).bundle
    assert isinstance(bundle.classifier, CalibratedClassifier)
    far = np.random.default_rng(0).normal(0, 60, (200, FEATURE_COUNT))

    probabilities = bundle.classifier.predict_proba(far)

    likeliest = np.array(bundle.classifier.classes)[probabilities.argmax(axis=1)]
    gesture = np.isin(likeliest, FOUR)
    assert set(bundle.classifier.classes) == {*FOUR, NO_GESTURE}
    assert (probabilities.max(axis=1)[gesture] < 0.6).all()
