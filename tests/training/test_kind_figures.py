"""Figures that do not flatter."""

from __future__ import annotations

from dataclasses import replace
from math import isnan

import numpy as np
import pytest

from events.prediction import NO_GESTURE
from recognition.features import FEATURE_COUNT
from recognition.linear import LinearModel
from tests.training.hands import hands
from tests.training.small import few_others, labelled, table
from training.cross_validation import HeldOut, held_out, judge
from training.folds import MADE_UP, REAL, RENDERED, make_folds
from training.hands import Strings
from training.kind_figures import Interval, check, choose_threshold, kind_figures
from training.logistic_regression import LogisticRegressionCandidate
from training.samples import SampleSettings
from training.svm import SvmCandidate
from training.tuning import tuning_fold, tuning_score

LINEAR = LogisticRegressionCandidate()


def words(*labels: str) -> Strings:
    return np.array(labels)


def test_the_threshold_keeps_almost_all_that_was_right() -> None:
    sure = np.linspace(0.7, 0.99, 999)
    probabilities = np.stack([np.append(sure, 0.3), 1 - np.append(sure, 0.3)], axis=1)
    probabilities[-1] = (0.52, 0.48)

    threshold = choose_threshold(probabilities, np.array(["fist"] * 1000), classes=("fist", "palm"))

    assert 0.68 <= threshold <= 0.71


def test_where_nothing_was_right_there_is_no_threshold() -> None:
    assert choose_threshold(np.array([[0.9, 0.1]]), words("palm"), classes=("fist", "palm")) == 0.0


def test_an_interval_by_students_t() -> None:
    # The mean of five with a standard deviation of 0.01: t = 2.776 with four degrees of freedom.
    interval = Interval.over(np.array([0.94, 0.95, 0.96, 0.95, 0.95]) + 0.0)

    assert interval.mean == pytest.approx(0.95)
    assert interval.low == pytest.approx(0.95 - 2.776 * np.sqrt(0.00005) / np.sqrt(5), abs=1e-4)
    assert interval.high == pytest.approx(2 * 0.95 - interval.low)


def test_an_interval_of_shares_stays_among_shares() -> None:
    interval = Interval.over(np.array([1.0, 1.0, 0.98]))

    assert interval.high == 1.0
    assert interval.low < interval.mean


def nothing_learned(*, classes: int) -> LinearModel:
    """A model that a file can hold; the scores that count are given beside it."""
    return LinearModel(
        mean=np.zeros(FEATURE_COUNT, np.float32),
        scale=np.ones(FEATURE_COUNT, np.float32),
        weights=np.zeros((FEATURE_COUNT, classes), np.float32),
        intercepts=np.zeros(classes, np.float32),
    )


def held(rows: list[tuple[str, str, str, int]]) -> HeldOut:
    """label, what is found, origin and fold of each hand."""
    classes = ("fist", NO_GESTURE, "palm")
    labels, found, origins, folds = (np.array(column) for column in zip(*rows, strict=True))
    (fold, *_) = make_folds(table(each=6), others=few_others(5), settings=SampleSettings(), seed=0)
    example = replace(judge(LINEAR, fold, seed=0).fitted, classes=classes, scorer=nothing_learned(classes=3))
    return HeldOut(
        candidate=LINEAR,
        classes=classes,
        scores=np.where(found[:, None] == np.array(classes), 6.0, 0.0),
        labels=labels,
        origins=origins,
        folds=folds.astype(int),
        training_accuracy=0.99,
        fit_seconds=0.1,
        example=example,
    )


