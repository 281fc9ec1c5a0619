"""Figures of labelled outcomes."""

from __future__ import annotations

from dataclasses import replace
from math import isnan

import numpy as np
import pytest
from sklearn.metrics import f1_score, precision_score, recall_score

from evaluation.evaluation import Evaluation
from evaluation.outcome import Miss, Outcome
from events.examples import example_prediction
from events.prediction import Status, Timings
from tests.evaluation.outcomes import outcome, repeated

MIXED = [
    *repeated("peace", "peace", 6),
    *repeated("peace", "two_up", 1, 0.97),
    *repeated("peace", "no_gesture", 1),
    *repeated("peace", None, 2),
    *repeated("fist", "fist", 4),
    *repeated("no_gesture", "no_gesture", 3),
    *repeated("no_gesture", None, 1),
    *repeated("no_gesture", "fist", 1, 0.6),
]


def test_a_picture_without_a_hand_names_no_gesture() -> None:
    found = Evaluation.of(MIXED)

    assert (found.accuracy.hits, found.accuracy.total) == (14, 19)
    assert (found.accuracy_found.hits, found.accuracy_found.total) == (13, 16)
    assert (found.gesture_accuracy.hits, found.gesture_accuracy.total) == (10, 14)
    assert (found.gesture_accuracy_found.hits, found.gesture_accuracy_found.total) == (10, 12)
    assert (found.detection.hits, found.detection.total) == (12, 14)
    assert (found.false_positives.hits, found.false_positives.total) == (1, 5)


def test_the_confusion_matrix_tells_no_gesture_from_no_hand() -> None:
    confusion = Evaluation.of(MIXED).confusion

    assert confusion.labels == ("fist", "peace", "no_gesture")
    assert confusion.said == ("fist", "peace", "two_up", "no_gesture", "no hand")
    assert confusion.counts == ((4, 0, 0, 0, 0), (0, 6, 1, 1, 2), (1, 0, 0, 3, 1))
    assert confusion.mistakes() == [
        ("peace", "no hand", 2),
        ("peace", "two_up", 1),
        ("peace", "no_gesture", 1),
        ("no_gesture", "fist", 1),
    ]


def test_the_figures_of_classes_are_those_of_scikit_learn() -> None:
    random = np.random.default_rng(0)
    names = ["call", "fist", "peace", "no_gesture"]
    labels = random.choice(names, 300)
    said = np.where(random.random(300) < 0.7, labels, random.choice(names, 300))

    found = Evaluation.of(
        outcome(label, gesture) for label, gesture in zip(labels.tolist(), said.tolist(), strict=True)
    )

    assert [one.name for one in found.classes] == names
    for measure, of in ((precision_score, "precision"), (recall_score, "recall")):
        expected = measure(labels, said, labels=names, average=None)
        assert [getattr(one, of).value for one in found.classes] == pytest.approx(list(expected))
    assert [one.f1 for one in found.classes] == pytest.approx(list(f1_score(labels, said, labels=names, average=None)))
    assert found.macro_f1 == pytest.approx(f1_score(labels, said, labels=names[:3], average="macro"))


def test_a_gesture_that_is_only_ever_named_has_its_row_and_no_share_in_macro_f1() -> None:
    found = Evaluation.of([outcome("peace", "peace"), outcome("peace", "wave")])

    assert [one.name for one in found.classes] == ["peace", "wave"]
    assert isnan(found.classes[1].recall.value)
    assert found.classes[1].precision.value == 0
    assert found.macro_f1 == pytest.approx(2 / 3)
    assert found.unnamed == ()


def test_a_gesture_that_is_never_named_is_told_of() -> None:
    assert Evaluation.of([outcome("peace", "peace"), outcome("wave", "no_gesture")]).unnamed == ("wave",)


