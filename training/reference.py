"""The reference of a bundle, from hands that its kind of model was judged on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from recognition.classifier import CalibratedClassifier
from recognition.decision import decide
from recognition.features import Floats
from recognition.reference import Reference, hand_values
from training.cross_validation import HeldOut
from training.folds import Fold

ORIGIN = (
    "held-out hands of the training data, those that make no gesture made up or rendered; each named by shape alone, "
    "by a model that was not fitted to it"
)


def held_out_reference(
    held: HeldOut, folds: Sequence[Fold], *, classifier: CalibratedClassifier, thresholds: Floats | float
) -> Reference:
    """Hands that a model was fitted to would look surer than any that it meets. thresholds: see decide."""
    decisions = decide(classifier.calibrate(held.scores), classes=held.classes, thresholds=thresholds)
    rows = np.concatenate([fold.rows for fold in folds])
    return Reference.of(decisions.gestures, hand_values(rows, confidence=decisions.confidences), origin=ORIGIN)
