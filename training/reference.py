"""The reference of a bundle, from hands that its kind of model was judged on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from events.prediction import NO_GESTURE
from recognition.classifier import CalibratedClassifier
from recognition.reference import Reference, hand_values
from training.cross_validation import HeldOut, best
from training.folds import Fold

ORIGIN = (
    "held-out hands of the training data, those that make no gesture made up or rendered; each named by shape alone, "
    "by a model that was not fitted to it"
)


def held_out_reference(
    held: HeldOut, folds: Sequence[Fold], *, classifier: CalibratedClassifier, threshold: float
) -> Reference:
    """Hands that a model was fitted to would look surer than any that it meets."""
    probabilities = classifier.calibrate(held.scores)
    confidence = probabilities.max(axis=1)
    names = np.where(confidence < threshold, NO_GESTURE, best(probabilities, held.classes))
    rows = np.concatenate([fold.rows for fold in folds])
    return Reference.of(names, hand_values(rows, confidence=confidence), origin=ORIGIN)
