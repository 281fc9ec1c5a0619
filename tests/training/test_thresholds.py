"""Thresholds by their rule."""

from __future__ import annotations

import numpy as np
import pytest

from events.prediction import NO_GESTURE
from recognition.features import Floats
from training.hands import Strings
from training.thresholds import choose_thresholds

CLASSES = ("fist", NO_GESTURE, "palm")


def hands(*, fists: Floats, palms: Floats, named_fist: Floats, others: int) -> tuple[Floats, Strings]:
    """Fists and palms that are rightly named with these probabilities, hands without a gesture that are taken for a
    fist with these, and others that are not."""
    rows = [(p, (1 - p) / 2, (1 - p) / 2) for p in fists.tolist()]
    rows += [((1 - p) / 2, (1 - p) / 2, p) for p in palms.tolist()]
    rows += [(p, (1 - p) / 2, (1 - p) / 2) for p in named_fist.tolist()]
    rows += [(0.1, 0.8, 0.1)] * others
    labels = ["fist"] * len(fists) + ["palm"] * len(palms) + [NO_GESTURE] * (len(named_fist) + others)
    return np.array(rows), np.array(labels)


SURE = np.linspace(0.7, 0.99, 1000)


def test_only_a_gesture_that_too_many_hands_are_taken_for_has_a_threshold_of_its_own() -> None:
    given = hands(fists=np.full(100, 0.95), palms=SURE, named_fist=np.array([0.9, 0.8, 0.75, 0.72]), others=496)

    chosen = choose_thresholds(*given, classes=CLASSES)

    assert 0.68 <= chosen.common <= 0.72
    # Of 500 hands without a gesture two may be named.
    assert chosen.own == {"fist": pytest.approx(0.76)}
    assert chosen.of(CLASSES).tolist() == [chosen.own["fist"], chosen.common, chosen.common]


def test_it_costs_no_more_than_one_in_a_hundred_right_ones() -> None:
    fists = np.concatenate([np.linspace(0.4, 0.6, 20), np.full(980, 0.95)])
    given = hands(fists=fists, palms=SURE[:100], named_fist=np.full(100, 0.97), others=400)

    chosen = choose_thresholds(*given, classes=CLASSES)

    # Of a thousand fists that the threshold of all leaves, ten have less.
    assert chosen.own == {"fist": pytest.approx(0.55)}


def test_thresholds_go_by_the_hands_that_they_shall_go_by() -> None:
    probabilities, labels = hands(fists=SURE, palms=SURE, named_fist=np.full(100, 0.97), others=400)

    chosen = choose_thresholds(probabilities, labels, classes=CLASSES, nothing=np.zeros(len(labels), dtype=bool))

    assert chosen.own == {}
