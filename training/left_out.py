"""Gestures that a model was never shown: are they taken for those that it knows?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from events.prediction import NO_GESTURE
from training.calibration import calibrated
from training.candidate import Candidate
from training.cross_validation import judge
from training.folds import REAL, Fold
from training.kind_figures import choose_threshold
from training.open_set import Confidences
from training.samples import Sample

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
    """Confidences of gestures that the model knows and of those that were left out of what it was fitted to.

    Calibration and threshold come from one half of the judged hands that it knows, the figures from the other.
    """
    kept = ~np.isin(fold.sample.names, names)
    left_out = np.isin(fold.names, names)
    judged = judge(
        candidate,
        Fold(
            sample=Sample(rows=fold.sample.rows[kept], names=fold.sample.names[kept]),
            rows=fold.rows,
            names=fold.names,
            origins=fold.origins,
        ),
        seed=seed,
    )
    half = np.arange(len(fold.names)) % 2 == 0
    chosen_on = half & ~left_out
    model = calibrated(judged.fitted, judged.scores[chosen_on], fold.names[chosen_on])
    probabilities = model.calibrate(judged.scores)
    threshold = choose_threshold(probabilities[chosen_on], fold.names[chosen_on], classes=model.classes)
    confidences = Confidences.of(
        probabilities, classes=model.classes, thresholds=np.full(len(probabilities), threshold)
    )
    known = ~half & ~left_out & (fold.origins == REAL) & (fold.names != NO_GESTURE)
    return confidences.where(known), confidences.where(left_out)


def pooled(parts: Sequence[Confidences]) -> Confidences:
    return Confidences(
        confidence=np.concatenate([part.confidence for part in parts]),
        thresholds=np.concatenate([part.thresholds for part in parts]),
    )
