"""Labels that accept more than one gesture."""

from __future__ import annotations

from math import isnan

import pytest

from evaluation.classes import in_order
from evaluation.evaluation import Evaluation
from evaluation.label_set import accepted, parse_label
from evaluation.outcome import Miss
from tests.evaluation.outcomes import outcome, repeated

MIXED = [
    *repeated("palm+stop", "palm", 3),
    *repeated("palm+stop", "stop", 2),
    *repeated("palm+stop", "fist", 1),
    *repeated("palm+stop", None, 1),
    *repeated("palm", "palm", 2),
    *repeated("palm", "stop", 2),
    *repeated("fist+no_gesture", "fist", 1),
    *repeated("fist+no_gesture", None, 1),
    *repeated("fist+no_gesture", "stop", 1),
]


@pytest.mark.parametrize("text", ["palm+stop", "stop+palm", "palm|stop", " stop , palm ", "palm+stop+palm"])
def test_a_set_is_written_in_several_ways_and_has_one_name(text: str) -> None:
    assert parse_label(text) == "palm+stop"
    assert accepted("palm+stop") == {"palm", "stop"}


@pytest.mark.parametrize("text", ["", "palm+", "Palm", "palm/stop", "palm stop"])
def test_what_is_no_label_is_named(text: str) -> None:
    with pytest.raises(ValueError, match="not the name of a gesture"):
        parse_label(text)


def test_any_member_is_right() -> None:
    found = Evaluation.of(MIXED)

    assert (found.accuracy.hits, found.accuracy.total) == (9, 14)
    assert (found.gesture_accuracy.hits, found.gesture_accuracy.total) == (7, 11)
    assert (found.false_positives.hits, found.false_positives.total) == (1, 3)
    assert sorted((one.label, one.said) for one in found.misses) == [
        ("fist+no_gesture", "stop"),
        ("palm", "stop"),
        ("palm", "stop"),
        ("palm+stop", "fist"),
        ("palm+stop", "no hand"),
    ]
    assert found.missed(Miss.UNSEEN) == 1


def test_a_set_has_a_row_of_its_own_and_no_column() -> None:
    confusion = Evaluation.of(MIXED).confusion

    assert confusion.labels == ("fist+no_gesture", "palm", "palm+stop")
    assert confusion.said == ("fist", "palm", "stop", "no_gesture", "no hand")
    assert confusion.counts == ((1, 0, 1, 0, 1), (0, 2, 2, 0, 0), (1, 3, 2, 0, 1))
    assert confusion.mistakes() == [
        ("palm", "stop", 2), ("fist+no_gesture", "stop", 1), ("palm+stop", "fist", 1), ("palm+stop", "no hand", 1)
    ]  # fmt: skip
    assert confusion.largest(1).said == ("palm", "stop", "no_gesture", "no hand")


def test_a_set_counts_for_the_precision_of_what_is_named_and_has_none_itself() -> None:
    found = Evaluation.of(MIXED)
    classes = {one.name: one for one in found.classes}

    assert (classes["palm"].precision.hits, classes["palm"].precision.total) == (5, 5)
    assert (classes["palm"].recall.hits, classes["palm"].recall.total) == (2, 4)
    assert classes["palm"].f1 == pytest.approx(2 / 3)
    assert (classes["palm+stop"].recall.hits, classes["palm+stop"].recall.total) == (5, 7)
    assert isnan(classes["palm+stop"].f1)
    assert found.macro_f1 == pytest.approx(2 / 3), "only palm has pictures of its own"
    assert found.unnamed == ()


def test_calibration_holds_any_member_for_right() -> None:
    found = Evaluation.of([outcome("palm+stop", "stop", 0.95), outcome("palm+stop", "fist", 0.95)])

    assert [(one.right.hits, one.right.total) for one in found.calibration.bins] == [(1, 2)]


def test_sets_follow_their_first_member() -> None:
    assert in_order({"no_gesture", "wave", "stop", "palm+stop", "palm", "wave+no_gesture"}) == (
        "palm", "palm+stop", "stop", "wave", "wave+no_gesture", "no_gesture"
    )  # fmt: skip