def test_gestures_others_and_folds_are_counted_as_they_are_said_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training.kind_figures.predict_milliseconds", lambda _: 0.1)
    # Fold 0: all is right. Fold 1: of four fists one is refused, of four palms one is taken for a fist.
    rows = [("fist", "fist", REAL, 0)] * 4 + [("palm", "palm", REAL, 0)] * 4
    rows += [("fist", "fist", REAL, 1)] * 3 + [("fist", NO_GESTURE, REAL, 1)]
    rows += [("palm", "palm", REAL, 1)] * 3 + [("palm", "fist", REAL, 1)]
    for fold in (0, 1):
        rows += [(NO_GESTURE, NO_GESTURE, REAL, fold)] * 2 + [(NO_GESTURE, NO_GESTURE, RENDERED, fold)] * 3
        rows += [(NO_GESTURE, "palm", MADE_UP, fold), (NO_GESTURE, NO_GESTURE, MADE_UP, fold)]

    counted = kind_figures(held(rows))

    assert counted.accuracy.mean == pytest.approx((1 + 6 / 8) / 2)
    # Fold 1, real hands: fist has precision 3/4 and recall 3/4, palm 1 and 3/4.
    assert counted.macro_f1.mean == pytest.approx((1 + (3 / 4 + 6 / 7) / 2) / 2)
    assert {name: one.others for name, one in counted.open_sets.items()} == {
        "all": 14,
        REAL: 4,
        MADE_UP: 4,
        RENDERED: 6,
    }
    assert counted.open_sets[MADE_UP].false_positive_rate == 0.5
    assert counted.open_sets[RENDERED].false_positive_rate == 0.0
    assert counted.open_sets["all"].recall == pytest.approx(15 / 16)
    figures = counted.figures()
    assert figures["evaluation_accuracy"] == counted.accuracy.mean
    assert figures["false_positive_rate_made_up"] == 0.5
    assert not figures.keys() & counted.timings().keys()


def test_a_fold_without_a_gesture_does_not_count_as_one_where_all_were_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training.kind_figures.predict_milliseconds", lambda _: 0.1)
    rows = [("fist", "fist", REAL, fold) for fold in (0, 1, 2) for _ in range(3)]
    rows += [("palm", "palm", REAL, fold) for fold in (0, 1) for _ in range(3)]
    rows += [(NO_GESTURE, NO_GESTURE, MADE_UP, fold) for fold in (0, 1, 2)]

    counted = kind_figures(held(rows))

    assert counted.macro_f1.mean == 1.0
    assert counted.score.mean == 1.0


def test_hands_that_nothing_was_trained_on_are_checked() -> None:
    (fold, *_) = make_folds(table(each=20), others=few_others(20), settings=SampleSettings(), seed=0)
    judged = judge(LINEAR, fold, seed=0)
    from training.calibration import calibrated  # noqa: PLC0415

    model = calibrated(judged.fitted, judged.scores, fold.names)

    good = check(model, table(each=10, seed=5), thresholds=0.0)
    points, labels = hands(each=5, seed=6)
    nothing = check(model, labelled(points, np.full(len(labels), NO_GESTURE)), thresholds=0.0)
    unknown = check(model, labelled(points, np.full(len(labels), "wave")), thresholds=0.0)

    assert good.accuracy > 0.9
    assert good.macro_f1 > 0.9
    assert isnan(nothing.accuracy)
    assert isnan(nothing.macro_f1)
    assert (unknown.accuracy, unknown.macro_f1) == (0.0, 0.0)


def test_accuracy_on_what_was_learned_is_not_below_that_on_what_was_not() -> None:
    folds = make_folds(table(each=20), others=few_others(20), settings=SampleSettings(), seed=0)

    all_folds = held_out(LINEAR, folds, [judge(LINEAR, fold, seed=0) for fold in folds])

    right = np.array(all_folds.classes)[all_folds.scores.argmax(axis=1)] == all_folds.labels
    assert all_folds.training_accuracy >= right[all_folds.origins == REAL].mean()
    assert np.bincount(all_folds.folds).tolist() == [len(fold.names) for fold in folds]


def test_settings_are_not_ranked_on_a_handful_of_hands(monkeypatch: pytest.MonkeyPatch) -> None:
    (fold, *_) = make_folds(table(each=30), others=few_others(40), settings=SampleSettings(), seed=0)

    assert tuning_fold(fold, seed=0) is None
    monkeypatch.setattr("training.tuning.LEAST_JUDGED", 10)
    part = tuning_fold(fold, seed=0)
    assert part is not None
    assert {*map(bytes, part.rows)} <= {*map(bytes, fold.rows)}
    assert tuning_score(SvmCandidate(anchors=40), part, seed=0) > tuning_score(SvmCandidate(anchors=1), part, seed=0)
