"""Gestures that a model was never shown: are they taken for those that it knows?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from events.prediction import NO_GESTURE
from recognition.classifier import CalibratedClassifier
from recognition.features import Floats
from training.calibration import calibrated
from training.candidate import Candidate
from training.cross_validation import judge
from training.folds import REAL, Fold
from training.kind_figures import choose_threshold
from training.open_set import Confidences

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
    chosen_on = np.arange(len(rest.names)) % 2 == 0
    model = calibrated(judged.fitted, judged.scores[chosen_on], rest.names[chosen_on])
    probabilities = model.calibrate(judged.scores)
    threshold = choose_threshold(probabilities[chosen_on], rest.names[chosen_on], classes=model.classes)
    known = ~chosen_on & (rest.origins == REAL) & (rest.names != NO_GESTURE)
    unknown = model.predict_proba(fold.rows[np.isin(fold.names, names)])
    return _confidences(probabilities[known], model, threshold), _confidences(unknown, model, threshold)


def pooled(parts: Sequence[Confidences]) -> Confidences:
    return Confidences(
        confidence=np.concatenate([part.confidence for part in parts]),
        thresholds=np.concatenate([part.thresholds for part in parts]),
    )


def _confidences(probabilities: Floats, model: CalibratedClassifier, threshold: float) -> Confidences:
    return Confidences.of(probabilities, classes=model.classes, thresholds=threshold)
