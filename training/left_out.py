"""Gestures that a model was never shown: are they taken for those that it knows?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from events.prediction import NO_GESTURE
from recognition.classifier import CalibratedClassifier
from recognition.features import Floats
from recognition.handedness import weighted_by_side
from training.calibration import calibrated
from training.candidate import Candidate
from training.cross_validation import judge
from training.folds import NEAR, REAL, Fold
from training.open_set import Confidences
from training.thresholds import Thresholds, choose_thresholds

GROUPS = 3
# With fewer, a model without a third of them would not be the same task.
LEAST_GESTURES = 6
_TWIN = "_inverted"


def left_out_groups(classes: Sequence[str], *, seed: int) -> list[list[str]]:
    """The gestures in three groups by chance; twins that differ only in the side of the hand stay together. Empty where
    there are too few."""
    gestures = [name for name in classes if name != NO_GESTURE]
    stems = sorted({name.removesuffix(_TWIN) for name in gestures})
    if len(stems) < LEAST_GESTURES:
        return []
    group = dict(zip(stems, np.random.default_rng(seed).permutation(len(stems)) % GROUPS, strict=True))
    return [[name for name in gestures if group[name.removesuffix(_TWIN)] == part] for part in range(GROUPS)]


def judge_left_out(
    candidate: Candidate, fold: Fold, *, names: Sequence[str], seed: int
) -> tuple[Confidences, Confidences]:
    """Confidences of gestures that the model knows and of those that were left out of all that it was fitted to.

    Calibration and threshold come from one half of the judged hands that it knows, the figures from the other.
    """
    rest = fold.without(names)
    judged = judge(candidate, rest, seed=seed)
    half = np.arange(len(rest.names)) % 2 == 0
    chosen_on = half & (rest.origins != NEAR)
    model = calibrated(judged.fitted, judged.scores[chosen_on], rest.names[chosen_on])
    probabilities = weighted_by_side(model.calibrate(judged.scores), classes=model.classes, back=rest.back)
    thresholds = choose_thresholds(probabilities[chosen_on], rest.names[chosen_on], classes=model.classes)
    known = ~half & (rest.origins == REAL) & (rest.names != NO_GESTURE)
    left = np.isin(fold.names, names)
    unknown = weighted_by_side(model.predict_proba(fold.rows[left]), classes=model.classes, back=fold.back[left])
    return _confidences(probabilities[known], model, thresholds), _confidences(unknown, model, thresholds)


def pooled(parts: Sequence[Confidences]) -> Confidences:
    return Confidences(
        confidence=np.concatenate([part.confidence for part in parts]),
        thresholds=np.concatenate([part.thresholds for part in parts]),
    )


def _confidences(probabilities: Floats, model: CalibratedClassifier, thresholds: Thresholds) -> Confidences:
    return Confidences.of(probabilities, classes=model.classes, thresholds=thresholds.of(model.classes))
