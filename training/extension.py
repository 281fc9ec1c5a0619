"""Gestures of one's own, added to a model that is there: it keeps what it learned from hands that are not at hand."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve

from events.prediction import LANDMARK_COUNT
from recognition.classifier import CalibratedClassifier
from recognition.features import Floats, features, normalise, one_way_round
from recognition.kernel_svm import KernelSvm
from training.hands import Hands, Strings
from training.other_hands import OtherHands
from training.variation import View, far_from, other_views, turned_views

# Each recorded hand is shown from so many further views.
VIEWS = 8
# Weight of the smoothness of what is added, against its errors on hands.
SMOOTHNESS = 1.0
# What is nearer to a recorded hand than this (Euclidean, over the normalised points) may show the same gesture: the
# model's opinion of it is not kept.
DISTANCE = 1.4
# Rendered hands that are kept as they are, at the most.
MOST_RENDERED = 1500


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Hands of which a model's opinion is kept. points: (n, 21, 2), normalised. names: (n,) by the model."""

    points: Floats
    names: Strings

    def take(self, rows: NDArray[np.bool_]) -> Known:
        return Known(points=self.points[rows], names=self.names[rows])


def known_hands(model: CalibratedClassifier, scorer: KernelSvm, *, others: OtherHands, seed: int) -> Known:
    """The model's anchors, which are hands that it was trained on, and rendered hands without a gesture."""
    points = np.concatenate([anchor_points(scorer), _some(one_way_round(others.points), seed=seed)])
    best = model.predict_proba(features(points)).argmax(axis=1)
    return Known(points=normalise(points), names=np.array(model.classes)[best])


def anchor_points(scorer: KernelSvm) -> Floats:
    """Landmarks (m, 21, 2) of the anchors: the features begin with them, all but the wrist at the origin."""
    rows = scorer.anchors * scorer.scale + scorer.mean
    points = rows[:, : 2 * (LANDMARK_COUNT - 1)].reshape(len(rows), -1, 2)
    return np.concatenate([np.zeros((len(rows), 1, 2)), points], axis=1, dtype=np.float64)


def extended(
    model: CalibratedClassifier, scorer: KernelSvm, hands: Hands, *, known: Known, seed: int
) -> CalibratedClassifier:
    """The model with what the hands show: further classes, and corrections of its own.

    A correction is added to the model's scores: a kernel ridge regression in the same kernel, over the model's anchors
    and the hands. Its target is what the scores lack on the hands, for their class to say yes and all others no, and 0
    on known hands, so that it fades away from the recorded hands.

    scorer: that of the model. known: hands on which the scores are kept, where no recorded hand of another class is
        near.
    """
    random = np.random.default_rng(seed)
    points, names = _with_views(hands, random=random)
    kept = _kept(known, hands)
    classes = (*model.classes, *sorted({*hands.labels.tolist()} - {*model.classes}))
    count, new = len(classes), len(classes) - len(model.classes)

    rows = features(np.concatenate([points, kept.points]))
    own = names[:, None] == np.array(classes)
    scores = np.concatenate([scorer.scores(rows[: len(points)]), np.full((len(points), new), -1.0)], axis=1)
    lacking = np.zeros((len(rows), count))
    lacking[: len(points)] = np.where(own, np.maximum(1 - scores, 0), np.minimum(-1 - scores, 0))

    scaled = ((rows - scorer.mean) / scorer.scale).astype(np.float64)
    anchors = np.concatenate([scorer.anchors, scaled[: len(points)]])
    values, between = _kernel(scaled, anchors, scorer.gamma), _kernel(anchors, anchors, scorer.gamma)
    curvature = values.T @ values + SMOOTHNESS * between + 1e-6 * np.eye(len(anchors))
    weights = solve(curvature, values.T @ lacking, assume_a="pos")
    weights[: len(scorer.anchors), : len(model.classes)] += scorer.weights

    anchors = anchors.astype(np.float32)
    return replace(
        model,
        classes=classes,
        scorer=replace(
            scorer,
            anchors=anchors,
            anchor_norms=(anchors * anchors).sum(axis=1),
            weights=weights.astype(np.float32),
            intercepts=np.concatenate([scorer.intercepts, np.full(new, -1.0, dtype=np.float32)]),
        ),
        offsets=np.concatenate([model.offsets, np.full(new, model.offsets.mean())]),
    )


def _with_views(hands: Hands, *, random: np.random.Generator) -> tuple[Floats, Strings]:
    """Hands (n * (1 + VIEWS), 21, 2), normalised, as they are and from other views, and their labels."""
    repeated = hands.take(np.repeat(np.arange(len(hands)), VIEWS))
    seen = other_views(one_way_round(repeated.points), view=View(), random=random)
    rows = np.flatnonzero(repeated.has_world)
    seen[rows] = turned_views(repeated.world[rows], view=View(), random=random)
    return (
        np.concatenate([normalise(one_way_round(hands.points)), seen]),
        np.concatenate([hands.labels, repeated.labels]),
    )


def _kept(known: Known, hands: Hands) -> Known:
    """Without those that are near to a hand of another class."""
    kept = np.ones(len(known.names), dtype=bool)
    for label in sorted({*hands.labels.tolist()}):
        points = normalise(one_way_round(hands.points[hands.labels == label]))
        kept &= (known.names == label) | far_from(points, known.points, distance=DISTANCE)
    return known.take(kept)


def _some(points: Floats, *, seed: int) -> Floats:
    chosen = np.random.default_rng((seed, 3)).permutation(len(points))[:MOST_RENDERED]
    return normalise(points[np.sort(chosen)])


def _kernel(one: Floats, other: Floats, gamma: float) -> Floats:
    squared = (one * one).sum(axis=1)[:, None] - 2.0 * one @ other.T + (other * other).sum(axis=1)
    return np.asarray(np.exp(-gamma * np.maximum(squared, 0.0)))
