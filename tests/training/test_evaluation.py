"""Figures that do not flatter."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from events.prediction import NO_GESTURE
from recognition.features import mirrored
from tests.training.hands import hands
from training.evaluation import choose_threshold, figures, hold_out, named
from training.groups import groups_of
from training.hands import DataError, Hands, Strings
from training.svm import SvmSettings

SETTINGS = SvmSettings(anchors=40)


def table(
    *, each: int, people: list[str] | None = None, gestures: tuple[str, ...] = ("palm", "fist", "peace")
) -> Hands:
    points, labels = hands(each=each, gestures=gestures)
    return Hands(
        points=points,
        labels=labels,
        people=np.array(people or [""] * len(labels)),
        places=np.array([f"hands.csv:{row}" for row in range(len(labels))]),
        sources={},
    )


def test_rows_of_one_person_stay_together() -> None:
    groups = groups_of(table(each=2, people=["ann", "bob", "ann", "cid", "dan", "bob"]))

    assert groups[0] == groups[2]
    assert groups[1] == groups[5]
    assert len(set(groups)) == 4


def test_the_same_photograph_cut_or_mirrored_anew_stays_together() -> None:
    alone = table(each=4)
    again = replace(
        alone,
        points=np.concatenate([alone.points, alone.points[:2] * 1.7 + 30, mirrored(alone.points[2:4])]),
        labels=np.concatenate([alone.labels, alone.labels[:4]]),
        people=np.array([""] * 16),
        places=np.array([str(row) for row in range(16)]),
    )

    groups = groups_of(again)

    assert len(set(groups[:12])) == 12
    assert groups[12:].tolist() == groups[:4].tolist()


def test_each_hand_is_held_out_once() -> None:
    given = table(each=12)

    held_out = hold_out(given, settings=SETTINGS, progress=lambda folds: folds)

    gestures = held_out.labels[held_out.labels != NO_GESTURE]
    assert Counter(gestures.tolist()) == {"palm": 12, "fist": 12, "peace": 12}
    assert held_out.decisions.shape == (len(held_out.labels), 4)


def test_too_few_gestures_or_hands_are_named() -> None:
    with pytest.raises(DataError, match=r"2 gestures .*fist, palm"):
        hold_out(table(each=9, gestures=("palm", "fist")), settings=SETTINGS, progress=lambda folds: folds)
    with pytest.raises(DataError, match=r"fewer than 3 hands of fist \(2\), palm \(2\), peace \(2\)"):
        hold_out(table(each=2), settings=SETTINGS, progress=lambda folds: folds)


def words(*labels: str) -> Strings:
    return np.array(labels)


def test_what_is_improbable_is_no_gesture() -> None:
    probabilities = np.array([[0.9, 0.1], [0.45, 0.55], [0.5, 0.5]])

    assert named(probabilities, classes=("fist", "palm"), threshold=0.5).tolist() == ["fist", "palm", "fist"]
    assert named(probabilities, classes=("fist", "palm"), threshold=0.6).tolist() == ["fist", NO_GESTURE, NO_GESTURE]


def test_the_threshold_keeps_almost_all_that_was_right() -> None:
    sure = np.linspace(0.7, 0.99, 999)
    probabilities = np.stack([np.append(sure, 0.3), 1 - np.append(sure, 0.3)], axis=1)
    probabilities[-1] = (0.52, 0.48)

    threshold = choose_threshold(probabilities, np.array(["fist"] * 1000), classes=("fist", "palm"))

    assert 0.68 <= threshold <= 0.71


def test_figures() -> None:
    labels = words("fist", "fist", "palm", "palm", NO_GESTURE, NO_GESTURE)
    found = words("fist", NO_GESTURE, "palm", "palm", NO_GESTURE, "palm")

    counted = figures(found, labels)

    assert counted.accuracy == 0.75
    assert counted.no_gesture_recall == 0.5
    # fist: precision 1, recall 1/2; palm: precision 2/3, recall 1.
    assert counted.macro_f1 == pytest.approx((2 / 3 + 4 / 5) / 2)
    assert counted.hands == 4
