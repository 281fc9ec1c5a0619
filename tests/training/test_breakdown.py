"""Held-out hands in detail."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from events.prediction import NO_GESTURE
from recognition.decision import Decisions
from recognition.features import Floats
from tests.training.hands import hands
from tests.training.small import few_others, labelled
from training.breakdown import Breakdown, viewpoints
from training.cross_validation import held_out, judge
from training.folds import make_folds
from training.logistic_regression import LogisticRegressionCandidate
from training.samples import SampleSettings

POINTS, LABELS = hands(each=12)
# The first six make no gesture; the second could be called a fist.
GIVEN = replace(
    labelled(POINTS, np.where(np.arange(len(LABELS)) < 6, NO_GESTURE, LABELS)),
    near=np.array(["", "fist", *[""] * (len(LABELS) - 2)]),
    kinds=np.array(["resting", "asl_A", *[""] * (len(LABELS) - 2)]),
    sources=np.array(["lab"] * 24 + ["office"] * 24),
)


def world_hand(*, yaw_degrees: float) -> Floats:
    """A right hand with its palm to the camera, turned about the upright axis: (21, 3) in metres."""
    flat = np.zeros((21, 3))
    flat[5], flat[17], flat[2:5] = (0.03, -0.09, 0), (-0.03, -0.09, 0), (0.05, -0.04, -0.02)
    angle = np.deg2rad(yaw_degrees)
    turn = np.array([[np.cos(angle), 0, np.sin(angle)], [0, 1, 0], [-np.sin(angle), 0, np.cos(angle)]])
    return np.asarray(flat @ turn.T)


def test_hands_are_counted_by_source_and_by_what_they_are_taken_for() -> None:
    folds = make_folds(GIVEN, others=few_others(3), settings=SampleSettings(), seed=0)
    linear = LogisticRegressionCandidate()
    held = held_out(linear, folds, [judge(linear, fold, seed=0) for fold in folds])
    named = np.where(held.labels == "fist", NO_GESTURE, held.labels)
    named[held.numbers == 0] = "palm"
    named[held.numbers == 1] = "fist"

    found = Breakdown.of(held, Decisions(gestures=named, confidences=np.ones(len(named))), GIVEN)

    lab, office = sorted(found.sources, key=lambda one: one.source)
    assert (lab.gestures, lab.clear, lab.clear_named, lab.near, lab.near_named) == (18, 5, 1, 1, 1)
    assert (office.gestures, office.clear, office.near) == (24, 0, 0)
    assert found.clear == (5, 1)
    fists = [one for one in found.views if one.gesture == "fist"]
    assert sum(one.hands for one in fists) == sum(one.rejected for one in fists) == (GIVEN.labels == "fist").sum()
    assert not any(one.right for one in fists)
    assert ("fist", NO_GESTURE, (GIVEN.labels == "fist").sum()) in found.confusions
    assert ("resting", "palm", 1) in found.confusions
    assert ("asl_A", "fist", 1) in found.confusions


@pytest.mark.parametrize(("yaw", "seen"), [(0, "palm"), (20, "palm"), (80, "edge on"), (100, "edge on"), (180, "back")])
def test_the_viewpoint_comes_from_world_landmarks(yaw: float, seen: str) -> None:
    world = np.tile(world_hand(yaw_degrees=yaw), (len(GIVEN), 1, 1))

    assert {*viewpoints(replace(GIVEN, world=world)).tolist()} == {seen}


def test_without_world_landmarks_and_handedness_the_label_says_the_side_or_nothing_does() -> None:
    seen = dict(zip(LABELS.tolist(), viewpoints(labelled(POINTS, LABELS)).tolist(), strict=True))

    assert seen == {"palm": "palm", "peace": "palm", "fist": "not known", "call": "not known"}