def test_calibration_holds_what_was_said_against_the_label() -> None:
    rejected = [outcome("peace", "no_gesture", 0.4), outcome("no_gesture", "no_gesture", 0.4)]
    sure = [*repeated("fist", "fist", 8, 0.9), *repeated("fist", "peace", 2, 0.9)]

    found = Evaluation.of([*rejected, *sure, outcome("peace", None)])

    bins = [(one.low, one.right.hits, one.right.total) for one in found.calibration.bins]
    assert bins == [(0.4, 1, 2), (0.9, 8, 10)]
    assert found.calibration.ece == pytest.approx((2 * 0.1 + 10 * 0.1) / 12)
    # Nobody acts on what was given no gesture.
    assert found.accepted_calibration.hands == 10
    assert found.accepted_calibration.ece == pytest.approx(0.1)


def test_a_hand_as_sure_as_can_be_is_in_the_last_bin() -> None:
    (last,) = Evaluation.of([outcome("fist", "fist", 1.0)]).calibration.bins

    assert (last.low, last.high) == (0.9, 1.0)


def test_times_are_told_by_stage() -> None:
    timed = [
        outcome("fist", "fist", timings_ms=Timings(queue=0.0, decode=1.0, landmarks=float(number), classify=1.0))
        for number in range(1, 101)
    ]

    stages = {one.stage: (one.median_ms, one.p95_ms) for one in Evaluation.of(timed).latency}

    assert stages == {
        "decode": (1.0, 1.0), "landmarks": (50.0, 95.0), "classify": (1.0, 1.0), "inference": (52.0, 97.0)
    }  # fmt: skip


def test_misses_begin_with_the_gesture_that_nobody_made() -> None:
    found = Evaluation.of(MIXED)

    assert [(one.said, one.miss) for one in found.misses] == [
        ("two_up", Miss.WRONG),
        ("fist", Miss.WRONG),
        ("no_gesture", Miss.REJECTED),
        ("no hand", Miss.UNSEEN),
        ("no hand", Miss.UNSEEN),
    ]


def test_figures_are_broken_down_by_group() -> None:
    found = Evaluation.of(
        [outcome("fist", "fist", group="door"), outcome("fist", None, group="gate"), outcome("fist", "fist")]
    )

    assert {name: group.accuracy.value for name, group in found.groups.items()} == {"": 1, "door": 1, "gate": 0}


def test_figures_are_flat_numbers_without_those_that_nothing_was_counted_for() -> None:
    figures = Evaluation.of(repeated("fist", "fist", 3)).figures()

    assert figures["accuracy"] == figures["recall_fist"] == figures["macro_f1"] == 1
    assert 0 < figures["accuracy_low"] < 1
    assert (figures["pictures"], figures["support_fist"], figures["missed_unseen"]) == (3, 3, 0)
    assert "false_positives" not in figures
    assert all(isinstance(value, float) and not isnan(value) for value in figures.values())


def test_nothing_cannot_be_evaluated() -> None:
    with pytest.raises(ValueError, match="no labelled picture"):
        Evaluation.of([])


def test_of_two_hands_the_main_hand_of_the_prediction_counts() -> None:
    hand = example_prediction().hands[0]
    fist = replace(hand, gesture="fist", confidence=0.7, scores={"fist": 0.7})
    idle = replace(hand, gesture="no_gesture", confidence=0.99, scores={"no_gesture": 0.99})
    prediction = replace(example_prediction(), hands=(idle, fist), label="fist")

    found = Outcome.of(prediction, place="a.jpg")

    assert (found.gesture, found.confidence, found.is_right, found.several) == ("fist", 0.7, True, True)
    assert found.hands == (), "the landmarks of what is right are never drawn"
    wrong = Outcome.of(replace(prediction, label="peace"), place="a.jpg")
    assert (wrong.hands, wrong.main_hand, wrong.miss) == ((idle, fist), fist, Miss.WRONG)


def test_a_prediction_without_a_label_cannot_be_judged() -> None:
    with pytest.raises(ValueError, match="has no label"):
        Outcome.of(replace(example_prediction(), label=None), place="a.jpg")


def test_a_prediction_without_a_hand() -> None:
    found = Outcome.of(replace(example_prediction(), hands=(), status=Status.NO_HAND), place="a.jpg")

    assert (found.said, found.named, found.miss, found.confidence) == ("no hand", "no_gesture", Miss.UNSEEN, 0.0)
