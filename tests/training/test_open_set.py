"""How hands without a gesture are counted, and gestures that were never shown."""

from __future__ import annotations

from math import isnan

import numpy as np
import pytest

from events.prediction import NO_GESTURE
from tests.training.hands import SEVEN
from tests.training.small import few_others, table
from training.folds import make_folds
from training.left_out import judge_left_out, left_out_groups, pooled
from training.logistic_regression import LogisticRegressionCandidate
from training.open_set import Confidences, OpenSet
from training.samples import SampleSettings


def confidences(*values: float, threshold: float = 0.5) -> Confidences:
    return Confidences(confidence=np.array(values), thresholds=np.full(len(values), threshold))


def test_a_hand_counts_as_a_gesture_where_one_is_likeliest_and_likely_enough() -> None:
    probabilities = np.array([[0.9, 0.1, 0.0], [0.3, 0.2, 0.5], [0.1, 0.8, 0.1], [0.2, 0.2, 0.6]])

    found = Confidences.of(probabilities, classes=("fist", NO_GESTURE, "palm"), thresholds=np.array([0.5, 0.0, 0.7]))

    assert found.confidence.tolist() == [0.9, 0.5, -1.0, 0.6]
    assert found.thresholds.tolist() == [0.5, 0.7, 0.0, 0.7]
    assert found.taken == 0.25


def test_the_figures_of_twenty_gestures_and_ten_hands_without() -> None:
    # 0.05 to 1.00, and among the others one of 0.97, one of 0.42 and eight that were held for no gesture.
    gestures = confidences(*np.arange(1, 21) / 20)
    counted = OpenSet.of(gestures, confidences(0.97, 0.42, *[-1.0] * 8))

    assert counted.recall == pytest.approx(11 / 20)
    assert counted.false_positive_rate == pytest.approx(0.1)
    assert counted.others == 10
    # 95 % of the gestures are taken at 0.10 and below, 40 % at 0.65.
    assert counted.at_recall(0.95) == pytest.approx(0.2)
    assert counted.at_recall(0.40) == pytest.approx(0.1)
    assert counted.at_recall(0.05) == 0.0


def test_a_recall_that_no_threshold_reaches_has_no_false_positive_rate() -> None:
    counted = OpenSet.of(confidences(*[0.9] * 18, -1.0, -1.0), confidences(0.8, -1.0))

    assert isnan(counted.at_recall(0.95))
    assert counted.at_recall(0.9) == 0.0 or counted.at_recall(0.9) == pytest.approx(0.5)
    assert counted.recalls[-1] == pytest.approx(0.9)


def test_the_curve_only_rises_and_ends_where_there_is_no_threshold() -> None:
    random = np.random.default_rng(0)
    gestures = confidences(*np.where(random.random(500) < 0.03, -1.0, random.beta(6, 1, 500)))
    others = confidences(*np.where(random.random(300) < 0.6, -1.0, random.beta(2, 2, 300)))

    counted = OpenSet.of(gestures, others)

    assert (np.diff(counted.recalls) >= 0).all()
    assert (np.diff(counted.false_positive_rates) >= 0).all()
    assert counted.recalls[-1] == pytest.approx(np.mean(gestures.confidence >= 0))
    assert counted.false_positive_rates[-1] == pytest.approx(np.mean(others.confidence >= 0))


def test_twins_are_left_out_together_and_every_gesture_once() -> None:
    classes = ["fist", "four", "no_gesture", "ok", "one", "palm", "peace", "peace_inverted", "stop", "stop_inverted"]

    for seed in range(20):
        groups = left_out_groups(classes, seed=seed)
        assert sorted(name for group in groups for name in group) == [name for name in classes if name != NO_GESTURE]
        assert len(groups) == 3
        assert all(groups)
        for group in groups:
            assert ("peace" in group) == ("peace_inverted" in group)
            assert ("stop" in group) == ("stop_inverted" in group)


def test_with_few_gestures_none_is_left_out() -> None:
    assert left_out_groups(["fist", "no_gesture", "palm", "palm_inverted", "one", "ok", "four"], seed=0) == []


def test_gestures_left_out_are_judged_by_a_model_that_never_saw_them() -> None:
    folds = make_folds(table(each=24, gestures=SEVEN), others=few_others(20), settings=SampleSettings(), seed=0)
    groups = left_out_groups([*SEVEN, NO_GESTURE], seed=0)

    pairs = [
        judge_left_out(LogisticRegressionCandidate(), fold, names=names, seed=0)
        for fold, names in zip(folds, groups, strict=False)
    ]

    known, unknown = (pooled(parts) for parts in zip(*pairs, strict=True))
    expected = [int(np.isin(fold.names, names).sum()) for fold, names in zip(folds, groups, strict=False)]
    assert [len(one.confidence) for _, one in pairs] == expected
    counted = OpenSet.of(known, unknown)
    assert counted.recall > 0.6
    # It knows nothing of them, so it is not as sure of them as of its own.
    assert unknown.confidence.mean() < known.confidence.mean()
